//! `drift`: who made the changes, snapshots that can't be compared, and facts that AWS denies.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::departing::Scene;

const QUICKSTART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");

fn orgroster(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orgroster")).current_dir(directory).args(arguments).env_clear().output().unwrap()
}

/// The quickstart, with a snapshot of it.
fn quickstart() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for file in fs::read_dir(QUICKSTART).unwrap().map(|entry| entry.unwrap().path()) {
        fs::copy(&file, directory.path().join(file.file_name().unwrap())).unwrap();
    }
    let output = orgroster(directory.path(), &["snapshot", "-whole", "-out=before.json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    directory
}

#[test]
fn snapshots_of_another_organization_version_or_order_are_refused_with_their_codes() {
    let directory = quickstart();
    let here = directory.path();
    let before = fs::read_to_string(here.join("before.json")).unwrap();
    for (name, from, to, code) in [
        ("other.json", "o-exampleorgid", "o-anotherorgid", "wrong-organization"),
        ("next.json", "\"format_version\":\"1.0\"", "\"format_version\":\"2.0\"", "invalid-snapshot"),
        ("live.json", "\"sandbox\":true", "\"sandbox\":false", "sandbox-refused"),
    ] {
        assert!(before.contains(from), "{from}");
        fs::write(here.join(name), before.replace(from, to)).unwrap();
        let since = format!("-since={name}");
        let from = format!("-from={name}");
        for arguments in [&["drift", &since][..], &["drift", &from, "-to=before.json"]] {
            let output = orgroster(here, arguments);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(said.contains(&format!("({code})")), "{arguments:?}: {said}");
        }
    }
    let cut = &before[..before.len() / 2];
    fs::write(here.join("cut.json"), cut).unwrap();
    let output = orgroster(here, &["drift", "-since=cut.json"]);
    assert!(output.status.code() == Some(1) && String::from_utf8_lossy(&output.stderr).contains("(invalid-snapshot)"));
}

/// The message says what is wrong, not only that something is.
#[test]
fn files_that_are_no_snapshots_and_flags_that_exclude_each_other_are_named() {
    let directory = quickstart();
    let here = directory.path();
    fs::create_dir(here.join("folder.json")).unwrap();
    fs::write(here.join("empty.json"), "").unwrap();
    fs::write(here.join("other.json"), r#"{"format_version":"1.0","accounts":[]}"#).unwrap();
    assert!(orgroster(here, &["plan", "-out=plan.json"]).status.success());
    let mut files = vec![
        ("absent.json", "No such file"),
        ("folder.json", "it is a directory, not a file"),
        ("empty.json", "not a whole JSON document"),
        ("other.json", "no key \"observed\""),
        ("plan.json", "is it a plan?"),
        ("main.roster.hcl", "not a whole JSON document"),
    ];
    if cfg!(unix) {
        assert!(Command::new("mkfifo").arg(here.join("pipe.json")).status().unwrap().success());
        files.push(("pipe.json", "it is a pipe or a device, not a file"));
    }
    for (name, why) in files {
        for arguments in [
            vec!["drift".to_owned(), format!("-since={name}")],
            vec!["drift".to_owned(), format!("-from={name}"), "-to=before.json".to_owned()],
            vec!["drift".to_owned(), "-from=before.json".to_owned(), format!("-to={name}")],
            vec!["plan".to_owned(), format!("-snapshot={name}")],
        ] {
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            let output = orgroster(here, &arguments);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(said.contains(name) && said.contains(why) && said.contains("(invalid-snapshot)"), "{arguments:?}: {said}");
            assert!(output.stdout.is_empty(), "{arguments:?}");
        }
    }
    for (arguments, named) in [
        (&["drift"][..], "-since"),
        (&["drift", "-from=before.json"], "-to"),
        (&["drift", "-to=before.json"], "-from"),
        (&["drift", "-since=before.json", "-from=before.json", "-to=before.json"], "-from"),
        (&["drift", "-from=before.json", "-to=before.json", "-out=x.json"], "-out"),
        (&["drift", "-since=before.json", "-json", "-markdown"], "-markdown"),
    ] {
        let output = orgroster(here, arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && said.contains(named), "{arguments:?}: {said}");
    }
    assert!(!here.join("x.json").exists());
}

/// An organization with three accounts and a unit. Its CloudTrail shows events at once.
fn scene() -> (Scene, String) {
    let scene = Scene::new(2, "weather {\n  trail_delay_seconds = 0\n  throttles = false\n}");
    let ask = |name: &str, input: Value| scene.ask(&format!("AWSOrganizationsV20161128.{name}"), "organizations", &input);
    let unit = ask("CreateOrganizationalUnit", json!({ "ParentId": "r-ab12", "Name": "Lab" }));
    ask("EnablePolicyType", json!({ "RootId": "r-ab12", "PolicyType": "TAG_POLICY" }));
    let unit = unit["OrganizationalUnit"]["Id"].as_str().unwrap().to_owned();
    // The name of a unit is read only if the unit contains an account.
    ask("MoveAccount", json!({ "AccountId": FIRST, "SourceParentId": "r-ab12", "DestinationParentId": unit }));
    let output = scene.orgroster(&["snapshot", "-whole", "-out=before.json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (scene, unit)
}

const FIRST: &str = "200000000000";
const SECOND: &str = "200000000001";

/// A foreign client makes every change that it can.
fn change(scene: &Scene, unit: &str) {
    let ask = |name: &str, input: Value| scene.ask(&format!("AWSOrganizationsV20161128.{name}"), "organizations", &input);
    ask("MoveAccount", json!({ "AccountId": FIRST, "SourceParentId": unit, "DestinationParentId": "r-ab12" }));
    ask("MoveAccount", json!({ "AccountId": SECOND, "SourceParentId": "r-ab12", "DestinationParentId": unit }));
    ask("UpdateOrganizationalUnit", json!({ "OrganizationalUnitId": unit, "Name": "Laboratory" }));
    ask("TagResource", json!({ "ResourceId": FIRST, "Tags": [{ "Key": "team", "Value": "jane@example.com" }] }));
    ask("EnableAWSServiceAccess", json!({ "ServicePrincipal": "config.amazonaws.com" }));
    ask("RegisterDelegatedAdministrator", json!({ "AccountId": SECOND, "ServicePrincipal": "config.amazonaws.com" }));
    let content = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
    let policy = json!({ "Content": content, "Description": "", "Name": "no-s3", "Type": "SERVICE_CONTROL_POLICY" });
    let policy = ask("CreatePolicy", policy)["Policy"]["PolicySummary"]["Id"].as_str().unwrap().to_owned();
    ask("AttachPolicy", json!({ "PolicyId": policy, "TargetId": FIRST }));
    ask("DisablePolicyType", json!({ "RootId": "r-ab12", "PolicyType": "TAG_POLICY" }));
}

const KINDS: &[(&str, &str)] = &[
    ("moved", "MoveAccount"),
    ("moved", "MoveAccount"),
    ("tag_added", "TagResource"),
    ("delegated", "RegisterDelegatedAdministrator"),
    ("unit_renamed", "UpdateOrganizationalUnit"),
    ("policy_type_disabled", "DisablePolicyType"),
    ("policy_created", "CreatePolicy"),
    ("policy_attached", "AttachPolicy"),
    ("trusted_access_enabled", "EnableAWSServiceAccess"),
];

#[test]
fn a_foreign_clients_changes_are_reported_with_their_caller_within_the_roles_permissions() {
    let (scene, unit) = scene();
    change(&scene, &unit);
    let before = scene.requests();
    let output = scene.orgroster(&["drift", "-since=before.json", "-out=after.json", "-json"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let changes = found["changes"].as_array().unwrap();
    let kinds: Vec<_> =
        changes.iter().map(|change| (change["kind"].as_str().unwrap(), change["cause"]["event"].as_str().unwrap_or_default())).collect();
    assert_eq!(kinds, KINDS, "{said}");
    for change in changes {
        assert_eq!(change["cause"]["by"], "arn:aws:iam::111111111111:user/administrator", "{change}");
    }
    assert_eq!((&found["not_compared"], &found["not_attributed"]), (&json!([]), &json!([])), "{said}");

    // AWS's quota is two requests per second: there is one request for each event name, and none for a name that no change needs.
    let asked = scene.requests();
    let more = |name: &str| asked.get(name).copied().unwrap_or(0) - before.get(name).copied().unwrap_or(0);
    assert_eq!(more("cloudtrail:LookupEvents"), 8);
    let printed = scene.orgroster(&["iam-policy", "plan"]).output().unwrap();
    let policy = String::from_utf8(printed.stdout).unwrap();
    let used: Vec<_> = asked.keys().filter(|name| more(name) > 0 && *name != "sts:GetCallerIdentity").collect();
    assert!(used.len() >= 10, "{used:?}");
    for name in used {
        assert!(policy.contains(&format!("\"{name}\"")), "{name} is in no policy: {policy}");
    }

    // The facts that were read serve as the next snapshot, and for nothing else.
    let output = scene.orgroster(&["drift", "-since=after.json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    let output = scene.orgroster(&["drift", "-from=before.json", "-to=after.json", "-json"]).output().unwrap();
    let stored: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), stored["changes"].as_array().unwrap().len()), (Some(2), KINDS.len()));
    assert!(stored["not_attributed"][0]["why"].as_str().unwrap().contains("-since"), "{stored}");
    let output = scene.orgroster(&["plan", "-snapshot=after.json"]).output().unwrap();
    assert!(output.status.code() == Some(1) && String::from_utf8_lossy(&output.stderr).contains("(invalid-snapshot)"));
}

#[test]
fn an_event_history_that_may_not_be_read_is_said_and_the_changes_stand() {
    let (scene, unit) = scene();
    change(&scene, &unit);
    scene.add_faults(r#"[{"operation":"cloudtrail:LookupEvents","kind":"error","code":"AccessDeniedException","count":100}]"#);
    let output = scene.orgroster(&["drift", "-since=before.json", "-json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let changes = found["changes"].as_array().unwrap();
    assert!(changes.len() == KINDS.len() && changes.iter().all(|change| change["cause"].is_null()), "{found}");
    let gaps = found["not_attributed"].as_array().unwrap();
    assert!(gaps.len() == 1 && gaps[0]["why"].as_str().unwrap().contains("cloudtrail:LookupEvents: AccessDeniedException"), "{found}");
    let output = scene.orgroster(&["drift", "-since=before.json"]).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("Author unknown: 9 changes (cloudtrail:LookupEvents: AccessDeniedException"), "{shown}");
}

#[test]
fn addresses_are_left_out_where_that_is_asked_for() {
    let (scene, unit) = scene();
    change(&scene, &unit);
    assert!(scene.orgroster(&["drift", "-since=before.json", "-out=after.json"]).output().unwrap().status.code() == Some(2));
    for form in [&["-json"][..], &["-markdown"], &[]] {
        let run = |more: &[&str]| {
            let arguments = [&["drift", "-from=before.json", "-to=after.json"][..], form, more].concat();
            String::from_utf8(scene.orgroster(&arguments).output().unwrap().stdout).unwrap()
        };
        assert!(run(&[]).contains("jane@example.com"));
        let redacted = run(&["-redact-emails"]);
        assert!(redacted.contains("(redacted)") && !redacted.contains('@'), "{redacted}");
    }
}

#[test]
fn what_aws_denies_is_said_and_is_no_change() {
    let (scene, _) = scene();
    let operations = ["ListTagsForResource", "ListPolicies", "ListAWSServiceAccessForOrganization"];
    let denied = |operation: &str| json!({ "operation": format!("organizations:{operation}"), "kind": "error", "code": "AccessDeniedException", "count": 1000 });
    scene.add_faults(&json!(operations.map(denied)).to_string());
    let output = scene.orgroster(&["drift", "-since=before.json", "-json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&found["changes"], &found["not_attributed"]), (&json!([]), &json!([])));
    let not_compared = found["not_compared"].to_string();
    for operation in operations {
        assert!(not_compared.contains(operation), "{operation}: {not_compared}");
    }
}

/// The account existed when the list was read.
#[test]
fn what_disappears_between_two_requests_is_a_change_and_not_an_error() {
    let (scene, unit) = scene();
    change(&scene, &unit);
    assert!(scene.orgroster(&["snapshot", "-whole", "-out=before.json"]).output().unwrap().status.success());
    let gone = |operation: &str, code: &str| json!({ "operation": format!("organizations:{operation}"), "kind": "error", "code": code, "count": 1000 });
    let faults = json!([
        gone("DescribePolicy", "PolicyNotFoundException"),
        gone("ListDelegatedServicesForAccount", "AccountNotRegisteredException"),
        gone("ListTagsForResource", "TargetNotFoundException"),
    ]);
    scene.add_faults(&faults.to_string());
    let output = scene.orgroster(&["drift", "-since=before.json", "-json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let kinds: Vec<_> = found["changes"].as_array().unwrap().iter().map(|change| change["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"policy_deleted") && kinds.contains(&"delegation_ended"), "{kinds:?}");
    assert!(kinds.iter().all(|kind| ["policy_deleted", "policy_detached", "delegation_ended"].contains(kind)), "{kinds:?}");
}

/// A partial snapshot contains the accounts, and the command reports what it lacks.
#[test]
fn a_small_snapshot_compares_accounts_alone() {
    let directory = quickstart();
    let here = directory.path();
    assert!(orgroster(here, &["snapshot", "-out=small.json"]).status.success());
    assert!(orgroster(here, &["apply", "-auto-approve"]).status.success());
    let output = orgroster(here, &["drift", "-since=small.json", "-json"]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let kinds: Vec<_> = found["changes"].as_array().unwrap().iter().map(|change| change["kind"].as_str().unwrap()).collect();
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| *kind == "left"), "{kinds:?}");
    assert!(found["not_compared"].to_string().contains("-whole"));
}
