//! The parts of the organization on which its accounts depend, so that two snapshots can be compared.

use std::collections::{BTreeMap, BTreeSet};

use tokio::try_join;

use crate::api::{ApiError, ApiErrorKind, Operation, Pages, ReadOrganization};
use crate::org::{AccountId, DelegatedServices, Estate, EstatePolicy, Observed, ObservedOrganization, PolicySummary};

use super::queue::each;
use super::units::unit_names;

/// Reads the estate. The number of requests grows with the accounts, the delegated administrators, and the policies and their targets. A
/// call that AWS denies becomes part of the result.
///
/// # Errors
///
/// Returns the error of the first call that failed for another reason.
pub async fn estate(api: &impl ReadOrganization, observed: &ObservedOrganization) -> Result<Estate, ApiError> {
    let (unit_names, tags, delegated_services, service_access, policy_types) = try_join!(
        async { or_denied(unit_names(api, &observed.accounts).await) },
        tags(api, observed),
        delegated_services(api, observed),
        async { or_denied(api.service_access().await) },
        policies(api, observed),
    )?;
    // If AWS denies the names, the ids are shown instead.
    Ok(Estate { unit_names: unit_names.unwrap_or_default(), tags, delegated_services, service_access, policy_types })
}

fn or_denied<T>(answer: Result<T, ApiError>) -> Result<Observed<T>, ApiError> {
    match answer {
        Ok(found) => Ok(Ok(found)),
        Err(error) => error.denied().map(Err),
    }
}

/// The same for something that may have been deleted since it was listed: `None` if so.
fn unless_gone<T>(answer: Result<T, ApiError>) -> Result<Option<Observed<T>>, ApiError> {
    match answer {
        Err(error) if is_gone(&error) => Ok(None),
        answer => or_denied(answer).map(Some),
    }
}

/// Whether the subject of the request no longer exists.
fn is_gone(error: &ApiError) -> bool {
    let codes = ["PolicyNotFoundException", "AccountNotRegisteredException"];
    matches!(error.kind, ApiErrorKind::TargetNotFound | ApiErrorKind::AccountNotFound)
        || error.code.as_deref().is_some_and(|code| codes.contains(&code))
}

async fn tags(
    api: &impl ReadOrganization,
    observed: &ObservedOrganization,
) -> Result<BTreeMap<AccountId, Observed<BTreeMap<String, String>>>, ApiError> {
    let ids = observed.accounts.iter().map(|account| account.id);
    let tags = async |id| Ok(unless_gone(api.tags_of(id).await)?.map(|tags| (id, tags)));
    Ok(each(api, Operation::ListTagsForResource, ids, tags).await?.into_iter().flatten().collect())
}

async fn delegated_services(
    api: &impl ReadOrganization,
    observed: &ObservedOrganization,
) -> Result<BTreeMap<AccountId, Observed<DelegatedServices>>, ApiError> {
    let services = async |id| {
        let services = unless_gone(api.delegated_services(id).await)?;
        Ok(services.map(|mut services| {
            services.iter_mut().for_each(|services| services.sort());
            (id, services)
        }))
    };
    let administrators = observed.delegated_administrators.keys().copied();
    Ok(each(api, Operation::ListDelegatedServicesForAccount, administrators, services).await?.into_iter().flatten().collect())
}

/// Reads the policies of the enabled types, by type and id.
async fn policies(
    api: &impl ReadOrganization,
    observed: &ObservedOrganization,
) -> Result<BTreeMap<String, Observed<BTreeMap<String, EstatePolicy>>>, ApiError> {
    let types = observed.root.policy_types.iter().filter(|(_, status)| *status == "ENABLED").map(|(kind, _)| kind.clone());
    let mut found = BTreeMap::new();
    for kind in types {
        let read = match or_denied(api.policies(&kind).await)? {
            Ok(policies) => Ok(each(api, Operation::ListTargetsForPolicy, policies, async |policy| read(api, policy).await).await?),
            Err(unreadable) => Err(unreadable),
        };
        found.insert(kind, read.map(|policies: Vec<_>| policies.into_iter().flatten().collect()));
    }
    Ok(found)
}

/// Reads a policy; `None` if it was deleted since it was listed.
async fn read(api: &impl ReadOrganization, policy: PolicySummary) -> Result<Option<(String, EstatePolicy)>, ApiError> {
    let PolicySummary { id, name } = policy;
    let Some(content) = unless_gone(api.policy_content(&id).await)? else { return Ok(None) };
    let Some(targets) = unless_gone(targets(api, &id).await)? else { return Ok(None) };
    Ok(Some((id, EstatePolicy { name, content, targets })))
}

async fn targets(api: &impl ReadOrganization, policy: &str) -> Result<BTreeSet<String>, ApiError> {
    let (mut targets, mut pages) = (BTreeSet::new(), Pages::new(Operation::ListTargetsForPolicy));
    loop {
        let page = api.targets_of(policy, pages.token()).await?;
        let more = pages.turn(page.items.len(), page.next)?;
        targets.extend(page.items);
        if !more {
            return Ok(targets);
        }
    }
}
