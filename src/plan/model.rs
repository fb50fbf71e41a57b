//! A plan as data: what `show` renders, what a plan file holds, and what apply carries out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{Basis, GateResult};
use crate::org::{
    Account, AccountId, AccountState, Address, Assumptions, DateTime, Day, Departure, Enforcement, GateName, Guardrails, Invocation,
    JoinedMethod, ObservedOrganization, OrganizationId, OrganizationPath, SERVICE_CONTROL_POLICY, SeenDeparture, UnitPath,
};

use super::{Breach, Comparison, Dependencies, Digest, sha256_hex};

/// What would happen to every account, and why or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The version of orgroster that made the plan.
    pub version: String,
    /// Identifies what the plan would do, and on which facts; see [`Digest`].
    pub digest: Digest,
    /// Whether the organization is the sandbox's: such a plan is never applied to AWS.
    pub sandbox: bool,
    /// When the snapshot was taken that stood for the organization. Such a plan is for review, and never applied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub snapshot: Option<Timestamp>,
    /// The organization.
    pub organization: PlannedOrganization,
    /// The run's time.
    #[schemars(with = "DateTime")]
    pub planned_at: Timestamp,
    /// Whether `planned_at` is a time that the plan was made for (`-at`), and not the run's own. Such a plan is never applied.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub as_if: bool,
    /// Eligible departures, sorted by account id.
    pub departures: Vec<Detachment>,
    /// Departures that a gate blocks, sorted by account id.
    pub blocked: Vec<Detachment>,
    /// Live members without a block, sorted by id.
    pub unmanaged: Vec<Unmanaged>,
    /// Everything else, sorted by address.
    pub unchanged: Vec<Unchanged>,
    /// The guardrails that the plan was made under.
    pub guardrails: Guardrails,
    /// Guardrails that the departures exceed; while there are any, nothing of the plan is carried out.
    pub exceeded: Vec<Breach>,
    /// Enforcements that the configuration sets.
    pub enforcements: BTreeMap<GateName, Enforcement>,
    /// What the configuration says about policies that facts can't decide.
    #[serde(skip_serializing_if = "Assumptions::is_empty", default)]
    pub assumptions: Assumptions,
    /// Values of variables that came from outside of the configuration's directory, without the sensitive ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub variables: BTreeMap<String, serde_json::Value>,
    /// Where lock, journal and records are kept, unless that is the default folder.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub backend: Option<String>,
    /// Whether every account was planned for; false with `-target`.
    pub complete: bool,
    /// Requests made to observe, by operation.
    pub requests: BTreeMap<String, u64>,
    /// How commands about this plan are called by somebody who stands at the root of its repository.
    #[serde(skip_serializing_if = "Invocation::is_plain", default)]
    pub invocation: Invocation,
    /// How it differs from the plan of the target branch, where it was compared with one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub baseline: Option<Comparison>,
}

/// The organization of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedOrganization {
    /// Its id.
    pub id: OrganizationId,
    /// Its management account.
    pub management_account_id: AccountId,
    /// Live members, the management account not counted.
    pub members: u64,
}

/// An account that the configuration detaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Detachment {
    /// The block.
    pub address: Address,
    /// Where the block stands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<SourceLine>,
    /// The account's id.
    pub id: AccountId,
    /// What is seen of it; absent where the id names no live account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<AccountFacts>,
    /// What the departure depends on beside the account itself.
    #[serde(skip_serializing_if = "PathFacts::is_empty", default)]
    pub path: PathFacts,
    /// Tags of the account object, which leaving deletes: kept for the departure record.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub tags: BTreeMap<String, String>,
    /// Ids of the policies attached to the account itself that `path` does not hold, each with its type: kept for the departure record.
    /// Absent where they could not be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attached: Option<BTreeMap<String, String>>,
    /// Its organizational units by name, such as `Root/Workloads`. For people only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit_path: Option<UnitPath>,
    /// What the block declares.
    pub declared: Departure,
    /// Every gate's answer.
    pub gates: Vec<GateResult>,
    /// What the gates rested on when the departure was approved, where that is past: in intents and records. A plan's departures rest on what
    /// `path` and `gates` say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approved: Option<Dependencies>,
}

/// A line of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceLine {
    /// The file, relative to the working directory.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// The observed facts that a departure depends on. A change of any of them makes a saved plan stale for this account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccountFacts {
    /// The ARN.
    pub arn: String,
    /// The name.
    pub name: String,
    /// The root user's address.
    pub email: String,
    /// The state.
    pub state: AccountState,
    /// How it joined.
    pub joined_method: JoinedMethod,
    /// When it joined.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub joined_at: Option<Timestamp>,
    /// Root and organizational unit ids.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<OrganizationPath>,
}

/// The service control policies between root and account, as the prediction saw them. One that is new, or has another content, makes a
/// saved plan stale for this account. Empty where they don't matter, because the management account makes the call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct PathFacts {
    /// Status of the policy type at the root; absent where the root does not list it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub policy_type_status: Option<String>,
    /// Policies by the root, unit or account that they are attached to directly: for each its id and the SHA-256 of its content, or why the
    /// content could not be read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub policies: BTreeMap<String, BTreeMap<String, String>>,
}

