//! Organizations: the tree of organizational units, the policies, and the enabled features.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::org::AccountId;

use super::integrations::Integrations;
use super::partition::Partition;
use super::words::words;

pub use super::policy_type::PolicyType;

words! {
    /// `Organization.FeatureSet`.
    FeatureSet {
        /// All features: policies of every type can be enabled.
        All = "ALL",
        /// Consolidated billing only: no policies.
        ConsolidatedBilling = "CONSOLIDATED_BILLING",
    }
}

words! {
    /// A capability of an organization over its members' root users (`FeatureType` of IAM).
    RootFeature {
        /// Manages the root users' credentials.
        Credentials = "RootCredentialsManagement",
        /// Runs privileged tasks as root user.
        Sessions = "RootSessions",
    }
}

/// A root or an organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// `r-…` or `ou-…`.
    pub id: String,
    /// Its name; `Root` for the root.
    pub name: String,
    /// The parent; `None` for the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Policies attached to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// Organizational units directly in it. Derived.
    #[serde(skip)]
    pub units: BTreeSet<String>,
    /// Accounts directly in it. Derived.
    #[serde(skip)]
    pub accounts: BTreeSet<AccountId>,
}

impl Unit {
    /// A unit without units and accounts.
    #[must_use]
    pub fn new(id: String, name: impl Into<String>, parent: Option<String>) -> Self {
        Self {
            id,
            name: name.into(),
            parent,
            tags: BTreeMap::new(),
            policies: Vec::new(),
            units: BTreeSet::new(),
            accounts: BTreeSet::new(),
        }
    }
}

/// A target that a policy can be attached to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A root or organizational unit.
    Unit(String),
    /// An account.
    Account(AccountId),
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// `p-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its type.
    pub kind: PolicyType,
    /// Its document, as JSON.
    pub content: String,
    /// Whether AWS manages it.
    pub aws_managed: bool,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The targets that it is attached to. Derived.
    #[serde(skip)]
    pub targets: BTreeSet<Target>,
}

/// The resource-based policy of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourcePolicy {
    /// `rp-…`.
    pub id: String,
    /// Its document, as JSON.
    pub content: String,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// The document of the policies that allow everything.
const FULL_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
/// The resource control policy that allows everything also has a principal.
const FULL_RESOURCE_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

impl Policy {
    /// The policy that AWS provides for a policy type.
    #[must_use]
    pub fn full_access(kind: PolicyType) -> Option<Self> {
        let id = kind.full_access()?;
        let content = if kind == PolicyType::ResourceControl { FULL_RESOURCE_ACCESS } else { FULL_ACCESS };
        Some(Self {
            id: id.to_owned(),
            name: id.trim_start_matches("p-").to_owned(),
            description: "Allows access to every operation".to_owned(),
            kind,
            content: content.to_owned(),
            aws_managed: true,
            tags: BTreeMap::new(),
            targets: BTreeSet::new(),
        })
    }
}

/// The default account quota of an organization (Organizations User Guide, quotas).
pub const DEFAULT_ACCOUNT_QUOTA: u64 = 10;
/// The largest account quota on request (the same).
pub const MAX_ACCOUNT_QUOTA: u32 = 50_000;

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// `o-…`.
    pub id: String,
    /// Its partition.
    pub partition: Partition,
    /// Its management account.
    pub management: AccountId,
    /// Its features.
    pub feature_set: FeatureSet,
    /// The id of its root.
    pub root: String,
    /// The root and every organizational unit, by id.
    pub units: BTreeMap<String, Unit>,
    /// Policies by id.
    pub policies: BTreeMap<String, Policy>,
    /// Policy types that are enabled on the root.
    pub policy_types: BTreeSet<PolicyType>,
    /// Its resource policy, with the permissions that it delegates to members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_policy: Option<ResourcePolicy>,
    /// The account quota. Closed accounts and open invitations count.
    pub account_quota: u64,
    /// Services with trusted access, each with the time when it was enabled.
    pub service_access: BTreeMap<String, Timestamp>,
    /// The root features that are enabled.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub root_features: BTreeSet<RootFeature>,
    /// The state that integrated services keep about its accounts.
    pub integrations: Integrations,
    /// Its accounts. Derived.
    #[serde(skip)]
    pub members: BTreeSet<AccountId>,
    /// Delegated administrators. Derived.
    #[serde(skip)]
    pub delegated_administrators: BTreeSet<AccountId>,
}

impl Organization {
    /// Creates an organization without accounts.
    #[must_use]
    pub fn new(id: String, partition: Partition, management: AccountId, feature_set: FeatureSet, root: String) -> Self {
        let policies = [PolicyType::ServiceControl, PolicyType::ResourceControl].into_iter().filter_map(Policy::full_access);
        Self {
            units: BTreeMap::from([(root.clone(), Unit::new(root.clone(), "Root", None))]),
            policies: policies.map(|policy| (policy.id.clone(), policy)).collect(),
            policy_types: BTreeSet::new(),
            resource_policy: None,
            account_quota: DEFAULT_ACCOUNT_QUOTA,
            service_access: BTreeMap::new(),
            root_features: BTreeSet::new(),
            integrations: Integrations::at(partition.home_region()),
            members: BTreeSet::new(),
            delegated_administrators: BTreeSet::new(),
            id,
            partition,
            management,
            feature_set,
            root,
        }
    }

