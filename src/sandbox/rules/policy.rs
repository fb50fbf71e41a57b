//! What a policy document says about a request.
//!
//! The statements are evaluated by `iam-rs`. Where that library departs from IAM, the document is rewritten before it is evaluated, so that the
//! library decides about effects, actions and conditions, on values that it reads as IAM does:
//!
//! * the request's resource may be `*`, which the library can't express: resources are matched here;
//! * policy variables in condition values are not replaced by the library;
//! * the library compares ARNs as whole strings, `ArnEquals` even without wildcards; IAM compares the six parts of an ARN, with wildcards;
//! * `ForAllValues`/`ForAnyValue` with `IfExists`, and values that are lists of numbers or booleans, are not read by the library.

use iam_rs::{Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, PolicyEvaluator, Principal, PrincipalId};
use serde_json::{Map, Value};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question<'q> {
    /// `service:Operation`.
    pub action: &'q str,
    /// The resource's ARN, or `*` for an action without resources.
    pub resource: &'q str,
    /// Condition keys and their values.
    pub context: &'q Context,
}

/// What one document answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A statement denies.
    Denied,
    /// A statement allows, and none denies.
    Allowed,
    /// No statement matches.
    Silent,
}

/// A value that no context holds: what a pattern becomes that can't match.
const IMPOSSIBLE: &str = "\u{0}";

/// What `document` says. A document that can't be evaluated denies: such a document is refused when it is written, so this one came in by another way.
#[must_use]
pub fn decide(document: &str, question: &Question<'_>) -> Verdict {
    evaluate(document, question).unwrap_or(Verdict::Denied)
}

/// Checks that a document follows the grammar of policies without principals: service control policies, session policies and role policies.
///
/// # Errors
///
/// What is wrong, in words that continue a sentence.
pub fn check_document(document: &str) -> Result<(), String> {
    let value: Value = serde_json::from_str(document).map_err(|error| format!("it is not JSON ({error})"))?;
    let Value::Object(members) = &value else { return Err("it is not a JSON object".to_owned()) };
    if let Some(unknown) = members.keys().find(|key| !matches!(key.as_str(), "Version" | "Id" | "Statement")) {
        return Err(format!("{unknown:?} is no element of a policy"));
    }
    let statements = statements(&value);
    if statements.is_empty() {
        return Err("it has no statement".to_owned());
    }
    for statement in statements {
        check_statement(statement)?;
    }
    let probe = Question { action: "sandbox:Probe", resource: "*", context: &Context::new() };
    evaluate(document, &probe).map(|_| ())
}

const ELEMENTS: &[&str] = &["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];

fn check_statement(statement: &Value) -> Result<(), String> {
    let Value::Object(members) = statement else { return Err("a statement is not an object".to_owned()) };
    if let Some(unknown) = members.keys().find(|key| !ELEMENTS.contains(&key.as_str())) {
        return Err(format!("{unknown:?} is no element of a statement here"));
    }
    for (one, other) in [("Action", "NotAction"), ("Resource", "NotResource")] {
        if members.contains_key(one) == members.contains_key(other) {
            return Err(format!("a statement needs exactly one of {one} and {other}"));
        }
    }
    for element in ["Action", "NotAction", "Resource", "NotResource"] {
        let Some(value) = members.get(element) else { continue };
        let words = strings(value);
        if words.is_empty() {
            return Err(format!("{element} must be a string or a list of strings"));
        }
        let action = element.ends_with("Action");
        if let Some(wrong) = words.iter().find(|word| action && **word != "*" && !word.contains(':')) {
            return Err(format!("{wrong:?} is no action: actions are written \"service:Operation\""));
        }
    }
    match members.get("Effect").and_then(Value::as_str) {
        Some("Allow" | "Deny") => Ok(()),
        _ => Err("Effect must be \"Allow\" or \"Deny\"".to_owned()),
    }
}

fn statements(document: &Value) -> Vec<&Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement) => vec![statement],
        None => Vec::new(),
    }
}

