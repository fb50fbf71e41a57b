//! The text that drivers and readers of Terraform look for, in the output for people and for programs.
//!
//! `tests/data/drivers.json` contains the expressions of Atlantis, tfcmt, tfnotify, dflook's actions and Digger from their sources, and
//! what each of them finds in each run. If a run is absent from an expression, the expression finds nothing in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use orgroster::org::{PROVIDER_ADDRESS, RESOURCE_TYPE, TERRAFORM_VERSION};
use regex::Regex;
use serde::Deserialize;
use serde_json::{Value, json};

use super::departing::Scene;

const DRIVERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/drivers.json");
const QUICKSTART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");
const HEAD: &str = "provider \"aws\" {\n  sandbox = \"organization.sandbox.hcl\"\n}\norganization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";

/// An expression of a driver.
#[derive(Deserialize)]
struct Expression {
    driver: String,
    /// What a match means to the driver.
    means: String,
    /// `plan` or `apply`.
    of: String,
    /// In the syntax of Go and Python, which Rust's library understands; an expression that is applied to each line has `(?m)`.
    expression: String,
    /// The groups of every match, by run; the whole match if there are no groups.
    finds: BTreeMap<String, Vec<Vec<String>>>,
}

/// A directory with the quickstart's organization and these blocks, or the quickstart's if `blocks` is `None`.
fn directory(blocks: Option<&str>, edit: impl Fn(String) -> String) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for file in fs::read_dir(QUICKSTART).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        if blocks.is_none() || !name.ends_with(".roster.hcl") {
            fs::write(directory.path().join(name), edit(fs::read_to_string(&file).unwrap())).unwrap();
        }
    }
    if let Some(blocks) = blocks {
        fs::write(directory.path().join("main.roster.hcl"), format!("{HEAD}{blocks}")).unwrap();
    }
    directory
}

fn member(id: &str) -> String {
    format!("account \"shop\" {{\n  id         = \"{id}\"\n  membership = \"member\"\n}}\n")
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orgroster")).current_dir(directory).args(arguments).env_clear().output().unwrap()
}

