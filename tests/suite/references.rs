//! `references` in unusual directories and with wrong arguments.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

const ID: &str = "333333333333";

fn references(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    command.arg("references").args(arguments).current_dir(directory).env("NO_COLOR", "1").env_remove("GITHUB_ACTIONS");
    command.output().unwrap()
}

/// The `-json` output for a search in a directory. It must exit with this code.
fn found(directory: &Path, code: i32) -> Value {
    let output = references(directory, &[ID, "-in", ".", "-json"]);
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// `file:line` of each reference.
fn places(found: &Value) -> Vec<String> {
    let references = found["references"].as_array().unwrap();
    references.iter().map(|one| format!("{}:{}", one["file"].as_str().unwrap(), one["line"])).collect()
}

#[test]
fn links_binaries_and_lines_without_an_end_are_passed_over_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let write = |name: &str, bytes: &[u8]| {
        fs::create_dir_all(here.join(name).parent().unwrap()).unwrap();
        fs::write(here.join(name), bytes).unwrap();
    };
    write("a/plain.txt", ID.as_bytes());
    write("binary", &[ID.as_bytes(), b"\n", &[b'x'; 100_000], b"\0\n", ID.as_bytes()].concat());
    write("one-line", &vec![b'3'; (16 << 20) + 1]);
    write("long.json", format!("[{}\"{ID}\"]", "\"12 34\",".repeat(1_000_000)).as_bytes());
    write("many.txt", "x\n".repeat(1_000_000).as_bytes());
    write("utf-16.txt", &format!("\u{feff}{ID}\n").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    write("bom.yaml", format!("\u{feff}a: '{ID}'\n").as_bytes());
    write("latin.txt", &[b"\xe9t\xe9 ", ID.as_bytes()].concat());
    write("deep.yaml", format!("{}'{ID}'", "[".repeat(100_000)).as_bytes());
    write("empty", b"");
    write(".git/config", ID.as_bytes());
    write("main.roster.hcl.d/x.txt", ID.as_bytes());
    write("ignored/x.txt", ID.as_bytes());
    write(".gitignore", b"ignored/\n");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("plain.txt", here.join("a/link.txt")).unwrap();
        std::os::unix::fs::symlink("..", here.join("a/up")).unwrap();
        std::os::unix::fs::symlink("nowhere", here.join("a/broken")).unwrap();
        assert!(Command::new("mkfifo").arg(here.join("pipe")).status().unwrap().success());
    }
    let found = found(here, 2);
    let expected = [
        "a/plain.txt:1",
        "binary:1",
        "bom.yaml:1",
        "deep.yaml:1",
        "latin.txt:1",
        "long.json:1",
        "main.roster.hcl.d/x.txt:1",
        "utf-16.txt:1",
    ];
    assert_eq!(places(&found), expected);
    #[cfg(unix)]
    assert_eq!(found["searched"]["skipped_by_reason"], json!({ "link": 3, "binary": 1, "long_line": 1, "special": 1 }));
    let skipped: Vec<_> = found["skipped"].as_array().unwrap().iter().map(|one| one["file"].as_str().unwrap()).collect();
    #[cfg(unix)]
    assert_eq!(skipped, ["a/broken", "a/link.txt", "a/up", "binary", "one-line", "pipe"]);
    assert_eq!(found["references"][2]["path"], "a");
    assert_eq!(found["references"][7]["column"], 1);
}

#[test]
fn more_references_than_anybody_reads_are_counted_and_the_first_ones_are_listed() {
    let directory = tempfile::tempdir().unwrap();
    for file in 0..12 {
        fs::write(directory.path().join(format!("{file:02}.txt")), format!("{ID}\n").repeat(1_500)).unwrap();
    }
    let found = found(directory.path(), 2);
    let listed = places(&found);
    assert_eq!((listed.len(), listed.last().map(String::as_str)), (10_000, Some("09.txt:1000")));
    assert_eq!(found["not_listed"], 8_000);
}

#[test]
fn what_is_printed_is_what_the_schema_says() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("x.tf"), format!("locals {{\n  a = \"{ID}\"\n}}\n")).unwrap();
    let document = found(directory.path(), 2);
    let violation = |document: &Value| crate::schemas::violation("references", &document.to_string());
    assert_eq!(violation(&document), None);
    let mut wrong = document.clone();
    wrong["references"][0]["matched"] = json!("guess");
    assert!(violation(&wrong).is_some());
    let nothing = tempfile::tempdir().unwrap();
    assert_eq!(violation(&found(nothing.path(), 0)), None);
}

/// GitHub shows them next to the lines, relative to the repository's root, and GitLab in its report.
#[test]
fn references_are_annotations_of_the_forge() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    fs::create_dir_all(here.join(".git")).unwrap();
    fs::create_dir_all(here.join("roster")).unwrap();
    fs::create_dir_all(here.join("infra")).unwrap();
    fs::write(here.join("infra/x.tf"), format!("import {{\n  id = \"{ID}\"\n}}\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    command.args(["-chdir=roster", "references", ID, "-in", "../infra", "-gitlab-code-quality=report.json", "-sarif=log.json"]);
    let output = command.current_dir(here).env("GITHUB_ACTIONS", "true").output().unwrap();
    let printed = String::from_utf8(output.stderr).unwrap();
    let expected = format!(
        "::warning file=infra/x.tf,line=2,col=9,title=Account {ID} is named as an argument::Its id appears here as Terraform: import block (import.id).\n"
    );
    assert_eq!(printed, expected);
    let report: Value = serde_json::from_slice(&fs::read(here.join("roster/report.json")).unwrap()).unwrap();
    assert_eq!(report[0]["location"], json!({ "path": "infra/x.tf", "lines": { "begin": 2 } }));
    let log: Value = serde_json::from_slice(&fs::read(here.join("roster/log.json")).unwrap()).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "account-reference");
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "infra/x.tf");
}

/// The records in a bucket are not on this machine. The command uses no network, and reports what it did not read.
#[test]
fn records_that_are_elsewhere_are_not_read_and_a_copy_is() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let roster = "orgroster {\n  backend \"s3\" {\n    bucket = \"records\"\n    region = \"us-east-1\"\n  }\n}\n\norganization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n\naccount \"crm\" {\n  id         = \"333333333333\"\n  name       = \"crm\"\n  membership = \"detached\"\n  reason     = \"Divested\"\n}\n";
    fs::write(here.join("main.roster.hcl"), roster).unwrap();
    fs::create_dir(here.join("infra")).unwrap();
    fs::write(here.join("infra/x.txt"), "crm\n").unwrap();
    let output = references(here, &["-in", "infra"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        printed.contains("account.crm (333333333333 \"crm\") is to leave:")
            && printed.contains("in s3://records/")
            && printed.contains("were not read"),
        "{printed}"
    );
    fs::create_dir(here.join("copy")).unwrap();
    let printed = String::from_utf8(references(here, &["-in", "infra", "-records=copy"]).stdout).unwrap();
    assert!(!printed.contains("were not read"), "{printed}");
    let wrong = references(here, &["-in", "infra", "-records=nowhere"]);
    assert_eq!(wrong.status.code(), Some(1));
}
