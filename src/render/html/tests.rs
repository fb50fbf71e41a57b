use serde_json::{Value, json};

use super::*;
use crate::org::{Action, Desired, Transfer, Via};
use crate::plan::Change;

const HOSTILE: &str = "</script><img src=x onerror=alert(1)>&amp;{{script}}\u{2028}\u{202e}";

/// A remedy of one sentence.
fn sentence(text: &str) -> Value {
    json!([{ "step": "sentence", "text": text }])
}

/// The same plan, with nothing that blocks its departure.
fn eligible() -> Plan {
    let mut plan = plan();
    for planned in &mut plan.accounts {
        if let Change::Act(act) = &mut planned.change {
            act.gates.retain(|result| !result.is_blocking());
        }
    }
    plan
}

/// A plan with one departure whose texts try to escape from their elements.
fn plan() -> Plan {
    let gate = |name: &str, enforcement: &str, verdict: Value| {
        let mut gate = json!({ "gate": name, "enforcement": enforcement });
        gate.as_object_mut().unwrap().extend(verdict.as_object().unwrap().clone());
        gate
    };
    let account = |path: &[&str]| {
        json!({
            "id": "333333333333", "arn": "arn:aws:organizations::111111111111:account/o-exampleorgid/333333333333", "name": HOSTILE, "email": "crm@example.com",
            "state": "ACTIVE", "joined_method": "CREATED", "path": path,
        })
    };
    let value = json!({
        "version": "0.1.0", "digest": "sha256:00", "sandbox": false, "planned_at": "2026-11-22T09:00:00Z", "complete": true,
        "organization": { "id": "o-exampleorgid", "management_account_id": "111111111111", "members": 2 },
        "accounts": [{
            "address": "account.crm", "id": "333333333333", "before": account(&["r-ab12", "ou-ab12-11111111"]),
            "desired": {
                "membership": "detached", "reason": HOSTILE, "via": "leave", "member_role": { "name": "OrganizationAccountAccessRole" }, "acknowledge": [],
                "attestations": [],
            },
            "change": { "act": { "action": "leave", "kept": {
                "unit_path": [{ "id": "r-ab12", "name": "Root" }, { "id": "ou-ab12-11111111", "name": "R/D\u{c} x" }],
            }, "gates": [
                gate("state", "mandatory", json!({ "verdict": "pass", "because": "fact", "text": "the state is ACTIVE" })),
                gate("payment_method", "mandatory", json!({ "verdict": "unknown", "missing": "not attested", "remedy": sentence("Attest it.") })),
                gate("tags", "advisory", json!({ "verdict": "block", "reason": "tags are deleted", "remedy": sentence("Accept it.") })),
                gate("identity", "mandatory", json!({ "verdict": "block", "reason": "another name", "remedy": sentence("Correct it.") })),
                gate("member_access", "mandatory", json!({ "verdict": "deferred", "because": "apply assumes the role" })),
            ] } },
        }, {
            "address": "account.site", "id": "555555555555", "desired": { "membership": "member" }, "drift": [{ "drift": "missing" }],
            "change": { "none": { "reason": "missing_member" } },
        }],
        "unmanaged": [{ "id": "444444444444", "name": "lab", "state": "ACTIVE", "path": ["r-ab12", "ou-ab12-22222222"] }],
        "guardrails": {
            "max_detachments": 1, "max_detachments_percent": 10, "max_joins": 1, "allow_remove": false, "protected_accounts": [], "unmanaged": "warn",
        },
        "exceeded": [], "enforcements": {}, "requests": {},
    });
    serde_json::from_value(value).unwrap()
}

fn rendered(plan: &Plan) -> String {
    page(plan, PageView { plan_file: "plan.json" }).unwrap().plain()
}

/// The text between the first occurrences of these marks.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map(|(inside, _)| inside).unwrap()
}

fn data(page: &str) -> Value {
    serde_json::from_str(between(page, "<script type=\"application/json\" id=\"plan\">", "</script>")).unwrap()
}

#[test]
fn no_value_can_escape_from_its_element() {
    let page = rendered(&plan());
    assert_eq!(page.matches("</script").count(), 2, "only the page's own two");
    assert!(!page.contains("<img") && !page.contains('\u{2028}') && !page.contains("&amp;"));
    let data = data(&page);
    let shown = HOSTILE.replace('\u{2028}', "\\u{2028}").replace('\u{202e}', "\\u{202e}");
    assert_eq!(data["accounts"][0]["name"], shown);
    assert_eq!(data["accounts"][0]["act"]["reason"], shown);
}

