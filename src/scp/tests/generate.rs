//! Random statements, hierarchies and contexts for the properties: any operator on any key with any value, sensible or not.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::build::{hierarchy, policy};
use crate::scp::{AttachedPolicy, Context, KeyValue, Level};

/// The keys in random conditions.
pub const KEYS: [&str; 8] = [
    "aws:PrincipalTag/a",
    "aws:PrincipalTag/b",
    "aws:TagKeys",
    "aws:PrincipalArn",
    "aws:CurrentTime",
    "aws:SourceIp",
    "aws:SecureTransport",
    "svc:list",
];

const VALUES: [&str; 16] = [
    "a",
    "A",
    "ab",
    "a*",
    "*",
    "",
    "true",
    "10",
    "9.5",
    "203.0.113.7",
    "203.0.113.0/24",
    "2026-11-22T00:00:00Z",
    "2026-11-22",
    "QQ==",
    "arn:aws:iam::333333333333:role/a",
    "arn:aws:iam::*:role/?",
];

/// Values that only a policy has.
const TEMPLATES: [&str; 8] = [
    "${aws:PrincipalTag/a}",
    "*${aws:PrincipalTag/b, 'a'}",
    "${aws:TagKeys}",
    "a${aws:PrincipalTag/a}",
    "${aws:PrincipalTag/b}*",
    "${*}",
    "arn:aws:iam::*:role/${aws:PrincipalTag/a}",
    "${",
];

const COMPARISONS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

fn operator() -> impl Strategy<Value = String> {
    (select(&["", "", "ForAllValues:", "ForAnyValue:"][..]), select(&COMPARISONS[..]), select(&["", "", "IfExists"][..])).prop_map(
        |(qualifier, comparison, suffix)| match comparison {
            "Null" => comparison.to_owned(),
            _ => format!("{qualifier}{comparison}{suffix}"),
        },
    )
}

fn operand() -> impl Strategy<Value = Vec<&'static str>> {
    vec(prop_oneof![3 => select(&VALUES[..]), 2 => select(&TEMPLATES[..])], 1..3)
}

/// An operator, a key, and values for it.
fn condition() -> impl Strategy<Value = (String, &'static str, Vec<&'static str>)> {
    (operator(), select(&KEYS[..]), operand()).prop_map(|(operator, key, values)| {
        let values = if operator == "Null" { std::vec![if values.len() == 1 { "true" } else { "false" }] } else { values };
        (operator, key, values)
    })
}

/// A statement, usually about leaving.
pub fn statement(effect: &'static str) -> impl Strategy<Value = Value> {
    let actions = select(&["*", "organizations:*", "organizations:LeaveOrganization", "s3:*"][..]);
    let resource = select(&["*", "*", "*", "arn:aws:s3:::${aws:PrincipalTag/a}"][..]);
    (actions, any::<bool>(), resource, any::<bool>(), vec(condition(), 0..3)).prop_map(move |parts| {
        let (action, not_action, resource, not_resource, conditions) = parts;
        let mut block = Map::new();
        for (operator, key, values) in conditions {
            block.entry(operator).or_insert_with(|| json!({}))[key] = json!(values);
        }
        let mut statement = json!({"Effect": effect, "Condition": block});
        statement[if not_action { "NotAction" } else { "Action" }] = json!(action);
        statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resource);
        statement
    })
}

fn any_statement() -> impl Strategy<Value = Value> {
    prop_oneof![statement("Allow"), statement("Allow"), statement("Deny")]
}

/// Statements of one level, each with a `Sid` of its own.
fn statements() -> impl Strategy<Value = Vec<Value>> {
    let full = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    (any::<bool>(), vec(any_statement(), 1..4)).prop_map(move |(with_full, mut statements)| {
        if with_full {
            statements.push(full.clone());
        }
        for (index, statement) in statements.iter_mut().enumerate() {
            statement["Sid"] = json!(format!("S{index}"));
        }
        statements
    })
}

/// The statements of a root, a unit and an account.
pub fn organization() -> impl Strategy<Value = [Vec<Value>; 3]> {
    [statements(), statements(), statements()]
}

/// One policy for each level.
#[must_use]
pub fn levels(statements: &[Vec<Value>; 3]) -> Vec<Level> {
    let [root, unit, account] = statements.each_ref().map(|statements| single(statements));
    hierarchy(root, unit, account)
}

fn single(statements: &[Value]) -> Vec<AttachedPolicy> {
    vec_of(policy("only", &json!(statements)))
}

fn vec_of(policy: AttachedPolicy) -> Vec<AttachedPolicy> {
    std::vec![policy]
}

/// A value for each of [`KEYS`].
pub fn keys() -> impl Strategy<Value = Vec<KeyValue>> {
    let known = subsequence(&VALUES[..], 1..3).prop_map(|values| KeyValue::Known(values.into_iter().map(str::to_owned).collect()));
    let one = select(&VALUES[..]).prop_map(KeyValue::known);
    vec(prop_oneof![3 => one, 1 => known, 1 => Just(KeyValue::Absent), 1 => Just(KeyValue::Unknowable)], KEYS.len())
}

#[must_use]
pub fn context_of(values: &[KeyValue]) -> Context {
    let mut context = Context::new();
    for (key, value) in KEYS.iter().zip(values) {
        context.insert(key, value.clone());
    }
    context
}
