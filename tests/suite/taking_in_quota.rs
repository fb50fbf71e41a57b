//! The quotas of an organization that accounts join: the number of accounts, and the number of invitations per day.

use crate::taking_in::{House, MANAGEMENT, ROLE, SHOP, block};
use crate::taking_in_states::{BY_HAND, with_invitations};

/// Invitations to this many other accounts, all declined by now.
fn declined(count: usize) -> String {
    let one = |number: usize| {
        format!("  invitation \"h-declined{number:04}\" {{\n    account = \"9{number:011}\"\n    state   = \"DECLINED\"\n  }}\n")
    };
    (0..count).map(one).collect()
}

#[test]
fn an_organization_whose_quota_is_used_up_invites_nobody() {
    let another = "  invitation \"h-another000\" {\n    account = \"666666666666\"\n  }";
    let quota = |quota: u32, invitations: &str| with_invitations(invitations).replace("= 1000", &format!("= {quota}"));
    for (world, says) in [
        (quota(2, another), "the account quota is 2; accounts use 1 and open invitations 1"),
        (quota(1, ""), "the account quota is 1; accounts use 1 and open invitations 0"),
        (quota(10, &declined(20)), "20 invitations of the last 24 hours count; AWS allows 20"),
        (quota(21, &declined(21)), "21 invitations of the last 24 hours count; AWS allows 21"),
    ] {
        let house = House::of(&world, &block(SHOP, "shop", ""));
        house.expect(&["plan", "-detailed-exitcode"], 3, &["invitation_quota", says]);
        house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
        assert_eq!(house.called("InviteAccountToOrganization"), 0, "{says}");
    }
    // If there is room, the plan says how much; accepting an open invitation takes no additional place.
    for (world, more, code) in [(quota(3, another), "", 2), (quota(22, &declined(21)), "", 2), (quota(2, BY_HAND), ROLE, 2)] {
        let house = House::of(&world, &block(SHOP, "shop", more));
        house.expect(&["plan", "-detailed-exitcode"], code, &["1 to add"]);
        house.expect(&["apply", "-auto-approve"], 0, &["1 added"]);
        assert!(house.sandbox.requests().contains_key("servicequotas:ListServiceQuotas"));
    }
}

#[test]
fn where_service_quotas_can_not_be_asked_only_the_least_that_aws_allows_is_certain() {
    let fault = "sandbox {\n  fault {\n    operation = \"servicequotas:ListServiceQuotas\"\n    kind      = \"error\"\n    code      = \"AccessDeniedException\"\n  }\n";
    let world = |invitations: &str| with_invitations(invitations).replacen("sandbox {\n", fault, 1);
    let house = House::of(&world(&declined(19)), &block(SHOP, "shop", ""));
    house.expect(
        &["explain", "account.shop"],
        0,
        &["19 invitations of the last 24 hours count; AWS allows at least 20; the account quota is not known"],
    );
    house.expect(&["plan", "-detailed-exitcode"], 2, &["1 to add"]);
    let house = House::of(&world(&declined(20)), &block(SHOP, "shop", ""));
    let allow = "Grant servicequotas:ListServiceQuotas to the role that plans";
    house.expect(&["plan", "-detailed-exitcode"], 3, &["invitation_quota", "the account quota, which is not known", allow]);
}

const LAB: &str = "666666666666";
const DEPOT: &str = "777777777777";

/// The usual world with two more accounts, a quota, and invitations that were sent before.
fn three(quota: u32, invitations: &str) -> String {
    let account = |id: &str, name: &str| {
        format!(
            "\naccount \"{id}\" {{\n  name  = \"{name}\"\n  email = \"{name}@example.com\"\n\n  role \"Accept\" {{\n    trusts = [\"{MANAGEMENT}\"]\n  }}\n}}\n"
        )
    };
    let world = with_invitations(invitations).replace("= 1000", &format!("= {quota}"));
    world + &account(LAB, "lab") + &account(DEPOT, "depot")
}