#[test]
fn the_page_lists_what_no_gate_reads_and_the_command_that_checks_it() {
    let data = data(&rendered(&plan()));
    let listed = crate::gate::not_read("333333333333".parse().unwrap());
    let listed: Vec<_> = listed.iter().map(|item| item.what.as_str()).collect();
    assert_eq!(data["not_read"], json!(listed));
    assert_eq!(data["explain"], "orgroster explain");
    let mut nobody_leaves = plan();
    nobody_leaves.accounts.clear();
    assert_eq!(self::data(&rendered(&nobody_leaves))["not_read"], json!([]));
}

#[test]
fn a_value_that_looks_like_a_marker_of_the_page_stays_a_value() {
    let page = rendered(&plan());
    assert_eq!(page.matches(SCRIPT).count(), 1);
    assert!(between(&page, "id=\"plan\">", "</script>").contains("{{script}}"));
    for marker in ["{{policy}}", "{{style}}", "{{data}}"] {
        assert!(!page.contains(marker), "{marker}");
    }
}

#[test]
fn the_policy_allows_exactly_the_style_and_the_script_of_the_page() {
    let page = rendered(&plan());
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    let style = hash(between(&page, "<style>", "</style>"));
    let script = hash(between(&page, "<script type=\"module\">", "</script>"));
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    let expected = [
        "default-src 'none'".to_owned(),
        format!("script-src 'sha256-{script}'"),
        format!("style-src 'sha256-{style}'"),
        "base-uri 'none'".to_owned(),
        "form-action 'none'".to_owned(),
        "require-trusted-types-for 'script'".to_owned(),
        "trusted-types 'none'".to_owned(),
    ];
    assert_eq!(policy.split("; ").collect::<Vec<_>>(), expected);
}

#[test]
fn the_page_loads_nothing_and_makes_no_html_from_texts() {
    let own = [PAGE, STYLE, SCRIPT].concat();
    let outside = ["http:", "https:", "//cdn", "src=", "url(", "@import", "import(", "fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon"];
    let html =
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "new Function", "style=\"", "onclick"];
    for word in outside.into_iter().chain(html) {
        assert!(!own.contains(word), "{word}");
    }
    assert!(!SCRIPT.contains("</") && !STYLE.contains("</"), "nothing ends an element early");
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    assert_eq!(rendered(&plan()), rendered(&plan()));
}

#[test]
fn the_effect_of_an_answer_is_decided_before_the_script_runs() {
    let data = data(&rendered(&plan()));
    let answers = data["accounts"][0]["act"]["gates"].as_array().unwrap().clone();
    let standings: Vec<_> = answers.iter().map(|answer| answer["standing"].as_str().unwrap()).collect();
    assert_eq!(standings, ["passes", "unknown", "advises", "blocks", "deferred"]);
    let groups: Vec<_> = data["gates"].as_array().unwrap().iter().map(|gate| (gate["name"].as_str(), gate["group"].as_str())).collect();
    let expected =
        [("identity", "fact"), ("state", "fact"), ("member_access", "fact"), ("payment_method", "attestation"), ("tags", "consequence")];
    assert_eq!(groups, expected.map(|(name, group)| (Some(name), Some(group))));
}

#[test]
fn every_account_is_in_its_unit_or_in_none() {
    let data = data(&rendered(&plan()));
    let units = json!([
        { "id": "r-ab12", "name": "Root" },
        { "id": "ou-ab12-11111111", "name": "R/D\\u{c} x", "parent": 0 },
        { "id": "ou-ab12-22222222", "parent": 0 },
    ]);
    assert_eq!(data["units"], units);
    let places: Vec<_> = data["accounts"].as_array().unwrap().iter().map(|account| (&account["unit"], &account["live"])).collect();
    assert_eq!(places, [(&json!(1), &json!(true)), (&json!(2), &json!(true)), (&Value::Null, &json!(false))]);
    assert_eq!(data["accounts"][2]["drifted"], true);
}

#[test]
fn a_unit_keeps_its_name_in_the_diagram_of_the_comment() {
    let comment = crate::render::markdown(&eligible(), false);
    assert!(comment.contains("u0[\"Root\"]\n  u0 --> u1[\"R#47;D#92;u#123;c#125; x\"]\n  u1 -.-> a0"), "{}", comment.as_str());
    assert!(comment.contains("`Root/R/D\\u{c} x`"), "{}", comment.as_str());
}

