//! `ORGROSTER_LOG`: the log contains every request and no secret.

use std::fs;
use std::process::Output;

use crate::departing::Scene;

/// Runs a command with a log and returns its output and the log.
fn logged(scene: &Scene, arguments: &[&str], level: &str) -> (Output, String) {
    let path = scene.path().join("run.log");
    let mut command = scene.orgroster(arguments);
    command.env("ORGROSTER_LOG", level).env("ORGROSTER_LOG_PATH", &path);
    let output = command.output().unwrap();
    (output, fs::read_to_string(&path).unwrap_or_default())
}

#[test]
fn every_request_is_logged_with_its_account_and_no_secret() {
    let scene = Scene::on_s3(1, "");
    let (output, log) = logged(&scene, &["apply", "-auto-approve", "-no-color"], "trace");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for operation in ["organizations:ListAccounts", "sts:AssumeRole", "s3:PutObject"] {
        let line = log.lines().find(|line| line.contains(operation)).unwrap_or_else(|| panic!("no {operation} in\n{log}"));
        for part in ["account=-", "attempt=1", "latency_ms=", "status=200"] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
    let left = log.lines().find(|line| line.contains("organizations:LeaveOrganization")).unwrap();
    assert!(left.contains("account=200000000000") && left.contains("request_id=") && !left.contains("request_id=-"), "{left}");
    // The secrets that the program was given, that the sandbox issued, and that requests and answers contained.
    for secret in [
        "secret",
        "Secret",
        "ASIA",
        "Signature",
        "uthorization",
        "ecurity-token",
        "SessionToken",
        "@example.com",
        "AccountName",
        "{\"",
        "<?xml",
    ] {
        assert!(!log.contains(secret), "{secret}:\n{}", log.lines().find(|line| line.contains(secret)).unwrap());
    }
}

#[test]
fn a_level_hides_what_is_below_it_and_nothing_is_written_unless_asked_for() {
    let scene = Scene::new(1, "fault {\n  operation = \"organizations:ListRoots\"\n  kind = \"throttle\"\n}");
    let (_, log) = logged(&scene, &["plan", "-no-color"], "warn");
    assert!(log.lines().count() == 1 && log.contains("throttled") && log.contains("organizations:ListRoots"), "{log}");
    fs::remove_file(scene.path().join("run.log")).unwrap();
    let (output, log) = logged(&scene, &["plan", "-no-color"], "off");
    assert!(output.status.success() && log.is_empty(), "{log}");
}

#[test]
fn a_wrong_level_and_a_file_that_cannot_be_written_are_errors() {
    let scene = Scene::new(1, "");
    let (output, _) = logged(&scene, &["version"], "loud");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("ORGROSTER_LOG is \"loud\"") && said.contains("(invalid-argument)"), "{said}");
    fs::create_dir(scene.path().join("run.log")).unwrap();
    let (output, _) = logged(&scene, &["version"], "debug");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("ORGROSTER_LOG_PATH: ") && said.contains("(output-error)"), "{said}");
}

#[test]
fn what_the_configuration_keeps_secret_is_in_no_line() {
    let role = "region = \"us-east-1\"\n  member_role {\n    name        = \"OrganizationAccountAccessRole\"\n    external_id = \"external-4711\"\n  }";
    let scene = Scene::with_provider(1, "", role);
    let variable = "variable \"word\" {\n  type      = string\n  sensitive = true\n}\n\nlocals {\n  used = var.word\n}\n";
    fs::write(scene.path().join("word.roster.hcl"), variable).unwrap();
    let path = scene.path().join("run.log");
    let mut command = scene.orgroster(&["apply", "-auto-approve", "-no-color"]);
    command.env("ORGROSTER_LOG", "trace").env("ORGROSTER_LOG_PATH", &path).env("ORGROSTER_VAR_word", "sesame-0815");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let log = fs::read_to_string(&path).unwrap();
    assert!(log.contains("sts:AssumeRole"), "the external id was sent: {log}");
    for secret in ["4711", "0815"] {
        assert!(!log.contains(secret), "{secret}:\n{log}");
    }
}
