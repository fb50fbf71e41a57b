//! The plan as data: `show` renders it, a plan file contains it, and apply carries it out.

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

/// What would happen to every account, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The version of orgroster that made the plan.
    #[schemars(with = "ProgramVersion")]
    pub version: String,
    /// The hash of what the plan would do and of the facts behind it.
    pub digest: Digest,
    /// Whether the organization is the sandbox's. Such a plan is never applied to AWS.
    pub sandbox: bool,
    /// When the snapshot was taken from which the plan was made; absent if it was made from the live organization. A plan from a snapshot
    /// is for review, and is never applied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub snapshot: Option<Timestamp>,
    /// The organization.
    pub organization: PlannedOrganization,
    /// When the plan was made, or the time of `-at`.
    #[schemars(with = "DateTime")]
    pub planned_at: Timestamp,
    /// Whether `planned_at` is the time of `-at` instead of the time of the run. Such a plan is never applied.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub as_if: bool,
    /// Every declared account with its change, sorted by address.
    pub accounts: Vec<PlannedAccount>,
    /// Live members without an account block, sorted by id.
    pub unmanaged: Vec<Unmanaged>,
    /// The guardrails of the configuration.
    pub guardrails: Guardrails,
    /// Guardrails that the acts exceed; if there are any, nothing in the plan is carried out.
    pub exceeded: Vec<Breach>,
    /// Enforcements that the configuration sets.
    pub enforcements: BTreeMap<GateName, Enforcement>,
    /// Settings of the configuration for policies that facts can't decide.
    #[serde(skip_serializing_if = "Assumptions::is_empty", default)]
    pub assumptions: Assumptions,
    /// The result of `plantimestamp`, if the configuration calls it. The function returns the same time when the plan is applied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub plantimestamp: Option<Timestamp>,
    /// Values of variables from outside the configuration's directory, without sensitive ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub variables: BTreeMap<String, serde_json::Value>,
    /// Where the lock, the journal and the records are stored; absent for the default folder.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub backend: Option<String>,
    /// The role with which plan and apply read in accounts that should leave, by name or ARN. `announce` lists its sessions; it decides
    /// nothing.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub member_read_role: Option<String>,
    /// Whether the plan is for every account; false with `-target`.
    pub complete: bool,
    /// The number of requests for reading the organization, by operation.
    pub requests: BTreeMap<String, u64>,
    /// The options of commands about this plan, for a user at the root of its repository.
    #[serde(skip_serializing_if = "Invocation::is_plain", default)]
    pub invocation: Invocation,
    /// The differences from the plan of the target branch; absent if the plan was not compared with one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub baseline: Option<Comparison>,
}

/// The organization of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedOrganization {
    /// The organization's id.
    pub id: OrganizationId,
    /// The id of its management account.
    pub management_account_id: AccountId,
    /// The number of live members, without the management account.
    pub members: u64,
}

/// A live member without an account block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unmanaged {
    /// The account's id.
    pub id: AccountId,
    /// The account's name.
    pub name: String,
    /// The account's state.
    pub state: AccountState,
    /// The last day (UTC) on which AWS lists the account, if it is closed or being closed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<Day>")]
    pub removed_by: Option<Date>,
    /// The ids of the root and of the organizational units above the account. Only for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<OrganizationPath>,
}

/// The outcome of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanOutcome {
    /// No account has an act, and every member is as declared.
    NothingToDo,
    /// At least one act would be carried out.
    Acts,
    /// There are acts, but all are blocked or exceed a guardrail.
    OnlyBlocked,
    /// No account has an act, but declared members are missing or differ.
    OnlyDrift,
}

impl Plan {
    /// The outcome of the plan, on which the exit code, the JSON and the renderings depend.
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

    /// The addresses to which the plan is limited; empty if it is for every account. Observing these is enough to carry it out.
    #[must_use]
    pub fn targets(&self) -> Vec<Address> {
        let addresses = |wanted: fn(&PlannedAccount) -> bool| -> Vec<_> {
            let found = self.accounts.iter().filter(|account| !self.complete && wanted(account));
            found.map(|account| account.address.clone()).collect()
        };
        let acts = addresses(|account| account.act().is_some());
        // An empty list would mean every account.
        if acts.is_empty() { addresses(|account| account.change != Change::None(NoChange::NotTargeted)) } else { acts }
    }

    fn by_id(&self, wanted: fn(&PlannedAccount) -> bool) -> Vec<&PlannedAccount> {
        let mut found: Vec<_> = self.accounts.iter().filter(|account| wanted(account)).collect();
        found.sort_by_key(|account| account.id);
        found
    }

    /// Accounts without an act, sorted by address.
    pub fn unchanged(&self) -> impl Iterator<Item = (&PlannedAccount, &NoChange)> {
        self.accounts.iter().filter_map(|account| Some((account, account.no_change()?)))
    }

    /// Declared members that are missing or differ, sorted by address.
    pub fn drifted(&self) -> impl Iterator<Item = &PlannedAccount> {
        self.accounts.iter().filter(|account| !account.drift.is_empty())
    }

    /// The accounts whose acts an apply would carry out, sorted by id; empty if the plan exceeds a guardrail.
    #[must_use]
    pub fn carried_out(&self) -> Vec<&PlannedAccount> {
        if self.exceeded.is_empty() { self.eligible() } else { Vec::new() }
    }

    /// The counts of the acts that an apply would carry out.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.carried_out().into_iter().collect()
    }

    /// Whether an apply of this plan would carry out at least one act.
    #[must_use]
    pub fn is_applyable(&self) -> bool {
        self.outcome() == PlanOutcome::Acts && self.snapshot.is_none() && !self.as_if
    }

    /// The gates of eligible accounts that are deferred to apply.
    pub fn deferred_gates(&self) -> impl Iterator<Item = &GateResult> {
        let eligible = self.accounts.iter().filter(|account| account.is_eligible());
        eligible.flat_map(PlannedAccount::gates).filter(|result| result.is_deferred())
    }
}
