//! Several organizations: invitations, acceptance, and what each organization sees of them.

use super::*;

/// Two organizations and several standalone accounts.
const TWO: &str = include_str!("organizations.sandbox.hcl");
const SOURCE: &str = MANAGEMENT;
const TARGET: &str = "121212121212";
const CRM: &str = LEAVER;

fn organizations(sandbox: &Sandbox, who: impl Into<Credentials>, operation: &str, input: Value) -> Result<Value, Refused> {
    call(sandbox, who, &format!("organizations:{operation}"), input)
}

fn target(account: &str) -> Value {
    json!({ "Target": { "Id": account, "Type": "ACCOUNT" } })
}

/// Invites an account into the second organization and returns the handshake.
fn invite(sandbox: &Sandbox, account: &str) -> Result<Value, Refused> {
    organizations(sandbox, TARGET, "InviteAccountToOrganization", target(account)).map(|answer| answer["Handshake"].clone())
}

fn accept(sandbox: &Sandbox, who: impl Into<Credentials>, handshake: &Value) -> Result<Value, Refused> {
    organizations(sandbox, who, "AcceptHandshake", json!({ "HandshakeId": handshake["Id"] }))
}

fn organization_of(sandbox: &Sandbox, account: &str) -> Result<Value, Refused> {
    organizations(sandbox, account, "DescribeOrganization", json!({})).map(|answer| answer["Organization"]["Id"].clone())
}

/// The fixture with more text in the block that begins with `first`.
fn with(first: &str, more: &str) -> String {
    assert!(TWO.contains(first), "{first}");
    TWO.replacen(first, &format!("{first}\n{more}"), 1)
}

const TARGET_BLOCK: &str = "organization \"o-othertarget\" {";

#[test]
fn a_member_moves_directly_unless_the_rules_of_its_organization_keep_it() {
    for (account, outcome) in [
        (CRM, None),
        ("444444444444", Some("ConstraintViolationException:WAIT_PERIOD_ACTIVE")),
        ("555555555555", None),
        (DELEGATED, Some("ConstraintViolationException:CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG")),
        (SOURCE, Some("MasterCannotLeaveOrganizationException")),
        ("777777777777", Some("AccessDeniedException")),
        ("888888888888", Some("AccessDeniedException")),
    ] {
        let sandbox = open(TWO);
        let handshake = invite(&sandbox, account).unwrap();
        let accepted = accept(&sandbox, account, &handshake);
        assert_eq!(accepted.err().as_deref(), outcome, "{account}");
        let home = if outcome.is_none() { "o-othertarget" } else { "o-exampleorgid" };
        assert_eq!(organization_of(&sandbox, account), Ok(json!(home)), "{account}");
    }
}

#[test]
fn an_account_that_is_suspended_is_neither_invited_nor_moves() {
    let sandbox = open(TWO);
    assert_eq!(invite(&sandbox, "666666666666"), Err("InvalidInputException:TARGET_NOT_SUPPORTED".into()));
    let handshake = invite(&sandbox, CRM).unwrap();
    control(&sandbox, "POST", &format!("/accounts/{CRM}"), &json!({ "state": "SUSPENDED" }));
    assert_eq!(accept(&sandbox, CRM, &handshake), Err("AccessDeniedException".into()));
}

#[test]
fn whether_moving_asks_for_the_permission_to_leave_can_be_switched() {
    let sandbox = open(&with("sandbox {", "  weather { transfer_asks_leave = false }"));
    let handshake = invite(&sandbox, "888888888888").unwrap();
    assert_eq!(accept(&sandbox, "888888888888", &handshake).unwrap()["Handshake"]["State"], "ACCEPTED");
    let denied = invite(&sandbox, "777777777777").unwrap();
    assert_eq!(accept(&sandbox, "777777777777", &denied), Err("AccessDeniedException".into()));
}

#[test]
fn a_young_organization_takes_accounts_that_stand_alone_and_no_members() {
    let sandbox = open(&with("    name  = \"other-management\"", "    joined = \"2026-11-15T09:00:01Z\""));
    let (member, outside) = (invite(&sandbox, CRM).unwrap(), invite(&sandbox, STANDALONE).unwrap());
    assert_eq!(accept(&sandbox, CRM, &member), Err("ConstraintViolationException:WAIT_PERIOD_ACTIVE".into()));
    assert_eq!(accept(&sandbox, STANDALONE, &outside).unwrap()["Handshake"]["State"], "ACCEPTED");
    control(&sandbox, "POST", "/clock", &json!({ "advance_seconds": 1 }));
    assert_eq!(accept(&sandbox, CRM, &member).unwrap()["Handshake"]["State"], "ACCEPTED");
}

