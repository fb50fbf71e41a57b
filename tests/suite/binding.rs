//! Only what was approved is carried out: the digest, field by field, and plan files that were changed.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::{Command, Output};

use orgroster::plan::{PlanFile, PlanFileError};
use serde_json::Value;

use crate::departing::{Scene, ids};

/// The parts that approval covers, as JSON pointers into the plan; `*` is any step. Everything else may change without a new approval.
const COVERED: &[&str] = &[
    "/sandbox",
    "/organization/id",
    "/organization/management_account_id",
    "/accounts/0/id",
    "/accounts/0/before",
    "/accounts/0/desired",
    "/accounts/0/change/act/action",
    "/accounts/0/change/act/depends_on",
    "/accounts/*/change/act/gates/*/enforcement",
    "/guardrails",
    "/enforcements",
    "/assumptions",
    "/variables",
];

/// Covered only if the change makes a gate block, or no longer block: the act then changes or disappears.
const PARTLY: &str = "/accounts/*/change/act/gates/*/enforcement";

/// CloudTrail reports a departure at once.
const PROMPT: &str = "weather {\n  trail_delay_seconds = 0\n}";

/// A plan with content in every part: departures, blocked, unmanaged and unchanged accounts, settings, and assumptions.
fn rich() -> (Scene, Value) {
    let scene = Scene::with_provider(4, "", "context {\n    source_ip = [\"203.0.113.7\"]\n  }");
    let path = scene.path().join("main.roster.hcl");
    let text = fs::read_to_string(&path).unwrap();
    let [_, first, second, third] = &ids(4)[..] else { unreachable!() };
    let (text, _) = text.split_once(&format!("account \"a{third}\"")).unwrap();
    let text = text
        .replacen(
            "  membership = \"detached\"",
            "  membership = \"detached\"\n  acknowledge = [\"tags\"]\n  member_role {\n    name = \"Leaver\"\n    external_id = \"x\"\n  }",
            1,
        )
        .replacen(&format!("name       = \"a{first}\""), &format!("name       = \"a{first}\"\n  not_before = \"2999-01-01T00:00:00Z\""), 1)
        .replacen(
            &format!("name       = \"a{second}\"\n  membership = \"detached\"\n  reason     = \"Divested\""),
            "membership = \"member\"",
            1,
        );
    let member = text.split(&format!("account \"a{second}\"")).nth(1).unwrap();
    let (attestation, _) = member.split_once("\n}\n").unwrap();
    let text = text.replace(attestation, &format!(" {{\n  id = \"{second}\"\n  membership = \"member\""));
    let gates = "gate \"root_access\" {\n  enforcement = \"advisory\"\n}\ngate \"service_control_policy\" {\n  advisory_policies = [\"p-examplepolicyid\"]\n}\n";
    let ticket = "variable \"ticket\" {}\n";
    fs::write(&path, text + gates + ticket).unwrap();
    let output = scene.orgroster(&["plan", "-out", "plan.json", "-var", "ticket=FIN-77"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let plan = serde_json::from_slice(&fs::read(scene.path().join("plan.json")).unwrap()).unwrap();
    (scene, plan)
}

/// Every leaf in a value, as JSON pointers.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(key, inner)| leaves(inner, &format!("{at}/{}", key.replace('/', "~1")), found))
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(index, inner)| leaves(inner, &format!("{at}/{index}"), found))
        }
        _ => found.push(at.to_owned()),
    }
}

/// The pattern in [`COVERED`] that covers a field; `None` if approval does not cover it.
fn cover(pointer: &str) -> Option<&'static str> {
    let steps: Vec<_> = pointer.split('/').collect();
    COVERED.iter().copied().find(|covered| {
        let wanted: Vec<_> = covered.split('/').collect();
        steps.len() >= wanted.len() && wanted.iter().zip(&steps).all(|(wanted, step)| *wanted == "*" || wanted == step)
    })
}

/// Words that a field may have instead of another one.
const WORDS: &[&str] = &[
    "leave",
    "remove",
    "mandatory",
    "advisory",
    "off",
    "warn",
    "error",
    "pass",
    "deferred",
    "payment_method",
    "root_access",
    "tags",
    "billing",
    "open_handshake",
    "contact_information",
];

