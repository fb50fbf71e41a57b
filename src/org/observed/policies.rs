//! Policies of the organization, as far as they concern accounts that leave.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{Observed, OperationName, PolicyId, UnitId};

/// The root, as ListRoots answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Root {
    /// `r-...`.
    #[schemars(with = "UnitId")]
    pub id: String,
    /// Policy types that the root lists, each with its status: `ENABLED`, `PENDING_ENABLE` or `PENDING_DISABLE`.
    pub policy_types: BTreeMap<String, String>,
}

/// The policy type of service control policies (Organizations API reference, `PolicyTypeSummary`).
pub const SERVICE_CONTROL_POLICY: &str = "SERVICE_CONTROL_POLICY";

/// A policy without its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicySummary {
    /// `p-...`.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A policy with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyText {
    /// Its name.
    pub name: String,
    /// Its content, as DescribePolicy answers.
    pub content: Observed<String>,
}

/// Service control policies at the levels above accounts that leave, and at these accounts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct AttachedPolicies {
    /// Ids of the policies attached directly, by root, unit and account id.
    #[schemars(with = "BTreeMap<String, BTreeSet<PolicyId>>")]
    pub at: BTreeMap<String, BTreeSet<String>>,
    /// The policies, by id.
    #[schemars(with = "BTreeMap<PolicyId, PolicyText>")]
    pub texts: BTreeMap<String, PolicyText>,
    /// The operation that reported what is attached: the cheaper of two directions.
    #[schemars(with = "OperationName")]
    pub operation: String,
}

/// What the configuration says about policies that facts can't decide.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Assumptions {
    /// Values of condition keys that the tool can't see. None declares a key absent; several are alternatives.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub context: BTreeMap<String, BTreeSet<String>>,
    /// Policies that may stay undecided.
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

/// Whether policies of a type protect what is in an account and leave no trace when they stop: backup plans, public access blocks of S3, and
/// declarative policies, whichever service they are for (`PolicyType` of the Organizations API). Every other type, those that AWS adds later
/// included, is shown as what it is: a policy that stops applying.
#[must_use]
pub fn is_protective(policy_type: &str) -> bool {
    matches!(policy_type, "BACKUP_POLICY" | "S3_POLICY") || policy_type.starts_with("DECLARATIVE_POLICY_")
}