#[test]
fn what_an_account_had_in_its_organization_stays_there_and_the_invitations_tags_come() {
    let sandbox = open(TWO);
    let tagged = json!({ "Target": { "Id": CRM, "Type": "ACCOUNT" }, "Tags": [{ "Key": "from", "Value": "source" }] });
    let handshake = organizations(&sandbox, TARGET, "InviteAccountToOrganization", tagged).unwrap()["Handshake"].clone();
    accept(&sandbox, CRM, &handshake).unwrap();
    let account = organizations(&sandbox, TARGET, "DescribeAccount", json!({ "AccountId": CRM })).unwrap()["Account"].clone();
    assert_eq!(
        (account["JoinedMethod"].as_str(), account["Paths"][0].as_str(), account["Arn"].as_str()),
        (
            Some("INVITED"),
            Some("o-othertarget/r-cd34/333333333333/"),
            Some("arn:aws:organizations::121212121212:account/o-othertarget/333333333333")
        )
    );
    let tags = organizations(&sandbox, TARGET, "ListTagsForResource", json!({ "ResourceId": CRM })).unwrap();
    assert_eq!(tags["Tags"], json!([{ "Key": "from", "Value": "source" }]));
    let gone = organizations(&sandbox, SOURCE, "DescribeAccount", json!({ "AccountId": CRM }));
    assert_eq!(gone, Err("AccountNotFoundException".into()));
    assert!(assume(&sandbox, SOURCE, &role_arn(CRM, "OrganizationAccountAccessRole"), &[]).is_ok(), "roles stay");
}

