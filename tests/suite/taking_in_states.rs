//! What the program plans and does in each state of an account that should join: every row of the table of states, by running it.

use serde_json::{Value, json};

use crate::taking_in::{House, MANAGEMENT, ROLE, SHOP, WORLD, block};

/// The usual world, in which the organization sent these invitations before.
pub fn with_invitations(invitations: &str) -> String {
    let organization = "organization \"o-exampleorgid\" {\n";
    WORLD.replace(organization, &format!("{organization}{invitations}\n"))
}

/// An open invitation that a person sent.
pub const BY_HAND: &str = "  invitation \"h-byhand0000\" {\n    account = \"555555555555\"\n  }";

/// The usual world, in which the account has these attributes.
fn with_account(attributes: &str) -> String {
    let name = "  name  = \"shop\"\n";
    WORLD.replace(name, &format!("{name}{attributes}\n"))
}

/// The planned step, and the resource change for drivers: its actions and reason.
fn planned(house: &House) -> (Value, Value) {
    house.expect(&["plan", "-out", "plan.json"], 0, &[]);
    let saved = std::fs::read_to_string(house.directory.path().join("plan.json")).unwrap();
    let saved: Value = serde_json::from_str(&saved).unwrap();
    let change = &saved["resource_changes"][0];
    (saved["orgroster"]["accounts"][0]["change"]["act"]["action"].clone(), json!([change["change"]["actions"], change["action_reason"]]))
}

#[test]
fn not_invited_and_undecided_nothing_is_in_the_way_of_an_invitation() {
    for (more, invited, accepted) in [("", 1, 0), (ROLE, 1, 1)] {
        let house = House::new(more, "");
        assert_eq!(planned(&house), (json!("invite"), json!([["create"], null])));
        house.expect(&["plan", "-detailed-exitcode"], 2, &["1 to add"]);
        house.expect(&["apply", "-auto-approve"], 0, &["1 added"]);
        assert_eq!((house.called("InviteAccountToOrganization"), house.called("AcceptHandshake")), (invited, accepted));
    }
}

#[test]
fn an_open_invitation_is_waited_for_where_a_person_accepts() {
    let house = House::of(&with_invitations(BY_HAND), &block(SHOP, "shop", ""));
    assert_eq!(planned(&house), (Value::Null, json!([["no-op"], "invited"])));
    house.expect(&["plan", "-detailed-exitcode", "-verbose"], 0, &["No changes.", "is invited (h-byhand0000)"]);
    house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    assert_eq!((house.called("InviteAccountToOrganization"), house.called("AcceptHandshake")), (0, 0));
}

#[test]
fn an_open_invitation_is_accepted_where_a_role_accepts() {
    let house = House::of(&with_invitations(BY_HAND), &block(SHOP, "shop", ROLE));
    assert_eq!(planned(&house), (json!("accept"), json!([["create"], null])));
    house.expect(&["plan", "-detailed-exitcode"], 2, &["account.shop will be created", "1 to add"]);
    house.expect(&["apply", "plan.json"], 0, &["1 added"]);
    assert_eq!((house.called("InviteAccountToOrganization"), house.called("AcceptHandshake"), house.called("MoveAccount")), (0, 1, 1));
    assert_eq!((house.unit(), house.invitations()[0]["State"].clone()), (json!("ou-ab12-workloads"), json!("ACCEPTED")));
}

#[test]
fn a_member_whose_joining_a_run_began_is_placed_and_one_that_a_person_took_in_is_left() {
    let house = House::new("", "");
    house.expect(&["apply", "-auto-approve"], 0, &["Invited"]);
    house.answer(SHOP, "AcceptHandshake");
    assert_eq!(planned(&house), (json!("place"), json!([["create"], null])));
    house.expect(&["plan", "-detailed-exitcode"], 2, &["is a member of organization"]);
    house.expect(&["apply", "plan.json"], 0, &["1 added"]);
    assert_eq!(house.unit(), "ou-ab12-workloads");
    // Only people acted on this account, and it is in the root.
    for more in ["", ROLE] {
        let house = House::of(&with_invitations(BY_HAND), &block(SHOP, "shop", more));
        house.answer(SHOP, "AcceptHandshake");
        assert_eq!(planned(&house), (Value::Null, json!([["no-op"], null])));
        house.expect(&["plan", "-detailed-exitcode"], 0, &["No changes.", "member-elsewhere", "move-account --account-id 555555555555"]);
        house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
        assert_eq!((house.unit(), house.called("MoveAccount"), house.called("TagResource")), (json!("r-ab12"), 0, 0));
    }
}

