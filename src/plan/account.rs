//! A declared account in a plan: what is seen of it, what is declared, and what becomes of it.

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

/// A declared account. Every one stands in the plan, and the change carries what a run does to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedAccount {
    /// The block.
    pub address: Address,
    /// Where the block stands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<SourceLine>,
    /// The account's id.
    pub id: AccountId,
    /// What is seen of it; absent where the id names no live account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Account>,
    /// What the block declares.
    pub desired: Desired,
    /// How what is live differs from what a member's block declares.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub drift: Vec<Drift>,
    /// What becomes of it.
    pub change: Change,
}

/// What becomes of a declared account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "a plan has one for each account, and most of those that are large are acts")]
pub enum Change {
    /// Nothing, and why.
    None(NoChange),
    /// What a run does to it, as far as its gates let it.
    Act(Act),
}

/// What a run does to an account, and what speaks for and against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Act {
    /// What is done.
    pub action: Action,
    /// What an approval of it rests on: in a plan what its gates rest on, in what apply carries out what the approved plan's did.
    #[serde(skip_serializing_if = "Dependencies::is_empty", default)]
    pub depends_on: Dependencies,
    /// What the record keeps because the act ends it.
    #[serde(skip_serializing_if = "Kept::is_empty", default)]
    pub kept: Kept,
    /// Where the account is placed, if it joins.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub placement: Option<Placement>,
    /// Every gate's answer.
    pub gates: Vec<GateResult>,
}

/// What an account had in its organization. Leaving ends all of it; the record keeps what it takes to restore it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    /// Its organizational units by id and name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit_path: Option<UnitPath>,
    /// Tags of the account object.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub tags: BTreeMap<String, String>,
    /// Ids of the service control policies attached to the account itself, where they decided about the call.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    #[schemars(with = "BTreeSet<PolicyId>")]
    pub service_control_policies: BTreeSet<String>,
    /// Ids of the other policies attached to the account itself, each with its type. Absent where they could not be read.
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
    /// The line, from 1.
    pub line: usize,
}

/// A difference between a member's block and the live account that orgroster does not resolve by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "drift", rename_all = "snake_case")]
pub enum Drift {
    /// It is not in the organization.
    Missing {
        /// How it left, where CloudTrail has an event of it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        departed: Option<SeenDeparture>,
    },
    /// Its state is not ACTIVE.
    State {
        /// What it is.
        state: AccountState,
        /// The day by which AWS removes it, where it is closed.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<Day>")]
        removed_by: Option<Date>,
    },
    /// It has another name.
    Name {
        /// The block's.
        declared: String,
        /// AWS's.
        live: String,
    },
    /// Its root user has another address.
    Email {
        /// The block's.
        declared: String,
        /// AWS's.
        live: String,
    },
}

/// Why nothing happens to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NoChange {
    /// It is a member, as declared.
    Member,
    /// It is the management account.
    ManagementAccount,
    /// It is declared a member and is not in the organization.
    MissingMember,
    /// It is invited, and a person in the account may accept.
    Invited {
        /// The handshake's id.
        #[schemars(with = "HandshakeId")]
        handshake: String,
        /// Until when, where AWS says.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<DateTime>")]
        until: Option<Timestamp>,
    },
    /// It has left, and a departure record says so.
    DepartedOnRecord {
        /// When.
        #[schemars(with = "DateTime")]
        departed_at: Timestamp,
        /// The record's name in the backend.
        #[schemars(with = "RecordName")]
        record: String,
    },
    /// It has left, and the block says so.
    DepartedAsDeclared {
        /// When.
        #[schemars(with = "Day")]
        departed: Date,
    },
    /// Something is to be done to it, and no `-target` names it.
    NotTargeted,
    /// Something could be done to it, and what was approved does not cover it as it is now. Only in what an apply shows.
    NotApproved,
}

impl NoChange {
    /// Whether the account is out, as it is declared.
    #[must_use]
    pub const fn is_out(&self) -> bool {
        matches!(self, Self::DepartedOnRecord { .. } | Self::DepartedAsDeclared { .. })
    }
}

/// The acts of accounts; those to which nothing is to be done don't count.
impl<'a> FromIterator<&'a PlannedAccount> for Counts {
    fn from_iter<I: IntoIterator<Item = &'a PlannedAccount>>(accounts: I) -> Self {
        accounts.into_iter().filter_map(|account| Some(account.act()?.action)).collect()
    }
}

impl PlannedAccount {
    /// The name of the live account, or the one that an account to be taken in must have; else its id.
    #[must_use]
    pub fn display_name(&self) -> String {
        let declared = || self.joining().and_then(|joining| joining.name.clone());
        self.before.as_ref().map(|account| account.name.clone()).or_else(declared).unwrap_or_else(|| self.id.to_string())
    }

    /// What a run does to it, if anything.
    #[must_use]
    pub const fn act(&self) -> Option<&Act> {
        match &self.change {
            Change::Act(act) => Some(act),
            Change::None(_) => None,
        }
    }

    /// Why nothing is done to it, if nothing is.
    #[must_use]
    pub const fn no_change(&self) -> Option<&NoChange> {
        match &self.change {
            Change::None(why) => Some(why),
            Change::Act(_) => None,
        }
    }

    /// What its block declares of its leaving, if it is detached.
    #[must_use]
    pub fn leaving(&self) -> Option<&Leaving> {
        self.desired.leaving()
    }

    /// How it may be taken in, if its block declares that.
    #[must_use]
    pub fn joining(&self) -> Option<&Joining> {
        self.desired.joining()
    }

    /// Why it is wanted so; empty where a block gives no reason.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.desired.reason().unwrap_or_default()
    }

    /// Consequences that its block accepts.
    pub fn acknowledged(&self) -> impl Iterator<Item = Consequence> {
        let leaving = self.leaving().map(|leaving| &leaving.acknowledge);
        leaving.or_else(|| self.joining().map(|joining| &joining.acknowledge)).into_iter().flatten().copied()
    }

    /// The gates of its act.
    #[must_use]
    pub fn gates(&self) -> &[GateResult] {
        self.act().map_or(&[], |act| &act.gates)
    }

    /// Its units by name, where it has an act.
    #[must_use]
    pub fn unit_path(&self) -> Option<&UnitPath> {
        self.act()?.kept.unit_path.as_ref()
    }

    /// Where it is placed, where an act takes it in.
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

    /// When time alone makes its act eligible: the latest date of its blockers, if each has one.
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
