//! Golden runs of the real program. Each `tests/cases/NAME.md` contains commands with their output, which run in order in a copy of
//! `NAME.in`. After an intended change, `TRYCMD=overwrite cargo test --test suite golden_runs` writes the new output.

use std::fs;
use std::path::Path;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

#[test]
fn golden_runs() {
    let cases = trycmd::TestCases::new();
    if cfg!(feature = "full") {
        cases.case("tests/cases/*.md").skip("tests/cases/first-plan.md");
    } else {
        // Cases that need only the clients of a first plan, and cases about missing clients.
        for name in ["bad-config", "first-plan", "fmt", "variables-errors"] {
            cases.case(format!("tests/cases/{name}.md"));
        }
    }
    cases
        .env("NO_COLOR", "1")
        .env("CI", "")
        .env("GITHUB_ACTIONS", "")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("ORGROSTER_CLI_ARGS", "")
        .env("ORGROSTER_IN_AUTOMATION", "")
        .env("TF_IN_AUTOMATION", "");
}

/// An unused directory would become outdated without notice.
#[test]
fn every_directory_of_cases_belongs_to_a_case() {
    for entry in fs::read_dir(CASES).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        assert!(matches!(extension, Some("md" | "in" | "out")), "{} is no part of a case", path.display());
        assert!(Path::new(&path.with_extension("md")).exists(), "{} has no case", path.display());
    }
}