impl PathFacts {
    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { policy_type_status, policies } = self;
        policy_type_status.is_none() && policies.is_empty()
    }

    /// What approval is about. A policy that is gone needs no new one: the gate is asked without it.
    pub(super) fn basis(&self) -> Basis {
        let status = self.policy_type_status.iter().map(|status| ("the policy type".to_owned(), status.clone()));
        let policies = self
            .policies
            .iter()
            .flat_map(|(level, policies)| policies.iter().map(move |(id, content)| (format!("policy {id} at {level}"), content.clone())));
        Basis::facts(status.chain(policies))
    }

    /// The facts on the path of an account.
    #[must_use]
    pub fn of(observed: &ObservedOrganization, account: &Account) -> Self {
        let policy_type_status = observed.root.policy_types.get(SERVICE_CONTROL_POLICY).cloned();
        let Ok(attached) = &observed.policies else { return Self { policy_type_status, policies: BTreeMap::new() } };
        let levels = account.path.iter().flat_map(|path| path.0.iter().cloned()).chain([account.id.to_string()]);
        let content = |id: &String| match attached.texts.get(id).map(|policy| &policy.content) {
            Some(Ok(content)) => format!("sha256:{}", sha256_hex(content.as_bytes())),
            // Without AWS's words, which differ from one request to the next.
            Some(Err(unreadable)) => format!("not readable by {}", unreadable.operation),
            None => "not read".to_owned(),
        };
        let at = |level: String| {
            let ids = attached.at.get(&level)?;
            Some((level, ids.iter().map(|id| (id.clone(), content(id))).collect()))
        };
        Self { policy_type_status, policies: levels.filter_map(at).collect() }
    }
}

impl From<&Account> for AccountFacts {
    fn from(account: &Account) -> Self {
        let Account { id: _, arn, email, name, state, joined_method, joined_at, path } = account.clone();
        Self { arn, name, email, state, joined_method, joined_at, path }
    }
}

/// A live member that no block declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unmanaged {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: AccountState,
    /// The day by which AWS removes it, where it is closed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<Day>")]
    pub removed_by: Option<Date>,
    /// Root and organizational unit ids. For people only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<OrganizationPath>,
}

/// A declared account that nothing happens to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unchanged {
    /// The block.
    pub address: Address,
    /// The account's id.
    pub id: AccountId,
    /// What is seen of it, where it is live.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<AccountFacts>,
    /// Why nothing happens.
    #[serde(flatten)]
    pub reason: UnchangedReason,
    /// How what is live differs from what a member's block declares.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub drift: Vec<Drift>,
}

/// A difference between a member's block and the live account that orgroster does not resolve by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "drift", rename_all = "snake_case")]
pub enum Drift {
    /// It is not in the organization.
    Missing {
        /// How it left, where CloudTrail tells.
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
pub enum UnchangedReason {
    /// It is a member, as declared.
    Member,
    /// It is the management account.
    ManagementAccount,
    /// It is declared a member and is not in the organization.
    MissingMember,
    /// It has left, and a departure record says so.
    DepartedOnRecord {
        /// When.
        #[schemars(with = "DateTime")]
        departed_at: Timestamp,
        /// The record's name in the backend.
        record: String,
    },
    /// It has left, and the block says so.
    DepartedAsDeclared {
        /// When.
        #[schemars(with = "Day")]
        departed: Date,
    },
    /// It is declared detached, and no `-target` names it.
    NotTargeted,
}

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: nothing is blocked, and every member is as declared.
    NothingToDo,
    /// At least one departure would be carried out.
    Departures,
    /// None can be carried out, and some are blocked or exceed a guardrail.
    OnlyBlocked,
    /// No account is to leave, and declared members are missing or differ.
    OnlyDrift,
}

impl Plan {
    /// What there is to do. Exit code, JSON and renderings all ask this.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        if !self.departures.is_empty() && self.exceeded.is_empty() {
            Outcome::Departures
        } else if !self.departures.is_empty() || !self.blocked.is_empty() {
            Outcome::OnlyBlocked
        } else if self.drifted().next().is_some() {
            Outcome::OnlyDrift
        } else {
            Outcome::NothingToDo
        }
    }

    /// Declared members that are missing or differ, sorted by address.
    pub fn drifted(&self) -> impl Iterator<Item = &Unchanged> {
        self.unchanged.iter().filter(|unchanged| !unchanged.drift.is_empty())
    }

    /// The departures that an apply would carry out: none while they exceed a guardrail.
    #[must_use]
    pub fn carried_out(&self) -> &[Detachment] {
        if self.exceeded.is_empty() { &self.departures } else { &[] }
    }

    /// Whether an apply of this plan would carry out at least one departure.
    #[must_use]
    pub fn is_applyable(&self) -> bool {
        self.outcome() == Outcome::Departures && self.snapshot.is_none() && !self.as_if
    }

    /// How many gates of eligible departures are left to apply.
    #[must_use]
    pub fn deferred_gates(&self) -> usize {
        self.departures.iter().flat_map(|departure| &departure.gates).filter(|result| result.is_deferred()).count()
    }
}

impl Detachment {
    /// The name of the live account, else its id.
    #[must_use]
    pub fn display_name(&self) -> String {
        self.account.as_ref().map_or_else(|| self.id.to_string(), |account| account.name.clone())
    }

    /// The gates that block it.
    pub fn blockers(&self) -> impl Iterator<Item = &GateResult> {
        self.gates.iter().filter(|result| result.is_blocking())
    }

    /// When time alone makes it eligible: the latest date of its blockers, if each has one.
    #[must_use]
    pub fn eligible_at(&self) -> Option<Timestamp> {
        self.blockers().map(GateResult::eligible_at).collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}
