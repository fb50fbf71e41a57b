//! A plan as data: what `show` renders, what a plan file holds, and what apply carries out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::GateResult;
use crate::org::{
    AccountId, AccountState, Address, Assumptions, Counts, DateTime, Day, Enforcement, GateName, Guardrails, Invocation, OrganizationId,
    OrganizationPath, ProgramVersion,
};

use super::{Breach, Change, Comparison, Digest, NoChange, PlannedAccount};

/// What would happen to every account, and why or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The version of orgroster that made the plan.
    #[schemars(with = "ProgramVersion")]
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
    /// Every declared account with what becomes of it, sorted by address.
    pub accounts: Vec<PlannedAccount>,
    /// Live members without a block, sorted by id.
    pub unmanaged: Vec<Unmanaged>,
    /// The guardrails that the plan was made under.
    pub guardrails: Guardrails,
    /// Guardrails that the acts exceed; while there are any, nothing of the plan is carried out.
    pub exceeded: Vec<Breach>,
    /// Enforcements that the configuration sets.
    pub enforcements: BTreeMap<GateName, Enforcement>,
    /// What the configuration says about policies that facts can't decide.
    #[serde(skip_serializing_if = "Assumptions::is_empty", default)]
    pub assumptions: Assumptions,
    /// The time that `plantimestamp` gave, where the configuration calls it. It gives the same when the plan is applied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub plantimestamp: Option<Timestamp>,
    /// Values of variables that came from outside of the configuration's directory, without the sensitive ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub variables: BTreeMap<String, serde_json::Value>,
    /// Where lock, journal and records are kept, unless that is the default folder.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub backend: Option<String>,
    /// The role that plan and apply read with in accounts that are to leave, by name or ARN, whose sessions `announce` prints. Nothing is
    /// decided by it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub member_read_role: Option<String>,
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

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanOutcome {
    /// Nothing: nothing is blocked, and every member is as declared.
    NothingToDo,
    /// At least one act would be carried out.
    Acts,
    /// None can be carried out, and some are blocked or exceed a guardrail.
    OnlyBlocked,
    /// Nothing is to be done to any account, and declared members are missing or differ.
    OnlyDrift,
}

impl Plan {
    /// What there is to do. Exit code, JSON and renderings all ask this.
    #[must_use]
    pub fn outcome(&self) -> PlanOutcome {
        let is_any = |wanted: fn(&PlannedAccount) -> bool| self.accounts.iter().any(wanted);
        if is_any(PlannedAccount::is_eligible) && self.exceeded.is_empty() {
            PlanOutcome::Acts
        } else if is_any(|account| account.act().is_some()) {
            PlanOutcome::OnlyBlocked
        } else if self.drifted().next().is_some() {
            PlanOutcome::OnlyDrift
        } else {
            PlanOutcome::NothingToDo
        }
    }

    /// Accounts with an act that no gate blocks, sorted by id.
    #[must_use]
    pub fn eligible(&self) -> Vec<&PlannedAccount> {
        self.by_id(PlannedAccount::is_eligible)
    }

    /// Accounts with an act that a gate blocks, sorted by id.
    #[must_use]
    pub fn blocked(&self) -> Vec<&PlannedAccount> {
        self.by_id(PlannedAccount::is_blocked)
    }

    /// Accounts with an act: the eligible ones, then the blocked ones.
    #[must_use]
    pub fn acts(&self) -> Vec<&PlannedAccount> {
        self.eligible().into_iter().chain(self.blocked()).collect()
    }

    /// The addresses that it is limited to; none where it is about every account. What is observed for these is enough to carry it out.
    #[must_use]
    pub fn targets(&self) -> Vec<Address> {
        let addresses = |wanted: fn(&PlannedAccount) -> bool| -> Vec<_> {
            let found = self.accounts.iter().filter(|account| !self.complete && wanted(account));
            found.map(|account| account.address.clone()).collect()
        };
        let acts = addresses(|account| account.act().is_some());
        // No address at all would mean every account.
        if acts.is_empty() { addresses(|account| account.change != Change::None(NoChange::NotTargeted)) } else { acts }
    }

    fn by_id(&self, wanted: fn(&PlannedAccount) -> bool) -> Vec<&PlannedAccount> {
        let mut found: Vec<_> = self.accounts.iter().filter(|account| wanted(account)).collect();
        found.sort_by_key(|account| account.id);
        found
    }

    /// Accounts to which nothing is to be done, sorted by address.
    pub fn unchanged(&self) -> impl Iterator<Item = (&PlannedAccount, &NoChange)> {
        self.accounts.iter().filter_map(|account| Some((account, account.no_change()?)))
    }

    /// Declared members that are missing or differ, sorted by address.
    pub fn drifted(&self) -> impl Iterator<Item = &PlannedAccount> {
        self.accounts.iter().filter(|account| !account.drift.is_empty())
    }

    /// What an apply would carry out, sorted by id: nothing if it exceeds a guardrail.
    #[must_use]
    pub fn carried_out(&self) -> Vec<&PlannedAccount> {
        if self.exceeded.is_empty() { self.eligible() } else { Vec::new() }
    }

    /// What an apply would carry out, counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.carried_out().into_iter().collect()
    }

    /// Whether an apply of this plan would carry out at least one act.
    #[must_use]
    pub fn is_applyable(&self) -> bool {
        self.outcome() == PlanOutcome::Acts && self.snapshot.is_none() && !self.as_if
    }

    /// The gates of eligible accounts that are left to apply.
    pub fn deferred_gates(&self) -> impl Iterator<Item = &GateResult> {
        let eligible = self.accounts.iter().filter(|account| account.is_eligible());
        eligible.flat_map(PlannedAccount::gates).filter(|result| result.is_deferred())
    }
}
