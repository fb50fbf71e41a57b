//! AWS accounts, in an organization or standalone.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::org::AccountId;

use super::partition::Partition;
use super::words::words;

words! {
    /// `Account.State` (Organizations API reference).
    AccountState {
        /// Created or invited, sign-up not finished.
        PendingActivation = "PENDING_ACTIVATION",
        /// In use.
        Active = "ACTIVE",
        /// Suspended by AWS.
        Suspended = "SUSPENDED",
        /// Being closed.
        PendingClosure = "PENDING_CLOSURE",
        /// Closed, in the 90 days before AWS removes it for good.
        Closed = "CLOSED",
    }
}

impl AccountState {
    /// The value of the older `Status`, which knows neither pending activation nor the difference between suspended and closed.
    #[must_use]
    pub const fn as_status(self) -> Option<&'static str> {
        match self {
            Self::PendingActivation => None,
            Self::Active => Some("ACTIVE"),
            Self::Suspended | Self::Closed => Some("SUSPENDED"),
            Self::PendingClosure => Some("PENDING_CLOSURE"),
        }
    }
}

words! {
    /// `Account.JoinedMethod`.
    JoinedMethod {
        /// By accepting an invitation.
        Invited = "INVITED",
        /// By CreateAccount in this organization.
        Created = "CREATED",
    }
}

words! {
    /// What AWS knows about how the account would pay.
    PaymentMethod {
        /// One that AWS can charge.
        Valid = "valid",
        /// None was ever given.
        None = "none",
        /// One that AWS does not support.
        Invalid = "invalid",
    }
}

words! {
    /// The support plan. `None` differs from `Basic` only in that nothing was ever chosen; no API distinguishes them.
    SupportPlan {
        /// Nothing was chosen.
        None = "none",
        /// The plan without charge.
        Basic = "basic",
        /// Developer Support.
        Developer = "developer",
        /// Business Support.
        Business = "business",
        /// Enterprise Support.
        Enterprise = "enterprise",
    }
}

words! {
    /// `accountPlanType` of Free Tier.
    AccountPlan {
        /// Costs nothing, and has no services that would.
        Free = "FREE",
        /// Pays for what it uses.
        Paid = "PAID",
    }
}

words! {
    /// `AlternateContactType` of Account Management.
    ContactType {
        /// About bills.
        Billing = "BILLING",
        /// About operations.
        Operations = "OPERATIONS",
        /// About security.
        Security = "SECURITY",
    }
}

/// `AlternateContact` of Account Management.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternateContact {
    /// The person's name.
    pub name: String,
    /// The person's title.
    pub title: String,
    /// The address.
    pub email: String,
    /// The telephone number.
    pub phone: String,
}

/// A role that can be assumed in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its name, without path.
    pub name: String,
    /// Its path, `/` at both ends.
    #[serde(default = "root_path", skip_serializing_if = "is_root_path")]
    pub path: String,
    /// Account ids and principal ARNs that its trust policy names.
    pub trusts: Vec<String>,
    /// What a caller must present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Whether its trust policy asks for multi-factor authentication.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requires_mfa: bool,
    /// The longest session in seconds.
    #[serde(default = "default_session", skip_serializing_if = "is_default_session")]
    pub max_session: u32,
    /// The text of its trust policy as it is shown; absent: what the settings above stand for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_policy: Option<String>,
    /// Its permissions as a policy document; absent: administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Whether IAM's simulator answers that service control policies deny what it is asked about the role, whatever they say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulator_denies: bool,
    /// Its tags, which conditions see as `aws:PrincipalTag`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// IAM's default for `MaxSessionDuration`, in seconds.
pub const DEFAULT_SESSION: u32 = 3600;

fn root_path() -> String {
    "/".to_owned()
}

fn is_root_path(path: &str) -> bool {
    path == "/"
}

