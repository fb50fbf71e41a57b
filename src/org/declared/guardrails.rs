//! Limits on what one apply may do.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, OrganizationId};

/// What to say about live members that no block declares, the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnmanagedPolicy {
    /// Counted in the plan, no diagnostic.
    Ignore,
    /// One counted warning.
    Warn,
    /// One counted error; the plan fails.
    Error,
}

/// The limits of a `guardrails` block, defaults applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Guardrails {
    /// Most departures of one apply.
    pub max_detachments: u32,
    /// Most departures of one apply in percent of the live members (0 to 100); counts from 10 members up.
    pub max_detachments_percent: u32,
    /// Most invitations that one apply sends or accepts; left out where it is 1, the default.
    #[serde(skip_serializing_if = "is_one", default = "one")]
    pub max_joins: u32,
    /// How many distinct approvers an apply must name; left out where it is 0, the default.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub approvers: u32,
    /// Where transfers may lead: organizations, each with its management account.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub transfer_targets: BTreeMap<OrganizationId, AccountId>,
    /// Whether blocks may say `via = "remove"`.
    pub allow_remove: bool,
    /// Accounts that are never detached.
    pub protected_accounts: BTreeSet<AccountId>,
    /// What live members without a block cause.
    pub unmanaged: UnmanagedPolicy,
}

/// The default of `max_joins`.
const fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_one(number: &u32) -> bool {
    *number == one()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Default for Guardrails {
    fn default() -> Self {
        Self {
            max_detachments: 1,
            max_detachments_percent: 10,
            max_joins: one(),
            approvers: 0,
            transfer_targets: BTreeMap::new(),
            allow_remove: false,
            protected_accounts: BTreeSet::new(),
            unmanaged: UnmanagedPolicy::Warn,
        }
    }
}