#[test]
fn an_invitation_that_expired_or_a_joining_that_ended_spends_the_decision() {
    // It was sent after that day, and AWS shows it as expired.
    let expired = "  invitation \"h-byhand0000\" {\n    account = \"555555555555\"\n    state = \"EXPIRED\"\n  }";
    let blocks = block(SHOP, "shop", "").replace("2026-11-20", "2020-01-01");
    let house = House::of(&with_invitations(expired), &blocks);
    house.expect(&["plan", "-detailed-exitcode"], 3, &["join_decision", "invitation h-byhand0000 expired", "set `on` to a later day"]);
    house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    // A run added it, and a person removed it.
    let joined = House::new(ROLE, "");
    joined.expect(&["apply", "-auto-approve"], 0, &["1 added"]);
    joined.call(MANAGEMENT, "RemoveAccountFromOrganization", &json!({ "AccountId": SHOP }));
    joined.expect(
        &["plan", "-detailed-exitcode"],
        3,
        &["join_decision", "which has been used", "was accepted, but the account is not a member"],
    );
    joined.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    assert_eq!((house.called("InviteAccountToOrganization"), joined.called("InviteAccountToOrganization")), (0, 1));
}

#[test]
fn a_closed_account_can_not_be_seen_and_the_invitation_is_refused() {
    for state in ["CLOSED", "SUSPENDED"] {
        let house = House::of(&with_account(&format!("  state = \"{state}\"")), &block(SHOP, "shop", ""));
        house.expect(&["plan", "-detailed-exitcode"], 2, &["1 to add"]);
        house.expect(&["apply", "-auto-approve"], 1, &["joining-failed", "TARGET_NOT_SUPPORTED", "may be closed or suspended"]);
        assert!(house.invitations().is_empty());
        // It can be tried again: nothing was sent, so the decision is not used up.
        house.expect(&["plan", "-detailed-exitcode"], 2, &["1 to add"]);
    }
}

#[test]
fn an_invitation_to_the_address_alone_names_no_account_and_blocks() {
    let addressed = "  invitation \"h-byaddress0\" {\n    email = \"aws@shop.example.com\"\n  }";
    let named = "membership = \"member\"\n";
    for more in ["", ROLE] {
        let blocks = block(SHOP, "shop", more).replace(named, &format!("email = \"aws@shop.example.com\"\n  {named}"));
        let house = House::of(&with_invitations(addressed), &blocks);
        let cancel = "aws organizations cancel-handshake --handshake-id h-byaddress0";
        house.expect(&["plan", "-detailed-exitcode"], 3, &["open_invitation", "h-byaddress0", cancel]);
        house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
        assert_eq!((house.called("InviteAccountToOrganization"), house.called("AcceptHandshake")), (0, 0));
    }
    // A block without the email address doesn't know it, but AWS does.
    let house = House::of(&with_invitations(addressed), &block(SHOP, "shop", ""));
    house.expect(&["apply", "-auto-approve"], 1, &["DuplicateHandshakeException", "that does not use its id"]);
    assert_eq!(house.invitations().len(), 1);
}

#[test]
fn who_accepted_another_organizations_invitation_is_no_success_of_ours() {
    for more in ["", ROLE] {
        let stranger = "organization \"o-strangersorg\" {\n  management_account_id = \"777777777777\"\n\n  account \"777777777777\" {\n    name  =                         \"stranger\"\n    email = \"stranger@example.org\"\n  }\n\n  invitation \"h-0stranger0\" {\n    account =                         \"555555555555\"\n  }\n}\n";
        let house = House::of(&format!("{}\n{stranger}", with_invitations(BY_HAND)), &block(SHOP, "shop", more));
        house.call(SHOP, "AcceptHandshake", &json!({ "HandshakeId": "h-0stranger0" }));
        if more.is_empty() {
            house.expect(&["plan", "-detailed-exitcode"], 0, &["No changes."]);
            house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
        } else {
            house.expect(&["plan", "-detailed-exitcode"], 2, &["standing"]);
            house.expect(&["apply", "-auto-approve"], 3, &["held back by standing", "the account is in organization o-strangersorg"]);
        }
        house.expect(&["history"], 0, &[]);
        assert_eq!((house.called("AcceptHandshake"), house.invitations()[0]["State"].clone()), (1, json!("OPEN")));
    }
}

#[test]
fn who_has_another_name_than_declared_is_held_back_before_anything_is_sent() {
    let house = House::with(&block(SHOP, "shop", ROLE).replace("name       = \"shop\"", "name       = \"store\""), "");
    house.expect(&["plan", "-detailed-exitcode"], 2, &["1 to add"]);
    house.expect(&["apply", "-auto-approve"], 3, &["held back by accept_access", "\"shop\"", "\"store\""]);
    assert!(house.invitations().is_empty());
}

/// The account is a member of another organization.
const SOURCE: &str = r#"
organization "o-sourceorgid" {
  management_account_id = "777777777777"

  account "777777777777" {
    name  = "source"
    email = "source@example.org"
  }

  account "555555555555" {
    name   = "shop"
    email  = "aws@shop.example.com"
    joined = "2024-03-01T10:00:00Z"

    role "Accept" {
      trusts = ["111111111111"]
    }
  }
}
"#;