const fn default_session() -> u32 {
    DEFAULT_SESSION
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_default_session(seconds: &u32) -> bool {
    *seconds == DEFAULT_SESSION
}

impl Role {
    /// The role that CreateAccount makes: it trusts the management account and may do everything.
    #[must_use]
    pub fn organization_access(name: impl Into<String>, management: AccountId) -> Self {
        Self {
            name: name.into(),
            path: root_path(),
            trusts: vec![management.to_string()],
            external_id: None,
            requires_mfa: false,
            max_session: DEFAULT_SESSION,
            trust_policy: None,
            policy: None,
            simulator_denies: false,
            tags: BTreeMap::new(),
        }
    }

    /// The role's ARN.
    #[must_use]
    pub fn arn(&self, partition: Partition, account: AccountId) -> String {
        partition.arn("iam", account, format_args!("role{}{}", self.path, self.name))
    }
}

/// How an account belongs to its organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The organization's id.
    pub organization: String,
    /// The root or organizational unit that holds it.
    pub parent: String,
    /// How it joined.
    pub joined_method: JoinedMethod,
    /// When it became a part of this organization.
    pub joined: Timestamp,
    /// Tags of the account object in Organizations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Services that it administers for the organization, and since when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub delegated: BTreeMap<String, Timestamp>,
    /// Policies attached to the account itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
}

/// An AWS account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// 12 digits.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// The root user's address.
    pub email: String,
    /// Whether its owner proved to own that address.
    pub email_verified: bool,
    /// Its state.
    pub state: AccountState,
    /// When it was closed, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// When it came into being.
    pub created: Timestamp,
    /// How it would pay on its own.
    pub payment: PaymentMethod,
    /// Its payment instruments as they are listed, by method, each with its status; absent: what `payment` stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_instruments: Option<BTreeMap<String, String>>,
    /// Whether its telephone number was verified.
    pub phone_verified: bool,
    /// The verification status of its telephone number as it is reported; absent: what `phone_verified` stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_status: Option<String>,
    /// Whether its root user has a password; absent: unless it was created where root credentials are managed centrally.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_password: Option<bool>,
    /// How many MFA devices its root user has.
    #[serde(default)]
    pub root_mfa_devices: u32,
    /// Whether the AWS Customer Agreement was accepted.
    pub agreement_accepted: bool,
    /// Its support plan.
    pub support_plan: SupportPlan,
    /// What it pays for. A member of an organization always pays.
    pub plan: AccountPlan,
    /// Whether contact data was given.
    pub contact: bool,
    /// Whom AWS writes to beside the root user, by what it is about.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alternate_contacts: BTreeMap<ContactType, AlternateContact>,
    /// Whether it has the role that Organizations itself uses in it, which outlives membership.
    pub service_linked_role: bool,
    /// Roles that can be assumed; they outlive membership.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// Its organization, if it is in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub membership: Option<Membership>,
    /// When it last left an organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departed: Option<Timestamp>,
}

impl Account {
    /// Any 12-digit account that nobody declared: standalone and completely signed up.
    #[must_use]
    pub fn standalone(id: AccountId) -> Self {
        Self {
            id,
            name: format!("account-{id}"),
            email: format!("account-{id}@example.com"),
            email_verified: true,
            state: AccountState::Active,
            closed: None,
            created: long_ago(),
            payment: PaymentMethod::Valid,
            payment_instruments: None,
            phone_verified: true,
            verification_status: None,
            root_password: None,
            root_mfa_devices: 0,
            agreement_accepted: true,
            support_plan: SupportPlan::Basic,
            plan: AccountPlan::Paid,
            contact: true,
            alternate_contacts: BTreeMap::new(),
            service_linked_role: false,
            roles: Vec::new(),
            membership: None,
            departed: None,
        }
    }

    /// The role of that name; IAM compares role names without regard to case only when it creates them.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }
}

/// When accounts came into being whose fixture says nothing: before any waiting period could matter, whatever the world's clock shows.
#[must_use]
pub fn long_ago() -> Timestamp {
    Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_hours(24 * 365 * 45)).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::state::words::Word;

    #[test]
    fn status_is_the_older_and_coarser_view_of_state() {
        let status: Vec<_> = AccountState::WORDS.iter().map(|(_, state)| state.as_status()).collect();
        assert_eq!(status, [None, Some("ACTIVE"), Some("SUSPENDED"), Some("PENDING_CLOSURE"), Some("SUSPENDED")]);
    }

    #[test]
    fn an_undeclared_account_is_signed_up_completely() {
        let account = Account::standalone("555555555555".parse().unwrap());
        assert!(account.phone_verified && account.agreement_accepted && account.membership.is_none());
        assert_eq!(account.payment, PaymentMethod::Valid);
    }
}
