//! `show -html`, as a user gets it. `tests/interop` tests what the page does in a browser.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const QUICKSTART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");

fn run(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orgroster")).current_dir(directory).args(arguments).output().unwrap()
}

/// The quickstart with its saved plan.
fn planned() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(QUICKSTART).unwrap() {
        let from: PathBuf = entry.unwrap().path();
        if from.is_file() {
            std::fs::copy(&from, directory.path().join(from.file_name().unwrap())).unwrap();
        }
    }
    assert!(run(directory.path(), &["plan", "-out", "plan.json"]).status.success());
    directory
}

fn page(directory: &Path, flags: &[&str]) -> String {
    let output = run(directory, &[&["show", "-html"], flags, &["plan.json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_is_one_document_with_the_whole_plan() {
    let directory = planned();
    let page = page(directory.path(), &[]);
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">") && page.ends_with("</html>\n"));
    for said in ["legacy-crm", "new-lab", "2026-11-24T14:30:00Z", "\"sandbox\":true", "max_detachments = 2 (default 1)", "orgroster apply"]
    {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn no_address_is_left_where_none_is_wanted() {
    let directory = planned();
    assert!(page(directory.path(), &[]).contains("legacy-crm@example.com"));
    let redacted = page(directory.path(), &["-redact-emails"]);
    assert!(!redacted.contains("@example.com") && redacted.contains("(redacted)"));
}

#[test]
fn two_renderings_at_once_are_refused() {
    let directory = planned();
    let output = run(directory.path(), &["show", "-html", "-json", "plan.json"]);
    assert!(!output.status.success() && output.stdout.is_empty());
}
