//! The condition keys of a request (IAM User Guide, global condition context keys).

use std::collections::BTreeMap;

use iam_rs::{Context, ContextValue};
use jiff::Timestamp;

use crate::sandbox::state::World;

use super::caller::{Caller, Principal, role_id};

/// The properties of a request other than its caller.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'c> {
    /// The world's time.
    pub now: Timestamp,
    /// The source address of the request, as conditions see it.
    pub source_ip: &'c str,
    /// `User-Agent`.
    pub user_agent: Option<&'c str>,
    /// The region of the called endpoint. A global service has one region, whichever region its clients sign for.
    pub region: &'c str,
}

/// The condition keys of a request by `caller`.
///
/// AWS would be reached over TLS, so `aws:SecureTransport` is true although the sandbox speaks plain HTTP on loopback.
#[must_use]
pub fn of_request(caller: &Caller, world: &World, circumstances: Circumstances<'_>) -> Context {
    let mut context = of_principal(caller, world)
        .with_boolean("aws:SecureTransport", true)
        .with_boolean("aws:ViaAWSService", false)
        .with_boolean("aws:ViaAWSMCPService", false)
        .with_boolean("aws:PrincipalIsAWSService", false)
        .with_string("aws:RequestedRegion", circumstances.region)
        .with_string("aws:CurrentTime", circumstances.now.to_string())
        .with_number("aws:EpochTime", circumstances.now.as_second() as f64)
        .with_string("aws:SourceIp", circumstances.source_ip);
    if let Some(agent) = circumstances.user_agent {
        context = context.with_string("aws:UserAgent", agent);
    }
    context
}

/// The condition keys of a request with tags for a resource.
#[must_use]
pub fn of_tags(tags: &BTreeMap<String, String>) -> Context {
    let mut context = Context::new();
    for (key, value) in tags {
        context = context.with_string(format!("aws:RequestTag/{key}"), value);
    }
    context.extend(of_tag_keys(tags.keys()));
    context
}

/// The condition key of a request with keys of tags.
#[must_use]
pub fn of_tag_keys<'k>(keys: impl IntoIterator<Item = &'k String>) -> Context {
    let keys: Vec<String> = keys.into_iter().cloned().collect();
    let mut context = Context::new();
    if !keys.is_empty() {
        context.insert("aws:TagKeys".to_owned(), ContextValue::StringList(keys));
    }
    context
}

/// The condition keys of the principal.
fn of_principal(caller: &Caller, world: &World) -> Context {
    let mut context = Context::new().with_string("aws:PrincipalAccount", caller.account.to_string());
    let membership = world.accounts.get(&caller.account).and_then(|account| account.membership.as_ref());
    if let Some(membership) = membership
        && let Some(organization) = world.organizations.get(&membership.organization)
    {
        context = context.with_string("aws:PrincipalOrgID", &organization.id);
        // The documented form ends with the last unit and doesn't contain the account.
        let paths = vec![organization.path(&membership.parent)];
        context.insert("aws:PrincipalOrgPaths".to_owned(), ContextValue::StringList(paths));
    }
    match &caller.principal {
        Principal::Administrator => context
            .with_string("aws:PrincipalArn", caller.arn())
            .with_string("aws:PrincipalType", "User")
            .with_string("aws:username", "administrator")
            .with_string("aws:userid", caller.unique_id()),
        Principal::Role(session) if session.root => context
            .with_string("aws:PrincipalArn", caller.arn())
            .with_string("aws:PrincipalType", "Account")
            .with_string("aws:userid", caller.unique_id())
            .with_boolean("aws:AssumedRoot", true)
            .with_string("aws:TokenIssueTime", session.issued.to_string()),
        Principal::Role(session) => {
            let role = world.accounts.get(&caller.account).and_then(|account| account.role(&session.role));
            let gone = || caller.partition.arn("iam", caller.account, format_args!("role/{}", session.role));
            let arn = role.map_or_else(gone, |role| role.arn(caller.partition, caller.account));
            context = context
                .with_string("aws:PrincipalArn", arn)
                .with_string("aws:PrincipalType", "AssumedRole")
                .with_string("aws:userid", format!("{}:{}", role_id(caller.account, &session.role), session.name))
                .with_string("aws:TokenIssueTime", session.issued.to_string())
                .with_boolean("aws:MultiFactorAuthPresent", session.multi_factor);
            if session.multi_factor {
                let age = world.now().duration_since(session.issued).as_secs();
                context = context.with_number("aws:MultiFactorAuthAge", age as f64);
            }
            if let Some(identity) = &session.source_identity {
                context = context.with_string("aws:SourceIdentity", identity);
            }
            // Session tags override the role's.
            let role_tags = role.into_iter().flat_map(|role| &role.tags);
            for (key, value) in role_tags.chain(&session.tags) {
                context = context.with_string(format!("aws:PrincipalTag/{key}"), value);
            }
            context
        }
    }
}
