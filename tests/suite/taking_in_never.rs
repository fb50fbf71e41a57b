//! What must never happen to accounts that should join: each test tries to cause it.

use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::json;

use crate::taking_in::{House, MANAGEMENT, ROLE, SHOP, WORLD, block};

#[test]
fn of_several_invitations_a_strangers_first_only_ours_is_accepted() {
    let stranger = "organization \"o-0strangers\" {\n  management_account_id = \"777777777777\"\n\n  account \"777777777777\" {\n    name  =                     \"stranger\"\n    email = \"stranger@example.org\"\n  }\n\n  invitation \"h-00stranger\" {\n    account = \"555555555555\"\n                      }\n}\n";
    let house = House::of(&format!("{stranger}\n{WORLD}"), &block(SHOP, "shop", ROLE));
    house.expect(&["apply", "-auto-approve"], 0, &["1 added"]);
    let asked = house.call("777777777777", "ListHandshakesForOrganization", &json!({}));
    assert_eq!((&asked["Handshakes"][0]["State"], house.unit()), (&json!("OPEN"), json!("ou-ab12-workloads")));
    // Without an invitation from us, none is accepted.
    let house = House::of(&format!("{stranger}\n{WORLD}"), &block(SHOP, "shop", ""));
    house.expect(&["apply", "-auto-approve"], 0, &["Invited"]);
    assert_eq!(house.called("AcceptHandshake"), 0);
}

#[test]
fn a_second_invitation_is_never_sent_for_one_day_of_decision() {
    let house = House::new("", "");
    house.expect(&["apply", "-auto-approve"], 0, &["Invited"]);
    house.answer(SHOP, "DeclineHandshake");
    // Not by another run, not under another name of the block, not with another role, and not through a removed block.
    house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    house.declare(&block(SHOP, "shop", ROLE).replace("\"Acquired\"", "\"Bought\""));
    house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    house.declare("");
    house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    house.declare(&block(SHOP, "shop", "").replace("account \"shop\"", "account \"store\""));
    house.expect(&["plan", "-detailed-exitcode"], 3, &["account.store is blocked", "join_decision"]);
    house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    // One day earlier is another decision, which the later invitation also uses up.
    house.declare(&block(SHOP, "shop", "").replace("2026-11-20", "2026-11-19"));
    house.expect(&["plan", "-detailed-exitcode"], 3, &["join_decision"]);
    assert_eq!((house.called("InviteAccountToOrganization"), house.invitations().len()), (1, 1));
}

#[test]
fn a_pull_request_can_not_make_plan_enter_accounts_outside_the_organization() {
    // Whatever role the block has, plan, explain, snapshot, validate and a plan for drivers never assume it.
    let house = House::new(ROLE, "");
    let reader = "provider \"aws\" {\n  member_read_role {\n    name = \"Accept\"\n  }\n}\n\n";
    house.declare(&format!("{reader}{}", block(SHOP, "shop", ROLE)));
    for words in [
        &["plan"][..],
        &["plan", "-json"],
        &["explain", "account.shop"],
        &["snapshot", "-out", "facts.json"],
        &["validate"],
        &["plan", "-out", "plan.json"],
        &["announce", "plan.json"],
    ] {
        house.expect(words, 0, &[]);
    }
    assert_eq!(house.sandbox.requests().get("sts:AssumeRole"), None);
    let outside: Vec<_> =
        ["InviteAccountToOrganization", "AcceptHandshake", "MoveAccount", "TagResource"].map(|call| house.called(call)).into();
    assert_eq!(outside, [0; 4]);
}

#[test]
fn an_invitation_that_waits_is_never_settled_as_an_end() {
    let house = House::new("", "");
    house.expect(&["apply", "-auto-approve"], 0, &["Invited"]);
    for _ in 0..2 {
        house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
        house.expect(&["history"], 0, &["invited (h-"]);
    }
    let history = house.expect(&["history", "-json"], 0, &[]);
    assert!(!history.contains("settled"), "{history}");
    house.answer(SHOP, "AcceptHandshake");
    house.expect(&["apply", "-auto-approve"], 0, &["1 added"]);
    assert_eq!(house.unit(), "ou-ab12-workloads");
}