/// A string or list of strings; empty where something else is in it.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<_>>().unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn evaluate(document: &str, question: &Question<'_>) -> Result<Verdict, String> {
    let document: Value = serde_json::from_str(document).map_err(|error| error.to_string())?;
    let mut rewritten = Vec::new();
    for statement in statements(&document) {
        if let Some(statement) = rewrite(statement, question)? {
            rewritten.push(statement);
        }
    }
    let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": rewritten });
    let policy: IAMPolicy = serde_json::from_value(policy).map_err(|error| error.to_string())?;
    // The statements that remain apply to every resource.
    let resource = Arn::parse("arn:aws:sandbox:::any").map_err(|error| error.to_string())?;
    // No statement names a principal, so that any will do.
    let principal = Principal::Aws(PrincipalId::String("arn:aws:iam::111111111111:root".to_owned()));
    let request = IAMRequest::new_with_context(principal, question.action, resource, question.context.clone());
    let result = PolicyEvaluator::with_policies(vec![policy]).evaluate(&request).map_err(|error| error.to_string())?;
    Ok(match result.decision {
        Decision::Deny => Verdict::Denied,
        Decision::Allow => Verdict::Allowed,
        Decision::NotApplicable => Verdict::Silent,
    })
}

/// The statement in the form that the library reads as IAM does; none where its resources exclude the request's.
fn rewrite(statement: &Value, question: &Question<'_>) -> Result<Option<Value>, String> {
    let Value::Object(members) = statement else { return Err("a statement is not an object".to_owned()) };
    let matches = |patterns: &Value| strings(patterns).iter().any(|pattern| resource_matches(pattern, question));
    let concerned = match (members.get("Resource"), members.get("NotResource")) {
        (Some(patterns), _) => matches(patterns),
        (None, Some(patterns)) => !matches(patterns),
        (None, None) => false,
    };
    let mut rewritten = Map::new();
    for (name, value) in members {
        match name.as_str() {
            "Resource" | "NotResource" => {}
            "Condition" => {
                rewritten.insert(name.clone(), rewrite_conditions(value, question.context)?);
            }
            _ => {
                rewritten.insert(name.clone(), value.clone());
            }
        }
    }
    rewritten.insert("Resource".to_owned(), "*".into());
    Ok(concerned.then_some(Value::Object(rewritten)))
}

fn resource_matches(pattern: &str, question: &Question<'_>) -> bool {
    if question.resource == "*" {
        // An action without resources is only covered by what covers everything.
        return !pattern.is_empty() && pattern.chars().all(|character| character == '*');
    }
    Arn::wildcard_match(question.resource, &replace_variables(pattern, question.context))
}

fn rewrite_conditions(conditions: &Value, context: &Context) -> Result<Value, String> {
    let Value::Object(operators) = conditions else { return Err("Condition must be an object".to_owned()) };
    let mut rewritten = Map::new();
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else { return Err(format!("{operator} must hold condition keys")) };
        for (key, values) in keys {
            let Some((operator, values)) = rewrite_condition(operator, key, values, context)? else { continue };
            let slot = rewritten.entry(operator).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(slot) = slot {
                slot.insert(key.clone(), values);
            }
        }
    }
    Ok(Value::Object(rewritten))
}

/// One condition as the library reads it; none where it is true whatever its values are.
fn rewrite_condition(operator: &str, key: &str, values: &Value, context: &Context) -> Result<Option<(String, Value)>, String> {
    let mut values = texts(values).ok_or_else(|| format!("the values of {key} must be strings, numbers or booleans"))?;
    for value in &mut values {
        *value = replace_variables(value, context);
    }
    let present = context.get(key).is_some();
    let (set, plain) = operator.split_once(':').map_or(("", operator), |(set, plain)| (set, plain));
    let optional = plain.ends_with("IfExists");
    let bare = plain.trim_end_matches("IfExists");
    if set == "ForAnyValue" && optional && !present {
        return Ok(None);
    }
    let bare = if bare.starts_with("Arn") {
        rewrite_arns(&mut values, context.get(key));
        bare.replace("ArnLike", "ArnEquals").replace("ArnNotLike", "ArnNotEquals")
    } else {
        bare.to_owned()
    };
    // Keys with several values are strings; for the others the set operators differ from the plain ones in what an absent key means.
    let single = ["Numeric", "Date", "Bool", "IpAddress", "NotIpAddress", "Binary"].iter().any(|family| bare.starts_with(family));
    let operator = match (set, single) {
        ("", _) => format!("{bare}{}", if optional { "IfExists" } else { "" }),
        ("ForAllValues", true) => format!("{bare}IfExists"),
        ("ForAnyValue", true) => bare,
        (set, _) => format!("{set}:{bare}"),
    };
    Ok(Some((operator, values.into())))
}

