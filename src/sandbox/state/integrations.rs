//! The state that integrated services keep about an organization's accounts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::org::AccountId;

/// The state of all integrated services. They share one home region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integrations {
    /// The region of this state.
    pub region: String,
    /// Service-managed stack sets by name.
    pub stack_sets: BTreeMap<String, StackSet>,
    /// Permission sets of Identity Center by name, with the accounts that they are provisioned to.
    pub permission_sets: BTreeMap<String, BTreeSet<AccountId>>,
    /// Resource shares, by name.
    pub resource_shares: BTreeMap<String, Share>,
    /// Accounts that Control Tower manages.
    pub enrolled: BTreeSet<AccountId>,
    /// The landing zone's log archive account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_archive: Option<AccountId>,
    /// The landing zone's audit account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AccountId>,
    /// The landing zone's central backup account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub central_backup: Option<AccountId>,
    /// The organization trail.
    pub organization_trail: Option<String>,
}

impl Integrations {
    /// Empty integrations in a region.
    #[must_use]
    pub fn at(region: &str) -> Self {
        Self {
            region: region.to_owned(),
            stack_sets: BTreeMap::new(),
            permission_sets: BTreeMap::new(),
            resource_shares: BTreeMap::new(),
            enrolled: BTreeSet::new(),
            log_archive: None,
            audit: None,
            central_backup: None,
            organization_trail: None,
        }
    }
}

/// A stack set with service-managed permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackSet {
    /// `AutoDeployment.Enabled`.
    pub automatic: bool,
    /// `AutoDeployment.RetainStacksOnAccountRemoval`.
    pub retains_stacks: bool,
    /// The accounts with a stack of this set.
    pub accounts: BTreeSet<AccountId>,
}

/// A resource share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Its owner.
    pub owner: AccountId,
    /// The accounts that it is shared with.
    pub accounts: BTreeSet<AccountId>,
    /// `retainSharingOnAccountLeaveOrganization`.
    pub retained: bool,
}
