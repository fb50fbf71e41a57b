//! Root denials, and the ways out of a denial.

use serde_json::{Value, json};

use super::build::{context, full_access, hierarchy, leave, policy};
use crate::scp::{
    AttachedPolicy, Context, Denial, Effectiveness, Enforcement, Level, LevelKind, Remedy, Request, WayOut, root_denials, ways_out,
};

fn deny(sid: &str, actions: &Value) -> AttachedPolicy {
    policy("guard", &json!({"Sid": sid, "Effect": "Deny", "Action": actions, "Resource": "*"}))
}

fn with(at: LevelKind, guard: AttachedPolicy) -> Vec<Level> {
    let mut levels = hierarchy(vec![full()], vec![full()], vec![full()]);
    levels.iter_mut().filter(|level| level.at.kind == at).for_each(|level| level.policies.push(guard.clone()));
    levels
}

fn full() -> AttachedPolicy {
    policy("full", &full_access())
}

fn remedies(levels: &[Level], context: Context) -> Vec<Remedy> {
    let verdict = leave(levels, context.clone());
    ways_out(&verdict, &Enforcement::in_force(), levels, &Request::leave_organization(context))
}

fn moving(remedies: &[Remedy]) -> (Vec<&str>, &Effectiveness) {
    let found = remedies.iter().find_map(|remedy| match &remedy.way {
        WayOut::MoveAccount { out_of } => Some((out_of.iter().map(|level| level.name.as_str()).collect(), &remedy.effectiveness)),
        _ => None,
    });
    found.unwrap()
}

fn default_actions() -> Value {
    json!(["organizations:LeaveOrganization", "account:CloseAccount"])
}

#[test]
fn the_default_denial_of_aws_is_recognised_at_the_root() {
    let levels = with(LevelKind::Root, deny("DenyLeaveOrganizationAndCloseAccount", &default_actions()));
    let found = root_denials(&leave(&levels, Context::new()));
    assert_eq!(found.len(), 1);
    assert!(found[0].aws_default);
    assert_eq!(
        found[0].statement.to_string(),
        "statement DenyLeaveOrganizationAndCloseAccount of policy guard (p-guard) at root root (root-id)"
    );
}

#[test]
fn a_hand_written_denial_is_recognised_by_the_action_it_names() {
    let of = |at, actions: Value| root_denials(&leave(&with(at, deny("", &actions)), Context::new()));
    let found = of(LevelKind::Root, json!("organizations:leaveorganization"));
    assert!(found.len() == 1 && !found[0].aws_default);
    assert!(found[0].statement.to_string().starts_with("statement 1 of"), "an empty Sid does not identify a statement");
    assert!(of(LevelKind::OrganizationalUnit, default_actions()).is_empty(), "not at the root");
    assert!(of(LevelKind::Root, json!("*")).is_empty(), "a quarantine, not a guard against leaving");
}

#[test]
fn moving_the_account_does_not_help_against_the_root() {
    let remedies = remedies(&with(LevelKind::Root, deny("X", &default_actions())), Context::new());
    let (out_of, effectiveness) = moving(&remedies);
    assert!(out_of.is_empty());
    let Effectiveness::Ineffective { remaining } = effectiveness else { panic!("{effectiveness:?}") };
    assert_eq!(remaining[0].level().kind, LevelKind::Root);
}

#[test]
fn moving_the_account_helps_against_units_alone() {
    let mut levels = with(LevelKind::OrganizationalUnit, deny("X", &default_actions()));
    let found = remedies(&levels, Context::new());
    assert_eq!(moving(&found), (vec!["ou"], &Effectiveness::Effective));
    levels[2].policies = vec![deny("Y", &default_actions()), full()];
    let found = remedies(&levels, Context::new());
    let (out_of, effectiveness) = moving(&found);
    assert_eq!(out_of, ["ou"]);
    assert!(matches!(effectiveness, Effectiveness::Ineffective { remaining } if remaining.len() == 1));
    assert!(
        found.iter().any(|remedy| matches!(&remedy.way, WayOut::DetachFromAccount { statement } if statement.sid.as_deref() == Some("Y")))
    );
}

#[test]
fn a_level_that_does_not_allow_needs_an_allow() {
    let mut levels = hierarchy(vec![full()], vec![full()], vec![full()]);
    levels[0].policies = vec![policy("s3", &json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))];
    let found = remedies(&levels, Context::new());
    assert!(matches!(&found[0].way, WayOut::AllowAtLevel { level } if level.name == "root"));
    assert!(matches!(&moving(&found).1, Effectiveness::Ineffective { remaining } if matches!(remaining[0], Denial::Implicit { .. })));
}

#[test]
fn a_role_that_the_denial_excepts_is_named() {
    let excepted = json!(["arn:aws:iam::*:role/BreakGlass", "arn:aws:iam::*:role/Other"]);
    let condition = json!({"ArnNotLike": {"aws:principalarn": excepted}, "StringNotEquals": {"aws:PrincipalTag/x": "y"}});
    let guard = policy("guard", &json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}));
    let context = context(&json!({"aws:PrincipalArn": "arn:aws:iam::333333333333:role/Mine"}));
    let found = remedies(&with(LevelKind::Root, guard), context);
    let WayOut::CallAsExceptedPrincipal { principals, .. } = &found[0].way else { panic!("{found:?}") };
    assert_eq!(json!(principals), excepted);
    assert!(matches!(found[1].way, WayOut::ExceptPrincipal { .. }));
}

#[test]
fn removal_from_the_management_account_always_works_and_a_transfer_unless_denied_too() {
    let effect = |guard: AttachedPolicy, way: WayOut| {
        let found = remedies(&with(LevelKind::Root, guard), Context::new());
        found.into_iter().find(|remedy| remedy.way == way).unwrap().effectiveness
    };
    assert_eq!(effect(deny("X", &json!("*")), WayOut::RemoveFromManagementAccount), Effectiveness::Effective);
    assert_eq!(effect(deny("X", &default_actions()), WayOut::DirectTransfer), Effectiveness::Effective);
    assert!(matches!(effect(deny("X", &json!("organizations:*")), WayOut::DirectTransfer), Effectiveness::Ineffective { .. }));
    let elsewhere = json!({"Effect": "Deny", "Action": "organizations:AcceptHandshake", "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}});
    let leaving = json!({"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"});
    assert_eq!(effect(policy("guard", &json!([elsewhere, leaving])), WayOut::DirectTransfer), Effectiveness::Uncertain);
    let handshakes = json!({"Effect": "Deny", "Action": "organizations:*", "Resource": "arn:aws:organizations::*:handshake/*"});
    assert_eq!(effect(policy("guard", &json!([handshakes, leaving])), WayOut::DirectTransfer), Effectiveness::Uncertain);
}

#[test]
fn there_is_no_way_out_of_what_is_allowed() {
    assert!(remedies(&hierarchy(vec![full()], vec![full()], vec![full()]), Context::new()).is_empty());
}