/// The output that a driver sees when it runs a command with both streams in one.
fn seen(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Directories with a plan of each kind of outcome.
fn outcomes() -> Vec<(&'static str, tempfile::TempDir)> {
    let same = |text: String| text;
    let tight = |text: String| text.replace("max_detachments    = 2", "max_detachments    = 1");
    let blocked = "account \"new-lab\" {\n  id         = \"250000000001\"\n  name       = \"new-lab\"\n  membership = \"detached\"\n  reason     = \"Sold\"\n}\n";
    vec![
        ("departing", directory(None, same)),
        ("guardrail exceeded", directory(None, tight)),
        ("only blocked", directory(Some(blocked), same)),
        ("only drift", directory(Some(&member("999999999999")), same)),
        ("nothing to do", directory(Some(&member("230000000001")), same)),
    ]
}

/// The output that a driver sees for each kind of plan and of apply.
fn runs() -> BTreeMap<&'static str, BTreeMap<&'static str, String>> {
    let mut plans: BTreeMap<_, _> = outcomes().iter().map(|(name, directory)| (*name, seen(&run(directory.path(), &["plan"])))).collect();
    let wrong = directory(Some("account \"shop\" {\n}\n"), |text| text);
    plans.insert("failed", seen(&run(wrong.path(), &["plan"])));
    let payment = "fault {\n operation = \"organizations:LeaveOrganization\"\n account = \"200000000001\"\n kind = \"error\"\n code = \"ConstraintViolationException\"\n reason = \"INVALID_PAYMENT_INSTRUMENT\"\n message = \"said AWS\"\n}\n";
    let apply = |scene: &Scene| seen(&scene.orgroster(&["apply", "-auto-approve", "-parallelism=1"]).output().unwrap());
    let (all, some) = (Scene::new(2, ""), Scene::new(2, payment));
    let applies = BTreeMap::from([("applied", apply(&all)), ("refused", apply(&some))]);
    BTreeMap::from([("plan", plans), ("apply", applies)])
}

#[test]
fn drivers_find_what_they_look_for_and_nothing_else() {
    let expressions: Vec<Expression> = serde_json::from_str(&fs::read_to_string(DRIVERS).unwrap()).unwrap();
    let runs = runs();
    let mut drivers: Vec<_> = expressions.iter().map(|expression| expression.driver.as_str()).collect();
    drivers.dedup();
    assert_eq!(drivers, ["Atlantis", "tfcmt", "tfnotify", "dflook", "Digger"]);
    let mut wrong = Vec::new();
    for Expression { driver, means, of, expression, finds } in &expressions {
        let regex = Regex::new(expression).unwrap();
        let runs = &runs[of.as_str()];
        assert!(finds.keys().all(|name| runs.contains_key(name.as_str())), "{driver}, {means}: no such run in {:?}", finds.keys());
        for (name, text) in runs {
            let found: Vec<Vec<_>> = regex.captures_iter(text).map(|captures| groups(&captures)).collect();
            if found != finds.get(*name).cloned().unwrap_or_default() {
                wrong.push(format!("{driver}, {means}, in {name}: {}\n{text}", json!(found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn groups(captures: &regex::Captures<'_>) -> Vec<String> {
    let skipped = usize::from(captures.len() > 1);
    captures.iter().skip(skipped).flatten().map(|group| group.as_str().to_owned()).collect()
}

/// Digger does not read the plan's text. A plan is empty if every change is a no-op, and the first action of each change is counted.
fn digger(plan: &Value) -> (bool, usize) {
    let actions: Vec<_> = plan["resource_changes"].as_array().unwrap().iter().map(|change| &change["change"]["actions"]).collect();
    let deleted = actions.iter().filter(|actions| actions[0] == "delete").count();
    (actions.iter().all(|actions| **actions == json!(["no-op"])), deleted)
}

#[test]
fn plans_for_programs_are_what_readers_of_terraforms_take_for_granted() {
    let mut counted = BTreeMap::new();
    for (name, directory) in outcomes() {
        assert!(run(directory.path(), &["plan", "-out=plan.json"]).status.success(), "{name}");
        let plan: Value = serde_json::from_slice(&run(directory.path(), &["show", "-json", "plan.json"]).stdout).unwrap();
        assert_eq!(plan["terraform_version"], TERRAFORM_VERSION, "{name}");
        let changes = plan["resource_changes"].as_array().unwrap();
        for change in changes.iter().chain(plan["resource_drift"].as_array().into_iter().flatten()) {
            let index = change.get("index").map_or_else(String::new, |index| format!("[{index}]"));
            let address = format!("{}.{}{index}", change["type"].as_str().unwrap(), change["name"].as_str().unwrap());
            assert_eq!(change["address"], address, "{name}");
            // Readers take the part before a type's underscore as its provider.
            assert_eq!(RESOURCE_TYPE.split_once('_'), Some(("orgroster", "account")));
            assert_eq!((&change["type"], &change["provider_name"]), (&json!(RESOURCE_TYPE), &json!(PROVIDER_ADDRESS)), "{name}");
            let Value::Object(change) = &change["change"] else { panic!("{change}") };
            assert!(!(change["before"].is_null() && change["after"].is_null()), "{name}: {address}");
            assert_eq!((change["before"].is_null(), change["after"].is_null()), (false, change["actions"] == json!(["delete"])), "{name}");
        }
        counted.insert(name, digger(&plan));
    }
    let expected = [
        ("departing", (false, 2)),
        // `applyable` says whether they would be carried out.
        ("guardrail exceeded", (false, 2)),
        ("nothing to do", (true, 0)),
        ("only blocked", (true, 0)),
        ("only drift", (true, 0)),
    ];
    assert_eq!(counted, BTreeMap::from(expected));
}

#[test]
fn an_address_out_of_a_plan_is_a_target_and_can_be_explained() {
    let directory = directory(None, |text| text);
    for command in [&["plan", "-target"][..], &["explain"]] {
        let of = |address: &str| {
            let output = run(directory.path(), &[command, &[address]].concat());
            assert!(output.status.success(), "{}", seen(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        let (by_type, by_block) = (of("orgroster_account.legacy-crm"), of("account.legacy-crm"));
        assert!(by_type == by_block && by_type.contains("account.legacy-crm") && !by_type.contains(RESOURCE_TYPE), "{by_type}");
    }
}

#[test]
fn version_has_what_terraform_has() {
    let found: Value = serde_json::from_slice(&run(Path::new("."), &["version", "-json"]).stdout).unwrap();
    let platform = Regex::new("^(linux|darwin|windows|freebsd)_(amd64|arm64|386|arm|ppc64le|s390x|riscv64)$").unwrap();
    let of_terraform: Vec<_> = ["terraform_version", "provider_selections", "terraform_outdated"].iter().map(|key| &found[*key]).collect();
    assert_eq!(of_terraform, [&json!(TERRAFORM_VERSION), &json!({}), &json!(false)]);
    assert!(platform.is_match(found["platform"].as_str().unwrap()), "{found}");
    assert_eq!(found["orgroster_version"], env!("CARGO_PKG_VERSION"));
    let text = String::from_utf8(run(Path::new("."), &["version"]).stdout).unwrap();
    assert!(text.contains(&format!("\non {}, with ", found["platform"].as_str().unwrap())), "{text}");
    let directory = directory(Some(&member("230000000001")), |text| text);
    let events = String::from_utf8(run(directory.path(), &["plan", "-json"]).stdout).unwrap();
    let first: Value = serde_json::from_str(events.lines().next().unwrap()).unwrap();
    assert_eq!(first["terraform"], TERRAFORM_VERSION);
}
