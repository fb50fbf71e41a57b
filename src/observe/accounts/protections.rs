//! The organization's policies that protect accounts that leave, and its delegations to these accounts.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::join;

use crate::api::{ApiError, Operation, ReadOrganization};
use crate::org::{AccountId, ObservedOrganization, Probe, Probes, ReadFailure, is_protective};

use crate::observe::accounts::probe::seen_from;

/// The number of accounts that are read concurrently.
const AT_ONCE: usize = 4;

/// Reads the effective policies that protect departing accounts, of the types that the organization has enabled, and whether its
/// delegation policy has these accounts as principals.
pub async fn probe_protections(
    api: &impl ReadOrganization,
    observed: &ObservedOrganization,
    detached: &BTreeSet<AccountId>,
) -> BTreeMap<AccountId, Probes> {
    let accounts: Vec<_> = detached.iter().copied().filter(|id| observed.account(*id).is_some()).collect();
    if accounts.is_empty() {
        return BTreeMap::new();
    }
    let types = observed.root.policy_types.iter();
    let enabled: Vec<_> =
        types.filter(|(kind, status)| *status == "ENABLED" && is_protective(kind)).map(|(kind, _)| kind.as_str()).collect();
    let protections = stream::iter(accounts.iter().copied())
        .map(|id| {
            let enabled = &enabled;
            async move { (id, if enabled.is_empty() { Probe::NotRun } else { protections(api, observed, id, enabled).await }) }
        })
        .buffer_unordered(AT_ONCE)
        .collect::<BTreeMap<_, _>>();
    let (mut protections, delegation) = join!(protections, delegated(api));
    let called = || api.answered(Operation::DescribeResourcePolicy, None);
    let delegation = |id: AccountId| match (&delegation, called()) {
        (Ok(named), Some(at)) => {
            Probe::Seen { value: named.contains(&id), provenance: seen_from(observed.called_from, Operation::DescribeResourcePolicy, at) }
        }
        (Err(unreadable), _) => Probe::Failed(unreadable.clone()),
        (Ok(_), None) => Probe::NotRun,
    };
    let mut probes = BTreeMap::new();
    for id in accounts {
        let protections = protections.remove(&id).unwrap_or_default();
        probes.insert(id, Probes { protections, delegation: delegation(id), ..Probes::default() });
    }
    probes
}

/// Reads effective policies by type, each with the names in its first two levels.
async fn protections(
    api: &impl ReadOrganization,
    observed: &ObservedOrganization,
    id: AccountId,
    types: &[&str],
) -> Probe<BTreeMap<String, Vec<String>>> {
    const OPERATION: Operation = Operation::DescribeEffectivePolicy;
    let mut found = BTreeMap::new();
    for kind in types {
        match api.effective_policy(id, kind).await {
            Ok(None) => {}
            Ok(Some(content)) => match serde_json::from_str::<Value>(&content) {
                Ok(content) => {
                    found.insert((*kind).to_owned(), names(&content));
                }
                Err(_) => return Probe::Failed(ApiError::malformed(OPERATION, format!("the {kind} is not JSON")).into_read_failure()),
            },
            Err(error) => return Probe::Failed(error.into_read_failure()),
        }
    }
    match api.answered(OPERATION, Some(&id.to_string())) {
        Some(at) => Probe::Seen { value: found, provenance: seen_from(observed.called_from, OPERATION, at) },
        None => Probe::NotRun,
    }
}

/// The settings of a management policy, such as `plans: daily`.
fn names(content: &Value) -> Vec<String> {
    let inner = |(name, value): (&String, &Value)| match value.as_object() {
        Some(members) => format!("{name}: {}", members.keys().cloned().collect::<Vec<_>>().join(" and ")),
        None => name.clone(),
    };
    content.as_object().into_iter().flatten().map(inner).collect()
}

/// Reads the accounts among the principals of the organization's resource-based policy.
async fn delegated(api: &impl ReadOrganization) -> Result<BTreeSet<AccountId>, ReadFailure> {
    const OPERATION: Operation = Operation::DescribeResourcePolicy;
    let Some(content) = api.resource_policy().await.map_err(ApiError::into_read_failure)? else { return Ok(BTreeSet::new()) };
    let document: Value = serde_json::from_str(&content)
        .map_err(|_| ApiError::malformed(OPERATION, "the organization's delegation policy is not JSON").into_read_failure())?;
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut named = BTreeSet::new();
    for statement in statements.iter().filter(|statement| statement["Effect"] == "Allow") {
        texts(&statement["Principal"], &mut |text| {
            // An id alone, or in an ARN.
            named.extend(text.split(':').filter_map(|part| part.parse::<AccountId>().ok()));
        });
    }
    Ok(named)
}

/// Passes every string in a value to `found`.
fn texts(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => found(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}
