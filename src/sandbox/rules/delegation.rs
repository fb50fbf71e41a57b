//! The permissions that an organization's resource-based policy gives to members (Organizations User Guide, delegated administrator for
//! Organizations).

use serde_json::Value;

use crate::sandbox::state::organization::Organization;

use super::caller::Caller;
use super::document::{statements, strings};
use super::policy::{Question, Verdict, decide};

/// Whether an operation can be delegated: reads, and operations on policies and tags.
#[must_use]
pub fn can_be_delegated(operation: &str) -> bool {
    const WRITES: &[&str] = &[
        "AttachPolicy",
        "CreatePolicy",
        "DeletePolicy",
        "DetachPolicy",
        "DisablePolicyType",
        "EnablePolicyType",
        "UpdatePolicy",
        "TagResource",
        "UntagResource",
    ];
    operation.starts_with("Describe") || operation.starts_with("List") || WRITES.contains(&operation)
}

/// Whether the organization's resource policy delegates an operation to the caller: a statement for its account or its principal allows it,
/// and none denies it.
#[must_use]
pub fn delegates(organization: &Organization, caller: &Caller, question: &Question<'_>) -> bool {
    let Some(policy) = &organization.resource_policy else { return false };
    let Ok(document) = serde_json::from_str::<Value>(&policy.content) else { return false };
    let statements: Vec<_> = statements(&document).into_iter().filter(|statement| names(statement, caller)).map(plain).collect();
    if statements.is_empty() {
        return false;
    }
    let document = serde_json::json!({ "Version": "2012-10-17", "Statement": statements });
    decide(&document.to_string(), question) == Verdict::Allowed
}

/// Whether a statement's `Principal` includes the caller: everyone, its account, or the principal itself.
fn names(statement: &Value, caller: &Caller) -> bool {
    let account = caller.account.to_string();
    let named = statement.pointer("/Principal/AWS").map(strings).unwrap_or_default();
    let root = caller.partition.arn("iam", &account, "root");
    named.into_iter().any(|named| named == "*" || named == account || named == root || named == caller.arn())
}

/// The statement without its principal, and for every resource: this module does not check which parts of the organization it covers.
fn plain(statement: &Value) -> Value {
    let mut members = statement.as_object().cloned().unwrap_or_default();
    members.remove("Principal");
    members.insert("Resource".to_owned(), "*".into());
    Value::Object(members)
}
