//! The UI events of `apply -json`, compared with those of Terraform and with golden runs.
//!
//! `tests/events/terraform-*.jsonl` are captures of terraform 1.11.4: a destroy of four `terraform_data`, with and without `for_each`, with
//! slow ones and failing provisioners; an apply without changes; an undeclared reference; an apply without approval; a wait for the lock; a
//! planned change with its reason. Events of refreshing and of provisioners are left out. The other files are ours: `TRYCMD=overwrite cargo
//! test --test suite events` writes them again after an intended change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use orgroster::journal::{LocalStore, LockHolder, Store};
use regex::Regex;
use serde_json::Value;

use super::departing::Scene;

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/events");

/// Accounts that can't depart. One of them, and a missing member, come from blocks with `for_each`.
const OTHERS: &str = r#"
account "gone" {
  for_each   = { crm = "299999999999" }
  id         = each.value
  membership = "member"
}

account "divested" {
  for_each   = { crm = "288888888888" }
  id         = each.value
  name       = each.key
  membership = "detached"
  reason     = "Divested"
}
"#;

fn faults() -> String {
    let payment =
        "kind = \"error\"\n code = \"ConstraintViolationException\"\n reason = \"INVALID_PAYMENT_INSTRUMENT\"\n message = \"said AWS\"";
    [("200000000000", "kind = \"throttle\""), ("200000000001", payment)]
        .map(|(account, kind)| {
            format!("fault {{\n operation = \"organizations:LeaveOrganization\"\n account = \"{account}\"\n {kind}\n}}\n")
        })
        .concat()
}

/// Every kind of event in one apply: drift, departures (one after a throttle), a refusal, and blocked accounts.
fn eventful() -> Scene {
    let scene = Scene::new(3, &faults());
    fs::write(scene.path().join("others.roster.hcl"), OTHERS).unwrap();
    scene
}

fn apply(scene: &Scene, words: &[&str]) -> Vec<Value> {
    let words = [&["apply", "-json", "-parallelism=1"], words].concat();
    let ended = scene.orgroster(&words).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "with -json everything is an event");
    events(&String::from_utf8(ended.stdout).unwrap())
}

fn events(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn kind(event: &Value) -> &str {
    event["type"].as_str().unwrap()
}

/// Field paths with the JSON types of their values. Fields that only we have are left out.
fn shape(value: &Value, path: &str, found: &mut BTreeSet<(String, &'static str)>) {
    if path == "/orgroster" || path == "/diagnostic/code" || path.starts_with("/outputs/") {
        return;
    }
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(fields) => {
            fields.iter().for_each(|(name, inner)| shape(inner, &format!("{path}/{name}"), found));
            "object"
        }
    };
    found.insert((path.to_owned(), name));
}

/// The fields of Terraform's events of one type: those that are always present, and those that may be.
struct Known {
    always: BTreeSet<String>,
    ever: BTreeSet<(String, &'static str)>,
}

fn terraform() -> BTreeMap<String, Known> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for name in ["terraform-destroy.jsonl", "terraform-other.jsonl"] {
        for event in events(&fs::read_to_string(format!("{EVENTS}/{name}")).unwrap()) {
            let mut found = BTreeSet::new();
            shape(&event, "", &mut found);
            let paths: BTreeSet<_> = found.iter().map(|(path, _)| path.clone()).collect();
            let known = known.entry(kind(&event).to_owned()).or_insert_with(|| Known { always: paths.clone(), ever: BTreeSet::new() });
            known.always.retain(|path| paths.contains(path));
            known.ever.extend(found);
        }
    }
    // The context is null if the error is in a block's header, as in `terraform validate -json`; the captures have no such finding.
    known.get_mut("diagnostic").unwrap().ever.insert(("/diagnostic/snippet/context".to_owned(), "null"));
    known
}

#[test]
fn events_have_the_types_and_fields_of_terraforms() {
    let known = terraform();
    let scene = eventful();
    let mut ours = apply(&scene, &["-auto-approve"]);
    ours.extend(apply(&scene, &[]));
    ours.extend(locked(&scene));
    let mut seen = BTreeSet::new();
    for event in &ours {
        // The captures contain neither a plain sentence without its own event type nor drift; a drift is emitted like a planned change.
        let like = match kind(event) {
            "log" => "state_lock_acquire",
            "resource_drift" => "planned_change",
            kind => kind,
        };
        let Known { always, ever } = known.get(like).unwrap_or_else(|| panic!("Terraform has no {like}"));
        let mut found = BTreeSet::new();
        shape(event, "", &mut found);
        let paths: BTreeSet<_> = found.iter().map(|(path, _)| path.clone()).collect();
        assert_eq!(always.difference(&paths).collect::<Vec<_>>(), Vec::<&String>::new(), "missing in {event}");
        assert_eq!(found.difference(ever).collect::<Vec<_>>(), Vec::<&(String, &str)>::new(), "not Terraform's, in {event}");
        seen.insert(like.to_owned());
    }
    assert_eq!(known.keys().filter(|kind| !seen.contains(*kind)).collect::<Vec<_>>(), Vec::<&String>::new(), "not seen in our run");
}

/// A run that waits for another run's lock and gives up.
fn locked(scene: &Scene) -> Vec<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = LocalStore::new(scene.path().join(".orgroster"));
    let created = "2026-11-22T09:00:00Z".parse().unwrap();
    let holder = LockHolder { id: "a".into(), operation: "apply".into(), who: "ci".into(), created: Some(created) };
    let lock = runtime.block_on(store.lock(&holder)).unwrap();
    let told = apply(scene, &["-auto-approve", "-lock-timeout=1s"]);
    runtime.block_on(store.unlock(lock)).unwrap();
    let kinds: Vec<_> = told.iter().map(kind).collect();
    assert_eq!((kinds[0], &kinds[kinds.len() - 2..]), ("version", &["state_lock_acquire", "diagnostic"][..]), "{told:?}");
    told
}