    /// The ids from the root to `unit`, including both. Empty if `unit` does not exist.
    #[must_use]
    pub fn chain(&self, unit: &str) -> Vec<&str> {
        let mut chain = Vec::new();
        let mut next = self.units.get(unit);
        // A chain longer than the number of units would be a cycle. The check of the state excludes cycles; this bound guarantees
        // termination.
        while let Some(unit) = next.filter(|_| chain.len() < self.units.len()) {
            chain.push(unit.id.as_str());
            next = unit.parent.as_ref().and_then(|parent| self.units.get(parent));
        }
        chain.reverse();
        chain
    }

    /// `Path` of the Organizations API: `o-…/r-…/ou-…/`.
    #[must_use]
    pub fn path(&self, unit: &str) -> String {
        let mut path = format!("{}/", self.id);
        for id in self.chain(unit) {
            path.push_str(id);
            path.push('/');
        }
        path
    }

    /// The organization's ARN. Every ARN of an organization contains the management account's id.
    #[must_use]
    pub fn arn(&self) -> String {
        self.arn_of("organization", "")
    }

    /// The ARN of a member account.
    #[must_use]
    pub fn account_arn(&self, account: AccountId) -> String {
        self.partition.arn("organizations", self.management, format_args!("account/{}/{account}", self.id))
    }

    /// The ARN of a root or organizational unit.
    #[must_use]
    pub fn unit_arn(&self, unit: &str) -> String {
        self.arn_of(if unit == self.root { "root" } else { "ou" }, unit)
    }

    /// The ARN of a policy.
    #[must_use]
    pub fn policy_arn(&self, policy: &Policy) -> String {
        let kind = policy.kind.as_str().to_lowercase();
        if policy.aws_managed {
            return self.partition.arn("organizations", "aws", format_args!("policy/{kind}/{}", policy.id));
        }
        self.partition.arn("organizations", self.management, format_args!("policy/{}/{kind}/{}", self.id, policy.id))
    }

    /// The ARN of its resource policy.
    #[must_use]
    pub fn resource_policy_arn(&self, policy: &ResourcePolicy) -> String {
        self.arn_of("resourcepolicy", &policy.id)
    }

    fn arn_of(&self, kind: &str, id: &str) -> String {
        let slash = if id.is_empty() { "" } else { "/" };
        self.partition.arn("organizations", self.management, format_args!("{kind}/{}{slash}{id}", self.id))
    }

    /// The policy type with this name: one that AWS documents, or another that is enabled here or has policies.
    #[must_use]
    pub fn policy_type(&self, word: &str) -> Option<PolicyType> {
        let of_policies = self.policies.values().map(|policy| &policy.kind);
        let known = PolicyType::DOCUMENTED.iter().map(|(_, kind)| *kind).chain(&self.policy_types).chain(of_policies);
        known.into_iter().find(|kind| kind.as_str() == word).cloned()
    }

    /// Whether policies of a type have an effect, which requires all features and that the type is enabled on the root.
    #[must_use]
    pub fn enforces(&self, kind: &PolicyType) -> bool {
        self.feature_set == FeatureSet::All && self.policy_types.contains(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization() -> Organization {
        let mut organization =
            Organization::new("o-exampleorgid".into(), Partition::Aws, "111111111111".parse().unwrap(), FeatureSet::All, "r-ab12".into());
        let unit = Unit::new("ou-ab12-aaaaaaaa".into(), "Workloads", Some("r-ab12".into()));
        organization.units.insert(unit.id.clone(), unit);
        organization
    }

    #[test]
    fn a_path_leads_from_the_organization_to_the_unit() {
        assert_eq!(organization().path("ou-ab12-aaaaaaaa"), "o-exampleorgid/r-ab12/ou-ab12-aaaaaaaa/");
        assert_eq!(organization().chain("ou-ab12-nowhere1"), [""; 0]);
    }

    #[test]
    fn arns_embed_the_management_account() {
        let organization = organization();
        assert_eq!(organization.arn(), "arn:aws:organizations::111111111111:organization/o-exampleorgid");
        assert_eq!(organization.unit_arn("r-ab12"), "arn:aws:organizations::111111111111:root/o-exampleorgid/r-ab12");
        let full = &organization.policies["p-FullAWSAccess"];
        assert_eq!(organization.policy_arn(full), "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess");
    }

    #[test]
    fn a_policy_type_counts_only_with_all_features() {
        let mut organization = organization();
        organization.policy_types.insert(PolicyType::ServiceControl);
        assert!(organization.enforces(&PolicyType::ServiceControl));
        organization.feature_set = FeatureSet::ConsolidatedBilling;
        assert!(!organization.enforces(&PolicyType::ServiceControl));
    }
}
