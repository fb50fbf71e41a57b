//! The parts of an organization that a plan does not depend on, so that two snapshots can be compared.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, DelegatedServices, Observed, PolicyId, PolicyTargetId, UnitId};

/// The parts of an organization on which its accounts depend, regardless of the accounts that a configuration declares. Each value is
/// either the fact or the reason that it could not be read.
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
    /// Policies of each type that is enabled in the root, by type and id (organizations:ListPolicies).
    #[schemars(with = "BTreeMap<String, Observed<BTreeMap<PolicyId, EstatePolicy>>>")]
    pub policy_types: BTreeMap<String, Observed<BTreeMap<String, EstatePolicy>>>,
}

/// A policy and its targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EstatePolicy {
    /// The policy's name.
    pub name: String,
    /// The policy document, as JSON text (organizations:DescribePolicy).
    pub content: Observed<String>,
    /// Ids of the roots, units and accounts to which the policy is attached (organizations:ListTargetsForPolicy).
    #[schemars(with = "Observed<BTreeSet<PolicyTargetId>>")]
    pub targets: Observed<BTreeSet<String>>,
}
