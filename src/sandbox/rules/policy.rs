//! Evaluates a policy document for a request.
//!
//! `iam-rs` evaluates the statements. Where that library differs from IAM, the document is rewritten first, so that the library decides
//! about effects, actions and conditions, on values that it reads as IAM does:
//!
//! * the request's resource may be `*`, which the library can't express, so resources are matched here;
//! * `condition` converts conditions to forms that it reads as IAM does.

use iam_rs::{Arn, Context, Decision, IAMPolicy, IAMRequest, PolicyEvaluator, Principal, PrincipalId};
use serde_json::{Map, Value};

use crate::sandbox::state::organization::PolicyType;

use super::document::{self, Grammar, statements, strings};
use super::{condition, management};

/// A request to be evaluated.
#[derive(Debug, Clone)]
pub struct Question<'q> {
    /// `service:Operation`.
    pub action: &'q str,
    /// The resource's ARN, or `*` for an action that has no resources.
    pub resource: &'q str,
    /// Condition keys and their values.
    pub context: &'q Context,
}

/// The result of one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A statement denies the request.
    Denied,
    /// A statement allows the request, and none denies it.
    Allowed,
    /// No statement matches.
    Silent,
}

/// Evaluates `document`. A document that can't be evaluated denies: AWS rejects such documents when they are written, so this one did not
/// come from its API.
#[must_use]
pub fn decide(document: &str, question: &Question<'_>) -> Verdict {
    evaluate(document, question).unwrap_or(Verdict::Denied)
}

/// Checks that a document follows the grammar of policies without principals: service control policies, session policies and role policies.
///
/// # Errors
///
/// Returns the mistake as a phrase that completes a sentence.
pub fn check_document(document: &str) -> Result<(), String> {
    document::check(document, Grammar::Identity)
}

