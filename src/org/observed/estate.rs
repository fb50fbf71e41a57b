//! What an organization holds beside what a plan depends on, so that two snapshots of it can be compared.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, DelegatedServices, Observed, PolicyId, PolicyTargetId, UnitId};

/// Everything of an organization that accounts depend on, whichever accounts a configuration declares. Each fact is read or denied by
/// itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Estate {
    /// Names of the organizational units above accounts, by id.
    #[schemars(with = "BTreeMap<UnitId, String>")]
    pub unit_names: BTreeMap<String, String>,
    /// Tags of each account (organizations:ListTagsForResource).
    pub tags: BTreeMap<AccountId, Observed<BTreeMap<String, String>>>,
    /// Services of each delegated administrator (organizations:ListDelegatedServicesForAccount).
    pub delegated_services: BTreeMap<AccountId, Observed<DelegatedServices>>,
    /// Services with trusted access (organizations:ListAWSServiceAccessForOrganization).
    pub service_access: Observed<BTreeSet<String>>,
    /// Policies of each type that the root has enabled, by type and id (organizations:ListPolicies).
    #[schemars(with = "BTreeMap<String, Observed<BTreeMap<PolicyId, EstatePolicy>>>")]
    pub policy_types: BTreeMap<String, Observed<BTreeMap<String, EstatePolicy>>>,
}

/// A policy, with where it is attached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EstatePolicy {
    /// Its name.
    pub name: String,
    /// Its content (organizations:DescribePolicy).
    pub content: Observed<String>,
    /// The roots, units and accounts that it is attached to (organizations:ListTargetsForPolicy).
    #[schemars(with = "Observed<BTreeSet<PolicyTargetId>>")]
    pub targets: Observed<BTreeSet<String>>,
}
