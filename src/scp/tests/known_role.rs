//! The context of orgroster's own call, declared keys, exemptions, and incomplete paths.

use std::collections::BTreeMap;

use serde_json::json;

use super::build::{at_account, full_access, leave, level, policy};
use crate::org::{AccountId, OrganizationId, OrganizationPath};
use crate::scp::{
    AssumedRole, Caller, Context, Decision, DeclaredKey, Enforcement, Exemption, KeyValue, Level, LevelKind, Open, PolicyTypeStatus,
    Request, evaluate,
};

fn account() -> AccountId {
    "333333333333".parse().unwrap()
}

pub fn role() -> AssumedRole {
    AssumedRole {
        role_arn: Some("arn:aws:iam::333333333333:role/break-glass/Leaver".to_owned()),
        account: account(),
        organization: "o-exampleorgid".parse::<OrganizationId>().unwrap(),
        organization_path: Some(OrganizationPath::from_account_path("o-exampleorgid/r-ab12/ou-ab12-11111111/333333333333/")),
        role_tags: Some(BTreeMap::from([("Team".to_owned(), "red".to_owned()), ("cost".to_owned(), "7".to_owned())])),
        session_tags: BTreeMap::from([("team".to_owned(), "blue".to_owned())]),
        source_identity: Some("ci".to_owned()),
        user_id: None,
        requested_region: "us-east-1".to_owned(),
        current_time: Some("2026-11-22T10:00:00Z".parse().unwrap()),
        token_issue_time: Some("2026-11-22T09:59:00Z".parse().unwrap()),
        user_agent: None,
        multi_factor: Some(false),
    }
}

#[test]
fn the_keys_of_an_assumed_role() {
    let context = Context::for_assumed_role(&role());
    let known = |key: &str, value: &str| assert_eq!(context.value(key), &KeyValue::known(value), "{key}");
    known("aws:PrincipalArn", "arn:aws:iam::333333333333:role/break-glass/Leaver");
    known("aws:principalaccount", "333333333333");
    known("aws:PrincipalType", "AssumedRole");
    known("aws:PrincipalOrgID", "o-exampleorgid");
    known("aws:PrincipalOrgPaths", "o-exampleorgid/r-ab12/ou-ab12-11111111/");
    known("aws:SourceIdentity", "ci");
    known("aws:RequestedRegion", "us-east-1");
    known("aws:SecureTransport", "true");
    known("aws:ViaAWSService", "false");
    known("aws:PrincipalIsAWSService", "false");
    known("aws:CurrentTime", "2026-11-22T10:00:00Z");
    known("aws:EpochTime", "1795341600");
    known("aws:TokenIssueTime", "2026-11-22T09:59:00Z");
    known("aws:MultiFactorAuthPresent", "false");
    for key in ["aws:MultiFactorAuthAge", "aws:CalledVia", "aws:username", "s3:prefix", "aws:SourceArn", "ec2:SourceInstanceArn"] {
        assert_eq!(context.value(key), &KeyValue::Absent, "{key}");
    }
    for key in ["aws:SourceIp", "aws:VpcSourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:userid", "aws:UserAgent", "aws:ResourceAccount"]
    {
        assert_eq!(context.value(key), &KeyValue::Unknowable, "{key}");
    }
}

#[test]
fn a_session_tag_overrides_the_roles_and_other_tags_are_absent() {
    let context = Context::for_assumed_role(&role());
    assert_eq!(context.value("aws:PrincipalTag/TEAM"), &KeyValue::known("blue"));
    assert_eq!(context.value("aws:PrincipalTag/cost"), &KeyValue::known("7"));
    assert_eq!(context.value("aws:PrincipalTag/other"), &KeyValue::Absent);
}

#[test]
fn tags_that_cannot_be_read_are_unknowable_but_for_those_of_the_session() {
    let context = Context::for_assumed_role(&AssumedRole { role_tags: None, ..role() });
    assert_eq!(context.value("aws:PrincipalTag/cost"), &KeyValue::Unknowable);
    assert_eq!(context.value("aws:PrincipalTag/team"), &KeyValue::known("blue"));
}

#[test]
fn what_is_not_known_of_the_role_is_unknowable() {
    let bare = AssumedRole {
        role_arn: None,
        organization_path: None,
        source_identity: None,
        current_time: None,
        token_issue_time: None,
        multi_factor: None,
        ..role()
    };
    let context = Context::for_assumed_role(&bare);
    for key in [
        "aws:PrincipalArn",
        "aws:PrincipalOrgPaths",
        "aws:CurrentTime",
        "aws:EpochTime",
        "aws:TokenIssueTime",
        "aws:MultiFactorAuthPresent",
        "aws:MultiFactorAuthAge",
    ] {
        assert_eq!(context.value(key), &KeyValue::Unknowable, "{key}");
    }
    assert_eq!(context.value("aws:SourceIdentity"), &KeyValue::Absent, "not passed, so not there");
}

