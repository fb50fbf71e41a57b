//! What the planner is given.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diag::{SourceMap, closest};
use crate::gate::MemberAccess;
use crate::org::{AccountId, Address, DesiredRoster, ObservedOrganization};

use super::Digest;

/// Everything a plan depends on, collected before planning begins.
#[derive(Debug, Clone, Copy)]
pub struct PlanInput<'a> {
    /// The configuration.
    pub roster: &'a DesiredRoster,
    /// The sources of the configuration, for places.
    pub sources: &'a SourceMap,
    /// The live organization.
    pub observed: &'a ObservedOrganization,
    /// Accounts that a departure record names.
    pub records: &'a BTreeMap<AccountId, DepartureOnRecord>,
    /// What was seen from inside accounts; gates that need more are deferred.
    pub inside: &'a BTreeMap<AccountId, MemberAccess>,
    /// Addresses to plan for; empty means all.
    pub targets: &'a [Address],
    /// The run's one time.
    pub now: Timestamp,
    /// Whether the organization is the sandbox's.
    pub sandbox: bool,
    /// When the snapshot was taken that stands for the live organization, if one does.
    pub snapshot: Option<Timestamp>,
}

/// A departure that the backend has a record of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepartureOnRecord {
    /// When the account was out.
    #[schemars(with = "String")]
    pub departed_at: Timestamp,
    /// The record's name in the backend.
    pub record: String,
    /// The digest of the plan that was carried out.
    pub digest: Digest,
    /// The departure's own part of that digest: see [`super::Detachment::approved_part`].
    pub part: Digest,
}

/// A `-target` that no block has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no account block has the address {target}")]
pub struct UnknownTarget {
    /// The address that was asked for.
    pub target: Address,
    /// The closest address that exists.
    pub closest: Option<String>,
}

/// Checks that every target is the address of an account, or the label of accounts made by `for_each`.
///
/// # Errors
///
/// The first that is not.
pub fn check_targets(roster: &DesiredRoster, targets: &[Address]) -> Result<(), UnknownTarget> {
    for target in targets {
        if !roster.accounts.iter().any(|account| covers(target, &account.address)) {
            let addresses: Vec<_> = roster.accounts.iter().map(|account| account.address.to_string()).collect();
            let words: Vec<_> = addresses.iter().map(String::as_str).collect();
            return Err(UnknownTarget { target: target.clone(), closest: closest(&target.to_string(), &words).map(str::to_owned) });
        }
    }
    Ok(())
}

/// Whether an address is among the targets; every address is where there are none.
#[must_use]
pub fn is_targeted(targets: &[Address], address: &Address) -> bool {
    targets.is_empty() || targets.iter().any(|target| covers(target, address))
}

/// Whether a target means this address: itself, or every instance of its block.
fn covers(target: &Address, address: &Address) -> bool {
    target.label == address.label && (target.key.is_none() || target.key == address.key)
}
