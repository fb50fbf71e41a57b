//! What is seen from inside a member account, or of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Provenance, Unreadable};

/// One look: its answer, why there is none, or that nobody has looked yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Look<T> {
    /// Nobody has looked. Apply does, so that a gate which needs the answer is deferred.
    #[default]
    NotTaken,
    /// What was seen.
    Seen {
        /// The answer.
        value: T,
        /// Where it comes from.
        provenance: Provenance,
    },
    /// It can't be seen.
    Unreadable(Unreadable),
}

impl<T> Look<T> {
    /// What was seen, if anything was.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Seen { value, .. } => Some(value),
            Self::NotTaken | Self::Unreadable(_) => None,
        }
    }
}

/// Everything that is looked at for one account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Looks {
    /// Tags of the role that makes the call (iam:GetRole).
    pub role_tags: Look<BTreeMap<String, String>>,
    /// What IAM's simulator answers about the call (iam:SimulatePrincipalPolicy).
    pub simulation: Look<Simulation>,
    /// Handshakes that are not concluded (organizations:ListHandshakesForAccount).
    pub handshakes: Look<Vec<OpenHandshake>>,
    /// What the contact information lacks (account:GetContactInformation).
    pub contact: Look<ContactInformation>,
    /// When the account was created (account:GetAccountInformation).
    #[schemars(with = "Look<String>")]
    pub created: Look<Timestamp>,
    /// What the Support API shows of the support plan (support:DescribeSeverityLevels).
    pub support: Look<SupportEvidence>,
}

/// The answer of IAM's policy simulator about LeaveOrganization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Simulation {
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    pub decision: String,
    /// `OrganizationsDecisionDetail.AllowedByOrganizations`, which AWS may omit.
    pub allowed_by_organizations: Option<bool>,
}

/// A handshake that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenHandshake {
    /// `h-...`.
    pub id: String,
    /// Such as `INVITE`.
    pub action: String,
    /// `REQUESTED` or `OPEN`.
    pub state: String,
}

/// Which parts of the contact information are missing. The data themselves are never kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ContactInformation {
    /// Names of the missing parts, as the API has them.
    pub missing: Vec<String>,
}

/// What the Support API shows. It can't tell the free plan from none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SupportEvidence {
    /// The API is open, as it is to paid plans.
    PaidPlan,
    /// `SubscriptionRequiredException`: the free plan, or none was chosen.
    FreePlanOrNone,
}