#[test]
fn a_declared_key_decides_and_is_reported_as_declared() {
    let off_network =
        json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"AWS:SourceIP": "203.0.113.0/24"}}});
    let levels = at_account(vec![policy("full", &full_access()), policy("network", &off_network)]);
    let mut context = Context::for_assumed_role(&role());
    context.declare("aws:UserAgent", KeyValue::known("not asked for"));
    assert_eq!(leave(&levels, context.clone()).decision, Decision::Unknown);
    context.declare("aws:SourceIp", KeyValue::known("203.0.113.9"));
    let verdict = leave(&levels, context.clone());
    assert_eq!(verdict.decision, Decision::Allowed);
    assert_eq!(verdict.declared, [DeclaredKey { key: "AWS:SourceIP".to_owned(), values: vec!["203.0.113.9".to_owned()] }]);
    context.insert("aws:SourceIp", KeyValue::known("198.51.100.1"));
    assert_eq!(leave(&levels, context).decision, Decision::Allowed, "an observed value does not displace a declared one");
}

#[test]
fn a_declared_key_counts_in_a_variable_too_but_not_in_a_statement_about_other_actions() {
    let of = |action: &str| {
        let condition = json!({"StringEquals": {"aws:PrincipalTag/vpc": "${aws:SourceVpc}"}});
        policy("vpc", &json!({"Effect": "Deny", "Action": action, "Resource": "*", "Condition": condition}))
    };
    let mut context = Context::for_assumed_role(&role());
    context.declare("aws:sourcevpc", KeyValue::Absent);
    let declared = |action: &str| leave(&at_account(vec![policy("full", &full_access()), of(action)]), context.clone()).declared;
    assert_eq!(declared("*"), [DeclaredKey { key: "aws:SourceVpc".to_owned(), values: Vec::new() }]);
    assert_eq!(declared("s3:*"), []);
}

fn denied_everywhere() -> Vec<Level> {
    at_account(vec![policy("deny", &json!({"Effect": "Deny", "Action": "*", "Resource": "*"}))])
}

#[test]
fn exemptions() {
    let of = |enforcement: &Enforcement| evaluate(enforcement, &denied_everywhere(), &Request::leave_organization(Context::new()));
    let exempt = |enforcement: Enforcement, why: Exemption| {
        let verdict = of(&enforcement);
        assert_eq!((verdict.decision, verdict.exemption), (Decision::Allowed, Some(why)));
    };
    let in_force = Enforcement::in_force;
    exempt(Enforcement { caller: Caller::ManagementAccount, feature_set: "?".into(), ..in_force() }, Exemption::ManagementAccount);
    exempt(Enforcement { caller: Caller::ServiceLinkedRole, ..in_force() }, Exemption::ServiceLinkedRole);
    exempt(Enforcement { feature_set: "CONSOLIDATED_BILLING".into(), ..in_force() }, Exemption::ConsolidatedBilling);
    exempt(Enforcement { policy_type: PolicyTypeStatus::from_status(None), ..in_force() }, Exemption::PolicyTypeNotEnabled);
    for status in ["PENDING_ENABLE", "PENDING_DISABLE", "SOMETHING_NEW"] {
        let verdict = of(&Enforcement { policy_type: PolicyTypeStatus::from_status(Some(status)), ..in_force() });
        assert_eq!(verdict.decision, Decision::Unknown);
        assert!(verdict.open[0].to_string().contains(status));
    }
    assert_eq!(of(&Enforcement { feature_set: "SOME".into(), ..in_force() }).decision, Decision::Unknown);
    assert_eq!(of(&Enforcement { policy_type: PolicyTypeStatus::from_status(Some("ENABLED")), ..in_force() }).decision, Decision::Denied);
}

#[test]
fn who_calls() {
    let management: AccountId = "111111111111".parse().unwrap();
    let of = |arn: &str| Caller::of(arn, account(), management);
    assert_eq!(of("arn:aws:iam::333333333333:role/Leaver"), Caller::Member);
    assert_eq!(of("arn:aws:iam::333333333333:root"), Caller::Member, "the root user of a member is bound");
    assert_eq!(of("arn:aws:iam::333333333333:role/x/aws-service-role/y"), Caller::Member);
    let linked = "arn:aws:iam::333333333333:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations";
    assert_eq!(of(linked), Caller::ServiceLinkedRole);
    assert_eq!(Caller::of("arn:aws:iam::111111111111:role/X", management, management), Caller::ManagementAccount);
}

#[test]
fn a_path_with_a_level_missing_is_never_allowed() {
    let full = |kind| level(kind, vec![policy("full", &full_access())]);
    use LevelKind::{Account, OrganizationalUnit, Root};
    for kinds in [
        &[][..],
        &[Root],
        &[Account],
        &[Root, OrganizationalUnit],
        &[OrganizationalUnit, Account],
        &[Account, Root],
        &[Root, Root, Account],
    ] {
        let levels: Vec<_> = kinds.iter().map(|kind| full(*kind)).collect();
        let verdict = leave(&levels, Context::new());
        assert_eq!((verdict.decision, verdict.open), (Decision::Unknown, vec![Open::IncompletePath]), "{kinds:?}");
    }
    assert_eq!(leave(&[full(Root), full(Account)], Context::new()).decision, Decision::Allowed);
}
