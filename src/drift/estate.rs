//! Compares what accounts depend on: tags, delegations, trusted access, units and policies.

use std::collections::{BTreeMap, BTreeSet};

use crate::org::{AccountId, Estate, EstatePolicy, Observed, ObservedOrganization, ReadFailure};

use super::{ChangeKind, Gap, OrganizationChange, OrganizationDrift};

/// An organization with its estate: what its accounts depend on.
type Whole<'a> = (&'a ObservedOrganization, &'a Estate);

/// Ids of AWS's own policies, which AWS attaches to every new account and unit.
const EVERYWHERE: &[&str] = &["p-FullAWSAccess", "p-RCPFullAWSAccess"];

pub(super) fn compare(before: Whole<'_>, after: Whole<'_>, drift: &mut OrganizationDrift) {
    let mut denied = BTreeSet::new();
    tags(before, after, &mut denied, drift);
    delegations(before, after, &mut denied, drift);
    if let Some((were, are)) = both(&before.1.service_access, &after.1.service_access, &mut denied) {
        for service in were.difference(are) {
            drift.note(OrganizationChange::of(ChangeKind::TrustedAccessDisabled, service, None));
        }
        for service in are.difference(were) {
            drift.note(OrganizationChange::of(ChangeKind::TrustedAccessEnabled, service, None));
        }
    }
    for (id, is) in &after.1.unit_names {
        if let Some(was) = before.1.unit_names.get(id).filter(|was| *was != is) {
            drift.note(OrganizationChange::of(ChangeKind::UnitRenamed, id, Some(is)).values(Some(was), Some(is)));
        }
    }
    policies(before, after, &mut denied, drift);
    drift.not_compared.extend(denied.into_iter().map(|(what, why)| Gap { what, why }));
}

/// What could not be read, and why.
type Denied = BTreeSet<(String, String)>;

/// Both values; `None`, with a note, if one could not be read.
fn both<'a, T>(was: &'a Observed<T>, is: &'a Observed<T>, denied: &mut Denied) -> Option<(&'a T, &'a T)> {
    let mut note = |read: &Observed<T>| {
        if let Err(ReadFailure { operation, why, .. }) = read {
            denied.insert((format!("data from {operation}"), why.clone()));
        }
    };
    note(was);
    note(is);
    was.as_ref().ok().zip(is.as_ref().ok())
}

fn name_of<'a>(id: AccountId, before: Whole<'a>, after: Whole<'a>) -> Option<&'a str> {
    after.0.account(id).or_else(|| before.0.account(id)).map(|account| account.name.as_str())
}

/// Compares the tags of accounts that are in both snapshots. The tags of a new account are part of its joining.
fn tags(before: Whole<'_>, after: Whole<'_>, denied: &mut Denied, drift: &mut OrganizationDrift) {
    for (id, is) in &after.1.tags {
        let Some((were, are)) = before.1.tags.get(id).and_then(|was| both(was, is, denied)) else { continue };
        for key in were.keys().chain(are.keys()).collect::<BTreeSet<_>>() {
            let (was, is) = (were.get(key).map(String::as_str), are.get(key).map(String::as_str));
            let kind = match (was, is) {
                (None, _) => ChangeKind::TagAdded,
                (_, None) => ChangeKind::TagRemoved,
                _ if was == is => continue,
                _ => ChangeKind::TagChanged,
            };
            drift.note(OrganizationChange::of(kind, id, name_of(*id, before, after)).about(key).values(was, is));
        }
    }
}

fn delegations(before: Whole<'_>, after: Whole<'_>, denied: &mut Denied, drift: &mut OrganizationDrift) {
    let none = Ok(Vec::new());
    let (were, are) = (&before.1.delegated_services, &after.1.delegated_services);
    for id in were.keys().chain(are.keys()).collect::<BTreeSet<_>>() {
        let Some((were, are)) = both(were.get(id).unwrap_or(&none), are.get(id).unwrap_or(&none), denied) else { continue };
        let of = |kind, service: &str| OrganizationChange::of(kind, id, name_of(*id, before, after)).about(service);
        were.iter().filter(|service| !are.contains(service)).for_each(|service| drift.note(of(ChangeKind::DelegationEnded, service)));
        are.iter().filter(|service| !were.contains(service)).for_each(|service| drift.note(of(ChangeKind::Delegated, service)));
    }
}

fn policies(before: Whole<'_>, after: Whole<'_>, denied: &mut Denied, drift: &mut OrganizationDrift) {
    let (were, are) = (&before.1.policy_types, &after.1.policy_types);
    for kind in were.keys().chain(are.keys()).collect::<BTreeSet<_>>() {
        match (were.get(kind), are.get(kind)) {
            (Some(was), Some(is)) => {
                let Some((were, are)) = both(was, is, denied) else { continue };
                of_type(were, are, (before, after), denied, drift);
            }
            (Some(_), None) => drift.note(OrganizationChange::of(ChangeKind::PolicyTypeDisabled, kind, None)),
            (None, _) => drift.note(OrganizationChange::of(ChangeKind::PolicyTypeEnabled, kind, None)),
        }
    }
}

type Policies = BTreeMap<String, EstatePolicy>;

fn of_type(were: &Policies, are: &Policies, wholes: (Whole<'_>, Whole<'_>), denied: &mut Denied, drift: &mut OrganizationDrift) {
    let nowhere = Ok(BTreeSet::new());
    for id in were.keys().chain(are.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (were.get(id), are.get(id));
        let name = is.or(was).map(|policy| policy.name.as_str());
        let of = |kind| OrganizationChange::of(kind, id, name);
        match (was, is) {
            (None, _) => drift.note(of(ChangeKind::PolicyCreated)),
            (_, None) => drift.note(of(ChangeKind::PolicyDeleted)),
            (Some(was), Some(is)) => {
                if was.name != is.name {
                    drift.note(of(ChangeKind::PolicyRenamed).values(Some(&was.name), Some(&is.name)));
                }
                if both(&was.content, &is.content, denied).is_some_and(|(was, is)| !says_the_same(was, is)) {
                    let content = |policy: &EstatePolicy| policy.content.clone().unwrap_or_default();
                    drift.note(of(ChangeKind::PolicyChanged).values(Some(&content(was)), Some(&content(is))));
                }
            }
        }
        let targets = |policy: Option<&EstatePolicy>| policy.map_or(nowhere.clone(), |policy| policy.targets.clone());
        let (was, is) = (targets(was), targets(is));
        let Some((was, is)) = both(&was, &is, denied) else { continue };
        let is_news = |target: &str, whole: Whole<'_>| match target.parse::<AccountId>() {
            // Policies are detached from an account that leaves, and AWS attaches its own policies to every new one.
            Ok(account) => whole.0.account(account).is_some(),
            Err(_) => !EVERYWHERE.contains(&id.as_str()) || whole.1.unit_names.contains_key(target) || whole.0.root.id == target,
        };
        for target in was.difference(is).filter(|target| is_news(target, wholes.1)) {
            drift.note(of(ChangeKind::PolicyDetached).about(target));
        }
        let own = EVERYWHERE.contains(&id.as_str());
        for target in is.difference(was).filter(|target| !own || is_news(target, wholes.0)) {
            drift.note(of(ChangeKind::PolicyAttached).about(target));
        }
    }
}

/// Whether two policies are the same JSON, regardless of formatting.
fn says_the_same(was: &str, is: &str) -> bool {
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    was == is || value(was).zip(value(is)).is_some_and(|(was, is)| was == is)
}