fn in_source(more: &str) -> House {
    let (organization, _) = WORLD.split_at(WORLD.find("\naccount \"555555555555\"").unwrap());
    House::of(&format!("{organization}{SOURCE}"), &block(SHOP, "shop", more))
}

#[test]
fn a_decision_allows_one_invitation_however_it_ended_and_a_later_day_another() {
    for (account, operation, how) in [(SHOP, "DeclineHandshake", "was declined"), (MANAGEMENT, "CancelHandshake", "was canceled")] {
        let house = House::new("", "");
        house.expect(&["apply", "-auto-approve"], 0, &["Invited"]);
        house.answer(account, operation);
        house.expect(&["plan", "-detailed-exitcode"], 3, &["account.shop is blocked", "join_decision", how, "set `on` to a later day"]);
        house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
        assert_eq!(house.invitations().len(), 1, "{operation}");
        house.declare(&block(SHOP, "shop", "").replace("2026-11-20", "2999-11-29"));
        house.expect(&["plan", "-detailed-exitcode"], 3, &["which is in the future"]);
    }
}

#[test]
fn an_earlier_invitation_is_not_in_the_way_one_sent_by_hand_counts_and_two_block() {
    let cases = [
        (
            "  invitation \"h-earlier000\" {\n    account = \"555555555555\"\n    state = \"DECLINED\"\n    requested = \"2026-11-01T00:00:00Z\"\n  }",
            2,
            "will be created",
        ),
        ("  invitation \"h-byhand0000\" {\n    account = \"555555555555\"\n  }", 0, "No changes."),
        (
            "  invitation \"h-byhand0000\" {\n    account = \"555555555555\"\n  }\n  invitation \"h-second0000\" {\n    account = \"555555555555\"\n  }",
            3,
            "several invitations of the account are open: h-byhand0000, h-second0000",
        ),
    ];
    for (more, code, says) in cases {
        let house = House::of(&with_invitations(more), &block(SHOP, "shop", ""));
        house.expect(&["plan", "-detailed-exitcode"], code, &[says]);
        house.expect(&["apply", "-auto-approve"], 0, &[]);
    }
}

#[test]
fn a_unit_that_is_not_there_blocks_before_anybody_is_invited() {
    let house = House::with(&block(SHOP, "shop", "").replace("ou-ab12-workloads", "ou-ab12-nowhere00"), "");
    house.expect(&["plan", "-detailed-exitcode"], 3, &["there is no unit ou-ab12-nowhere00"]);
    house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
    assert_eq!(house.called("InviteAccountToOrganization"), 0);
}

#[test]
fn an_account_is_taken_out_of_the_organization_that_the_block_names_and_of_no_other() {
    for more in [ROLE.to_owned(), format!("    from   = \"o-anotherorgid\"\n{ROLE}")] {
        let house = in_source(&more);
        house.expect(&["plan", "-detailed-exitcode"], 2, &["standing"]);
        house.expect(&["apply", "-auto-approve"], 3, &["held back by standing", "the account is in organization o-sourceorgid"]);
        assert_eq!((house.invitations().len(), house.called("AcceptHandshake")), (0, 0), "nothing was sent");
    }
    let house = in_source(&format!("    from   = \"o-sourceorgid\"\n{ROLE}"));
    house.expect(&["apply", "-auto-approve"], 0, &["1 added"]);
    assert_eq!(house.unit(), "ou-ab12-workloads");
    house.expect(&["plan", "-detailed-exitcode"], 0, &["No changes."]);
}

#[test]
fn an_account_on_the_free_plan_says_so_before_anything_is_sent() {
    let free = with_account("  plan  = \"FREE\"");
    let gate = "gate \"free_plan\" {\n  enforcement = \"mandatory\"\n}\n\n";
    let blocks = format!("{gate}{}", block(SHOP, "shop", ROLE));
    let house = House::of(&free, &blocks);
    house.expect(&["plan", "-detailed-exitcode"], 2, &["deferred to apply", "free_plan"]);
    house.expect(&["apply", "-auto-approve"], 3, &["held back by free_plan", "the account is on the free plan: joining ends it"]);
    assert_eq!(house.called("InviteAccountToOrganization"), 0);
    house.declare(&format!("{gate}{}", block(SHOP, "shop", &format!("    acknowledge = [\"free_plan\"]\n{ROLE}"))));
    house.expect(&["apply", "-auto-approve"], 0, &["1 added"]);
    // An account that already pays loses nothing, and by default the gate is advisory.
    House::of(WORLD, &blocks).expect(&["apply", "-auto-approve"], 0, &["1 added"]);
    House::of(&free, &block(SHOP, "shop", ROLE)).expect(&["apply", "-auto-approve"], 0, &["1 added"]);
    // A person in the account sees its plan.
    House::of(&free, &blocks.replace(ROLE, "")).expect(&["apply", "-auto-approve"], 0, &["Invited"]);
}