/// Other values of the same kind. At least one of them is valid wherever a text of that kind is valid.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(flag) => vec![Value::from(!flag)],
        Value::Number(_) => vec![Value::from(value.as_u64().unwrap_or_default() + 1)],
        Value::String(text) => {
            let swapped = |from: &str, to: &str| Value::from(text.replace(from, to));
            let mut others = vec![swapped("2", "3"), swapped("1", "4"), Value::from(format!("{text}x"))];
            if text.parse::<jiff::Timestamp>().is_ok() {
                others.push(Value::from("2000-01-01T00:00:00Z"));
            }
            if WORDS.contains(&text.as_str()) {
                others.extend(WORDS.iter().copied().map(Value::from));
            }
            others.into_iter().filter(|other| other != value).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_digest_covers_every_field_that_approval_is_about_and_the_checksum_every_other() {
    let (_scene, file) = rich();
    let read = PlanFile::parse(file.to_string().as_bytes()).unwrap().orgroster;
    let sizes = [read.eligible().len(), read.blocked().len(), read.unchanged().count(), read.unmanaged.len()];
    assert_eq!((sizes, read.accounts[0].is_eligible()), ([1; 4], true));
    let mut pointers = Vec::new();
    leaves(&file, "", &mut pointers);
    pointers.retain(|pointer| pointer != "/orgroster/digest" && pointer != "/format_version");
    // One checksum covers what programs read, so one leaf of each name in each part is enough.
    let mut seen = BTreeSet::new();
    let name = |pointer: &str| Some((pointer.split('/').nth(1)?.to_owned(), pointer.rsplit('/').next()?.to_owned()));
    pointers.retain(|pointer| pointer.starts_with("/orgroster/") || seen.insert(name(pointer)));
    let (mut noticed, mut others_noticed) = (BTreeSet::new(), BTreeSet::new());
    for pointer in &pointers {
        let in_plan = pointer.strip_prefix("/orgroster");
        for other in others(file.pointer(pointer).unwrap()) {
            let mut changed = file.clone();
            *changed.pointer_mut(pointer).unwrap() = other.clone();
            match PlanFile::parse(changed.to_string().as_bytes()) {
                // The field can't have this value.
                Err(PlanFileError::NotAPlan(_)) => {}
                Err(PlanFileError::Changed { .. }) => {
                    let Some(cover) = in_plan.and_then(cover) else { panic!("{pointer} = {other} asks for a new approval") };
                    noticed.insert(cover);
                }
                Err(PlanFileError::Edited { .. }) => {
                    let cover = in_plan.and_then(cover).filter(|cover| *cover != PARTLY);
                    assert_eq!(cover, None, "{pointer} = {other} is noticed, and asks for no new approval");
                    others_noticed.insert(pointer.split('/').nth(if in_plan.is_some() { 2 } else { 1 }).unwrap());
                }
                found => panic!("{pointer} = {other} goes unnoticed: {found:?}"),
            }
        }
    }
    assert_eq!(noticed, COVERED.iter().copied().collect());
    let of_plan = ["accounts", "organization", "planned_at", "requests", "unmanaged", "version"];
    let of_file = ["variables", "resource_changes", "checks", "configuration", "prior_state", "timestamp", "applyable", "checksum"];
    assert!(of_plan.iter().chain(&of_file).all(|part| others_noticed.contains(part)), "{others_noticed:?}");
}

fn texts(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_plan_file_that_is_not_what_was_written_is_refused_before_any_request() {
    let scene = Scene::new(1, PROMPT);
    assert!(scene.orgroster(&["plan", "-out", "plan.json"]).output().unwrap().status.success());
    let whole = fs::read_to_string(scene.path().join("plan.json")).unwrap();
    let before = scene.requests();
    let cases = [
        ("changed", whole.replace("Divested", "Stolen"), "it was changed after it was written"),
        ("truncated", whole[..whole.len() - 20].to_owned(), "not a whole JSON document"),
        ("empty", String::new(), "not a whole JSON document"),
        (
            "Terraform's",
            r#"{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[]}"#.to_owned(),
            "may be one of Terraform's",
        ),
        (
            "a later format's",
            whole.replacen("\"format_version\":\"1.2\"", "\"format_version\":\"2.0\"", 1),
            "its format_version is \"2.0\"",
        ),
        (
            "an older format's",
            whole.replacen("\"format_version\":\"1.2\"", "\"format_version\":\"1.1\"", 1),
            "its format_version is \"1.1\"",
        ),
    ];
    for (what, text, why) in cases {
        fs::write(scene.path().join("other.json"), &text).unwrap();
        let output = scene.orgroster(&["apply", "other.json"]).output().unwrap();
        let said = texts(&output);
        assert!(output.status.code() == Some(1) && said.contains("invalid-plan-file") && said.contains(why), "{what}: {said}");
    }
    assert_eq!(scene.requests(), before);
    assert!(!scene.path().join(".orgroster").exists(), "nor was a lock taken");
}

#[test]
fn a_plan_of_another_organization_or_directory_is_refused() {
    let (scene, other) = (Scene::new(1, PROMPT), Scene::new(2, PROMPT));
    let elsewhere = fs::read_to_string(other.path().join("main.roster.hcl")).unwrap();
    assert!(other.orgroster(&["plan", "-out", "plan.json"]).output().unwrap().status.success());
    fs::copy(other.path().join("plan.json"), scene.path().join("foreign.json")).unwrap();
    let said = texts(&scene.orgroster(&["apply", "foreign.json"]).output().unwrap());
    assert!(said.contains("stale-plan") && said.contains("no longer says to detach the account"), "{said}");
    // A consistent plan of another organization: its digest is correct, but the organization differs.
    fs::write(scene.path().join("main.roster.hcl"), elsewhere.replace("o-exampleorgid", "o-anotherorgid")).unwrap();
    let said = texts(&scene.orgroster(&["apply", "foreign.json"]).output().unwrap());
    assert!(said.contains("wrong-organization"), "{said}");
    assert!(scene.departures().is_empty());
}

#[test]
fn apply_reads_a_plan_file_once() {
    let scene = Scene::new(1, PROMPT);
    assert!(scene.orgroster(&["plan", "-out", "plan.json"]).output().unwrap().status.success());
    // A pipe can be read only once: opening it again would wait for a second writer forever.
    let pipe = scene.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let bytes = fs::read(scene.path().join("plan.json")).unwrap();
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::OpenOptions::new().write(true).open(pipe).unwrap().write_all(&bytes).unwrap()
    });
    let output = scene.orgroster(&["apply", pipe.to_str().unwrap()]).output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{}", texts(&output));
    scene.check_end().unwrap();
}