/// Replaces what differs between runs: times, request ids, and the head of a chain whose records contain both.
fn steady(events: &[Value]) -> String {
    let text: String = events.iter().map(|event| format!("{event}\n")).collect();
    let unsteady = [
        (r#""@timestamp":"[^"]*""#, r#""@timestamp":"TIME""#),
        (r#""request_id":"[^"]*""#, r#""request_id":"REQUEST""#),
        (r"equest id [0-9a-f-]+", "equest id REQUEST"),
        (r"-\d{8}T\d+Z\.json", "-TIME.json"),
        // The scene's clock is the machine's, and a remedy contains today's date.
        (r#"departed = \\"\d{4}-\d\d-\d\d"#, r#"departed = \"DAY"#),
        (r"sha256:[0-9a-f]{64}", "sha256:DIGEST"),
        (r#""elapsed_seconds":\d+"#, r#""elapsed_seconds":0"#),
        (r"\d+s elapsed", "0s elapsed"),
        (r"after \d+s", "after 0s"),
    ];
    unsteady.iter().fold(text, |text, (pattern, steady)| Regex::new(pattern).unwrap().replace_all(&text, *steady).into_owned())
}

#[allow(clippy::disallowed_methods)]
fn check_golden(name: &str, found: &str) {
    let path = format!("{EVENTS}/{name}");
    if std::env::var("TRYCMD").is_ok_and(|mode| mode == "overwrite") {
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{name} line {}", number + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{name}");
}

#[test]
fn golden_events() {
    let scene = eventful();
    check_golden("apply.jsonl", &steady(&apply(&scene, &["-auto-approve"])));
    for account in ["200000000000", "200000000001", "200000000002"] {
        // The remaining accounts are blocked or have left.
        let path = scene.path().join("main.roster.hcl");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace(&format!("account \"a{account}\""), &format!("account \"b{account}\""))).unwrap();
    }
    fs::write(scene.path().join("others.roster.hcl"), "").unwrap();
    // As if the facts that AWS found missing had been attested again since then.
    fs::remove_dir_all(scene.path().join(".orgroster/refusals")).unwrap();
    let _ = apply(&scene, &["-auto-approve"]);
    check_golden("nothing.jsonl", &steady(&apply(&scene, &["-auto-approve"])));
}

#[test]
fn a_diagnostic_of_the_configuration_is_an_event_with_its_place() {
    let scene = Scene::new(1, "");
    fs::write(scene.path().join("wrong.roster.hcl"), "account \"crm\" {\n  id         = 222222222222\n  membership = \"member\"\n}\n")
        .unwrap();
    let told = apply(&scene, &["-auto-approve"]);
    let wrong = told.iter().find(|event| event["diagnostic"]["range"]["filename"] == "wrong.roster.hcl").unwrap();
    assert_eq!((kind(&told[0]), &wrong["diagnostic"]["range"]["start"]["line"]), ("version", &Value::from(2)));
    assert_eq!(wrong["diagnostic"]["snippet"]["context"], "account \"crm\"");
}

/// Removes times and counts of seconds, which differ between runs.
fn timeless(mut event: Value) -> Value {
    event["@timestamp"] = Value::Null;
    event
}

#[test]
fn a_plan_emits_the_events_that_an_apply_begins_with() {
    let scene = eventful();
    let ended = scene.orgroster(&["plan", "-json", "-detailed-exitcode", "-out", "plan.json"]).output().unwrap();
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(2), ""));
    let planned = events(&String::from_utf8(ended.stdout).unwrap());
    let kinds: BTreeSet<_> = planned.iter().map(kind).collect();
    assert_eq!(kinds, BTreeSet::from(["version", "resource_drift", "planned_change", "change_summary", "diagnostic"]));
    let planned: Vec<_> = planned.into_iter().map(timeless).collect();
    let applied: Vec<_> = apply(&scene, &["-auto-approve"]).into_iter().map(timeless).collect();
    let shared = planned.len() - 1;
    assert_eq!(planned[..shared], applied[..shared]);

    fs::write(scene.path().join("wrong.roster.hcl"), "account {").unwrap();
    let ended = scene.orgroster(&["plan", "-json"]).output().unwrap();
    let failed = events(&String::from_utf8(ended.stdout).unwrap());
    assert_eq!((ended.status.code(), failed.iter().map(kind).collect::<Vec<_>>()), (Some(1), vec!["version", "diagnostic"]));
}

#[test]
fn a_file_gets_the_same_events_and_people_read_what_they_always_do() {
    let kinds = |text: &str| events(text).iter().map(|event| kind(event).to_owned()).collect::<BTreeSet<_>>();
    for words in [&["plan"][..], &["apply", "-auto-approve", "-parallelism=1"]] {
        let run = |more: &[&str]| {
            let scene = eventful();
            let ended = scene.orgroster(&[words, more].concat()).output().unwrap();
            let written = fs::read_to_string(scene.path().join("events.jsonl")).unwrap_or_default();
            (ended.status.code(), String::from_utf8(ended.stdout).unwrap(), written)
        };
        let (code, human, nothing) = run(&[]);
        let (code_with_file, human_with_file, written) = run(&["-json-into", "events.jsonl"]);
        let (_, by_events, also_written) = run(&["-json", "-json-into", "events.jsonl"]);
        assert_eq!((code, nothing.as_str()), (code_with_file, ""));
        let lines = |text: &str| text.lines().map(|line| line.split(" at 20").next().unwrap_or_default().to_owned()).collect::<Vec<_>>();
        let (human, human_with_file) = (lines(&human), lines(&human_with_file));
        assert_eq!(human.len(), human_with_file.len());
        assert_eq!(human.iter().find(|line| line.starts_with("Plan:")), human_with_file.iter().find(|line| line.starts_with("Plan:")));
        assert_eq!(kinds(&written), kinds(&by_events));
        assert_eq!(also_written, by_events);
    }
    let scene = eventful();
    let ended = scene.orgroster(&["apply", "-auto-approve", "-json-into", "missing/events.jsonl"]).output().unwrap();
    assert!(String::from_utf8_lossy(&ended.stderr).contains("-json-into") && scene.requests().is_empty());
}
