//! Facts that are read in a member account or about it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, DateTime, Handshake, OrganizationConditions, PaymentInstrument, Provenance, ReadFailure, RootUser};

/// The result of one read in or about an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Probe<T> {
    /// Not probed yet. Apply will; until then the gate that needs the answer is deferred.
    #[default]
    NotRun,
    /// The read succeeded.
    Seen {
        /// The value that was read.
        value: T,
        /// The source of the value.
        provenance: Provenance,
    },
    /// The read failed.
    Failed(ReadFailure),
}

impl<T> Probe<T> {
    /// The value, if the read succeeded.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Seen { value, .. } => Some(value),
            Self::NotRun | Self::Failed(_) => None,
        }
    }

    /// The better of two results: an answer is better than a failure, and a failure is better than no read.
    #[must_use]
    fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Seen { .. }, _) | (Self::Failed(_), Self::Failed(_) | Self::NotRun) => self,
            (Self::NotRun, _) | (Self::Failed(_), Self::Seen { .. }) => other,
        }
    }

    /// Whether the read was not made yet.
    #[must_use]
    pub const fn is_not_run(&self) -> bool {
        matches!(self, Self::NotRun)
    }

    /// Whether the read succeeded.
    #[must_use]
    pub const fn is_seen(&self) -> bool {
        matches!(self, Self::Seen { .. })
    }
}

/// All probes of one account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Probes {
    /// Tags of the role that makes the call (iam:GetRole).
    pub role_tags: Probe<BTreeMap<String, String>>,
    /// The answer of IAM's policy simulator about the call (iam:SimulatePrincipalPolicy).
    pub simulation: Probe<Simulation>,
    /// Handshakes that have not ended (organizations:ListHandshakesForAccount).
    pub handshakes: Probe<Vec<Handshake>>,
    /// Missing parts of the contact information, and the status of its phone number (account:GetContactInformation).
    pub contact: Probe<ContactInformation>,
    /// When the account was created (account:GetAccountInformation).
    #[schemars(with = "Probe<DateTime>")]
    pub created: Probe<Timestamp>,
    /// What the Support API reveals about the support plan (support:DescribeSeverityLevels).
    pub support: Probe<SupportEvidence>,
    /// Payment instruments (payments:ListPaymentInstruments). Read only if there is no valid attestation of the payment method.
    pub payment: Probe<Vec<PaymentInstrument>>,
    /// Whether the organization manages root credentials centrally (iam:ListOrganizationsFeatures).
    pub central_root: Probe<bool>,
    /// The root user's credentials, if they are managed centrally (iam:GetLoginProfile).
    pub root: Probe<RootUser>,
    /// Policies that protect the account: by policy type, the settings of each (organizations:DescribeEffectivePolicy).
    pub protections: Probe<BTreeMap<String, Vec<String>>>,
    /// Whether the organization's resource-based policy refers to the account (organizations:DescribeResourcePolicy).
    pub delegation: Probe<bool>,
    /// The account's functions in the landing zone, such as `centralizedLogging account` (controltower:GetLandingZone).
    pub landing_zone: Probe<Vec<String>>,
    /// The account's policies that depend on the organization (iam:GetAccountAuthorizationDetails). Read only if the gate is enabled.
    pub conditions: Probe<OrganizationConditions>,
    /// Resource shares that the account receives or owns (ram:GetResourceShares and ram:ListPrincipals).
    pub shares: Probe<ResourceShares>,
    /// Stack sets that delete their stacks in the account when it leaves (cloudformation:ListStackInstances).
    pub stack_sets: Probe<Held>,
    /// Permission sets of Identity Center that are provisioned to the account (sso:ListPermissionSetsProvisionedToAccount).
    pub permission_sets: Probe<Held>,
    /// Baselines that Control Tower enabled on the account (controltower:ListEnabledBaselines).
    pub baselines: Probe<Held>,
    /// Trails of the organization that record the account (cloudtrail:DescribeTrails).
    pub organization_trails: Probe<Held>,
}

impl Probes {
    /// The better result of each probe in two sets.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            role_tags: self.role_tags.or(other.role_tags),
            simulation: self.simulation.or(other.simulation),
            handshakes: self.handshakes.or(other.handshakes),
            contact: self.contact.or(other.contact),
            created: self.created.or(other.created),
            support: self.support.or(other.support),
            payment: self.payment.or(other.payment),
            central_root: self.central_root.or(other.central_root),
            root: self.root.or(other.root),
            protections: self.protections.or(other.protections),
            delegation: self.delegation.or(other.delegation),
            landing_zone: self.landing_zone.or(other.landing_zone),
            conditions: self.conditions.or(other.conditions),
            shares: self.shares.or(other.shares),
            stack_sets: self.stack_sets.or(other.stack_sets),
            permission_sets: self.permission_sets.or(other.permission_sets),
            baselines: self.baselines.or(other.baselines),
            organization_trails: self.organization_trails.or(other.organization_trails),
        }
    }
}

/// The items of an integrated service for an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    /// Names of the items, each with its region if the service has several.
    pub items: Vec<String>,
    /// The regions that were queried.
    pub regions: Vec<String>,
}

/// Resource shares of an account, in the regions that were queried.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ResourceShares {
    /// Shares that the account receives, and shares that it owns.
    pub shares: Vec<ResourceShare>,
    /// The regions that were queried.
    pub regions: Vec<String>,
}

/// A resource share, as AWS Resource Access Manager lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceShare {
    /// The share's name.
    pub name: String,
    /// The share's region.
    pub region: String,
    /// The id of the account that owns the share.
    pub owner: AccountId,
    /// Whether sharing continues after a receiving account leaves the organization (`RetainSharingOnAccountLeaveOrganization`).
    pub retained: bool,
    /// Whether the account owns the share, and shares it with a principal in its organization.
    pub shared_inside: bool,
}

/// The answer of IAM's policy simulator about LeaveOrganization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Simulation {
    /// The decision: `allowed`, `explicitDeny` or `implicitDeny`.
    pub decision: String,
    /// The value of `OrganizationsDecisionDetail.AllowedByOrganizations`, which AWS may omit.
    pub allowed_by_organizations: Option<bool>,
}

/// The missing parts of the contact information, and the status of its phone number. The contact data itself is never stored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ContactInformation {
    /// Names of the missing fields, as in the API.
    pub missing: Vec<String>,
    /// The `VerificationStatus` of the phone number, such as `VERIFIED`, verbatim. AWS may add values. Absent if AWS sends none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verification: Option<String>,
}

/// What the Support API reveals. It does not distinguish the free plan from no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupportEvidence {
    /// The API answers, as it does for paid plans.
    PaidPlan,
    /// The API answers `SubscriptionRequiredException`: the free plan, or no plan was chosen.
    FreePlanOrNone,
}
