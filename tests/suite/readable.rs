//! What needs a decision comes first, and the rest takes one line: in `explain`, and in the comment of a pull request.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::departing::Scene;
use crate::worlds::{MANAGEMENT, head};

const BLOCKED: &str = "222222222222";
const READY: &str = "333333333333";

/// An account with a gate of every kind, and an account that can leave.
fn scene() -> Scene {
    let account = |id: &str, more: &str| {
        format!(
            "  account \"{id}\" {{\n    name = \"n{id}\"\n    email = \"{id}@example.com\"\n    joined = \"2024-03-01T10:00:00Z\"\n    {more}\n  }}\n"
        )
    };
    let fixture = format!(
        "organization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  service_access = [\"account.amazonaws.com\"]\n{}{}{}}}\n",
        account(MANAGEMENT, ""),
        account(BLOCKED, "delegated_services = [\"config.amazonaws.com\"]"),
        account(
            READY,
            "joined_method = \"INVITED\"\n    role \"OrganizationAccountAccessRole\" {\n      trusts = [\"111111111111\"]\n    }"
        ),
    );
    let block = |label: &str, id: &str, attested: &str| {
        format!(
            "account \"{label}\" {{\n  id = \"{id}\"\n  name = \"n{id}\"\n  membership = \"detached\"\n  reason = \"sold\"\n  attestation {{\n    of = [\"{attested}\"]\n    by = \"x\"\n    on = \"2026-01-02\"\n  }}\n}}\n"
        )
    };
    let configuration = head() + &block("held", BLOCKED, "customer_agreement") + &block("ready", READY, "payment_method");
    Scene::of(vec![BLOCKED.to_owned(), READY.to_owned()], &configuration, fixture)
}

fn run(scene: &Scene, arguments: &[&str]) -> String {
    let output = scene.orgroster(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The account's gates by name, as in the plan file.
fn gates(plan: &Value, id: &str) -> BTreeMap<String, Value> {
    let accounts = plan["orgroster"]["accounts"].as_array().unwrap();
    let account = accounts.iter().find(|account| account["id"] == id).unwrap();
    let gates = account["change"]["act"]["gates"].as_array().unwrap();
    gates.iter().map(|gate| (gate["gate"].as_str().unwrap().to_owned(), gate.clone())).collect()
}

/// The expected order of gates: those that hold the account back, advice, those left to apply, attestations, facts.
fn urgency(gate: &Value) -> u8 {
    let (verdict, because) = (gate["verdict"].as_str().unwrap(), &gate["because"]);
    match (verdict, gate["enforcement"].as_str().unwrap()) {
        ("block" | "unknown", "mandatory") => 0,
        ("block" | "unknown", _) => 1,
        ("deferred", _) => 2,
        _ if because != "fact" => 3,
        _ => 4,
    }
}

#[test]
fn an_explanation_begins_with_what_needs_a_decision_and_folds_what_asks_for_none() {
    let scene = scene();
    run(&scene, &["plan", "-out", "plan.json"]);
    let plan: Value = serde_json::from_str(&std::fs::read_to_string(scene.path().join("plan.json")).unwrap()).unwrap();
    let gates = gates(&plan, BLOCKED);
    let is_dull = |gate: &Value| gate["because"] == "not_applicable";
    let (dull, others): (Vec<_>, Vec<_>) = gates.iter().partition(|(_, gate)| is_dull(gate));
    let text = run(&scene, &["explain", BLOCKED]);
    let text = text.replace("\n  ", " ");
    // A gate begins a line with its mark; folded gates share one line.
    let marks = ["block ", "unknown ", "advisory ", "deferred ", "pass "];
    let heads: Vec<_> = text.lines().filter(|line| marks.iter().any(|mark| line.starts_with(mark))).collect();
    let (folded, heads) = heads.split_last().unwrap();
    let named = |head: &str| head.split([' ', ':']).nth(1).unwrap().to_owned();
    let met: Vec<_> = heads.iter().map(|head| named(head)).collect();
    let mut sorted = met.clone();
    sorted.sort_by_key(|name| urgency(&gates[name]));
    assert_eq!(met, sorted, "{text}");
    assert_eq!(
        met.iter().map(|name| urgency(&gates[name])).collect::<std::collections::BTreeSet<_>>().len(),
        5,
        "every kind is there: {text}"
    );
    let mut met = met;
    met.sort();
    assert_eq!(met, others.iter().map(|(name, _)| (*name).clone()).collect::<Vec<_>>(), "each once");

    let list = folded.strip_prefix("pass ").and_then(|rest| rest.split_once(':')).unwrap();
    let mut folded_names: Vec<_> = list.0.split(", ").map(|name| name.trim().to_owned()).collect();
    folded_names.sort();
    assert!(list.1.contains("not applicable to this account") && dull.len() > 3, "{folded}");
    assert_eq!(folded_names, dull.iter().map(|(name, _)| (*name).clone()).collect::<Vec<_>>());
    let after = text.split_once(folded).unwrap().1;
    assert!(after.contains("Not read by any gate"), "what no gate reads comes after all gates: {after}");
}

#[test]
fn a_comment_begins_with_what_is_approved_counts_what_passes_and_names_what_does_not() {
    let scene = scene();
    run(&scene, &["plan", "-out", "plan.json"]);
    let plan: Value = serde_json::from_str(&std::fs::read_to_string(scene.path().join("plan.json")).unwrap()).unwrap();
    let text = run(&scene, &["show", "-markdown", "plan.json"]);
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
    let order = ["## 1 account leaves", "### Departures", "gates pass", "### Blocked", "To carry out exactly this"];
    assert!(order.map(at).is_sorted(), "{text}");

    let ready = gates(&plan, READY);
    let passed = ready.values().filter(|gate| gate["verdict"] == "pass").count();
    let deferred = ready.values().filter(|gate| gate["verdict"] == "deferred").count();
    assert!(text.contains(&format!("{passed} of {} gates pass, {deferred} deferred to apply", ready.len())), "{text}");
    // Gates that need nothing are counted. Attestations are listed, and so are facts that AWS reports instead.
    let attested = ["payment_method", "phone_verification", "customer_agreement", "support_plan", "root_access", "iam_billing_access"];
    let row = text.lines().find(|line| line.contains("gates pass")).unwrap();
    for (name, gate) in &ready {
        let is_named = row.contains(&format!("`{name}`"));
        match urgency(gate) {
            4 => assert_eq!(is_named, attested.contains(&name.as_str()), "{name}: {row}"),
            3 if gate["because"] == "not_applicable" => assert!(!is_named, "{name}: {row}"),
            3 => assert!(is_named, "{name}: {row}"),
            _ => {}
        }
    }
    let held = gates(&plan, BLOCKED);
    let row = text.lines().find(|line| line.contains(BLOCKED) && line.starts_with('|')).unwrap();
    for (name, gate) in &held {
        assert_eq!(row.contains(&format!("`{name}`")), urgency(gate) == 0, "{name}: {row}");
    }
}