/// Condition values as texts.
fn texts(values: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match values {
        Value::Array(values) => values.iter().map(text).collect(),
        value => text(value).map(|text| vec![text]),
    }
}

/// Replaces each pattern by the value that it matches, or by one that matches nothing.
fn rewrite_arns(patterns: &mut Vec<String>, found: Option<&ContextValue>) {
    let found = match found {
        Some(ContextValue::String(arn)) => std::slice::from_ref(arn),
        Some(ContextValue::StringList(arns)) => arns.as_slice(),
        _ => &[],
    };
    let matched = |pattern: &String| {
        let matched: Vec<_> = found.iter().filter(|arn| arn_matches(arn, pattern)).cloned().collect();
        if matched.is_empty() { vec![IMPOSSIBLE.to_owned()] } else { matched }
    };
    *patterns = patterns.iter().flat_map(matched).collect();
}

/// Compares the six parts of an ARN, each with wildcards (IAM User Guide, ARN condition operators).
fn arn_matches(arn: &str, pattern: &str) -> bool {
    let (arn, pattern): (Vec<_>, Vec<_>) = (arn.splitn(6, ':').collect(), pattern.splitn(6, ':').collect());
    arn.len() == 6 && pattern.len() == 6 && arn.iter().zip(&pattern).all(|(part, pattern)| Arn::wildcard_match(part, pattern))
}

/// Replaces `${key}` and `${key, 'default'}`. A variable without value and default makes a text that matches nothing.
fn replace_variables(text: &str, context: &Context) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        replaced.push_str(before);
        let Some((variable, behind)) = after.split_once('}') else {
            replaced.push_str("${");
            rest = after;
            continue;
        };
        replaced.push_str(&variable_value(variable, context));
        rest = behind;
    }
    replaced.push_str(rest);
    replaced
}