/// Checks the content of a policy of an organization by its type.
///
/// # Errors
///
/// Returns the mistake as a phrase that completes a sentence.
pub fn check_content(kind: &PolicyType, content: &str) -> Result<(), String> {
    match kind {
        PolicyType::ServiceControl => document::check(content, Grammar::Identity),
        PolicyType::ResourceControl => document::check(content, Grammar::ResourceControl),
        _ => management::check(kind, content),
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
    // The remaining statements apply to every resource.
    let resource = Arn::parse("arn:aws:sandbox:::any").map_err(|error| error.to_string())?;
    // No statement has a principal, so any principal will do.
    let principal = Principal::Aws(PrincipalId::String("arn:aws:iam::111111111111:root".to_owned()));
    let request = IAMRequest::new_with_context(principal, question.action, resource, question.context.clone());
    let result = PolicyEvaluator::with_policies(vec![policy]).evaluate(&request).map_err(|error| error.to_string())?;
    Ok(match result.decision {
        Decision::Deny => Verdict::Denied,
        Decision::Allow => Verdict::Allowed,
        Decision::NotApplicable => Verdict::Silent,
    })
}

/// Rewrites a statement into the form that the library evaluates as IAM does; `None` if its resources exclude the request's, or a condition
/// is false.
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
                let Some(conditions) = condition::rewrite(value, question.context)? else { return Ok(None) };
                rewritten.extend((!conditions.is_empty()).then(|| (name.clone(), Value::Object(conditions))));
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
        // An action without resources matches only a pattern that matches everything.
        return !pattern.is_empty() && pattern.chars().all(|character| character == '*');
    }
    Arn::wildcard_match(question.resource, &condition::replace_variables(pattern, question.context))
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
            .with_string("aws:CurrentTime", "2026-11-22T09:00:00Z")
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
            (r#""ArnLike":{"aws:PrincipalArn":"*"}"#, true),
            (r#""ArnNotEquals":{"aws:PrincipalArn":"*"}"#, false),
            (
                r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ops/*"},"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/x"}"#,
                false,
            ),
            (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ops/Admin"}"#, false),
            (r#""ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/Other","arn:aws:iam::*:role/X"]}"#, true),
            (r#""StringEquals":{"aws:SourceVpc":"vpc-1"}"#, false),
            (r#""StringNotEquals":{"aws:SourceVpc":"vpc-1"}"#, true),
            (r#""StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}"#, true),
            (r#""Null":{"aws:SourceVpc":"true"}"#, true),
            (r#""Null":{"aws:PrincipalArn":true}"#, false),
            (r#""Bool":{"aws:SecureTransport":"true"}"#, true),
            (r#""Bool":{"aws:SecureTransport":[false]}"#, false),
            (r#""Bool":{"aws:SecureTransport":["FALSE"]}"#, false),
            (r#""Bool":{"aws:SecureTransport":["False","TRUE"]}"#, true),
            (r#""ForAllValues:Bool":{"aws:SecureTransport":"True"}"#, true),
            (r#""Null":{"aws:SourceVpc":["TRUE","false"]}"#, true),
            (r#""DateLessThan":{"aws:CurrentTime":"2099-12-31"}"#, true),
            (r#""DateLessThan":{"aws:CurrentTime":"2099-12-31T00:00Z"}"#, true),
            (r#""DateGreaterThan":{"aws:CurrentTime":"2026-11-22T00:00+01:00"}"#, true),
            (r#""DateGreaterThan":{"aws:CurrentTime":"2026-12"}"#, false),
            (r#""DateGreaterThan":{"aws:CurrentTime":"2026"}"#, true),
            (r#""DateGreaterThanEquals":{"aws:CurrentTime":1795338000}"#, true),
            (r#""DateLessThan":{"aws:CurrentTime":["2020-01-01","2099-01-01"]}"#, true),
            (r#""DateNotEquals":{"aws:CurrentTime":"2026-11-22T10:00+01:00"}"#, false),
            (r#""IpAddress":{"aws:SourceIp":["10.0.0.0/8","203.0.113.0/24"]}"#, true),
            (r#""NotIpAddress":{"aws:SourceIp":"203.0.113.7"}"#, false),
            (r#""StringLike":{"aws:PrincipalArn":"*role/${aws:PrincipalTag/team}/*"}"#, true),
            (r#""StringLike":{"aws:PrincipalArn":"*${aws:PrincipalTag/none}*"}"#, false),
            (r#""StringLike":{"aws:PrincipalArn":"*${aws:PrincipalTag/none, 'ops'}*"}"#, true),
            (r#""ForAllValues:StringEquals":{"aws:TagKeys":"a"}"#, true),
            (r#""ForAnyValue:StringEquals":{"aws:TagKeys":"a"}"#, false),
            (r#""ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":"a"}"#, true),
            (r#""ForAnyValue:NumericNotEquals":{"aws:MultiFactorAuthAge":"1"}"#, false),
            (r#""ForAnyValue:StringNotLike":{"aws:TagKeys":"a"}"#, false),
            (r#""ForAnyValue:ArnNotLike":{"aws:SourceArn":"arn:aws:s3:::x"}"#, false),
            (r#""ForAllValues:NumericEquals":{"aws:MultiFactorAuthAge":"1"}"#, true),
            (r#""NumericNotEquals":{"aws:MultiFactorAuthAge":"1"}"#, true),
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
            r#"{"Version":"2012-10-18","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            r#"{"Statement":[{"Sid":"A","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"A","Effect":"Deny","Action":"a:b","Resource":"*"}]}"#,
            r#"{"Statement":{"Sid":1,"Effect":"Allow","Action":"*","Resource":"*"}}"#,
            r#"{"Statement":{"Effect":"Allow","Action":"*","Action":"a:b","Resource":"*"}}"#,
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"foo"}}"#,
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":["*","bucket"]}}"#,
            r#"{"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/33"}}}}"#,
            r#"{"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"yesterday"}}}}"#,
            r#"{"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2026-02-30"}}}}"#,
            r#"{"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"NumericEquals":{"aws:MultiFactorAuthAge":"old"}}}}"#,
            r#"{"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"maybe"}}}}"#,
            r#"{"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"NullIfExists":{"aws:SecureTransport":"true"}}}}"#,
            r#"{"Statement":{"Effect":"Deny","Action":"a:b","Resource":"*","Condition":{"Null":{"a:b":"true","a:b":"false"}}}}"#,
        ] {
            assert!(check_document(document).is_err(), "{document}");
        }
    }
}
