//! `iam-policy`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::permissions::{Duty, RoleNames, backend_statements, policy};
use crate::cli::args::{IamPolicyArgs, PolicyFor};
use crate::cli::connection::workspace::sandbox_partition;
use crate::cli::output::terminal::environment;
use crate::cli::{Context, Exit};
use crate::diag::{Code, Diagnostics};
use crate::org::{Backend, DesiredAccount, DesiredRoster, MemberRole, partition_of_region};
use crate::render::Text;

/// The placeholder for an account id that is not in the configuration.
const ANY_MANAGEMENT: &str = "MANAGEMENT_ACCOUNT_ID";

/// Prints the least-privilege policy of a role, or its trust policy. If the directory has a configuration, the policy uses its names.
pub fn iam_policy(context: &mut Context, arguments: &IamPolicyArgs) -> Result<Exit, Diagnostics> {
    let roster = match context.configuration() {
        Ok((roster, _)) => Some(roster),
        Err(problems) if problems.sorted().iter().all(|problem| problem.code == Code::NoConfiguration) => None,
        Err(problems) => return Err(problems),
    };
    let document = if arguments.trust {
        let partition = partition(context, roster.as_ref())?;
        trust(arguments, roster.as_ref(), &partition)
    } else {
        permissions(arguments.role, roster.as_ref())
    };
    context.terminal.print(&Text::pretty_json(&document));
    Ok(Exit::Done)
}

fn permissions(role: PolicyFor, roster: Option<&DesiredRoster>) -> Value {
    let default = MemberRole::default();
    let member = roster.map_or(&default, |roster| &roster.provider.member_role);
    let member_read = roster.and_then(|roster| roster.provider.member_read_role.as_ref());
    let duty = match role {
        PolicyFor::Plan => Duty::Plan,
        PolicyFor::Apply => Duty::Apply,
        PolicyFor::Remove => Duty::Remove,
        PolicyFor::Member => Duty::Member,
        PolicyFor::MemberRead => Duty::MemberRead,
        PolicyFor::Join => Duty::Join,
        PolicyFor::Accept => Duty::Accept,
    };
    let root_audit = roster.is_some_and(|roster| roster.provider.root_audit);
    let nowhere = BTreeMap::new();
    // The role in a joining account accepts invitations from this organization.
    let own = roster.map(|roster| BTreeMap::from([(roster.organization.id.clone(), roster.organization.management_account_id)]));
    let targets = match role {
        PolicyFor::Accept => own.as_ref(),
        _ => roster.map(|roster| &roster.guardrails.transfer_targets),
    };
    let joinings = roster.into_iter().flat_map(|roster| &roster.accounts).filter_map(DesiredAccount::joining);
    let accept_roles: Vec<_> = joinings.filter_map(|joining| Some(joining.accept_role.as_ref()?.name.clone())).collect();
    let names = RoleNames {
        member: &member.name,
        member_read: member_read.map(|role| role.name.as_str()),
        root_audit,
        source_identity: member.source_identity,
        conditions: roster.is_some_and(DesiredRoster::reads_conditions),
        transfer_targets: targets.unwrap_or(&nowhere),
        joins: roster.is_some_and(|roster| roster.accounts.iter().any(|account| account.joining().is_some())),
        accept_roles: &accept_roles,
    };
    let mut document = policy(duty, names);
    if let Some(Backend::S3 { bucket, prefix, .. }) = roster.map(|roster| &roster.backend)
        && let Some(statements) = document["Statement"].as_array_mut()
    {
        statements.extend(backend_statements(duty, bucket, prefix.as_deref().unwrap_or_default()));
    }
    document
}

/// The partition of the account that orgroster runs in: that of a role ARN or region in the configuration, otherwise that of its sandbox,
/// otherwise that of the environment's region.
fn partition(context: &mut Context, roster: Option<&DesiredRoster>) -> Result<String, Diagnostics> {
    let of_arn = |arn: &str| arn.strip_prefix("arn:").and_then(|rest| rest.split(':').next()).map(str::to_owned);
    if let Some(provider) = roster.map(|roster| &roster.provider) {
        let own = provider.assume_role.as_ref().and_then(|role| of_arn(&role.role_arn));
        let member = || of_arn(&provider.member_role.name);
        let written = own.or_else(member).or_else(|| provider.region.as_deref().map(|region| partition_of_region(region).to_owned()));
        if let Some(partition) = written {
            return Ok(partition);
        }
        if let Some(fixture) = &provider.sandbox {
            return sandbox_partition(context, &fixture.value);
        }
    }
    let region = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(environment);
    Ok(region.map_or("aws", |region| partition_of_region(&region)).to_owned())
}

/// The principals that may assume the role: those given as arguments; otherwise, for roles in members, the account that orgroster runs in,
/// with the external id that it sends.
fn trust(arguments: &IamPolicyArgs, roster: Option<&DesiredRoster>, partition: &str) -> Value {
    let IamPolicyArgs { role, principal: named, .. } = arguments;
    let role = *role;
    let management = roster.map_or_else(|| ANY_MANAGEMENT.to_owned(), |roster| roster.organization.management_account_id.to_string());
    let provider = roster.map(|roster| &roster.provider);
    let own_role = provider.and_then(|provider| provider.assume_role.as_ref());
    let (principal, external_id) = match role {
        PolicyFor::Member | PolicyFor::MemberRead | PolicyFor::Accept => {
            let joinings = roster.into_iter().flat_map(|roster| &roster.accounts).filter_map(DesiredAccount::joining);
            let accepting = joinings.filter_map(|joining| joining.accept_role.as_ref()).next();
            let member = match role {
                PolicyFor::Member => provider.map(|provider| &provider.member_role),
                PolicyFor::Accept => accepting,
                _ => provider.and_then(|provider| provider.member_read_role.as_ref()),
            };
            let principal = own_role.map_or_else(|| format!("arn:{partition}:iam::{management}:root"), |role| role.role_arn.clone());
            (principal, member.and_then(|member| member.external_id.clone()))
        }
        PolicyFor::Plan | PolicyFor::Apply | PolicyFor::Remove | PolicyFor::Join => {
            (format!("arn:{partition}:iam::{management}:root"), own_role.and_then(|role| role.external_id.clone()))
        }
    };
    let principal = match &named[..] {
        [] => json!(principal),
        [one] => json!(one),
        several => json!(several),
    };
    let source_identity = matches!(role, PolicyFor::Member) && provider.is_some_and(|provider| provider.member_role.source_identity);
    let action = if source_identity { json!(["sts:AssumeRole", "sts:SetSourceIdentity"]) } else { json!("sts:AssumeRole") };
    let mut statement = json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": action });
    if let (Value::Object(members), Some(id)) = (&mut statement, external_id) {
        members.insert("Condition".to_owned(), json!({ "StringEquals": { "sts:ExternalId": id } }));
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}