#[test]
fn an_expected_digest_carries_out_exactly_that_or_nothing() {
    let scene = Scene::new(1, PROMPT);
    let planned = texts(&scene.orgroster(&["plan", "-out", "plan.json"]).output().unwrap());
    let digest = planned.lines().find_map(|line| line.strip_prefix("Digest: ")).unwrap().to_owned();
    let wrong = format!("sha256:{}", "0".repeat(64));
    for words in [
        &["apply", "-expect-digest", &wrong][..],
        &["apply", "plan.json", "-expect-digest", &wrong],
        &["apply", "-auto-approve", "-expect-digest", &wrong],
    ] {
        let output = scene.orgroster(words).output().unwrap();
        assert!(output.status.code() == Some(1) && texts(&output).contains("digest-mismatch"), "{words:?}: {}", texts(&output));
        assert!(scene.departures().is_empty());
    }
    let text = fs::read_to_string(scene.path().join("main.roster.hcl")).unwrap();
    fs::write(scene.path().join("main.roster.hcl"), text.replace("Divested", "Sold")).unwrap();
    let output = scene.orgroster(&["apply", "-expect-digest", &digest]).output().unwrap();
    assert!(texts(&output).contains("digest-mismatch") && scene.departures().is_empty(), "{}", texts(&output));
    // An unrelated merge, and the digest without its prefix.
    fs::write(scene.path().join("main.roster.hcl"), format!("# moved\n\n{text}")).unwrap();
    fs::write(scene.path().join("z.roster.hcl"), "account \"management\" {\n  id = \"111111111111\"\n  membership = \"member\"\n}\n")
        .unwrap();
    let output = scene.orgroster(&["apply", "-expect-digest", digest.trim_start_matches("sha256:")]).output().unwrap();
    assert!(output.status.success(), "{}", texts(&output));
    scene.check_end().unwrap();
}

