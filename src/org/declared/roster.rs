//! What a configuration declares.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{
    AccountId, Action, Address, Assumptions, AttestationKind, Backend, Consequence, DateTime, Day, Enforcement, GateName, Guardrails,
    HandshakeId, Joining, MemberRole, OrganizationId, ProviderSettings, SourceSpan,
};

/// A whole configuration, valid on its own: ids unique, names known, everything a detached account needs present.
#[derive(Debug, Clone)]
pub struct DesiredRoster {
    /// How to reach AWS.
    pub provider: ProviderSettings,
    /// Where journal and records live.
    pub backend: Backend,
    /// The organization that must be met.
    pub organization: DeclaredOrganization,
    /// Limits on an apply.
    pub guardrails: Guardrails,
    /// Enforcements that the configuration sets.
    pub gates: BTreeMap<GateName, Enforcement>,
    /// What it says about policies that facts can't decide.
    pub assumptions: Assumptions,
    /// Where settings stand that live facts can show to have no effect.
    pub spans: SettingSpans,
    /// Accounts, sorted by address.
    pub accounts: Vec<DesiredAccount>,
    /// The time that `plantimestamp` gave, where the configuration calls it.
    pub plantimestamp: Option<Timestamp>,
    /// The values of its variables, without the sensitive ones.
    pub variables: BTreeMap<String, serde_json::Value>,
    /// Those of them that came from outside of the configuration's directory: from the command line and the environment.
    pub given: BTreeMap<String, serde_json::Value>,
}

/// Places of settings that name what the live organization may not have.
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
    /// Its management account's id.
    pub management_account_id: AccountId,
    /// The block.
    pub span: SourceSpan,
}

/// One `account` block, or one instance of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredAccount {
    /// Its address.
    pub address: Address,
    /// The account's id.
    pub id: AccountId,
    /// The name that the live account must have.
    pub name: Option<String>,
    /// The email that the live account must have.
    pub email: Option<String>,
    /// Member or detached.
    pub membership: Desired,
    /// The block.
    pub span: SourceSpan,
}

/// What a block declares of its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "membership", rename_all = "snake_case")]
pub enum Desired {
    /// It is, and stays, a member.
    Member {
        /// How it may be taken in if it is not a member.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        join: Option<Box<Joining>>,
    },
    /// It leaves, or has left.
    Detached(Box<Leaving>),
}

impl Desired {
    /// What is declared of its leaving, if it is detached.
    #[must_use]
    pub fn leaving(&self) -> Option<&Leaving> {
        match self {
            Self::Member { .. } => None,
            Self::Detached(leaving) => Some(leaving),
        }
    }

    /// How the account may be taken in, if it is a member that may.
    #[must_use]
    pub fn joining(&self) -> Option<&Joining> {
        match self {
            Self::Member { join } => join.as_deref(),
            Self::Detached(_) => None,
        }
    }

    /// The word of the configuration.
    #[must_use]
    pub const fn membership(&self) -> &'static str {
        match self {
            Self::Member { .. } => "member",
            Self::Detached(_) => "detached",
        }
    }

    /// Why somebody wants it so, for the record.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        let joining = || self.joining().map(|joining| joining.reason.as_str());
        self.leaving().map(|leaving| leaving.reason.as_str()).or_else(joining)
    }
}

/// How an account is to leave, as `via` of its block says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// By its own call.
    Leave,
    /// By a call of the management account.
    Remove,
    /// By accepting another organization's invitation.
    Transfer(Transfer),
}

/// Where a transfer leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Transfer {
    /// The organization that invites the account.
    pub to: OrganizationId,
    /// Its management account, as `transfer_targets` of the guardrails has it: the sender of the invitation.
    pub management_account_id: AccountId,
    /// The one invitation that may be accepted, where the block names it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<HandshakeId>")]
    pub handshake: Option<String>,
}

/// What the block of a detached account declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leaving {
    /// Why the account leaves, for the record.
    pub reason: String,
    /// Not before this instant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub not_before: Option<Timestamp>,
    /// How.
    pub via: Via,
    /// The role in the member that makes the call.
    pub member_role: MemberRole,
    /// What people attested, in the order of the blocks.
    pub attestations: Vec<Attestation>,
    /// Consequences that are accepted.
    pub acknowledge: BTreeSet<Consequence>,
    /// The day on which it left, where that is known from elsewhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<Day>")]
    pub departed: Option<Date>,
}

impl Leaving {
    /// What a run does to make it leave.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self.via {
            Via::Leave => Action::Leave,
            Via::Remove => Action::Remove,
            Via::Transfer(_) => Action::Transfer,
        }
    }

    /// Where it moves to, if it leaves for another organization.
    #[must_use]
    pub const fn transfer(&self) -> Option<&Transfer> {
        match &self.via {
            Via::Transfer(transfer) => Some(transfer),
            Via::Leave | Via::Remove => None,
        }
    }
}

/// A person's word on what no AWS API reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attestation {
    /// What is attested.
    pub of: BTreeSet<AttestationKind>,
    /// Who attests.
    pub by: String,
    /// The day on which they did.
    #[schemars(with = "Day")]
    pub on: Date,
    /// Where that can be looked up.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<String>,
    /// The last day on which it counts (UTC).
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

    /// Whether identity and trust policies of members are read: only where a `gate` block asks for `organization_conditions`.
    #[must_use]
    pub fn reads_conditions(&self) -> bool {
        self.gates.get(&GateName::OrganizationConditions).is_some_and(|enforcement| *enforcement != Enforcement::Off)
    }
}

impl DesiredAccount {
    /// How the account may be taken in, if it is a member that may.
    #[must_use]
    pub fn joining(&self) -> Option<&Joining> {
        self.membership.joining()
    }

    /// What the block declares of its leaving, if it is detached.
    #[must_use]
    pub fn leaving(&self) -> Option<&Leaving> {
        self.membership.leaving()
    }
}
