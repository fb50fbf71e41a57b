//! Whether service control policies apply to a call at all (Organizations User Guide, "Service control policies", "Tasks and entities
//! not restricted by SCPs").

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::AccountId;

/// Who makes the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A principal of the management account.
    ManagementAccount,
    /// A service-linked role.
    ServiceLinkedRole,
    /// Any other principal of a member account: a role, a user or the root user, also in a delegated administrator account.
    Member,
}

impl Caller {
    /// Classifies the principal of `account` with this ARN. Service-linked roles have the path `/aws-service-role/`, which IAM does not
    /// give to any other role.
    #[must_use]
    pub fn of(principal_arn: &str, account: AccountId, management_account: AccountId) -> Self {
        if account == management_account {
            Self::ManagementAccount
        } else if principal_arn.splitn(6, ':').nth(5).is_some_and(|resource| resource.starts_with("role/aws-service-role/")) {
            Self::ServiceLinkedRole
        } else {
            Self::Member
        }
    }
}

/// The status of the policy type `SERVICE_CONTROL_POLICY` at the root (Organizations API reference, `PolicyTypeSummary`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyTypeStatus {
    /// In force.
    Enabled,
    /// Not among the root's policy types.
    NotEnabled,
    /// `PENDING_ENABLE`, `PENDING_DISABLE`, or a status that AWS adds later, verbatim.
    Other(String),
}

impl PolicyTypeStatus {
    /// Makes a status from `ListRoots[].PolicyTypes[].Status`. `None` means that the root does not list the type.
    #[must_use]
    pub fn from_status(status: Option<&str>) -> Self {
        match status {
            None => Self::NotEnabled,
            Some("ENABLED") => Self::Enabled,
            Some(other) => Self::Other(other.to_owned()),
        }
    }
}

/// Everything that decides whether service control policies apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enforcement {
    /// Who calls.
    pub caller: Caller,
    /// `Organization.FeatureSet`: `ALL` or `CONSOLIDATED_BILLING`.
    pub feature_set: String,
    /// The status of the policy type at the root.
    pub policy_type: PolicyTypeStatus,
}

/// Why service control policies do not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exemption {
    /// They never apply to the management account.
    ManagementAccount,
    /// They never apply to service-linked roles.
    ServiceLinkedRole,
    /// The organization has consolidated billing only.
    ConsolidatedBilling,
    /// The policy type is not enabled at the root.
    PolicyTypeNotEnabled,
}

impl fmt::Display for Exemption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ManagementAccount => "service control policies do not apply to the management account",
            Self::ServiceLinkedRole => "service control policies do not apply to service-linked roles",
            Self::ConsolidatedBilling => "the organization has only the consolidated billing features",
            Self::PolicyTypeNotEnabled => "service control policies are not enabled in the organization",
        })
    }
}

/// Whether service control policies apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Applies {
    Yes,
    No(Exemption),
    /// Not known, for this reason.
    Unknown(String),
}

impl Enforcement {
    /// Makes an enforcement with policies in force and a caller to whom they apply.
    #[must_use]
    pub fn in_force() -> Self {
        Self { caller: Caller::Member, feature_set: "ALL".to_owned(), policy_type: PolicyTypeStatus::Enabled }
    }

    pub(super) fn applies(&self) -> Applies {
        let Self { caller, feature_set, policy_type } = self;
        match (caller, feature_set.as_str(), policy_type) {
            (Caller::ManagementAccount, _, _) => Applies::No(Exemption::ManagementAccount),
            (Caller::ServiceLinkedRole, _, _) => Applies::No(Exemption::ServiceLinkedRole),
            (_, "CONSOLIDATED_BILLING", _) => Applies::No(Exemption::ConsolidatedBilling),
            (_, "ALL", PolicyTypeStatus::Enabled) => Applies::Yes,
            (_, "ALL", PolicyTypeStatus::NotEnabled) => Applies::No(Exemption::PolicyTypeNotEnabled),
            (_, "ALL", PolicyTypeStatus::Other(status)) => {
                Applies::Unknown(format!("the policy type SERVICE_CONTROL_POLICY is in the state {status}"))
            }
            (_, other, _) => Applies::Unknown(format!("the organization has the unknown feature set {other:?}")),
        }
    }
}