/// Waits for the next second of the clock, so that an apply that read the clock would show a difference.
#[allow(clippy::disallowed_methods)]
fn until_another_second() {
    let now = || jiff::Timestamp::now().as_second();
    let then = now();
    while now() == then {
        std::thread::yield_now();
    }
}

#[test]
fn a_saved_plan_keeps_the_time_that_plantimestamp_gave() {
    let scene = Scene::new(1, PROMPT);
    let path = scene.path().join("main.roster.hcl");
    let text = fs::read_to_string(&path).unwrap();
    let planned = || {
        assert!(scene.orgroster(&["plan", "-out", "plan.json"]).output().unwrap().status.success());
        serde_json::from_slice::<Value>(&fs::read(scene.path().join("plan.json")).unwrap()).unwrap()
    };
    assert!(planned()["orgroster"]["plantimestamp"].is_null(), "a configuration that does not ask for the time");
    fs::write(&path, text.replace("\"Divested\"", "\"Divested by the plan of ${plantimestamp()}\"")).unwrap();
    let plan = planned();
    let time: jiff::Timestamp = plan["orgroster"]["plantimestamp"].as_str().unwrap().parse().unwrap();
    let reason = format!("Divested by the plan of {}", jiff::Timestamp::from_second(time.as_second()).unwrap());
    assert!(plan["orgroster"].to_string().contains(&reason), "{plan}");
    until_another_second();
    let output = scene.orgroster(&["apply", "plan.json"]).output().unwrap();
    assert!(output.status.success(), "{}", texts(&output));
    scene.check_end().unwrap();
    let record = serde_json::to_string(&scene.chain().records[0].record).unwrap();
    assert!(record.contains(&reason), "{record}");
}

/// The reason can contain the time, and so can the digest.
#[test]
fn in_a_rehearsal_plantimestamp_is_the_sandboxs_time_and_a_frozen_clock_keeps_the_digest() {
    let quickstart = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");
    let directory = tempfile::tempdir().unwrap();
    for file in ["main.roster.hcl", "members.roster.hcl", "departures.roster.hcl", "organization.sandbox.hcl"] {
        let text = fs::read_to_string(format!("{quickstart}/{file}")).unwrap();
        let text = text.replace("\"Returned to its founders\"", "\"Returned by the plan of ${plantimestamp()}\"");
        fs::write(directory.path().join(file), text).unwrap();
    }
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_orgroster")).current_dir(directory.path()).args(arguments).env_clear().output().unwrap()
    };
    let targeted = run(&["plan", "-target", "legacy-crm"]);
    assert!(
        texts(&targeted).contains("\n    orgroster apply -target=account.legacy-crm\n"),
        "the command is about the same accounts: {}",
        texts(&targeted)
    );
    let planned = run(&["plan", "-out", "plan.json"]);
    assert!(planned.status.success(), "{}", texts(&planned));
    let plan: Value = serde_json::from_slice(&fs::read(directory.path().join("plan.json")).unwrap()).unwrap();
    assert!(plan["orgroster"].to_string().contains("Returned by the plan of 2026-11-22T09:00:00Z"), "{plan}");
    let wrong = run(&["apply", "-expect-digest", &"0".repeat(64)]);
    assert!(texts(&wrong).contains("calls plantimestamp()"), "{}", texts(&wrong));
    let applied = run(&["apply", "-expect-digest", plan["orgroster"]["digest"].as_str().unwrap()]);
    assert!(!texts(&applied).contains("digest-mismatch") && texts(&applied).contains("destroyed"), "{}", texts(&applied));
}
