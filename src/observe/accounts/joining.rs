//! The facts for accounts that should join: sent invitations, the quota of accounts, and the units in which they are placed.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{ApiError, ApiErrorKind, Operation, ReadOrganization};
use crate::org::{JoinUnit, NamedUnit, ObservedOrganization, UnitPath};

use crate::observe::accounts::probe::{look, seen_from};

/// Units nest at most five levels below the root (quotas page); this limit keeps a faulty server from blocking the run.
const DEEPEST: usize = 16;

/// Reads the handshakes that the organization sent, its quota of accounts, and each unit in which an account should be placed, with the
/// policies that apply below it.
///
/// # Errors
///
/// Returns the error of a call that failed, unless AWS denied the call.
pub async fn read_joinings(
    api: &impl ReadOrganization,
    observed: &mut ObservedOrganization,
    units: &BTreeSet<String>,
) -> Result<(), ApiError> {
    let called_from = observed.called_from;
    let sent = api.sent_handshakes().await;
    if let Err(error) = &sent
        && error.kind != ApiErrorKind::AccessDenied
    {
        return Err(error.clone());
    }
    let seen = || {
        Some(seen_from(
            called_from,
            Operation::ListHandshakesForOrganization,
            api.answered(Operation::ListHandshakesForOrganization, None)?,
        ))
    };
    observed.sent_handshakes = look(sent, seen);
    // Service Quotas is not part of Organizations. If it can't be read, only AWS's refusal of an invitation shows the limit.
    let quota = api.account_quota().await;
    let seen = || Some(seen_from(called_from, Operation::ListServiceQuotas, api.answered(Operation::ListServiceQuotas, None)?));
    observed.account_quota = look(quota, seen);
    let types: Vec<_> =
        observed.root.policy_types.iter().filter(|(_, status)| *status == "ENABLED").map(|(kind, _)| kind.clone()).collect();
    let mut levels: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for unit in units {
        let found = read_unit(api, &observed.root.id, unit, &types, &mut levels).await;
        if let Err(error) = &found
            && error.kind != ApiErrorKind::AccessDenied
        {
            return Err(error.clone());
        }
        let seen = || Some(seen_from(called_from, Operation::ListPoliciesForTarget, api.answered(Operation::ListPoliciesForTarget, None)?));
        let seen = || seen().or_else(|| Some(seen_from(called_from, Operation::ListRoots, api.answered(Operation::ListRoots, None)?)));
        observed.join_units.insert(unit.clone(), look(found, seen));
    }
    observed.answers = api.answers();
    Ok(())
}

/// Reads one unit; `None` if the organization has none with this id. The policies at a level are read once for all units below it.
async fn read_unit(
    api: &impl ReadOrganization,
    root: &str,
    unit: &str,
    types: &[String],
    levels: &mut BTreeMap<String, BTreeMap<String, String>>,
) -> Result<Option<JoinUnit>, ApiError> {
    let Some(path) = path_to(api, root, unit).await? else { return Ok(None) };
    let mut policies = BTreeMap::new();
    for level in &path.0 {
        if !levels.contains_key(&level.id) {
            let mut found = BTreeMap::new();
            for kind in types {
                found.extend(api.policies_of_type_at(&level.id, kind).await?.into_iter().map(|policy| (policy, kind.clone())));
            }
            levels.insert(level.id.clone(), found);
        }
        policies.extend(levels.get(&level.id).into_iter().flatten().map(|(policy, kind)| (policy.clone(), kind.clone())));
    }
    Ok(Some(JoinUnit { path, policies }))
}

async fn path_to(api: &impl ReadOrganization, root: &str, unit: &str) -> Result<Option<UnitPath>, ApiError> {
    let mut path = Vec::new();
    let mut level = unit.to_owned();
    while level != root {
        let is_missing = |error: &ApiError| {
            error.kind == ApiErrorKind::TargetNotFound || error.code.as_deref() == Some("OrganizationalUnitNotFoundException")
        };
        // A different root belongs to another organization.
        if level.starts_with("r-") {
            return Ok(None);
        }
        if path.len() >= DEEPEST {
            return Err(ApiError::malformed(Operation::ListParents, format!("none of the {DEEPEST} levels above {unit} is a root")));
        }
        let name = match api.unit_name(&level).await {
            Err(error) if is_missing(&error) => return Ok(None),
            name => name?,
        };
        let above = match api.parent_of(&level).await {
            Err(error) if is_missing(&error) => return Ok(None),
            above => above?,
        };
        path.insert(0, NamedUnit { id: level, name });
        level = above;
    }
    path.insert(0, NamedUnit { id: root.to_owned(), name: "Root".to_owned() });
    Ok(Some(UnitPath(path)))
}
