//! The program moves accounts from one organization to another: planning, approval, acceptance, records and verification.

use std::fs;
use std::process::Output;

use serde_json::{Value, json};

use crate::departing::{Scene, ids};

/// CloudTrail shows a departure at once.
const PROMPT: &str = "weather {\n  trail_delay_seconds = 0\n}";
const TARGET: &str = "999999999999";
/// An organization that invites the account unasked. It comes before ours in every list.
const STRANGER: &str = r#"
organization "o-strangerorgid" {
  management_account_id = "888888888888"

  account "888888888888" {
    name   = "stranger"
    email  = "stranger@example.com"
    joined = "2024-03-01T10:00:00Z"
  }

  invitation "h-aaaaaaaaaa" {
    account = "200000000000"
  }
}
"#;

fn texts(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn run(scene: &Scene, words: &[&str]) -> (i32, String) {
    let output = scene.orgroster(words).output().unwrap();
    (output.status.code().unwrap(), texts(&output))
}

fn edit(scene: &Scene, change: impl FnOnce(String) -> String) {
    let path = scene.path().join("main.roster.hcl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, change(text)).unwrap();
}

#[test]
fn accounts_move_by_the_targets_invitation_are_recorded_once_and_verified_in_both_trails() {
    let scene = Scene::transferring(2, PROMPT, "");
    let (code, plan) = run(&scene, &["plan", "-out", "plan.json", "-detailed-exitcode", "-no-color"]);
    assert_eq!(code, 2, "{plan}");
    for line in [
        "# account.a200000000000 will be destroyed",
        "(account 200000000000 leaves organization o-exampleorgid and joins organization o-targetorgid directly)",
        "via      = \"AcceptHandshake by OrganizationAccountAccessRole\"",
        "to       = \"o-targetorgid of management account 999999999999\"",
        "transfers may go to o-targetorgid of management account 999999999999",
        "2 transferring, 0 blocked",
        "Plan: 0 to add, 0 to change, 2 to destroy.",
    ] {
        assert!(plan.contains(line), "{line}\n{plan}");
    }
    assert!(!plan.contains("stands alone") && !plan.contains("becomes a standalone account"), "{plan}");
    let (code, shown) = run(&scene, &["show", "-markdown", "plan.json"]);
    assert!(code == 0 && shown.contains("moves directly to o-targetorgid"), "{shown}");
    let saved: Value = serde_json::from_str(&fs::read_to_string(scene.path().join("plan.json")).unwrap()).unwrap();
    let change = &saved["resource_changes"][0];
    assert_eq!(
        (&change["change"]["actions"], &change["action_reason"]),
        (&json!(["delete"]), &json!("delete_because_detached")),
        "{change}"
    );
    assert_eq!(saved["orgroster"]["accounts"][0]["change"]["act"]["action"], "transfer");

    let (code, text) = run(&scene, &["apply", "-no-color", "plan.json"]);
    assert_eq!(code, 0, "{text}");
    scene.check_end().unwrap();
    assert_eq!(scene.members_of(TARGET), [ids(2), vec![TARGET.to_owned()]].concat());
    assert_eq!(scene.requests().get("organizations:LeaveOrganization"), None, "no account stood alone in between");
    let chain = scene.chain();
    let kept: Vec<_> = chain.records.iter().map(|found| (found.name.contains("-transfer-"), format!("{:?}", found.record.proof))).collect();
    assert_eq!(kept, vec![(true, "MemberInTarget".to_owned()); 2]);

    let (code, text) = run(&scene, &["plan", "-detailed-exitcode"]);
    assert!(code == 0 && text.contains("No changes."), "{text}");
    let (code, text) = run(&scene, &["verify", "-member"]);
    assert!(code == 0 && text.contains("2 proven, 0 pending"), "{text}");
    let (code, text) = run(&scene, &["history", "show", "200000000000"]);
    assert!(code == 0 && text.contains("(AcceptHandshake)") && text.contains("the target organization"), "{text}");
}

#[test]
fn a_strangers_invitation_is_never_accepted_and_without_ours_nothing_happens() {
    let scene = Scene::transferring(1, PROMPT, STRANGER);
    let cancel = json!({ "HandshakeId": "h-ours200000000000" });
    let cancelled = scene.ask_as(TARGET, "CancelHandshake", &cancel);
    assert_eq!(cancelled["Handshake"]["State"], "CANCELED");
    let (code, text) = run(&scene, &["apply", "-auto-approve", "-no-color"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("no open invitation from o-targetorgid") && text.contains("o-strangerorgid/invite/h-aaaaaaaaaa"), "{text}");
    assert!(text.contains("aws organizations invite-account-to-organization --target Id=200000000000,Type=ACCOUNT"), "{text}");
    assert!(scene.departures().is_empty() && !scene.requests().contains_key("organizations:AcceptHandshake"));

    // The other organization runs the command, and the next apply moves the account.
    let target = json!({ "Target": { "Id": "200000000000", "Type": "ACCOUNT" } });
    assert_eq!(scene.ask_as(TARGET, "InviteAccountToOrganization", &target)["Handshake"]["State"], "OPEN");
    let (code, text) = run(&scene, &["apply", "-auto-approve", "-no-color"]);
    assert_eq!(code, 0, "{text}");
    scene.check_end().unwrap();
    assert!(scene.members_of(TARGET).contains(&"200000000000".to_owned()));
    assert_eq!(scene.members_of("888888888888"), ["888888888888"]);
}

#[test]
fn accepting_a_strangers_invitation_is_not_a_success_of_ours() {
    let scene = Scene::transferring(1, PROMPT, STRANGER);
    assert_eq!(run(&scene, &["plan", "-out", "plan.json"]).0, 0);
    let accepted = scene.ask_as("200000000000", "AcceptHandshake", &json!({ "HandshakeId": "h-aaaaaaaaaa" }));
    assert_eq!(accepted["Handshake"]["State"], "ACCEPTED");
    let (code, text) = run(&scene, &["apply", "-no-color", "plan.json"]);
    assert_eq!(code, 3, "{text}");
    assert!(scene.chain().records.is_empty(), "{text}");
    let (code, text) = run(&scene, &["plan", "-detailed-exitcode", "-no-color"]);
    assert!(code == 3 && text.contains("known_account"), "{text}");
}

#[test]
fn a_policy_that_denies_the_acceptance_blocks_and_one_that_denies_leaving_alone_is_tried() {
    for (action, code, blocks) in [("organizations:AcceptHandshake", 3, true), ("organizations:LeaveOrganization", 2, false)] {
        // AWS's pages contradict each other; here, accepting does not need the permission to leave.
        let sandbox = "weather {\n  trail_delay_seconds = 0\n  transfer_asks_leave = false\n}";
        let scene = Scene::transferring(1, sandbox, "");
        let content =
            json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": action, "Resource": "*" }] }).to_string();
        let body = json!({ "Name": "Frozen", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content });
        let made = scene.ask_as("111111111111", "CreatePolicy", &body);
        let id = made["Policy"]["PolicySummary"]["Id"].as_str().unwrap();
        let _ = scene.ask_as("111111111111", "AttachPolicy", &json!({ "PolicyId": id, "TargetId": "200000000000" }));
        let (found, text) = run(&scene, &["plan", "-detailed-exitcode", "-no-color"]);
        assert_eq!(found, code, "{text}");
        let explained = run(&scene, &["explain", "200000000000", "-no-color"]).1;
        assert_eq!(explained.contains("AWS's pages disagree"), !blocks, "{explained}");
        let (found, text) = run(&scene, &["apply", "-auto-approve", "-no-color"]);
        assert_eq!(found, 0, "{text}");
        assert_eq!(scene.departures().is_empty(), blocks, "{text}");
    }
}

#[test]
fn a_pull_request_can_not_widen_where_transfers_lead() {
    let scene = Scene::transferring(1, PROMPT, "");
    let trusted = tempfile::tempdir().unwrap();
    let file = trusted.path().join("trusted.hcl");
    let organization = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";
    let validate = |targets: &str| {
        let guardrails = "guardrails {\n  max_detachments = 1000\n  max_detachments_percent = 100\n";
        fs::write(&file, format!("{organization}{guardrails}{targets}}}\n")).unwrap();
        run(&scene, &["validate", &format!("-trusted-config={}", file.display())])
    };
    let (code, text) = validate("");
    assert!(code == 1 && text.contains("untrusted-setting") && text.contains("loosens a guardrail"), "{text}");
    let (code, text) = validate("  transfer_targets = { \"o-targetorgid\" = \"888888888888\" }\n");
    assert!(code == 1 && text.contains("untrusted-setting"), "another sender is another target: {text}");
    let (code, text) = validate("  transfer_targets = { \"o-targetorgid\" = \"999999999999\", \"o-anothertarget\" = \"777777777777\" }\n");
    assert_eq!(code, 0, "what only narrows is allowed: {text}");
    edit(&scene, |text| text.replace("  transfer_targets        = { \"o-targetorgid\" = \"999999999999\" }\n", ""));
    let (code, text) = run(&scene, &["validate"]);
    assert!(code == 1 && text.contains("transfer-not-allowed"), "{text}");
}

#[test]
fn a_transfer_without_its_word_never_becomes_a_departure() {
    let scene = Scene::transferring(1, PROMPT, "");
    edit(&scene, |text| text.replace("  via        = \"transfer\"\n", ""));
    let (code, text) = run(&scene, &["validate"]);
    assert!(code == 1 && text.contains("Without `via = \"transfer\"` the account would become a standalone account"), "{text}");
    edit(&scene, |text| text.replace("  to         = \"o-targetorgid\"\n", "  via        = \"transfer\"\n"));
    let (code, text) = run(&scene, &["validate"]);
    assert!(code == 1 && text.contains("missing-attribute"), "{text}");
}

#[test]
fn the_member_roles_policy_accepts_invitations_of_the_targets_alone() {
    let scene = Scene::transferring(1, PROMPT, "");
    let (code, text) = run(&scene, &["iam-policy", "member"]);
    assert_eq!(code, 0, "{text}");
    let policy: Value = serde_json::from_str(&text).unwrap();
    let accept = policy["Statement"].as_array().unwrap().iter().find(|statement| statement["Sid"] == "AcceptInvitation").unwrap();
    assert_eq!(accept["Action"], json!(["organizations:AcceptHandshake"]));
    assert_eq!(accept["Resource"], json!(["arn:*:organizations::999999999999:handshake/o-targetorgid/invite/h-*"]));
}
