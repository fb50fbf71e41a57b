//! What the planner is given.

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
    /// The sources of the configuration, for places.
    pub sources: &'a SourceMap,
    /// The live organization.
    pub observed: &'a ObservedOrganization,
    /// Accounts that a record names, each with its latest act.
    pub records: &'a BTreeMap<AccountId, PastAct>,
    /// What the journal knows of joinings.
    pub joinings: &'a BTreeMap<AccountId, JoiningStory>,
    /// Addresses to plan for; empty means all.
    pub targets: &'a [Address],
    /// The run's one time.
    pub now: Timestamp,
    /// Whether the organization is the sandbox's.
    pub sandbox: bool,
    /// When the snapshot was taken that stands for the live organization, if one does.
    pub snapshot: Option<Timestamp>,
}

/// What was done to an account before, as far as a plan needs to know its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PastAct {
    /// What was done.
    pub action: Action,
    /// When it was seen to have taken effect.
    #[schemars(with = "DateTime")]
    pub effective_at: Timestamp,
    /// The record's name in the backend.
    #[schemars(with = "RecordName")]
    pub record: String,
    /// The digest of the plan that was carried out.
    pub digest: Digest,
    /// The act's own part of that digest: see [`super::PlannedAccount::approved_part`].
    pub part: Digest,
    /// What the account had, where it left.
    #[serde(skip_serializing_if = "Kept::is_empty", default)]
    pub kept: Kept,
    /// Where it stood, where it left.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<OrganizationPath>,
}

/// A word that names no account of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no account block has the address, label or id {word}")]
pub struct UnknownTarget {
    /// The word.
    pub word: String,
    /// The closest address that exists.
    pub closest: Option<String>,
}

/// The address that a person means by a word: the address itself, a block's label, or an account's id. A label means every instance that
/// `for_each` makes.
///
/// # Errors
///
/// Nothing of the configuration is called so.
pub fn find_target(roster: &DesiredRoster, word: &str) -> Result<Address, UnknownTarget> {
    let by_id = word.parse::<AccountId>().ok().and_then(|id| roster.accounts.iter().find(|account| account.id == id));
    if let Some(account) = by_id {
        return Ok(account.address.clone());
    }
    let address = word.parse().unwrap_or_else(|_| Address::new(word));
    if roster.accounts.iter().any(|account| address.covers(&account.address)) {
        return Ok(address);
    }
    // The type, which all have in common, would make any two of them alike.
    let names: Vec<_> = roster.accounts.iter().map(|account| account.address.name()).collect();
    let words: Vec<_> = names.iter().map(String::as_str).collect();
    let found = closest(&address.name(), &words);
    let closest = found.and_then(|name| roster.accounts.iter().find(|account| account.address.name() == name));
    let closest = closest.map(|account| account.address.to_string());
    Err(UnknownTarget { word: word.to_owned(), closest })
}