/// Blocks for the three accounts, starting with the highest id, under names that sort the other way; each contains `more`.
fn blocks(more: &str) -> String {
    let of = |id: &str, name: &str| block(id, name, &more.replace(SHOP, id));
    let all = [of(DEPOT, "depot"), of(LAB, "lab"), of(SHOP, "shop")].join("\n");
    format!("guardrails {{\n  max_joins = 10\n}}\n\n{all}")
}

/// With room for two of three, every plan holds back the same third account, and apply sends two invitations.
#[test]
fn invitations_of_one_plan_count_together_and_the_last_by_id_is_held_back() {
    let together = "plus 2 invitations that this plan sends first, in order of account ids";
    let cases = [
        // There is room for two accounts, and for two of the day's invitations.
        (three(3, ""), "", format!("the account quota is 3; accounts use 1 and open invitations 0, {together}")),
        (three(3, ""), ROLE, format!("the account quota is 3; accounts use 1 and open invitations 0, {together}")),
        (three(10, &declined(18)), "", format!("18 invitations of the last 24 hours count, {together}; AWS allows 20")),
    ];
    for (world, more, says) in cases {
        let house = House::of(&world, &blocks(more));
        for _ in 0..2 {
            let plan = house.expect(
                &["plan", "-detailed-exitcode", "-out", "plan.json"],
                2,
                &["account.depot is blocked", "invitation_quota", "2 to add"],
            );
            assert!(!plan.contains("account.lab is blocked") && !plan.contains("account.shop is blocked"), "{plan}");
        }
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let why = flat(&house.expect(&["explain", "account.depot"], 0, &[]));
        assert!(why.contains(&says), "{says}: {why}");
        let second = flat(&house.expect(&["explain", "account.lab"], 0, &[]));
        assert!(second.contains("1 invitation that this plan sends first, in order of account ids"), "{second}");
        house.expect(&["apply", "plan.json"], 0, &["2 added"]);
        assert_eq!(house.called("InviteAccountToOrganization"), 2);
        // The place is taken now, but not by this plan.
        let plan = house.expect(&["plan", "-detailed-exitcode"], 3, &["account.depot is blocked"]);
        assert!(!plan.contains("that this plan sends first"), "{plan}");
        house.expect(&["apply", "-auto-approve"], 0, &["0 added"]);
        assert_eq!(house.called("InviteAccountToOrganization"), 2);
    }
    // With room for three, or with one target only, no account is held back.
    House::of(&three(4, ""), &blocks("")).expect(&["plan", "-detailed-exitcode"], 2, &["3 to add"]);
    House::of(&three(3, ""), &blocks("")).expect(&["plan", "-detailed-exitcode", "-target=depot"], 2, &["1 to add"]);
}

/// An account that is held back for another reason takes no room from the others.
#[test]
fn who_is_blocked_for_another_reason_leaves_its_place_to_the_next() {
    let later = block(SHOP, "shop", "").replace("2026-11-20", "2999-12-24");
    let house = House::of(&three(3, ""), &format!("{later}\n{}", blocks("").replace(&block(SHOP, "shop", ""), "")));
    house.expect(&["plan", "-detailed-exitcode"], 2, &["account.shop is blocked", "join_decision", "2 to add"]);
}

/// If the quota is not known, the minimum that AWS allows per day is also shared.
#[test]
fn invitations_of_one_plan_share_the_least_that_is_certain() {
    let fault = "sandbox {\n  fault {\n    operation = \"servicequotas:ListServiceQuotas\"\n    kind      = \"error\"\n    code      = \"AccessDeniedException\"\n    count     = 9\n  }\n";
    let house = House::of(&three(1000, &declined(18)).replacen("sandbox {\n", fault, 1), &blocks(""));
    let allow = "Grant servicequotas:ListServiceQuotas";
    house.expect(&["plan", "-detailed-exitcode"], 2, &["account.depot is blocked", allow, "2 to add"]);
    house.expect(&["apply", "-auto-approve"], 0, &["2 added"]);
}
