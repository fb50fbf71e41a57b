//! Limits on what one apply may do.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, OrganizationId};

/// How live members without an account block are reported, the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnmanagedPolicy {
    /// The plan counts them, without a diagnostic.
    Ignore,
    /// One warning with their number.
    Warn,
    /// One error with their number; the plan fails.
    Error,
}

/// The limits of a `guardrails` block, with defaults applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Guardrails {
    /// The maximum number of departures in one apply.
    pub max_detachments: u32,
    /// The maximum number of departures in one apply, in percent of the live members (0 to 100). Applies to organizations of 10 or more
    /// members.
    pub max_detachments_percent: u32,
    /// The maximum number of invitations that one apply sends or accepts; absent if 1, the default.
    #[serde(skip_serializing_if = "is_one", default = "one")]
    pub max_joins: u32,
    /// The number of distinct approvers that an apply needs; absent if 0, the default.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub approvers: u32,
    /// The organizations to which accounts may be transferred, each with the id of its management account.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub transfer_targets: BTreeMap<OrganizationId, AccountId>,
    /// Whether account blocks may have `via = "remove"`.
    pub allow_remove: bool,
    /// Ids of accounts that are never detached.
    pub protected_accounts: BTreeSet<AccountId>,
    /// How live members without an account block are reported.
    pub unmanaged: UnmanagedPolicy,
}

/// The default of `max_joins`.
const fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde requires this signature")]
const fn is_one(number: &u32) -> bool {
    *number == one()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde requires this signature")]
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
