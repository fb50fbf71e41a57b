//! The context of a call that orgroster makes with the credentials of a role that it assumed in the member account.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::context::{Context, KeyValue};
use crate::org::{AccountId, OrganizationId, OrganizationPath};

/// What is known about a role session and about the call that it will make.
#[derive(Debug, Clone)]
pub struct AssumedRole {
    /// The ARN of the role with its path (`arn:aws:iam::333333333333:role/break-glass/Leaver`), never the ARN of the session, which lacks
    /// the path. `None` if the path is not known.
    pub role_arn: Option<String>,
    /// The member account that contains the role.
    pub account: AccountId,
    /// The organization that the account is still in.
    pub organization: OrganizationId,
    /// The path of the account in the organization, if it is known.
    pub organization_path: Option<OrganizationPath>,
    /// The role's tags. `None` if they could not be read.
    pub role_tags: Option<BTreeMap<String, String>>,
    /// The session's tags, including those inherited from an earlier session of the chain. They override the role's tags.
    pub session_tags: BTreeMap<String, String>,
    /// The source identity of the session. One that was set earlier in the chain persists.
    pub source_identity: Option<String>,
    /// `aws:userid`: the role's unique id, a colon, and the session's name.
    pub user_id: Option<String>,
    /// The region for which the request is signed: `us-east-1` for Organizations in the partition `aws`.
    pub requested_region: String,
    /// When the call will be made, if it is already known.
    pub current_time: Option<Timestamp>,
    /// When the session's credentials were issued, if they already were.
    pub token_issue_time: Option<Timestamp>,
    /// The `User-Agent` of the request.
    pub user_agent: Option<String>,
    /// Whether the session was requested with multi-factor authentication, if that is known.
    pub multi_factor: Option<bool>,
}

impl Context {
    /// The context of a direct call over TLS by a role session (IAM User Guide, "AWS global condition context keys").
    #[must_use]
    pub fn for_assumed_role(role: &AssumedRole) -> Self {
        let mut context = Self::new();
        context.principal(role);
        context.tags(role);
        context.session(role);
        context.call(role);
        context
    }

    fn principal(&mut self, role: &AssumedRole) {
        self.insert("aws:PrincipalArn", KeyValue::or_unknowable(role.role_arn.as_deref()));
        self.insert("aws:PrincipalAccount", KeyValue::known(role.account));
        self.insert("aws:PrincipalType", KeyValue::known("AssumedRole"));
        self.insert("aws:PrincipalIsAWSService", KeyValue::known("false"));
        self.insert("aws:PrincipalOrgID", KeyValue::known(role.organization.as_str()));
        // An entity path begins with the organization and ends in a slash (IAM User Guide, "Understand the AWS Organizations entity path").
        let path = role.organization_path.as_ref().map(|path| format!("{}/{path}/", role.organization));
        self.insert("aws:PrincipalOrgPaths", KeyValue::or_unknowable(path));
        self.insert("aws:userid", KeyValue::or_unknowable(role.user_id.as_deref()));
    }

    fn tags(&mut self, role: &AssumedRole) {
        let others = if role.role_tags.is_some() { KeyValue::Absent } else { KeyValue::Unknowable };
        self.insert_prefix("aws:PrincipalTag/", others);
        // Tag keys ignore case, and a session tag overrides the role's of the same key (IAM User Guide, "Pass session tags in AWS STS").
        for (key, value) in role.role_tags.iter().flatten().chain(&role.session_tags) {
            self.insert(&format!("aws:PrincipalTag/{key}"), KeyValue::known(value));
        }
    }

    fn session(&mut self, role: &AssumedRole) {
        let time = |time: Option<Timestamp>| KeyValue::or_unknowable(time.map(|time| time.to_string()));
        self.insert("aws:SourceIdentity", KeyValue::or_absent(role.source_identity.as_deref()));
        self.insert("aws:TokenIssueTime", time(role.token_issue_time));
        // Temporary credentials have the first key. The age is present only if multi-factor authentication was used.
        self.insert("aws:MultiFactorAuthPresent", KeyValue::or_unknowable(role.multi_factor.map(|used| used.to_string())));
        let age = if role.multi_factor == Some(false) { KeyValue::Absent } else { KeyValue::Unknowable };
        self.insert("aws:MultiFactorAuthAge", age);
    }

    fn call(&mut self, role: &AssumedRole) {
        self.insert("aws:RequestedRegion", KeyValue::known(role.requested_region.as_str()));
        self.insert("aws:SecureTransport", KeyValue::known("true"));
        self.insert("aws:ViaAWSService", KeyValue::known("false"));
        // "Returns `false` when the principal makes the call directly", and yet "included in the request context when an AWS MCP server
        // makes a request". So the key is false or absent: `Bool` with `true` never matches, and `Null` stays undecided.
        self.insert("aws:ViaAWSMCPService", KeyValue::KnownOrAbsent(vec!["false".to_owned()]));
        self.insert("aws:UserAgent", KeyValue::or_unknowable(role.user_agent.as_deref()));
        self.insert("aws:CurrentTime", KeyValue::or_unknowable(role.current_time.map(|time| time.to_string())));
        self.insert("aws:EpochTime", KeyValue::or_unknowable(role.current_time.map(|time| time.as_second().to_string())));
    }
}
