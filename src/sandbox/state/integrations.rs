//! What services integrated with an organization hold of its accounts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::org::AccountId;

/// Everything that the integrated services hold. They have one home region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integrations {
    /// The region in which all of it is.
    pub region: String,
    /// Service-managed stack sets by name.
    pub stack_sets: BTreeMap<String, StackSet>,
    /// Permission sets of Identity Center by name, with the accounts that they are provisioned to.
    pub permission_sets: BTreeMap<String, BTreeSet<AccountId>>,
    /// Resource shares by name.
    pub resource_shares: BTreeMap<String, Share>,
    /// Accounts that Control Tower manages.
    pub enrolled: BTreeSet<AccountId>,
    /// The landing zone's account for logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_archive: Option<AccountId>,
    /// The landing zone's account for audits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AccountId>,
    /// The landing zone's account for central backups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub central_backup: Option<AccountId>,
    /// The trail of the organization.
    pub organization_trail: Option<String>,
}

impl Integrations {
    /// Nothing, in a region.
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
    /// Accounts with a stack of it.
    pub accounts: BTreeSet<AccountId>,
}

/// A resource share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Its owner.
    pub owner: AccountId,
    /// Accounts that it is shared with.
    pub accounts: BTreeSet<AccountId>,
    /// `retainSharingOnAccountLeaveOrganization`.
    pub retained: bool,
}
