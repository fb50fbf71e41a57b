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
        /// Created or invited, but sign-up is not finished.
        PendingActivation = "PENDING_ACTIVATION",
        /// In use.
        Active = "ACTIVE",
        /// Suspended by AWS.
        Suspended = "SUSPENDED",
        /// Being closed.
        PendingClosure = "PENDING_CLOSURE",
        /// Closed less than 90 days ago; AWS has not removed it yet.
        Closed = "CLOSED",
    }
}

impl AccountState {
    /// The value of the older `Status`, which has no pending activation and doesn't distinguish suspended from closed.
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
    /// The account's own payment method, as AWS sees it.
    PaymentMethod {
        /// A payment method that AWS can charge.
        Valid = "valid",
        /// No payment method was ever added.
        None = "none",
        /// A payment method that AWS does not support.
        Invalid = "invalid",
    }
}

words! {
    /// The support plan. `None` differs from `Basic` only in that no plan was ever chosen; no API distinguishes them.
    SupportPlan {
        /// No plan was chosen.
        None = "none",
        /// The free plan.
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
        /// The free plan, without services that cost money.
        Free = "FREE",
        /// The paid plan.
        Paid = "PAID",
    }
}

words! {
    /// `AlternateContactType` of Account Management.
    ContactType {
        /// Billing contact.
        Billing = "BILLING",
        /// Operations contact.
        Operations = "OPERATIONS",
        /// Security contact.
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
    /// The email address.
    pub email: String,
    /// The telephone number.
    pub phone: String,
}

/// A role that can be assumed in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The role's name, without path.
    pub name: String,
    /// The role's path, with `/` at both ends.
    #[serde(default = "root_path", skip_serializing_if = "is_root_path")]
    pub path: String,
    /// The account ids and principal ARNs in its trust policy.
    pub trusts: Vec<String>,
    /// The external id that a caller must pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Whether its trust policy requires multi-factor authentication.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requires_mfa: bool,
    /// The longest session, in seconds.
    #[serde(default = "default_session", skip_serializing_if = "is_default_session")]
    pub max_session: u32,
    /// The text of its trust policy in answers; if absent, it is derived from the fields above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_policy: Option<String>,
    /// Its permissions as a policy document; if absent, the role is an administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Whether IAM's simulator always answers for this role that service control policies deny the action, whatever the policies are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simulator_denies: bool,
    /// The role's tags, which conditions see as `aws:PrincipalTag`.
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
    /// The role that CreateAccount creates: it trusts the management account and has all permissions.
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

/// The membership of an account in its organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The organization's id.
    pub organization: String,
    /// The root or organizational unit that contains it.
    pub parent: String,
    /// How it joined.
    pub joined_method: JoinedMethod,
    /// When it joined this organization.
    pub joined: Timestamp,
    /// The account's tags in Organizations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The services for which it is a delegated administrator, each with the time of its registration.
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
    /// The root user's email address.
    pub email: String,
    /// Whether the owner has verified that address.
    pub email_verified: bool,
    /// Its state.
    pub state: AccountState,
    /// When it was closed, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// When it was created.
    pub created: Timestamp,
    /// The payment method that it would pay with as a standalone account.
    pub payment: PaymentMethod,
    /// The payment instruments in answers, by method, each with its status; if absent, they are derived from `payment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_instruments: Option<BTreeMap<String, String>>,
    /// Whether its telephone number was verified.
    pub phone_verified: bool,
    /// The verification status of its telephone number in answers; if absent, it is derived from `phone_verified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_status: Option<String>,
    /// Whether its root user has a password. If absent, it has one, unless the account was created while root credentials were managed
    /// centrally.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_password: Option<bool>,
    /// The number of MFA devices of its root user.
    #[serde(default)]
    pub root_mfa_devices: u32,
    /// Whether the AWS Customer Agreement was accepted.
    pub agreement_accepted: bool,
    /// Its support plan.
    pub support_plan: SupportPlan,
    /// Its Free Tier plan. A member of an organization always has the paid plan.
    pub plan: AccountPlan,
    /// Whether contact information was provided.
    pub contact: bool,
    /// The alternate contacts, by type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub alternate_contacts: BTreeMap<ContactType, AlternateContact>,
    /// Whether it has Organizations' service-linked role. The role stays after the account leaves.
    pub service_linked_role: bool,
    /// Roles that can be assumed. They stay after the account leaves.
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
    /// An account that was not declared: standalone, with complete sign-up.
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

    /// The role with this name. The comparison is case-sensitive, because IAM ignores case only when it creates roles.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }
}

/// The default creation time: so long ago that no waiting period matters, whatever time the world's clock shows.
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
