//! Identity and trust policies of an account that depend on its organization.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::api::{ApiError, Operation, Pages};
use crate::org::OrganizationConditions;

use crate::aws::Aws;
use crate::aws::wire::error::{malformed, translate};

const OPERATION: Operation = Operation::GetAccountAuthorizationDetails;

/// Condition keys about organizations, in lower case (IAM user guide, "AWS global condition context keys").
const KEYS: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

/// Reads every policy of the caller's account, page by page.
pub(in crate::aws) async fn read(aws: &Aws, organization: &str) -> Result<OrganizationConditions, ApiError> {
    let client = aws_sdk_iam::Client::from_conf(aws_sdk_iam::config::Builder::from(&aws.sdk).interceptor(aws.meter.clone()).build());
    let (mut found, mut pages) = (Found { organization, named: BTreeSet::new(), malformed: BTreeSet::new() }, Pages::new(OPERATION));
    loop {
        aws.pace.wait(OPERATION).await;
        let request = client.get_account_authorization_details().set_marker(pages.token());
        let page = request.send().await.map_err(|error| translate(OPERATION, &error))?;
        found.page(&page);
        let items = page.role_detail_list().len() + page.user_detail_list().len() + page.group_detail_list().len() + page.policies().len();
        let marker = page.marker.filter(|_| page.is_truncated);
        if page.is_truncated && marker.is_none() {
            return Err(malformed(OPERATION, "Marker"));
        }
        if !pages.turn(items, marker)? {
            break;
        }
    }
    Ok(OrganizationConditions { named: found.named.into_iter().collect(), malformed: found.malformed.into_iter().collect() })
}

struct Found<'o> {
    organization: &'o str,
    named: BTreeSet<String>,
    malformed: BTreeSet<String>,
}

impl Found<'_> {
    fn page(&mut self, page: &aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput) {
        for role in page.role_detail_list() {
            let name = role.role_name().unwrap_or_default();
            self.policy(format!("trust policy of role {name}"), role.assume_role_policy_document());
            for policy in role.role_policy_list() {
                self.policy(format!("policy {} of role {name}", policy.policy_name().unwrap_or_default()), policy.policy_document());
            }
        }
        for user in page.user_detail_list() {
            for policy in user.user_policy_list() {
                let (policy_name, name) = (policy.policy_name().unwrap_or_default(), user.user_name().unwrap_or_default());
                self.policy(format!("policy {policy_name} of user {name}"), policy.policy_document());
            }
        }
        for group in page.group_detail_list() {
            for policy in group.group_policy_list() {
                let (policy_name, name) = (policy.policy_name().unwrap_or_default(), group.group_name().unwrap_or_default());
                self.policy(format!("policy {policy_name} of group {name}"), policy.policy_document());
            }
        }
        for policy in page.policies() {
            let version = policy.policy_version_list().iter().find(|version| version.is_default_version());
            self.policy(
                format!("managed policy {}", policy.policy_name().unwrap_or_default()),
                version.and_then(|version| version.document()),
            );
        }
    }

    /// Documents are percent-encoded (IAM API reference, PolicyDetail). One that is missing, or has no statements, counts as not read.
    fn policy(&mut self, name: String, document: Option<&str>) {
        let text = document.and_then(|document| percent_decode_str(document).decode_utf8().ok());
        match text.and_then(|text| serde_json::from_str::<Value>(&text).ok()).filter(has_statements) {
            Some(document) if self.depends(&document) => drop(self.named.insert(name)),
            Some(_) => {}
            None => drop(self.malformed.insert(name)),
        }
    }

    /// Whether a document contains the organization's id, or compares an organization key with a value that can match it: a variable or a
    /// wildcard.
    fn depends(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains(self.organization),
            Value::Array(items) => items.iter().any(|item| self.depends(item)),
            Value::Object(members) => members.iter().any(|(key, member)| {
                let key = key.to_ascii_lowercase();
                self.depends(member) || KEYS.contains(&key.as_str()) && is_open(member)
            }),
            _ => false,
        }
    }
}

fn has_statements(document: &Value) -> bool {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().all(Value::is_object),
        Some(statement) => statement.is_object(),
        None => false,
    }
}

fn is_open(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${") || text.contains('*'),
        Value::Array(items) => items.iter().any(is_open),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_that_name_the_organization_are_found_and_malformed_ones_are_not_passed_over() {
        let condition = |key: &str, value: &str| {
            format!(
                r#"{{"Statement":[{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"StringEquals":{{"{key}":{value}}}}}}}]}}"#
            )
        };
        for (document, named, malformed) in [
            (condition("aws:PrincipalOrgID", r#""o-exampleorgid""#), true, false),
            (condition("AWS:PRINCIPALORGPATHS", r#"["o-exampleorgid/r-ab12/*"]"#), true, false),
            (condition("aws:ResourceOrgID", r#""${aws:PrincipalOrgID}""#), true, false),
            (condition("aws:PrincipalOrgID", r#""o-partnerorgid""#), false, false),
            (condition("aws:PrincipalAccount", r#""111111111111""#), false, false),
            (r#"{"Statement":[{"Resource":"arn:aws:s3:::logs/o-exampleorgid/*"}]}"#.to_owned(), true, false),
            ("{not json".to_owned(), false, true),
            ("[]".to_owned(), false, true),
            ("{}".to_owned(), false, true),
            (r#"{"Statement":["Allow"]}"#.to_owned(), false, true),
            (r#"{"Statement":"Allow"}"#.to_owned(), false, true),
            ("%FF".to_owned(), false, true),
        ] {
            let mut found = Found { organization: "o-exampleorgid", named: BTreeSet::new(), malformed: BTreeSet::new() };
            found.policy("x".to_owned(), Some(&document.replace('{', "%7B")));
            assert_eq!((!found.named.is_empty(), !found.malformed.is_empty()), (named, malformed), "{document}");
        }
        let mut found = Found { organization: "o-exampleorgid", named: BTreeSet::new(), malformed: BTreeSet::new() };
        found.policy("trust policy of role x".to_owned(), None);
        assert_eq!(found.malformed.len(), 1, "a policy that is not there was not read");
    }
}
