//! A declared account in a plan: its live state, its declaration, and its change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::GateResult;
use crate::org::{
    Account, AccountId, AccountState, Action, Address, Consequence, Counts, DateTime, Day, Desired, HandshakeId, Joining, Leaving,
    Placement, PolicyId, RecordName, SeenDeparture, UnitPath,
};

use super::Dependencies;

/// A declared account in a plan, which lists every one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedAccount {
    /// The address of the account's block or instance.
    pub address: Address,
    /// The place of the block in the configuration.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<SourceLine>,
    /// The account's id.
    pub id: AccountId,
    /// The live account; absent if the organization has no account with this id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Account>,
    /// The declaration of the block.
    pub desired: Desired,
    /// Differences between the live account and a member's block.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub drift: Vec<Drift>,
    /// What a run does to the account.
    pub change: Change,
}

/// What a run does to a declared account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "a plan has one per account, and in most large plans it is an act")]
pub enum Change {
    /// Nothing, with the reason.
    None(NoChange),
    /// An action, unless a gate blocks it.
    Act(Act),
}

/// An action on one account, with everything that it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Act {
    /// The action.
    pub action: Action,
    /// The facts on which an approval of the act depends: those behind its gates or, when apply carries it out, those of the approved plan.
    #[serde(skip_serializing_if = "Dependencies::is_empty", default)]
    pub depends_on: Dependencies,
    /// Facts that the record keeps because leaving ends them.
    #[serde(skip_serializing_if = "Kept::is_empty", default)]
    pub kept: Kept,
    /// Where the account is placed, if it joins.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub placement: Option<Placement>,
    /// The answers of all gates.
    pub gates: Vec<GateResult>,
}

/// What an account had in its organization and loses by leaving. The record keeps it, so that it can be restored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    /// The path from the root down to the account's unit, by id and name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit_path: Option<UnitPath>,
    /// Tags of the account object.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub tags: BTreeMap<String, String>,
    /// Ids of the service control policies attached directly to the account, if they apply to the call.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    #[schemars(with = "BTreeSet<PolicyId>")]
    pub service_control_policies: BTreeSet<String>,
    /// Other policies attached directly to the account: policy type by policy id. Absent if they could not be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<BTreeMap<PolicyId, String>>")]
    pub policies: Option<BTreeMap<String, String>>,
}

impl Kept {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A line of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceLine {
    /// The file, relative to the working directory.
    pub file: String,
    /// The line number, starting at 1.
    pub line: usize,
}

/// A difference between a member's block and the live account, which orgroster reports and does not resolve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "drift", rename_all = "snake_case")]
pub enum Drift {
    /// The account is not in the organization.
    Missing {
        /// The account's departure, if CloudTrail has an event for it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        departed: Option<SeenDeparture>,
    },
    /// The account's state is not ACTIVE.
    State {
        /// The live state.
        state: AccountState,
        /// The last day (UTC) on which AWS lists the account, if it is closed or being closed.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<Day>")]
        removed_by: Option<Date>,
    },
    /// The account has another name than declared.
    Name {
        /// The name in the block.
        declared: String,
        /// The live name.
        live: String,
    },
    /// The root user has another email address than declared.
    Email {
        /// The address in the block.
        declared: String,
        /// The live address.
        live: String,
    },
}

/// The reason that nothing happens to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NoChange {
    /// The account is a member, as declared.
    Member,
    /// The account is the management account.
    ManagementAccount,
    /// The account is declared as a member, but it is not in the organization.
    MissingMember,
    /// The account is invited, and a person in the account can accept.
    Invited {
        /// The id of the handshake.
        #[schemars(with = "HandshakeId")]
        handshake: String,
        /// When the invitation expires; absent if AWS did not report it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<DateTime>")]
        until: Option<Timestamp>,
    },
    /// The account has left, according to a departure record.
    DepartedOnRecord {
        /// When the account left.
        #[schemars(with = "DateTime")]
        departed_at: Timestamp,
        /// The record's name in the backend.
        #[schemars(with = "RecordName")]
        record: String,
    },
    /// The account has left, according to `departed` in its block.
    DepartedAsDeclared {
        /// The day on which the account left.
        #[schemars(with = "Day")]
        departed: Date,
    },
    /// The account may need an action, but is not among the targets of `-target`.
    NotTargeted,
    /// The account has an eligible action that the approval does not cover. Only in the output of apply.
    NotApproved,
}

