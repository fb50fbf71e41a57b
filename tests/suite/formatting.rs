//! `fmt` as a program, and the format of our own examples.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn fmt(directory: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_orgroster"))
        .arg(format!("-chdir={}", directory.display()))
        .arg("fmt")
        .args(arguments)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn the_examples_are_in_the_canonical_format() {
    let output = fmt(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")), &["-check", "-diff", "-recursive"], "");
    assert_eq!(output.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

#[cfg(unix)]
#[test]
fn files_that_are_not_regular_are_not_read() {
    let directory = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/null", directory.path().join("device.roster.hcl")).unwrap();
    fs::write(directory.path().join("main.roster.hcl"), "a=1\n").unwrap();
    let output = fmt(directory.path(), &[], "");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("device.roster.hcl can't be read: it is not a regular file."), "{said}");
    assert_eq!((output.status.code(), output.stdout), (Some(2), b"main.roster.hcl\n".to_vec()));
}

#[test]
fn standard_input_becomes_standard_output_with_a_final_newline() {
    let here = Path::new(".");
    for (input, wanted) in [("a=1", "a = 1\n"), ("a=1\n", "a = 1\n"), ("a = 1\n\n", "a = 1\n\n")] {
        let output = fmt(here, &["-"], input);
        assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap()), (Some(0), wanted.to_owned()), "{input:?}");
    }
    assert_eq!(fmt(here, &["-check", "-"], "a=1\n").status.code(), Some(3));
    let wrong = fmt(here, &["-"], "a = = 1\n");
    assert_eq!((wrong.status.code(), wrong.stdout.len()), (Some(2), 0));
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_permissions_stay_as_they_are() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let shared = directory.path().join("shared.hcl");
    fs::write(&shared, "a=1\n").unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o640)).unwrap();
    let link = directory.path().join("a.roster.hcl");
    std::os::unix::fs::symlink("shared.hcl", &link).unwrap();
    assert_eq!(fmt(directory.path(), &[], "").status.code(), Some(0));
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&shared).unwrap(), "a = 1\n");
    assert_eq!(fs::metadata(&shared).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "nothing else is left behind");
}

#[test]
fn a_syntax_error_has_the_text_and_the_place_that_validate_gives_it() {
    let head = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";
    for wrong in [
        "locals {\n  v = 1 & 2\n}\n",
        "locals {\n  v = \"%{ if true }a\"\n}\n",
        "locals {\n  v = [1, 2\n}\n",
        "locals {\n  v = `a`\n}\n",
        "locals {\n  v = \"a\n}\n",
        "locals {\n  v = “a”\n}\n",
        "locals {\n  v = <<EOT\na\n}\n",
        "locals {\n  v = 1\n  v = 2\n}\n",
        "locals {\n  v = 1\n",
        "locals {\n  v = = 1\n}\nlocals {\n  w = .5\n}\n",
    ] {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("a.roster.hcl"), format!("{head}{wrong}")).unwrap();
        let formatted = fmt(directory.path(), &[], "");
        let validated = Command::new(env!("CARGO_BIN_EXE_orgroster"))
            .arg(format!("-chdir={}", directory.path().display()))
            .arg("validate")
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let (formatted, validated) = (String::from_utf8(formatted.stderr).unwrap(), String::from_utf8(validated.stderr).unwrap());
        assert!(formatted.starts_with("Error: ") && validated.contains(formatted.trim_end()), "{wrong}\n{formatted}\n{validated}");
    }
}