#[test]
fn the_command_is_shown_only_if_it_would_do_something() {
    let carry_out = |change: fn(&mut Plan)| {
        let mut plan = eligible();
        change(&mut plan);
        data(&rendered(&plan))["carry_out"].clone()
    };
    assert_eq!(carry_out(|_| {}), json!({ "command": "orgroster apply plan.json" }));
    let not = [
        carry_out(|plan| plan.accounts.clear()),
        carry_out(|plan| plan.snapshot = Some(plan.planned_at)),
        carry_out(|plan| plan.exceeded = vec![crate::plan::Breach::MaxDetachments { departures: 1, allowed: 0 }]),
    ];
    assert!(not.iter().all(|answer| answer.get("not").is_some_and(Value::is_string)), "{not:?}");
    assert!(not[0] != not[1] && not[1] != not[2] && not[0] != not[2], "each has its own reason: {not:?}");
}

/// The same plan, with an account whose own role accepts the invitation, and with the departure as a transfer.
fn both_directions() -> Plan {
    let mut plan = eligible();
    let joining = json!({
        "address": "account.shop", "id": "666666666666",
        "desired": { "membership": "member", "join": {
            "name": "shop", "reason": "Acquired", "on": "2026-11-20", "unit": "ou-ab12-11111111", "tags": { "team": "shop" },
            "accept_role": { "name": "arn:aws:iam::666666666666:role/Accept" }, "acknowledge": ["payer"],
        } },
        "change": { "act": { "action": "invite", "kept": {}, "placement": { "unit": "ou-ab12-11111111", "tags": { "team": "shop" } }, "gates": [
            { "gate": "payer", "enforcement": "advisory", "verdict": "block", "reason": "the payer changes", "remedy": sentence("Accept it.") },
        ] } },
    });
    plan.accounts.push(serde_json::from_value(joining).unwrap());
    let planned = &mut plan.accounts[0];
    if let (Desired::Detached(leaving), Change::Act(act)) = (&mut planned.desired, &mut planned.change) {
        let (to, management_account_id) = ("o-targetorgid".parse().unwrap(), "999999999999".parse().unwrap());
        leaving.via = Via::Transfer(Transfer { to, management_account_id, handshake: None });
        act.action = Action::Transfer;
    }
    plan
}

#[test]
fn each_direction_has_its_own_words_on_the_page() {
    let data = data(&rendered(&both_directions()));
    let find = |id: &str| data["accounts"].as_array().unwrap().iter().find(|account| account["id"] == id).unwrap().clone();
    let term = |account: &Value, name: &str| {
        let terms = account["act"]["terms"].as_array().unwrap();
        terms.iter().find(|term| term["name"] == name).map(|term| term["text"].as_str().unwrap().to_owned())
    };
    let (moves, joins) = (find("333333333333"), find("666666666666"));
    assert_eq!((&moves["fate"], &moves["act"]["noun"], &moves["act"]["joins"]), (&json!("departing"), &json!("transfer"), &json!(false)));
    assert_eq!(term(&moves, "via").unwrap(), "AcceptHandshake by OrganizationAccountAccessRole");
    assert_eq!(term(&moves, "to").unwrap(), "o-targetorgid of management account 999999999999");
    assert_eq!((&joins["fate"], &joins["act"]["noun"], &joins["act"]["joins"]), (&json!("joining"), &json!("joining"), &json!(true)));
    assert_eq!((&joins["name"], &joins["live"]), (&json!("shop"), &json!(false)));
    assert_eq!(term(&joins, "accepted").unwrap(), "AcceptHandshake by arn:aws:iam::666666666666:role/Accept");
    assert_eq!((term(&joins, "unit").unwrap().as_str(), term(&joins, "tags")), ("ou-ab12-11111111", None));
    assert_eq!((&joins["act"]["acknowledged"], &joins["act"]["tags"]), (&json!(["payer"]), &json!({ "team": "shop" })));
    // The facts that no gate reads are only about leaving.
    let mut only_joins = both_directions();
    only_joins.accounts.retain(|planned| planned.joining().is_some());
    assert_eq!(self::data(&rendered(&only_joins))["not_read"], json!([]));
}
