//! Policies of the organization that concern accounts that leave.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{Observed, OperationName, PolicyId, UnitId};

/// The root, as ListRoots describes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Root {
    /// The root's id, `r-...`.
    #[schemars(with = "UnitId")]
    pub id: String,
    /// The policy types of the root, each with its status: `ENABLED`, `PENDING_ENABLE` or `PENDING_DISABLE`.
    pub policy_types: BTreeMap<String, String>,
}

/// The policy type of service control policies (Organizations API reference, `PolicyTypeSummary`).
pub const SERVICE_CONTROL_POLICY: &str = "SERVICE_CONTROL_POLICY";

/// A policy without its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicySummary {
    /// The policy's id, `p-...`.
    pub id: String,
    /// The policy's name.
    pub name: String,
}

/// A policy with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyText {
    /// The policy's name.
    pub name: String,
    /// The policy document, as JSON text (organizations:DescribePolicy).
    pub content: Observed<String>,
}

/// Service control policies attached to accounts that leave and to the levels above them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct AttachedPolicies {
    /// Ids of the policies attached directly to a root, unit or account, by its id.
    #[schemars(with = "BTreeMap<String, BTreeSet<PolicyId>>")]
    pub at: BTreeMap<String, BTreeSet<String>>,
    /// The policies, by policy id.
    #[schemars(with = "BTreeMap<PolicyId, PolicyText>")]
    pub texts: BTreeMap<String, PolicyText>,
    /// The operation that reported the attachments: the one of two that needs fewer requests.
    #[schemars(with = "OperationName")]
    pub operation: String,
}

/// Settings of the configuration for policies that facts can't decide.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Assumptions {
    /// Values of condition keys that the program can't read, by key. An empty list declares that the key is absent; several values are
    /// alternatives.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub context: BTreeMap<String, BTreeSet<String>>,
    /// Ids of policies whose undecided conditions don't block.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub advisory_policies: BTreeSet<String>,
}

impl Assumptions {
    /// Whether nothing is assumed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { context, advisory_policies } = self;
        context.is_empty() && advisory_policies.is_empty()
    }
}

/// Whether policies of a type protect resources in an account and leave no trace when they stop: backup plans, S3's public access blocks,
/// and declarative policies of any service (`PolicyType` of the Organizations API). Policies of every other type, including types that AWS
/// adds later, are shown as policies that stop applying.
#[must_use]
pub fn is_protective(policy_type: &str) -> bool {
    matches!(policy_type, "BACKUP_POLICY" | "S3_POLICY") || policy_type.starts_with("DECLARATIVE_POLICY_")
}