#[test]
fn each_side_has_its_own_events_in_its_own_history() {
    let sandbox = open(TWO);
    let handshake = invite(&sandbox, CRM).unwrap();
    accept(&sandbox, CRM, &handshake).unwrap();
    let events = |who: &str| {
        let found = call(&sandbox, who, "cloudtrail:LookupEvents", json!({})).unwrap()["Events"].as_array().unwrap().clone();
        found.iter().map(|event| serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap()).collect::<Vec<Value>>()
    };
    let names = |who: &str| events(who).iter().map(|event| event["eventName"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(TARGET), ["AccountJoinedOrganization", "InviteAccountToOrganization"]);
    assert_eq!(names(SOURCE), ["AccountDepartedOrganization"]);
    assert_eq!(names(CRM), ["AcceptHandshake"]);
    assert_eq!(
        events(TARGET)[0]["serviceEventDetails"]["accountJoinedOrganization"],
        json!({ "accountId": CRM, "organizationId": "o-othertarget", "joinedMethod": "INVITED", "joinedTime": "2026-11-22T09:00:00Z" })
    );
    let departed = &events(SOURCE)[0]["serviceEventDetails"]["accountDepartedOrganization"];
    assert_eq!((departed["departureMethod"].as_str(), departed["accountId"].as_str()), (Some("LEFT"), Some(CRM)));
    let about = json!({ "LookupAttributes": [{ "AttributeKey": "ResourceName", "AttributeValue": CRM }] });
    assert_eq!(call(&sandbox, TARGET, "cloudtrail:LookupEvents", about).unwrap()["Events"].as_array().unwrap().len(), 2);
}

#[test]
fn a_second_invitation_of_the_same_organization_is_no_way_in_again() {
    let sandbox = open(&with(
        TARGET_BLOCK,
        "  invitation \"h-firstofthem\" { account = \"333333333333\" }\n  invitation \"h-secondofthem\" { account = \"333333333333\" }",
    ));
    let (first, second) = (json!({ "Id": "h-firstofthem" }), json!({ "Id": "h-secondofthem" }));
    accept(&sandbox, CRM, &first).unwrap();
    assert_eq!(accept(&sandbox, CRM, &first), Err("HandshakeAlreadyInStateException".into()));
    assert_eq!(accept(&sandbox, CRM, &second), Err("HandshakeConstraintViolationException:ALREADY_IN_AN_ORGANIZATION".into()));
    assert_eq!(invite(&sandbox, CRM), Err("HandshakeConstraintViolationException:ALREADY_IN_AN_ORGANIZATION".into()));
}

#[test]
fn going_back_at_once_is_too_quick_by_either_way() {
    let sandbox = open(TWO);
    accept(&sandbox, CRM, &invite(&sandbox, CRM).unwrap()).unwrap();
    let back = organizations(&sandbox, SOURCE, "InviteAccountToOrganization", target(CRM)).unwrap()["Handshake"].clone();
    let limit = "HandshakeConstraintViolationException:ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED";
    assert_eq!(accept(&sandbox, CRM, &back), Err(limit.into()));
    control(&sandbox, "POST", "/clock", &json!({ "advance_seconds": 3600 }));
    accept(&sandbox, CRM, &back).unwrap();
    assert_eq!(organization_of(&sandbox, CRM), Ok(json!("o-exampleorgid")));
}

#[test]
fn a_standalone_account_needs_a_payment_method() {
    let sandbox = open(TWO);
    let handshake = invite(&sandbox, "989898989898").unwrap();
    let refused = accept(&sandbox, "989898989898", &handshake);
    assert_eq!(refused, Err("HandshakeConstraintViolationException:PAYMENT_INSTRUMENT_REQUIRED".into()));
    control(&sandbox, "POST", "/accounts/989898989898", &json!({ "payment_method": "valid" }));
    accept(&sandbox, "989898989898", &handshake).unwrap();
}

#[test]
fn a_policy_names_the_handshake_by_its_arn_and_covers_no_other() {
    let sandbox = open(TWO);
    let handshake = invite(&sandbox, STANDALONE).unwrap();
    let arn = handshake["Arn"].as_str().unwrap();
    assert_eq!(arn, format!("arn:aws:organizations::121212121212:handshake/o-othertarget/invite/{}", handshake["Id"].as_str().unwrap()));
    let session = |actions: &[&str], resource: &str| {
        let linked = json!({
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": "*",
            "Condition": { "StringEquals": { "iam:AWSServiceName": "organizations.amazonaws.com" } },
        });
        let own = json!({ "Effect": "Allow", "Action": actions, "Resource": resource });
        let statements = if actions.len() > 1 { json!([own, linked]) } else { json!([own]) };
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        assume(&sandbox, TARGET, &role_arn(STANDALONE, "Joiner"), &[("Policy", &policy)]).unwrap()
    };
    let accepts = ["organizations:AcceptHandshake", "organizations:DescribeHandshake"];
    let other = session(&accepts, "arn:aws:organizations::121212121212:handshake/o-othertarget/invite/h-quiteanother");
    assert_eq!(accept(&sandbox, &other, &handshake), Err("AccessDeniedException".into()));
    assert_eq!(accept(&sandbox, &other, &json!({ "Id": "h-nosuchhandshake" })), Err("AccessDeniedException".into()));
    let linked = "AccessDeniedForDependencyException:ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE";
    assert_eq!(accept(&sandbox, session(&accepts[..1], arn), &handshake), Err(linked.into()));
    let right = session(&accepts, arn);
    assert_eq!(
        organizations(&sandbox, &right, "DescribeHandshake", json!({ "HandshakeId": handshake["Id"] })).unwrap()["Handshake"],
        handshake
    );
    assert_eq!(
        organizations(&sandbox, &right, "DeclineHandshake", json!({ "HandshakeId": handshake["Id"] })),
        Err("AccessDeniedException".into())
    );
    accept(&sandbox, &right, &handshake).unwrap();
    assert_eq!(accept(&sandbox, STANDALONE, &json!({ "Id": "h-nosuchhandshake" })), Err("HandshakeNotFoundException".into()));
}

#[test]
fn inviting_with_tags_moving_and_tagging_are_permitted_by_resource_and_tag() {
    let role = |statements: &str| {
        let role = format!(
            "    role \"Inviter\" {{\n      trusts = [\"121212121212\"]\n      policy = {{ Version = \"2012-10-17\", Statement = [{statements}] }}\n    }}"
        );
        let sandbox = open(&with("    name  = \"other-management\"", &role));
        accept(&sandbox, STANDALONE, &invite(&sandbox, STANDALONE).unwrap()).unwrap();
        let session = assume(&sandbox, TARGET, &role_arn(TARGET, "Inviter"), &[]).unwrap();
        (sandbox, session)
    };
    let tagged = json!({ "Target": { "Id": CRM, "Type": "ACCOUNT" }, "Tags": [{ "Key": "team", "Value": "crm" }] });
    let invites = r#"{ Effect = "Allow", Action = "organizations:InviteAccountToOrganization", Resource = "*" }"#;
    let (sandbox, session) = role(invites);
    let denied = Err("AccessDeniedException".to_owned());
    assert_eq!(organizations(&sandbox, &session, "InviteAccountToOrganization", tagged.clone()), denied);
    organizations(&sandbox, &session, "InviteAccountToOrganization", target(CRM)).unwrap();

    let tags = r#"{ Effect = "Allow", Action = "organizations:TagResource", Resource = "*", Condition = { "ForAllValues:StringEquals" = { "aws:TagKeys" = ["team"] } } }"#;
    let (sandbox, session) = role(&format!("{invites}, {tags}"));
    organizations(&sandbox, &session, "InviteAccountToOrganization", tagged).unwrap();
    let tag = |key: &str| json!({ "ResourceId": STANDALONE, "Tags": [{ "Key": key, "Value": "x" }] });
    assert_eq!(organizations(&sandbox, &session, "TagResource", tag("cost")), denied);
    organizations(&sandbox, &session, "TagResource", tag("team")).unwrap();

    let own = "arn:aws:organizations::121212121212";
    let arns = |last: &str| {
        format!(
            r#"{{ Effect = "Allow", Action = "organizations:MoveAccount", Resource = ["{own}:account/o-othertarget/999999999999", "{own}:root/o-othertarget/r-cd34", "{own}:ou/o-othertarget/{last}"] }}"#
        )
    };
    let moving = json!({ "AccountId": STANDALONE, "SourceParentId": "r-cd34", "DestinationParentId": "ou-cd34-takenover" });
    let (sandbox, session) = role(&arns("ou-cd34-elsewhere"));
    assert_eq!(organizations(&sandbox, &session, "MoveAccount", moving.clone()), denied);
    let (sandbox, session) = role(&arns("ou-cd34-takenover"));
    organizations(&sandbox, &session, "MoveAccount", moving.clone()).unwrap();
    assert_eq!(organizations(&sandbox, &session, "MoveAccount", moving), Err("SourceParentNotFoundException".into()));
    let parents = organizations(&sandbox, TARGET, "ListParents", json!({ "ChildId": STANDALONE })).unwrap();
    assert_eq!(parents["Parents"], json!([{ "Id": "ou-cd34-takenover", "Type": "ORGANIZATIONAL_UNIT" }]));
    let inside = json!({ "ParentId": "ou-cd34-takenover", "ChildType": "ACCOUNT" });
    assert_eq!(organizations(&sandbox, TARGET, "ListChildren", inside).unwrap()["Children"][0]["Id"], STANDALONE);
}

const INVITATIONS: &str = r#"
  invitation "h-openinvitation" {
    account = "999999999999"
    notes   = "welcome"
    tags    = { team = "crm" }
  }
  invitation "h-requestedone1" {
    account = "989898989898"
    state   = "REQUESTED"
  }
  invitation "h-byaddress001" { email = "CRM@example.com" }
  invitation "h-declinedone1" {
    account   = "333333333333"
    state     = "DECLINED"
    requested = "2026-11-20T09:00:00Z"
    ended     = "2026-11-21T09:00:00Z"
  }
  invitation "h-expiredone01" {
    account = "444444444444"
    state   = "EXPIRED"
  }
  invitation "h-forgottenone" {
    account   = "444444444444"
    state     = "CANCELED"
    requested = "2026-10-01T09:00:00Z"
  }
"#;

#[test]
fn a_fixture_has_invitations_in_every_state() {
    let sandbox = open(&with(TARGET_BLOCK, INVITATIONS));
    let sent = |input: Value| list(&sandbox, TARGET, "organizations:ListHandshakesForOrganization", &input, "Handshakes");
    let all = sent(json!({}));
    let states: Vec<_> = all.iter().map(|one| (one["Id"].as_str().unwrap(), one["State"].as_str().unwrap())).collect();
    assert_eq!(
        states,
        [
            ("h-byaddress001", "OPEN"),
            ("h-declinedone1", "DECLINED"),
            ("h-expiredone01", "EXPIRED"),
            ("h-openinvitation", "OPEN"),
            ("h-requestedone1", "REQUESTED"),
        ],
        "what ended more than 30 days ago is forgotten"
    );
    assert_eq!(sent(json!({ "MaxResults": 2 })), all);
    assert_eq!(sent(json!({ "Filter": { "ActionType": "INVITE" } })), all);
    assert!(sent(json!({ "Filter": { "ActionType": "ENABLE_ALL_FEATURES" } })).is_empty());
    assert_eq!(all[0]["Parties"][1], json!({ "Id": "CRM@example.com", "Type": "EMAIL" }));
    assert_eq!(all[3]["ExpirationTimestamp"].as_f64().unwrap() - all[3]["RequestedTimestamp"].as_f64().unwrap(), 15.0 * 86_400.0);
    let received = |who: &str| list(&sandbox, who, "organizations:ListHandshakesForAccount", &json!({}), "Handshakes");
    assert_eq!(ids(&received(CRM)), ["h-byaddress001", "h-declinedone1"]);
    assert_eq!(ids(&received(STANDALONE)), ["h-openinvitation"]);
    let described = |who: &str, id: &str| organizations(&sandbox, who, "DescribeHandshake", json!({ "HandshakeId": id })).err();
    assert_eq!(described(SOURCE, "h-openinvitation").as_deref(), Some("HandshakeNotFoundException"), "no party");
    assert_eq!(described(TARGET, "h-forgottenone").as_deref(), Some("HandshakeNotFoundException"));
    let duplicate = Err("DuplicateHandshakeException".to_owned());
    assert_eq!((invite(&sandbox, STANDALONE), invite(&sandbox, CRM)), (duplicate.clone(), duplicate));
    for (who, id, outcome) in [
        ("444444444444", "h-expiredone01", Some("InvalidHandshakeTransitionException")),
        (CRM, "h-declinedone1", Some("InvalidHandshakeTransitionException")),
        (CRM, "h-byaddress001", None),
        (STANDALONE, "h-openinvitation", None),
    ] {
        assert_eq!(accept(&sandbox, who, &json!({ "Id": id })).err().as_deref(), outcome, "{id}");
    }
    let declined = organizations(&sandbox, "989898989898", "DeclineHandshake", json!({ "HandshakeId": "h-requestedone1" }));
    assert_eq!(declined.unwrap()["Handshake"]["State"], "DECLINED");
}

#[test]
fn mistakes_in_invitations_are_found() {
    for (block, part) in [
        ("invitation \"h-openinvitation\" {}", "needs the invited account"),
        ("invitation \"openinvitation\" { account = \"999999999999\" }", "A handshake id is"),
        ("invitation \"h-openinvitation\" { email = \"nobody@example.com\" }", "No account in this file has this email address"),
        ("invitation \"h-openinvitation\" {\n account = \"999999999999\"\n requested = \"2026-10-01T00:00:00Z\"\n }", "can't be OPEN"),
        (
            "invitation \"h-openinvitation\" {\n account = \"999999999999\"\n state = \"EXPIRED\"\n expires = \"2026-12-01T00:00:00Z\"\n }",
            "can't be EXPIRED",
        ),
        (
            "invitation \"h-openinvitation\" {\n account = \"999999999999\"\n ended = \"2026-11-20T00:00:00Z\"\n }",
            "Remove it, or set `state`",
        ),
        (
            "invitation \"h-openinvitation\" { account = \"999999999999\" }\n invitation \"h-openinvitation\" { account = \"333333333333\" }",
            "is used twice",
        ),
    ] {
        let found = mistakes(&with(TARGET_BLOCK, block));
        assert!(found.len() == 1 && found[0].2.contains(part), "{block}: {found:?}");
    }
}

#[test]
fn an_organization_that_has_used_up_a_quota_invites_nobody() {
    let (accounts, sent) = (
        "HandshakeConstraintViolationException:ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        "HandshakeConstraintViolationException:HANDSHAKE_RATE_LIMIT_EXCEEDED",
    );
    let sandbox = open(&TWO.replacen("account_quota         = 12", "account_quota         = 3", 1));
    let first = invite(&sandbox, CRM).unwrap();
    invite(&sandbox, STANDALONE).unwrap();
    assert_eq!(invite(&sandbox, "555555555555"), Err(accounts.into()), "open invitations count");
    let create = json!({ "AccountName": "new", "Email": "new@example.com" });
    let created = organizations(&sandbox, TARGET, "CreateAccount", create);
    assert_eq!(created, Err("ConstraintViolationException:ACCOUNT_NUMBER_LIMIT_EXCEEDED".into()));
    organizations(&sandbox, TARGET, "CancelHandshake", json!({ "HandshakeId": first["Id"] })).unwrap();
    invite(&sandbox, "555555555555").unwrap();

    let sandbox = open(&with("sandbox {", "  weather { invitations_per_day = 0 }"));
    assert_eq!(invite(&sandbox, CRM), Err(sent.into()));
    // Twenty per day, even if the account quota is smaller.
    let sandbox = open(TWO);
    for _ in 0..20 {
        let id = invite(&sandbox, CRM).unwrap()["Id"].clone();
        organizations(&sandbox, TARGET, "CancelHandshake", json!({ "HandshakeId": id })).unwrap();
    }
    assert_eq!(invite(&sandbox, CRM), Err(sent.into()));
    control(&sandbox, "POST", "/clock", &json!({ "advance_seconds": 86_400 }));
    invite(&sandbox, CRM).unwrap();
}

#[test]
fn the_account_quota_can_be_read_by_the_management_account() {
    let sandbox = open(TWO);
    let quota = |who: &str, code: &str| {
        call(&sandbox, who, "servicequotas:GetServiceQuota", json!({ "ServiceCode": "organizations", "QuotaCode": code }))
    };
    assert_eq!(quota(TARGET, "L-E619E033").unwrap()["Quota"]["Value"], 12.0);
    // The other organization declares eight accounts and no quota, so its quota is twice that number.
    assert_eq!(quota(SOURCE, "L-E619E033").unwrap()["Quota"]["Value"], 16.0);
    assert_eq!(quota(CRM, "L-E619E033").unwrap()["Quota"]["Value"], 10.0);
    assert_eq!(quota(TARGET, "L-00000000"), Err("NoSuchResourceException".into()));
    let listed = call(&sandbox, TARGET, "servicequotas:ListServiceQuotas", json!({ "ServiceCode": "organizations" })).unwrap();
    assert_eq!(listed["Quotas"][0]["QuotaName"], "Default maximum number of accounts");
}

#[test]
fn the_free_plan_ends_when_an_account_joins() {
    let sandbox = open(TWO);
    let plan = |who: &str| call(&sandbox, who, "freetier:GetAccountPlanState", json!({})).unwrap()["accountPlanType"].clone();
    assert_eq!((plan(STANDALONE), plan(CRM)), (json!("FREE"), json!("PAID")));
    accept(&sandbox, STANDALONE, &invite(&sandbox, STANDALONE).unwrap()).unwrap();
    assert_eq!(plan(STANDALONE), "PAID");
}

#[test]
fn an_organization_whose_managements_address_is_not_verified_invites_nobody() {
    let sandbox = open(&with("    name  = \"other-management\"", "    email_verified = false"));
    assert_eq!(invite(&sandbox, CRM), Err("AccountOwnerNotVerifiedException".into()));
}

#[test]
fn a_management_account_does_not_see_that_it_is_invited() {
    let sandbox = open(TWO);
    invite(&sandbox, SOURCE).unwrap();
    let received = list(&sandbox, SOURCE, "organizations:ListHandshakesForAccount", &json!({}), "Handshakes");
    assert!(received.is_empty(), "{received:?}");
}

#[tokio::test(start_paused = true)]
async fn acceptances_into_one_organization_share_its_quota() {
    let accounts: Vec<String> = (0..6).map(|index| format!("30000000000{index}")).collect();
    let handshakes: Vec<_> = (0..6).map(|index| json!({ "Id": format!("h-forthrottle{index}") })).collect();
    let declared: Vec<_> = accounts
        .iter()
        .enumerate()
        .map(|(index, account)| format!("  invitation \"h-forthrottle{index}\" {{ account = \"{account}\" }}"))
        .collect();
    let fixture = with(TARGET_BLOCK, &declared.join("\n"));
    let sandbox = open(&fixture.replacen("sandbox {", "sandbox {\n  weather { throttles = true }", 1));
    let outcomes: Vec<_> =
        accounts.iter().zip(&handshakes).map(|(account, handshake)| accept(&sandbox, account.as_str(), handshake).err()).collect();
    let throttled = outcomes.iter().flatten().collect::<Vec<_>>();
    assert_eq!(throttled, ["TooManyRequestsException"], "{outcomes:?}");
}
