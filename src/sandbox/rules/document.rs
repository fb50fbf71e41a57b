//! The grammar of policy documents, by kind of policy (IAM User Guide, grammar of the policy language; Organizations User Guide, syntax of
//! service control policies and of resource control policies).

use std::collections::BTreeSet;

use serde_json::Value;

use super::{condition, json};

/// A kind of policy with statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// Service control policies, session policies and policies of roles: statements have no principal.
    Identity,
    /// Resource control policies: each statement denies, for every principal.
    ResourceControl,
    /// The resource-based policy of an organization: statements have principals.
    Delegation,
}

impl Grammar {
    const fn elements(self) -> &'static [&'static str] {
        match self {
            Self::Identity => &["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"],
            Self::ResourceControl => &["Sid", "Effect", "Principal", "Action", "Resource", "NotResource", "Condition"],
            Self::Delegation => &["Sid", "Effect", "Principal", "Action", "Resource", "Condition"],
        }
    }
}

/// The versions of the policy language.
const VERSIONS: &[&str] = &["2012-10-17", "2008-10-17"];

/// Checks a document against a grammar.
///
/// # Errors
///
/// Returns the mistake as a phrase that completes a sentence.
pub fn check(document: &str, grammar: Grammar) -> Result<(), String> {
    let value = json::read(document)?;
    let Value::Object(members) = &value else { return Err("it is not a JSON object".to_owned()) };
    if let Some(unknown) = members.keys().find(|key| !matches!(key.as_str(), "Version" | "Id" | "Statement")) {
        return Err(format!("{unknown:?} is not an element of a policy"));
    }
    if let Some(version) = members.get("Version")
        && !version.as_str().is_some_and(|version| VERSIONS.contains(&version))
    {
        return Err(format!("its Version must be one of {VERSIONS:?}, not {version}"));
    }
    let statements = statements(&value);
    if statements.is_empty() {
        return Err("it has no statement".to_owned());
    }
    let mut sids = BTreeSet::new();
    for statement in statements {
        check_statement(statement, grammar)?;
        match statement.get("Sid") {
            None => {}
            Some(Value::String(sid)) if sid.is_empty() || sids.insert(sid.as_str()) => {}
            Some(Value::String(sid)) => return Err(format!("two statements have the Sid {sid:?}")),
            Some(_) => return Err("a Sid must be a string".to_owned()),
        }
    }
    Ok(())
}

fn check_statement(statement: &Value, grammar: Grammar) -> Result<(), String> {
    let Value::Object(members) = statement else { return Err("a statement is not an object".to_owned()) };
    if let Some(unknown) = members.keys().find(|key| !grammar.elements().contains(&key.as_str())) {
        return Err(format!("{unknown:?} is not an element of a statement here"));
    }
    for (one, other) in [("Action", "NotAction"), ("Resource", "NotResource")] {
        // The resource is optional in an organization's resource policy, where it is the organization.
        let optional = grammar == Grammar::Delegation && one == "Resource";
        match (members.contains_key(one), members.contains_key(other)) {
            (true, false) | (false, true) => {}
            (false, false) if optional => {}
            _ => return Err(format!("a statement needs exactly one of {one} and {other}")),
        }
    }
    for element in ["Action", "NotAction", "Resource", "NotResource"] {
        let Some(value) = members.get(element) else { continue };
        let words = strings(value);
        if words.is_empty() {
            return Err(format!("{element} must be a string or a list of strings"));
        }
        if element.ends_with("Action") {
            if let Some(wrong) = words.iter().find(|word| **word != "*" && !word.contains(':')) {
                return Err(format!("{wrong:?} is not an action: actions have the form \"service:Operation\""));
            }
        } else if let Some(wrong) = words.iter().find(|word| !is_resource(word)) {
            return Err(format!("{wrong:?} is not a resource: resources are ARNs or \"*\""));
        }
    }
    check_effect(statement, grammar)?;
    check_principal(statement, grammar)?;
    members.get("Condition").map_or(Ok(()), condition::check)
}

fn is_resource(pattern: &str) -> bool {
    pattern.starts_with("arn:") || (!pattern.is_empty() && pattern.chars().all(|character| character == '*'))
}

fn check_effect(statement: &Value, grammar: Grammar) -> Result<(), String> {
    match (statement.get("Effect").and_then(Value::as_str), grammar) {
        (Some("Allow"), Grammar::ResourceControl) => Err("the Effect of a resource control policy must be \"Deny\"".to_owned()),
        (Some("Allow" | "Deny"), _) => Ok(()),
        _ => Err("Effect must be \"Allow\" or \"Deny\"".to_owned()),
    }
}

fn check_principal(statement: &Value, grammar: Grammar) -> Result<(), String> {
    let principal = statement.get("Principal");
    match grammar {
        Grammar::Identity => Ok(()),
        Grammar::ResourceControl => match principal {
            Some(Value::String(text)) if text == "*" => Ok(()),
            Some(Value::Object(kinds)) if kinds.len() == 1 && kinds.get("AWS").and_then(Value::as_str) == Some("*") => Ok(()),
            _ => Err("the Principal of a resource control policy must be \"*\"".to_owned()),
        },
        Grammar::Delegation => match principal {
            Some(Value::Object(kinds)) if kinds.get("AWS").is_some_and(|named| !strings(named).is_empty()) => Ok(()),
            _ => Err("a statement must have a Principal of the form {\"AWS\": …}".to_owned()),
        },
    }
}

/// Every action in a document.
#[must_use]
pub fn actions(document: &str) -> Vec<String> {
    let Ok(value) = json::read(document) else { return Vec::new() };
    let named = statements(&value).into_iter().filter_map(|statement| statement.get("Action")).flat_map(strings);
    named.map(str::to_owned).collect()
}

/// The statements of a document.
pub(super) fn statements(document: &Value) -> Vec<&Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

/// A string or list of strings; empty if it contains anything else.
pub(super) fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<_>>().unwrap_or_default(),
        _ => Vec::new(),
    }
}
