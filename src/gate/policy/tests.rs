//! Stories about service control policies. The evaluation has its own tests in `scp`; these are about its inputs and about the texts of the
//! findings.

use std::collections::BTreeSet;

use crate::gate::testing::{Story, attach};
use crate::gate::{Call, GateResult, Step, Verdict, known_keys};
use crate::org::{Caller, EntryKind, GateName, OrganizationPath, ReadFailure, Via};

const GATE: GateName = GateName::ServiceControlPolicy;
const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Sid":"DenyLeave","Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}}"#;

fn with_policy(level: &'static str, name: &'static str, content: &'static str) -> Story {
    Story::new().observed(|seen| {
        seen.unit_names.insert("ou-ab12-frozen00".into(), "Frozen".into());
        for account in &mut seen.accounts {
            account.path = Some(OrganizationPath(vec!["r-ab12".into(), "ou-ab12-frozen00".into()]));
        }
        let attached = seen.policies.as_mut().unwrap();
        attach(attached, "ou-ab12-frozen00", "FullAWSAccess", r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#);
        attach(attached, level, name, content);
    })
}

fn conditional(condition: &str) -> Story {
    let statement = r#"{"Version":"2012-10-17","Statement":{"Sid":"Guarded","Effect":"Deny","Action":"organizations:*","Resource":"*","Condition":CONDITION}}"#;
    with_policy("r-ab12", "Guard", Box::leak(statement.replace("CONDITION", condition).into_boxed_str()))
}

/// The remedy as readers get it.
fn said(result: &GateResult) -> String {
    serde_json::to_string(result.remedy().unwrap()).unwrap()
}

#[test]
fn ways_that_only_help_together_say_so_and_name_each_statement_once() {
    let story = with_policy("r-ab12", "Freeze", DENY).observed(|seen| {
        let attached = seen.policies.as_mut().unwrap();
        // The same policy again, and another one with the same statement.
        attach(attached, "ou-ab12-frozen00", "Freeze", DENY);
        attach(attached, "333333333333", "Keep", DENY);
    });
    let remedy = story.result(GATE).remedy().unwrap().clone();
    let ways: Vec<_> = remedy.steps().iter().filter_map(|step| if let Step::Way { steps } = step { Some(steps) } else { None }).collect();
    let parts: Vec<_> = ways[0].iter().filter(|step| matches!(step, Step::Part { .. })).collect();
    assert_eq!(parts.len(), 2, "{ways:?}");
    let text = serde_json::to_string(ways[0]).unwrap();
    assert!(text.contains("All of these together, because each of the 2 denies the call by itself:"), "{text}");
    for name in ["statement DenyLeave of policy Freeze (p-Freeze)", "statement DenyLeave of policy Keep (p-Keep)"] {
        assert_eq!(text.matches(name).count(), 1, "{name}: {text}");
    }
    assert_eq!(text.matches("ArnNotLike").count(), 1, "the condition appears once: {text}");
    assert!(ways[1..].iter().all(|way| !serde_json::to_string(way).unwrap().contains("statement")), "{ways:?}");
}

#[test]
fn a_denial_names_level_policy_and_statement_and_lists_ways_out() {
    let result = with_policy("ou-ab12-frozen00", "Freeze", DENY).result(GATE);
    assert!(result.is_blocking());
    assert_eq!(
        result.explanation(),
        "statement DenyLeave of policy Freeze (p-Freeze) at organizational unit Frozen (ou-ab12-frozen00) denies the call"
    );
    let remedy = said(&result);
    for part in ["arn:aws:iam::333333333333:role/OrganizationAccountAccessRole", "\"via\",\"value\":\"remove\"", "Move the account out of"]
    {
        assert!(remedy.contains(part), "{remedy}");
    }
    assert_eq!(result.evidence.iter().filter(|seen| seen.operation == "organizations:DescribePolicy").count(), 1);
}

#[test]
fn the_default_denial_of_console_created_organizations_is_recognized_and_moving_is_said_to_be_no_help() {
    let default = r#"{"Version":"2012-10-17","Statement":[{"Sid":"DenyLeaveOrganizationAndCloseAccount","Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount"],"Resource":"*"}]}"#;
    let result = with_policy("r-ab12", "Default", default).result(GATE);
    let remedy = said(&result);
    assert!(remedy.starts_with("[{\"step\":\"sentence\",\"text\":\"AWS attaches this statement"), "{remedy}");
    assert!(remedy.contains("Moving the account to another unit does not help by itself"), "{remedy}");
}

#[test]
fn an_undecided_key_is_unknown_until_it_is_declared_or_the_policy_advisory() {
    let undecided = || conditional(r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#);
    let result = undecided().result(GATE);
    assert!(matches!(result.verdict, Verdict::Unknown { .. }));
    assert!(result.explanation().contains("aws:SourceIp"), "{}", result.explanation());
    assert!(said(&result).contains("\"advisory_policies\",\"value\":[\"p-Guard\"]"));

    let cases = [
        (vec!["203.0.113.7"], false),
        (vec!["198.51.100.1"], true),
        // Every alternative must be allowed.
        (vec!["203.0.113.7", "198.51.100.1"], true),
        (vec!["203.0.113.7", "203.0.113.8"], false),
    ];
    for (addresses, blocks) in cases {
        let mut story = undecided();
        story.assumptions.context.insert("aws:SourceIp".into(), addresses.iter().map(|&address| address.to_owned()).collect());
        let result = story.result(GATE);
        assert_eq!(result.is_blocking(), blocks, "{addresses:?}");
        assert!(result.explanation().contains("declared in provider.context"), "{}", result.explanation());
    }

    let mut advisory = undecided();
    advisory.assumptions.advisory_policies = BTreeSet::from(["p-Guard".to_owned()]);
    assert!(!advisory.blocks(GATE));
    let mut other = undecided();
    other.assumptions.advisory_policies = BTreeSet::from(["p-Other".to_owned()]);
    assert!(other.blocks(GATE));
}

#[test]
fn a_certain_denial_is_not_lowered_by_advisory_policies() {
    let mut story = with_policy("r-ab12", "Freeze", DENY);
    story.assumptions.advisory_policies = BTreeSet::from(["p-Freeze".to_owned()]);
    assert!(story.blocks(GATE));
}

#[test]
fn the_role_that_calls_is_the_principal() {
    let except = r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/break-glass/Leaver"}}"#;
    assert!(conditional(except).blocks(GATE));
    let excepted = conditional(except).departure(|departure| departure.member_role.name = "break-glass/Leaver".into());
    assert!(!excepted.blocks(GATE));
}

#[test]
fn a_source_identity_is_absent_unless_a_chain_may_have_set_one() {
    let condition = r#"{"StringEquals":{"aws:SourceIdentity":"intern"}}"#;
    assert!(!conditional(condition).observed(|seen| seen.callers[0].arn = "arn:aws:iam::111111111111:user/admin".into()).blocks(GATE));
    let chained = Caller { account: "111111111111".parse().unwrap(), arn: "arn:aws:sts::111111111111:assumed-role/Admin/x".into() };
    assert!(conditional(condition).observed(|seen| seen.callers = vec![chained]).blocks(GATE));
}

#[test]
fn the_session_and_the_program_are_what_the_call_will_carry() {
    let agent = |pattern: &str| conditional(&format!(r#"{{"StringNotLike":{{"aws:UserAgent":"{pattern}"}}}}"#));
    assert!(!agent("orgroster/*").blocks(GATE) && agent("aws-cli/*").blocks(GATE));

    let user_id = r#"{"StringNotLike":{"aws:userid":"AROAEXAMPLE:*"}}"#;
    assert!(conditional(user_id).result(GATE).is_deferred(), "apply makes the session");
    let digest = r#"{"StringNotEquals":{"aws:SourceIdentity":"4f1c"}}"#;
    let named = || {
        let story = conditional(digest).observed(|seen| seen.callers[0].arn = "arn:aws:iam::111111111111:user/admin".into());
        story.departure(|departure| departure.member_role.source_identity = true)
    };
    assert!(named().result(GATE).is_deferred(), "apply sets it");
    for (identity, blocks) in [(Some("4f1c"), false), (Some("other"), true), (None, true)] {
        let mut story = named();
        story.inside = crate::gate::MemberAccess::Assumed {
            account: "333333333333".parse().unwrap(),
            organization: Some("o-exampleorgid".parse().unwrap()),
            session: crate::org::SessionIdentity { user_id: None, source_identity: identity.map(str::to_owned) },
            evidence: vec![],
        };
        assert_eq!(story.blocks(GATE), blocks, "{identity:?}");
    }
    for (id, blocks) in [("AROAEXAMPLE:orgroster", false), ("AROAOTHER:orgroster", true)] {
        let mut story = conditional(user_id);
        story.inside = crate::gate::MemberAccess::Assumed {
            account: "333333333333".parse().unwrap(),
            organization: Some("o-exampleorgid".parse().unwrap()),
            session: crate::org::SessionIdentity { user_id: Some(id.to_owned()), source_identity: None },
            evidence: vec![],
        };
        assert_eq!(story.blocks(GATE), blocks, "{id}");
    }
}

#[test]
fn what_is_known_of_the_call_is_given_to_the_simulator_and_nothing_else() {
    let mut story = Story::new();
    story.assumptions.context = std::collections::BTreeMap::from([
        ("aws:SourceIp".to_owned(), BTreeSet::from(["203.0.113.7".to_owned()])),
        ("aws:SourceVpc".to_owned(), BTreeSet::new()),
        ("aws:SourceVpce".to_owned(), BTreeSet::from(["vpce-1".to_owned(), "vpce-2".to_owned()])),
    ]);
    let departure = story.desired.leaving().unwrap();
    let call = Call { observed: &story.seen, assumptions: &story.assumptions, departure, id: story.desired.id, now: story.now };
    let known = known_keys(call);
    let value = |key: &str| known.iter().find(|entry| entry.key == key).map(|entry| (entry.kind, entry.values.join(",")));
    assert_eq!(value("aws:principalorgid"), Some((EntryKind::Text, "o-exampleorgid".to_owned())));
    assert_eq!(value("aws:principalorgpaths"), Some((EntryKind::TextList, "o-exampleorgid/r-ab12/".to_owned())));
    assert_eq!(value("aws:securetransport"), Some((EntryKind::Boolean, "true".to_owned())));
    assert_eq!(value("aws:sourceip"), Some((EntryKind::Address, "203.0.113.7".to_owned())));
    for unknown in ["aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:viaawsmcpservice", "aws:principaltag/team"] {
        assert_eq!(value(unknown), None, "{unknown}");
    }
}

#[test]
fn policies_that_cannot_be_read_are_unknown_and_the_missing_action_is_named() {
    let unreadable = ReadFailure {
        operation: "organizations:ListPoliciesForTarget".into(),
        why: "AccessDeniedException: no, with the following authorization id: 1a2b3c".into(),
        role: None,
        not_built_in: false,
    };
    let result = Story::new().observed(|seen| seen.policies = Err(unreadable.clone())).result(GATE);
    assert!(result.is_blocking() && said(&result).contains("organizations:ListPoliciesForTarget"));
    let text = Story::new().observed(|seen| {
        seen.policies.as_mut().unwrap().texts.values_mut().for_each(|policy| policy.content = Err(unreadable.clone()));
    });
    let result = text.result(GATE);
    assert!(matches!(result.verdict, Verdict::Unknown { .. }), "{result:?}");
    assert!(result.explanation().contains("could not be read") && !result.explanation().contains("understood"), "{}", result.explanation());
    // One unreadable policy gets the same remedy as if all were unreadable, and not the advice to correct it.
    for wanted in ["Grant organizations:ListPoliciesForTarget", "\"--authorization-id\",\"1a2b3c\""] {
        assert!(said(&result).contains(wanted) && !said(&result).contains("Correct the policy"), "{}", said(&result));
    }
    let incomplete = Story::new().live(|account| account.path = None);
    assert!(matches!(incomplete.result(GATE).verdict, Verdict::Unknown { .. }));
}

/// A statement about the role's tags is resolved by reading them, or else by declaring them.
#[test]
fn tags_of_the_role_that_may_not_be_read_are_named_with_what_allows_the_read() {
    let guard = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"x"}}}}"#;
    let mut denied = with_policy("r-ab12", "Guard", guard);
    denied.probes.role_tags = crate::gate::testing::unreadable("iam:GetRole");
    let result = denied.result(GATE);
    assert!(matches!(result.verdict, Verdict::Unknown { .. }) && result.is_blocking(), "{result:?}");
    assert!(result.explanation().contains("iam:GetRole could not be read: AccessDenied"), "{}", result.explanation());
    for wanted in
        ["Grant iam:GetRole to arn:aws:iam::333333333333:role/", "Or declare the values that the call will carry", "aws:PrincipalTag/team"]
    {
        assert!(said(&result).contains(wanted), "{wanted}: {}", said(&result));
    }
    // If a role session assumes it, reading its tags would decide nothing.
    let chained = denied.observed(|seen| seen.callers[0].arn = "arn:aws:sts::111111111111:assumed-role/Admin/x".into());
    assert!(!said(&chained.result(GATE)).contains("iam:GetRole"));
    // A statement about something else does not need them.
    let elsewhere = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}}"#;
    let mut other = with_policy("r-ab12", "Guard", elsewhere);
    other.probes.role_tags = crate::gate::testing::unreadable("iam:GetRole");
    assert!(!said(&other.result(GATE)).contains("iam:GetRole"));
}

#[test]
fn removal_by_the_management_account_and_organizations_without_policies_are_exempt() {
    assert!(!with_policy("r-ab12", "Freeze", DENY).departure(|departure| departure.via = Via::Remove).blocks(GATE));
    assert!(
        !with_policy("r-ab12", "Freeze", DENY).observed(|seen| seen.organization.feature_set = "CONSOLIDATED_BILLING".into()).blocks(GATE)
    );
    assert!(!with_policy("r-ab12", "Freeze", DENY).observed(|seen| seen.root.policy_types.clear()).blocks(GATE));
    let pending =
        Story::new().observed(|seen| drop(seen.root.policy_types.insert("SERVICE_CONTROL_POLICY".into(), "PENDING_ENABLE".into())));
    assert!(matches!(pending.result(GATE).verdict, Verdict::Unknown { .. }));
}
