//! The input of the planner.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diag::{SourceMap, closest};
use crate::org::{AccountId, Action, Address, DateTime, DesiredRoster, JoiningStory, ObservedOrganization, OrganizationPath, RecordName};

use super::{Digest, Kept};

/// Everything a plan depends on, collected before planning begins.
#[derive(Debug, Clone, Copy)]
pub struct PlanInput<'a> {
    /// The configuration.
    pub roster: &'a DesiredRoster,
    /// The source files of the configuration, for places.
    pub sources: &'a SourceMap,
    /// The live organization.
    pub observed: &'a ObservedOrganization,
    /// Accounts with a record, each with its latest act.
    pub records: &'a BTreeMap<AccountId, PastAct>,
    /// The journal's content about joinings.
    pub joinings: &'a BTreeMap<AccountId, JoiningStory>,
    /// Addresses to plan for; empty means all.
    pub targets: &'a [Address],
    /// The time of the run, which is the same everywhere in it.
    pub now: Timestamp,
    /// Whether the organization is the sandbox's.
    pub sandbox: bool,
    /// When the snapshot was taken, if the plan is made from a snapshot instead of the live organization.
    pub snapshot: Option<Timestamp>,
}

/// The latest act on an account in its records, reduced to what a plan needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PastAct {
    /// The action.
    pub action: Action,
    /// When the action was observed to have taken effect.
    #[schemars(with = "DateTime")]
    pub effective_at: Timestamp,
    /// The record's name in the backend.
    #[schemars(with = "RecordName")]
    pub record: String,
    /// The digest of the plan that was carried out.
    pub digest: Digest,
    /// The hash of this act, which is part of that digest.
    pub part: Digest,
    /// What the account had before it left.
    #[serde(skip_serializing_if = "Kept::is_empty", default)]
    pub kept: Kept,
    /// The account's place in the organization before it left.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<OrganizationPath>,
}

/// An error for a word that matches no account of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no account block has the address, label or id {word}")]
pub struct UnknownTarget {
    /// The word.
    pub word: String,
    /// The closest existing address.
    pub closest: Option<String>,
}

/// Finds the address that a user means by a word: an address, a block's label, or an account's id. A label of a block with `for_each` means
/// every instance.
///
/// # Errors
///
/// Returns an error if no account of the configuration matches.
pub fn find_target(roster: &DesiredRoster, word: &str) -> Result<Address, UnknownTarget> {
    let by_id = word.parse::<AccountId>().ok().and_then(|id| roster.accounts.iter().find(|account| account.id == id));
    if let Some(account) = by_id {
        return Ok(account.address.clone());
    }
    let address = word.parse().unwrap_or_else(|_| Address::new(word));
    if roster.accounts.iter().any(|account| address.covers(&account.address)) {
        return Ok(address);
    }
    // Compare names without the common type, which would make any two addresses similar.
    let names: Vec<_> = roster.accounts.iter().map(|account| account.address.name()).collect();
    let words: Vec<_> = names.iter().map(String::as_str).collect();
    let found = closest(&address.name(), &words);
    let closest = found.and_then(|name| roster.accounts.iter().find(|account| account.address.name() == name));
    let closest = closest.map(|account| account.address.to_string());
    Err(UnknownTarget { word: word.to_owned(), closest })
}
