//! What the README shows is what the program prints.

use std::fs;

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_plan_in_the_readme_is_the_quickstarts() {
    let (readme, golden) = (read("README.md"), read("tests/cases/quickstart.md"));
    let shown = readme.split("<!-- plan -->").nth(1).unwrap().split("```").nth(1).unwrap();
    let shown: Vec<_> = shown.lines().skip(1).filter(|line| !line.trim().is_empty()).collect();
    assert!(shown.len() > 20, "the README shows a plan");
    for line in shown {
        assert!(golden.lines().any(|printed| printed == line), "the quickstart no longer prints {line:?}");
    }
}

#[test]
fn the_minimum_version_is_the_same_everywhere() {
    let manifest = read("Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    for path in ["README.md", "CONTRIBUTING.md", ".github/workflows/ci.yml"] {
        assert!(read(path).contains(version), "{path} names another version than {version}");
    }
}