fn variable_value(variable: &str, context: &Context) -> String {
    // `${*}`, `${?}` and `${$}` are how the characters themselves are written.
    if matches!(variable, "*" | "?" | "$") {
        return variable.to_owned();
    }
    let (key, default) = variable.split_once(',').map_or((variable, None), |(key, default)| (key, Some(default.trim())));
    match context.get(key.trim()) {
        Some(ContextValue::String(value)) => value.clone(),
        Some(ContextValue::Boolean(value)) => value.to_string(),
        Some(ContextValue::Number(value)) => value.to_string(),
        _ => default.map_or(IMPOSSIBLE, |default| default.trim_matches('\'')).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        Context::new()
            .with_string("aws:PrincipalArn", "arn:aws:iam::333333333333:role/ops/Admin")
            .with_string("aws:PrincipalAccount", "333333333333")
            .with_string("aws:PrincipalTag/team", "ops")
            .with_boolean("aws:SecureTransport", true)
            .with_string("aws:SourceIp", "203.0.113.7")
    }

    fn verdict(statement: &str) -> Verdict {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        check_document(&document).unwrap();
        decide(&document, &Question { action: "organizations:LeaveOrganization", resource: "*", context: &context() })
    }

    #[test]
    fn actions_and_resources_match_as_in_iam() {
        for (elements, expected) in [
            (r#""Action":"*","Resource":"*""#, true),
            (r#""Action":"ORGANIZATIONS:leave*","Resource":"*""#, true),
            (r#""Action":["iam:*","organizations:Leave?rganization"],"Resource":["*"]"#, true),
            (r#""Action":"organizations:List*","Resource":"*""#, false),
            (r#""NotAction":"iam:*","Resource":"*""#, true),
            (r#""NotAction":["organizations:*"],"Resource":"*""#, false),
            (r#""Action":"*","Resource":"arn:aws:s3:::bucket""#, false),
            (r#""Action":"*","NotResource":"arn:aws:s3:::bucket""#, true),
            (r#""Action":"*","NotResource":"*""#, false),
        ] {
            for (effect, matched) in [("Allow", Verdict::Allowed), ("Deny", Verdict::Denied)] {
                let found = verdict(&format!(r#"{{"Effect":"{effect}",{elements}}}"#));
                assert_eq!(found, if expected { matched } else { Verdict::Silent }, "{effect} {elements}");
            }
        }
    }

    #[test]
    fn conditions_hold_as_in_iam() {
        for (condition, expected) in [
            (r#""StringEquals":{"aws:PrincipalAccount":"333333333333"}"#, true),
            (r#""StringEquals":{"AWS:principalaccount":["1","333333333333"]}"#, true),
            (r#""StringNotEquals":{"aws:PrincipalAccount":["1","333333333333"]}"#, false),
            (r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*/Admin"}"#, true),
            (r#""ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/ops/*"}"#, true),
            (r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*"}"#, false),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ops/Admin"}"#, false),
            (r#""ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/Other","arn:aws:iam::*:role/X"]}"#, true),
            (r#""StringEquals":{"aws:SourceVpc":"vpc-1"}"#, false),
            (r#""StringNotEquals":{"aws:SourceVpc":"vpc-1"}"#, true),
            (r#""StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}"#, true),
            (r#""Null":{"aws:SourceVpc":"true"}"#, true),
            (r#""Null":{"aws:PrincipalArn":true}"#, false),
            (r#""Bool":{"aws:SecureTransport":"true"}"#, true),
            (r#""Bool":{"aws:SecureTransport":[false]}"#, false),
            (r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]}"#, true),
            (r#""NotIpAddress":{"aws:SourceIp":"203.0.113.7"}"#, false),
            (r#""StringLike":{"aws:PrincipalArn":"*role/${aws:PrincipalTag/team}/*"}"#, true),
            (r#""StringLike":{"aws:PrincipalArn":"*${aws:PrincipalTag/none}*"}"#, false),
            (r#""StringLike":{"aws:PrincipalArn":"*${aws:PrincipalTag/none, 'ops'}*"}"#, true),
            (r#""ForAllValues:StringEquals":{"aws:TagKeys":"a"}"#, true),
            (r#""ForAnyValue:StringEquals":{"aws:TagKeys":"a"}"#, false),
            (r#""ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"a"}"#, true),
            (r#""StringEquals":{"aws:PrincipalAccount":"333333333333"},"Bool":{"aws:SecureTransport":"false"}"#, false),
        ] {
            let found = verdict(&format!(r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#));
            assert_eq!(found == Verdict::Denied, expected, "{condition}");
        }
    }

    #[test]
    fn a_deny_wins_over_an_allow() {
        let allow = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        let deny = r#"{"Effect":"Deny","Action":"organizations:*","Resource":"*"}"#;
        assert_eq!(verdict(&format!("{allow},{deny}")), Verdict::Denied);
        assert_eq!(verdict(allow), Verdict::Allowed);
    }

    #[test]
    fn a_resource_is_matched_with_wildcards() {
        let document = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/Organization*"}}"#;
        for (resource, expected) in [
            ("arn:aws:iam::333333333333:role/OrganizationAccountAccessRole", Verdict::Allowed),
            ("arn:aws:iam::333333333333:role/Other", Verdict::Silent),
        ] {
            let context = context();
            assert_eq!(decide(document, &Question { action: "sts:AssumeRole", resource, context: &context }), expected);
        }
    }

    #[test]
    fn a_document_outside_the_grammar_is_refused() {
        for document in [
            "",
            "[]",
            "{}",
            r#"{"Statement":[]}"#,
            r#"{"Statement":[1]}"#,
            r#"{"Statement":{"Effect":"Allow","Action":"*"}}"#,
            r#"{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}"#,
            r#"{"Statement":{"Effect":"Allow","Action":"*","NotAction":"x:y","Resource":"*"}}"#,
            r#"{"Statement":{"Effect":"Allow","Action":"leave","Resource":"*"}}"#,
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}"#,
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Nonsense":{"k":"v"}}}}"#,
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"},"Extra":1}"#,
        ] {
            assert!(check_document(document).is_err(), "{document}");
        }
    }
}
