//! The shapes of the Organizations API in answers.

use jiff::Timestamp;
use serde::Serialize;

use crate::sandbox::state::World;
use crate::sandbox::state::account::{Account, Membership};
use crate::sandbox::state::organization::{FeatureSet, Organization, Policy, PolicyType, Unit};
use crate::sandbox::state::words::Word;

/// A timestamp in the form of the JSON protocols: seconds since the epoch.
#[must_use]
pub fn epoch(instant: Timestamp) -> f64 {
    instant.as_millisecond() as f64 / 1000.0
}

/// `Organization`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrganizationView {
    id: String,
    arn: String,
    feature_set: &'static str,
    master_account_arn: String,
    master_account_id: String,
    master_account_email: String,
    available_policy_types: Vec<PolicyTypeView>,
}

/// `PolicyTypeSummary`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyTypeView {
    r#type: String,
    status: &'static str,
}

impl PolicyTypeView {
    /// An enabled policy type.
    #[must_use]
    pub fn enabled(kind: &PolicyType) -> Self {
        Self { r#type: kind.as_str().to_owned(), status: "ENABLED" }
    }
}

impl OrganizationView {
    /// The organization as each of its accounts sees it. `AvailablePolicyTypes` is the outdated list that AWS warns about: it contains
    /// service control policies if all features are enabled, whether or not the root enables them.
    #[must_use]
    pub fn of(organization: &Organization, world: &World) -> Self {
        let management = world.accounts.get(&organization.management);
        let all = organization.feature_set == FeatureSet::All;
        Self {
            id: organization.id.clone(),
            arn: organization.arn(),
            feature_set: organization.feature_set.as_str(),
            master_account_arn: organization.account_arn(organization.management),
            master_account_id: organization.management.to_string(),
            master_account_email: management.map(|account| account.email.clone()).unwrap_or_default(),
            available_policy_types: all.then(|| PolicyTypeView::enabled(&PolicyType::ServiceControl)).into_iter().collect(),
        }
    }
}

/// `Account`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccountView {
    id: String,
    arn: String,
    email: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    state: &'static str,
    paths: [String; 1],
    joined_method: &'static str,
    joined_timestamp: f64,
}

impl AccountView {
    /// A member of an organization.
    #[must_use]
    pub fn of(account: &Account, membership: &Membership, organization: &Organization) -> Self {
        let mut path = organization.path(&membership.parent);
        path.push_str(&account.id.to_string());
        path.push('/');
        Self {
            id: account.id.to_string(),
            arn: organization.account_arn(account.id),
            email: account.email.clone(),
            name: account.name.clone(),
            status: account.state.as_status(),
            state: account.state.as_str(),
            paths: [path],
            joined_method: membership.joined_method.as_str(),
            joined_timestamp: epoch(membership.joined),
        }
    }
}

/// `DelegatedAdministrator`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DelegatedAdministratorView {
    id: String,
    arn: String,
    email: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    state: &'static str,
    joined_method: &'static str,
    joined_timestamp: f64,
    delegation_enabled_date: f64,
}

impl DelegatedAdministratorView {
    /// A delegated administrator.
    #[must_use]
    pub fn of(account: &Account, membership: &Membership, organization: &Organization) -> Self {
        let enabled = membership.delegated.values().min().copied().unwrap_or(membership.joined);
        Self {
            id: account.id.to_string(),
            arn: organization.account_arn(account.id),
            email: account.email.clone(),
            name: account.name.clone(),
            status: account.state.as_status(),
            state: account.state.as_str(),
            joined_method: membership.joined_method.as_str(),
            joined_timestamp: epoch(membership.joined),
            delegation_enabled_date: epoch(enabled),
        }
    }
}

/// `Root`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RootView {
    id: String,
    arn: String,
    name: String,
    policy_types: Vec<PolicyTypeView>,
}

impl RootView {
    /// The root of an organization.
    #[must_use]
    pub fn of(organization: &Organization) -> Self {
        Self {
            id: organization.root.clone(),
            arn: organization.unit_arn(&organization.root),
            name: "Root".to_owned(),
            policy_types: organization.policy_types.iter().map(PolicyTypeView::enabled).collect(),
        }
    }
}

/// `OrganizationalUnit`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UnitView {
    id: String,
    arn: String,
    name: String,
    path: String,
}

impl UnitView {
    /// An organizational unit.
    #[must_use]
    pub fn of(unit: &Unit, organization: &Organization) -> Self {
        Self { id: unit.id.clone(), arn: organization.unit_arn(&unit.id), name: unit.name.clone(), path: organization.path(&unit.id) }
    }
}

/// `Parent` and `Child`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RelativeView {
    /// The id of the root, unit or account.
    pub id: String,
    /// `ROOT`, `ORGANIZATIONAL_UNIT` or `ACCOUNT`.
    pub r#type: &'static str,
}

/// `PolicySummary`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicySummaryView {
    id: String,
    arn: String,
    name: String,
    description: String,
    r#type: String,
    aws_managed: bool,
}

impl PolicySummaryView {
    /// A policy without its content.
    #[must_use]
    pub fn of(policy: &Policy, organization: &Organization) -> Self {
        Self {
            id: policy.id.clone(),
            arn: organization.policy_arn(policy),
            name: policy.name.clone(),
            description: policy.description.clone(),
            r#type: policy.kind.as_str().to_owned(),
            aws_managed: policy.aws_managed,
        }
    }
}

/// `Policy`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PolicyView {
    policy_summary: PolicySummaryView,
    content: String,
}

impl PolicyView {
    /// A policy with its content.
    #[must_use]
    pub fn of(policy: &Policy, organization: &Organization) -> Self {
        Self { policy_summary: PolicySummaryView::of(policy, organization), content: policy.content.clone() }
    }
}

/// A tag.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagView {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
}