#[test]
fn no_account_without_a_block_is_invited_and_too_many_are_held_back() {
    let two = block(SHOP, "shop", "") + "\n" + &block("666666666666", "lab", "");
    let house = House::with(&two, "account \"666666666666\" {\n  name  = \"lab\"\n  email = \"lab@example.com\"\n}\n");
    house.expect(&["plan", "-detailed-exitcode"], 3, &["2 invitations are more than max_joins = 1"]);
    house.expect(&["apply", "-auto-approve"], 1, &["guardrail-exceeded"]);
    assert_eq!(house.called("InviteAccountToOrganization"), 0);
    house.expect(&["apply", "-auto-approve", "-target=shop"], 0, &["Invited"]);
    assert_eq!(house.invitations().len(), 1);
    // Without its block, an open invitation causes a warning with the command that cancels it.
    let id = house.invitations()[0]["Id"].as_str().unwrap().to_owned();
    house.declare(&block("666666666666", "lab", ""));
    house.expect(&["plan"], 0, &["unnamed-invitation", &format!("aws organizations cancel-handshake --handshake-id {id}")]);
}

#[test]
fn an_invitation_by_address_is_declared_by_that_address_whatever_its_case() {
    let addressed = |email: &str| block(SHOP, "shop", "").replace("  membership", &format!("  email      = \"{email}\"\n  membership"));
    let house = House::with(&addressed("aws@shop.example.com"), "");
    let invited =
        house.call(MANAGEMENT, "InviteAccountToOrganization", &json!({ "Target": { "Id": "AWS@shop.example.com", "Type": "EMAIL" } }));
    assert_eq!(invited["Handshake"]["State"], "OPEN", "{invited}");
    let planned = house.expect(&["plan"], 0, &["open_invitation"]);
    assert!(!planned.contains("unnamed-invitation"), "{planned}");
    house.declare(&addressed("other@example.com"));
    house.expect(&["plan"], 0, &["unnamed-invitation", "AWS@shop.example.com"]);
}

#[test]
fn an_id_that_is_a_digit_off_gets_no_more_than_an_invitation() {
    // The stranger accepts what was sent to its id.
    let house = House::with(
        &block("666666666666", "shop", ""),
        "account \"666666666666\" {\n  name  = \"somebody else\"\n  email = \"else@example.com\"\n}\n",
    );
    house.expect(&["apply", "-auto-approve"], 0, &["Invited"]);
    house.answer("666666666666", "AcceptHandshake");
    house.expect(&["plan", "-detailed-exitcode"], 3, &["identity", "somebody else"]);
    house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    let parent = house.call(MANAGEMENT, "ListParents", &json!({ "ChildId": "666666666666" }));
    assert_eq!(parent["Parents"][0]["Id"], "r-ab12");
    assert_eq!((house.called("MoveAccount"), house.called("TagResource")), (0, 0));
}

#[test]
fn in_ci_no_account_joins_with_a_local_backend() {
    let house = House::new("", "");
    let output = house.command(&["apply", "-auto-approve", "-records-to=copies"]).env("CI", "true").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.code() == Some(1) && said.contains("records-would-be-lost") && said.contains("would not know who was invited"),
        "{said}"
    );
    assert_eq!(house.called("InviteAccountToOrganization"), 0);
}

#[test]
fn a_trusted_configuration_bounds_how_many_are_taken_in() {
    let house = House::new("", "");
    let trusted = tempfile::tempdir().unwrap();
    let file = trusted.path().join("trusted.hcl");
    let organization = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";
    fs::write(&file, organization).unwrap();
    let flag = format!("-trusted-config={}", file.display());
    house.declare(&format!("guardrails {{\n  max_joins = 5\n}}\n\n{}", block(SHOP, "shop", "")));
    house.expect(&["validate", &flag], 1, &["untrusted-setting"]);
    house.declare(&format!("guardrails {{\n  max_joins = 0\n}}\n\n{}", block(SHOP, "shop", "")));
    house.expect(&["validate", &flag], 0, &[]);
    house.expect(&["plan", "-detailed-exitcode"], 3, &["1 invitation is more than max_joins = 0"]);
}

#[test]
fn two_appliers_invite_once() {
    let house = Arc::new(House::new(ROLE, ""));
    let ended = Arc::new(Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (house, ended) = (Arc::clone(&house), Arc::clone(&ended));
            scope.spawn(move || {
                let found = house.run(&["apply", "-auto-approve", "-lock-timeout=60s"]);
                ended.lock().unwrap().push(found);
            });
        }
    });
    assert!(ended.lock().unwrap().iter().all(|(code, _)| *code == 0), "{ended:?}");
    assert_eq!((house.called("InviteAccountToOrganization"), house.called("AcceptHandshake"), house.called("MoveAccount")), (1, 1, 1));
}