impl NoChange {
    /// Whether the account has left, as declared.
    #[must_use]
    pub const fn is_out(&self) -> bool {
        matches!(self, Self::DepartedOnRecord { .. } | Self::DepartedAsDeclared { .. })
    }
}

/// Counts the acts. Accounts without an act don't count.
impl<'a> FromIterator<&'a PlannedAccount> for Counts {
    fn from_iter<I: IntoIterator<Item = &'a PlannedAccount>>(accounts: I) -> Self {
        accounts.into_iter().filter_map(|account| Some(account.act()?.action)).collect()
    }
}

impl PlannedAccount {
    /// The name of the live account, or the declared name of an account that should join; else its id.
    #[must_use]
    pub fn display_name(&self) -> String {
        let declared = || self.joining().and_then(|joining| joining.name.clone());
        self.before.as_ref().map(|account| account.name.clone()).or_else(declared).unwrap_or_else(|| self.id.to_string())
    }

    /// The act of the account, if it has one.
    #[must_use]
    pub const fn act(&self) -> Option<&Act> {
        match &self.change {
            Change::Act(act) => Some(act),
            Change::None(_) => None,
        }
    }

    /// The reason that the account has no act, if it has none.
    #[must_use]
    pub const fn no_change(&self) -> Option<&NoChange> {
        match &self.change {
            Change::None(why) => Some(why),
            Change::Act(_) => None,
        }
    }

    /// The declaration of its departure, if it is detached.
    #[must_use]
    pub fn leaving(&self) -> Option<&Leaving> {
        self.desired.leaving()
    }

    /// The `join` block of the account, if it has one.
    #[must_use]
    pub fn joining(&self) -> Option<&Joining> {
        self.desired.joining()
    }

    /// The declared reason; empty if the block has none.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.desired.reason().unwrap_or_default()
    }

    /// Consequences that its block acknowledges.
    pub fn acknowledged(&self) -> impl Iterator<Item = Consequence> {
        let leaving = self.leaving().map(|leaving| &leaving.acknowledge);
        leaving.or_else(|| self.joining().map(|joining| &joining.acknowledge)).into_iter().flatten().copied()
    }

    /// The gates of its act.
    #[must_use]
    pub fn gates(&self) -> &[GateResult] {
        self.act().map_or(&[], |act| &act.gates)
    }

    /// Its units by id and name, if it has an act.
    #[must_use]
    pub fn unit_path(&self) -> Option<&UnitPath> {
        self.act()?.kept.unit_path.as_ref()
    }

    /// Where it is placed, if it has an act of joining.
    #[must_use]
    pub fn placement(&self) -> Option<&Placement> {
        self.act()?.placement.as_ref()
    }

    /// The gates that block its act.
    pub fn blockers(&self) -> impl Iterator<Item = &GateResult> {
        self.gates().iter().filter(|result| result.is_blocking())
    }

    /// Whether it has an act that no gate blocks.
    #[must_use]
    pub fn is_eligible(&self) -> bool {
        self.act().is_some() && self.blockers().next().is_none()
    }

    /// Whether it has an act that a gate blocks.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.blockers().next().is_some()
    }

    /// When its act becomes eligible by the passing of time alone: the latest date of its blockers, if each has one.
    #[must_use]
    pub fn eligible_at(&self) -> Option<Timestamp> {
        self.blockers().map(GateResult::eligible_at).collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// The same account with another change.
    #[must_use]
    pub fn with_change(&self, change: Change) -> Self {
        Self { change, ..self.clone() }
    }
}
