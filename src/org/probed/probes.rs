//! What is read in a member account, or about it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, DateTime, Handshake, OrganizationConditions, PaymentInstrument, Provenance, ReadFailure, RootUser};

/// One read in an account: its answer, why it failed, or that it was not made yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Probe<T> {
    /// Not probed yet. Apply will; until then the gate that needs the answer is deferred.
    #[default]
    NotRun,
    /// What was seen.
    Seen {
        /// The answer.
        value: T,
        /// Where it comes from.
        provenance: Provenance,
    },
    /// The read failed.
    Failed(ReadFailure),
}

impl<T> Probe<T> {
    /// What was seen, if anything was.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Seen { value, .. } => Some(value),
            Self::NotRun | Self::Failed(_) => None,
        }
    }

    /// The better of two reads: an answer before a failure, and a failure before a read that was not made.
    #[must_use]
    fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Seen { .. }, _) | (Self::Failed(_), Self::Failed(_) | Self::NotRun) => self,
            (Self::NotRun, _) | (Self::Failed(_), Self::Seen { .. }) => other,
        }
    }

    /// Whether it was not probed yet.
    #[must_use]
    pub const fn is_not_run(&self) -> bool {
        matches!(self, Self::NotRun)
    }

    /// Whether it was seen.
    #[must_use]
    pub const fn is_seen(&self) -> bool {
        matches!(self, Self::Seen { .. })
    }
}

/// Everything that is probed for one account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Probes {
    /// Tags of the role that makes the call (iam:GetRole).
    pub role_tags: Probe<BTreeMap<String, String>>,
    /// What IAM's simulator answers about the call (iam:SimulatePrincipalPolicy).
    pub simulation: Probe<Simulation>,
    /// Handshakes that are not concluded (organizations:ListHandshakesForAccount).
    pub handshakes: Probe<Vec<Handshake>>,
    /// What the contact information lacks, and whether its phone number is verified (account:GetContactInformation).
    pub contact: Probe<ContactInformation>,
    /// When the account was created (account:GetAccountInformation).
    #[schemars(with = "Probe<DateTime>")]
    pub created: Probe<Timestamp>,
    /// What the Support API shows of the support plan (support:DescribeSeverityLevels).
    pub support: Probe<SupportEvidence>,
    /// Payment instruments, asked for only where nobody's word on them counts (payments:ListPaymentInstruments).
    pub payment: Probe<Vec<PaymentInstrument>>,
    /// Whether the organization manages root credentials centrally (iam:ListOrganizationsFeatures).
    pub central_root: Probe<bool>,
    /// The root user's credentials, where they are managed centrally (iam:GetLoginProfile).
    pub root: Probe<RootUser>,
    /// Policies that protect it, by type, each with what it sets (organizations:DescribeEffectivePolicy).
    pub protections: Probe<BTreeMap<String, Vec<String>>>,
    /// Whether the organization's resource-based policy names it (organizations:DescribeResourcePolicy).
    pub delegation: Probe<bool>,
    /// What the landing zone has it for, such as `centralizedLogging account` (controltower:GetLandingZone).
    pub landing_zone: Probe<Vec<String>>,
    /// Its policies that depend on the organization, asked for only where the gate is on (iam:GetAccountAuthorizationDetails).
    pub conditions: Probe<OrganizationConditions>,
    /// Resource shares that it receives and gives (ram:GetResourceShares and ram:ListPrincipals).
    pub shares: Probe<ResourceShares>,
    /// Stack sets that delete their stacks in it when it leaves (cloudformation:ListStackInstances).
    pub stack_sets: Probe<Held>,
    /// Permission sets of Identity Center that are provisioned to it (sso:ListPermissionSetsProvisionedToAccount).
    pub permission_sets: Probe<Held>,
    /// Baselines that Control Tower enabled on it (controltower:ListEnabledBaselines).
    pub baselines: Probe<Held>,
    /// Trails of the organization that record it (cloudtrail:DescribeTrails).
    pub organization_trails: Probe<Held>,
}

impl Probes {
    /// The better of two sets of reads: answers before failures.
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

/// What an integrated service holds of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    /// By name, each with its region where the service has several.
    pub items: Vec<String>,
    /// The regions that were asked.
    pub regions: Vec<String>,
}

/// Resource shares of an account, in the regions that were asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ResourceShares {
    /// What others share with it, and what it shares.
    pub shares: Vec<ResourceShare>,
    /// The regions that were asked.
    pub regions: Vec<String>,
}

/// A resource share, as AWS Resource Access Manager lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ResourceShare {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// Who owns it.
    pub owner: AccountId,
    /// Whether it goes on when an account that it is shared with leaves the organization (`RetainSharingOnAccountLeaveOrganization`).
    pub retained: bool,
    /// Whether somebody in the owner's organization is among those it is shared with, where the account itself is the owner.
    pub shared_inside: bool,
}

/// The answer of IAM's policy simulator about LeaveOrganization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Simulation {
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub decision: String,
    /// `OrganizationsDecisionDetail.AllowedByOrganizations`, which AWS may omit.
    pub allowed_by_organizations: Option<bool>,
}

/// Which parts of the contact information are missing, and the status of its phone number. The data themselves are never kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ContactInformation {
    /// Names of the missing parts, as the API has them.
    pub missing: Vec<String>,
    /// `VerificationStatus` of the phone number, such as `VERIFIED`, verbatim: an open list. `None` if AWS sends none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verification: Option<String>,
}

/// What the Support API shows. It does not distinguish the free plan from none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupportEvidence {
    /// The API is open, as it is to paid plans.
    PaidPlan,
    /// `SubscriptionRequiredException`: the free plan, or none was chosen.
    FreePlanOrNone,
}
