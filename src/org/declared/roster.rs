//! The roster that a configuration declares.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{
    AccountId, Action, Address, Assumptions, AttestationKind, Backend, Consequence, DateTime, Day, Enforcement, GateName, Guardrails,
    HandshakeId, Joining, MemberRole, OrganizationId, ProviderSettings, SourceSpan,
};

/// A whole configuration that is valid by itself: ids are unique, names are known, and detached accounts have every required argument.
#[derive(Debug, Clone)]
pub struct DesiredRoster {
    /// How to reach AWS.
    pub provider: ProviderSettings,
    /// Where the journal and the records are stored.
    pub backend: Backend,
    /// The organization that the credentials must belong to.
    pub organization: DeclaredOrganization,
    /// Limits on an apply.
    pub guardrails: Guardrails,
    /// Enforcements that the configuration sets.
    pub gates: BTreeMap<GateName, Enforcement>,
    /// Settings for policies that facts can't decide.
    pub assumptions: Assumptions,
    /// The places of settings that may have no effect, which only live facts show.
    pub spans: SettingSpans,
    /// Accounts, sorted by address.
    pub accounts: Vec<DesiredAccount>,
    /// The result of `plantimestamp`, if the configuration calls it.
    pub plantimestamp: Option<Timestamp>,
    /// The values of the configuration's variables, without sensitive ones.
    pub variables: BTreeMap<String, serde_json::Value>,
    /// Those of `variables` whose values come from outside the configuration's directory: the command line and the environment.
    pub given: BTreeMap<String, serde_json::Value>,
}

/// Places of settings that refer to accounts or policies, which the live organization may not have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingSpans {
    /// `protected_accounts` of the guardrails.
    pub protected_accounts: Option<SourceSpan>,
    /// The `gate` block with `advisory_policies`.
    pub advisory_policies: Option<SourceSpan>,
}

/// The `organization` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredOrganization {
    /// The organization's id.
    pub id: OrganizationId,
    /// The id of its management account.
    pub management_account_id: AccountId,
    /// The place of the block.
    pub span: SourceSpan,
}

/// One `account` block, or one instance of a block with `for_each`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredAccount {
    /// The address of the block or instance.
    pub address: Address,
    /// The account's id.
    pub id: AccountId,
    /// The name that the live account must have.
    pub name: Option<String>,
    /// The email that the live account must have.
    pub email: Option<String>,
    /// The declared membership.
    pub membership: Desired,
    /// The place of the block.
    pub span: SourceSpan,
}

/// The membership that a block declares for its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "membership", rename_all = "snake_case")]
pub enum Desired {
    /// The account is a member and stays one, or joins if it is not a member.
    Member {
        /// The `join` block: how the account may join if it is not a member.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        join: Option<Box<Joining>>,
    },
    /// The account leaves, or has left.
    Detached(Box<Leaving>),
}

impl Desired {
    /// The declaration of its departure, if it is detached.
    #[must_use]
    pub fn leaving(&self) -> Option<&Leaving> {
        match self {
            Self::Member { .. } => None,
            Self::Detached(leaving) => Some(leaving),
        }
    }

    /// The `join` block, if the account is a member and has one.
    #[must_use]
    pub fn joining(&self) -> Option<&Joining> {
        match self {
            Self::Member { join } => join.as_deref(),
            Self::Detached(_) => None,
        }
    }

    /// The value of `membership` in the configuration.
    #[must_use]
    pub const fn membership(&self) -> &'static str {
        match self {
            Self::Member { .. } => "member",
            Self::Detached(_) => "detached",
        }
    }

    /// The declared reason for leaving or joining, for the record.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        let joining = || self.joining().map(|joining| joining.reason.as_str());
        self.leaving().map(|leaving| leaving.reason.as_str()).or_else(joining)
    }
}

/// How an account leaves: `via` of its block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The account calls LeaveOrganization.
    Leave,
    /// The management account calls RemoveAccountFromOrganization.
    Remove,
    /// The account accepts another organization's invitation.
    Transfer(Transfer),
}

/// The target of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Transfer {
    /// The id of the organization that invites the account.
    pub to: OrganizationId,
    /// The id of its management account in `transfer_targets` of the guardrails, which must have sent the invitation.
    pub management_account_id: AccountId,
    /// The id of the only invitation that may be accepted; absent if the block does not declare one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<HandshakeId>")]
    pub handshake: Option<String>,
}

/// The declaration in the block of a detached account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leaving {
    /// Why the account leaves, for the record.
    pub reason: String,
    /// The earliest time at which the account may leave.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub not_before: Option<Timestamp>,
    /// How the account leaves.
    pub via: Via,
    /// The role in the member that makes the call.
    pub member_role: MemberRole,
    /// The attestations, in the order of their blocks.
    pub attestations: Vec<Attestation>,
    /// Consequences that the block acknowledges.
    pub acknowledge: BTreeSet<Consequence>,
    /// The day on which the account left, if it left outside orgroster.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<Day>")]
    pub departed: Option<Date>,
}

impl Leaving {
    /// The action with which a run makes the account leave.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self.via {
            Via::Leave => Action::Leave,
            Via::Remove => Action::Remove,
            Via::Transfer(_) => Action::Transfer,
        }
    }

    /// The target of the transfer, if the account moves to another organization.
    #[must_use]
    pub const fn transfer(&self) -> Option<&Transfer> {
        match &self.via {
            Via::Transfer(transfer) => Some(transfer),
            Via::Leave | Via::Remove => None,
        }
    }
}

/// A person's dated statement about facts that no AWS API reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attestation {
    /// The kinds of facts that are attested.
    pub of: BTreeSet<AttestationKind>,
    /// The person who attests.
    pub by: String,
    /// The day of the attestation (UTC).
    #[schemars(with = "Day")]
    pub on: Date,
    /// Where the evidence can be found.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<String>,
    /// The last day on which the attestation counts (UTC).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<Day>")]
    pub expires: Option<Date>,
}

impl DesiredRoster {
    /// The account with this address.
    #[must_use]
    pub fn account(&self, address: &Address) -> Option<&DesiredAccount> {
        self.accounts.binary_search_by(|account| account.address.cmp(address)).ok().map(|index| &self.accounts[index])
    }

    /// Whether identity and trust policies of members are read: only if a `gate` block enables `organization_conditions`.
    #[must_use]
    pub fn reads_conditions(&self) -> bool {
        self.gates.get(&GateName::OrganizationConditions).is_some_and(|enforcement| *enforcement != Enforcement::Off)
    }
}

impl DesiredAccount {
    /// The account's `join` block, if it has one.
    #[must_use]
    pub fn joining(&self) -> Option<&Joining> {
        self.membership.joining()
    }

    /// The declaration of the account's departure, if it is detached.
    #[must_use]
    pub fn leaving(&self) -> Option<&Leaving> {
        self.membership.leaving()
    }
}
