//! Hierarchies and contexts for tests.

use serde_json::{Value, json};

use crate::scp::{AttachedPolicy, Context, Enforcement, KeyValue, Level, LevelKind, LevelRef, Request, Verdict, evaluate};

/// A statement that allows everything, as FullAWSAccess does.
pub fn full_access() -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*"})
}

#[must_use]
pub fn policy_text(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

#[must_use]
pub fn policy(name: &str, statements: &Value) -> AttachedPolicy {
    AttachedPolicy::new(format!("p-{name}"), name, &policy_text(statements))
}

#[must_use]
pub fn level(kind: LevelKind, policies: Vec<AttachedPolicy>) -> Level {
    let name = match kind {
        LevelKind::Root => "root",
        LevelKind::OrganizationalUnit => "ou",
        LevelKind::Account => "account",
    };
    Level { at: LevelRef { kind, id: format!("{name}-id"), name: name.to_owned() }, policies }
}

/// A root, a unit, and an account with these policies.
#[must_use]
pub fn hierarchy(root: Vec<AttachedPolicy>, unit: Vec<AttachedPolicy>, account: Vec<AttachedPolicy>) -> Vec<Level> {
    vec![level(LevelKind::Root, root), level(LevelKind::OrganizationalUnit, unit), level(LevelKind::Account, account)]
}

/// Full access above an account with these policies.
#[must_use]
pub fn at_account(policies: Vec<AttachedPolicy>) -> Vec<Level> {
    let full = || vec![policy("full", &full_access())];
    hierarchy(full(), full(), policies)
}

/// The verdict on leaving if service control policies are in force.
#[must_use]
pub fn leave(levels: &[Level], context: Context) -> Verdict {
    evaluate(&Enforcement::in_force(), levels, &Request::leave_organization(context))
}

/// A context from a JSON object of values (a string or a list of strings). Tags that it does not contain are absent.
#[must_use]
pub fn context(values: &Value) -> Context {
    let mut context = Context::new();
    context.insert_prefix("aws:PrincipalTag/", KeyValue::Absent);
    for (key, value) in values.as_object().into_iter().flatten() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let known = value.as_array().map_or_else(|| vec![text(value)], |list| list.iter().map(text).collect());
        context.insert(key, KeyValue::Known(known));
    }
    context
}
