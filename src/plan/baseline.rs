//! A plan against that of the target branch: what a change introduces, apart from what was pending before it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Address, DateTime, OrganizationId, Unserializable};

use super::compare::Differences;
use super::{Change, Digest, NoChange, Plan, PlanDifference, PlannedAccount};

/// How a plan differs from its baseline. It is for people and policies to read; neither digest nor apply depends on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The baseline's digest.
    pub digest: Digest,
    /// The baseline's time.
    #[schemars(with = "DateTime")]
    pub planned_at: Timestamp,
    /// For every account of the plan with an act, what it was in the baseline.
    pub accounts: BTreeMap<AccountId, BaselineStatus>,
    /// Accounts with an act in the baseline and with none now, sorted by id.
    pub withdrawn: Vec<FormerBlock>,
    /// Blocks of members in the baseline that the plan has not, sorted by account id: from now on nobody declares these accounts.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub undeclared: Vec<FormerBlock>,
    /// Safety settings and declarations that differ.
    pub changes: Vec<PlanDifference>,
}

/// What the act of an account was in the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BaselineStatus {
    /// The baseline does nothing to the account: the change introduces the act.
    Introduced,
    /// The baseline declares the account otherwise.
    Redeclared,
    /// It is declared alike, was blocked and is eligible now, by the change's settings or by what was observed since.
    Unblocked,
    /// It is declared alike, was eligible and is blocked now.
    Blocked,
    /// It is as it was.
    Pending,
}

/// What the baseline declares of an account, and the plan no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FormerBlock {
    /// The block in the baseline.
    pub address: Address,
    /// The account's id.
    pub id: AccountId,
    /// Its name, or its id where it was not live.
    pub name: String,
}

/// A plan that can't be the baseline of another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// They are of different organizations.
    #[error("it is of organization {baseline}, and this plan is of {plan}")]
    OtherOrganization {
        /// The baseline's.
        baseline: OrganizationId,
        /// The plan's.
        plan: OrganizationId,
    },
    /// One of them is a rehearsal.
    #[error("one of the two plans is of the sandbox, and the other is not")]
    Rehearsal,
    /// The baseline says nothing of accounts that were not its targets.
    #[error("it was made with -target, so that it does not say what else was pending; plan the target branch without")]
    Incomplete,
    /// A difference can't be shown.
    #[error(transparent)]
    Unserializable(#[from] Unserializable),
}

impl BaselineStatus {
    /// How it is reported to people.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Introduced => "introduced by this change",
            Self::Redeclared => "declared otherwise before this change",
            Self::Unblocked => "blocked before this change",
            Self::Blocked => "eligible before this change",
            Self::Pending => "pending before this change",
        }
    }
}

impl Comparison {
    /// Compares a plan with its baseline.
    ///
    /// # Errors
    ///
    /// Why the two can't be compared.
    pub fn of(plan: &Plan, baseline: &Plan) -> Result<Self, BaselineError> {
        let (here, there) = (&plan.organization.id, &baseline.organization.id);
        if here != there {
            return Err(BaselineError::OtherOrganization { baseline: there.clone(), plan: here.clone() });
        }
        if plan.sandbox != baseline.sandbox {
            return Err(BaselineError::Rehearsal);
        }
        if !baseline.complete {
            return Err(BaselineError::Incomplete);
        }
        let mut changes = Differences::default();
        changes.compare("the guardrails change", &baseline.guardrails, &plan.guardrails)?;
        changes.compare("the enforcements of gates change", &baseline.enforcements, &plan.enforcements)?;
        changes.compare("what is assumed about policies changes", &baseline.assumptions, &plan.assumptions)?;
        let before: BTreeMap<_, _> = pending(baseline).map(|(before, _)| (before.id, before)).collect();
        let mut accounts = BTreeMap::new();
        for (planned, eligible) in pending(plan) {
            accounts.insert(planned.id, since(planned, eligible, before.get(&planned.id).copied(), &mut changes)?);
        }
        let withdrawn = withdrawn(plan, baseline);
        let undeclared = undeclared(plan, baseline);
        Ok(Self {
            digest: baseline.digest.clone(),
            planned_at: baseline.planned_at,
            accounts,
            withdrawn,
            undeclared,
            changes: changes.into_vec(),
        })
    }
}

impl Plan {
    /// What the act of an account was in the baseline; `None` without one.
    #[must_use]
    pub fn since_baseline(&self, id: AccountId) -> Option<BaselineStatus> {
        self.baseline.as_ref()?.accounts.get(&id).copied()
    }

    /// Whether the change deletes the account's block.
    #[must_use]
    pub fn is_undeclared_by_change(&self, id: AccountId) -> bool {
        self.baseline.as_ref().is_some_and(|baseline| baseline.undeclared.iter().any(|former| former.id == id))
    }

    /// Whether the account's act is as it was in the baseline. Without a baseline nothing is.
    #[must_use]
    pub fn was_pending(&self, id: AccountId) -> bool {
        self.since_baseline(id) == Some(BaselineStatus::Pending)
    }
}

/// Accounts with an act, and whether each is eligible.
fn pending(plan: &Plan) -> impl Iterator<Item = (&PlannedAccount, bool)> {
    plan.accounts.iter().filter(|account| account.act().is_some()).map(|account| (account, account.is_eligible()))
}

/// What the act of an account was in the baseline: another action is another declaration.
fn since(
    now: &PlannedAccount,
    eligible: bool,
    baseline: Option<&PlannedAccount>,
    changes: &mut Differences,
) -> Result<BaselineStatus, Unserializable> {
    let Some(before) = baseline else { return Ok(BaselineStatus::Introduced) };
    changes.compare(format!("the declaration of {} changes", now.address), &before.desired, &now.desired)?;
    Ok(match (before.desired == now.desired, before.is_eligible(), eligible) {
        (false, ..) => BaselineStatus::Redeclared,
        (true, false, true) => BaselineStatus::Unblocked,
        (true, true, false) => BaselineStatus::Blocked,
        (true, ..) => BaselineStatus::Pending,
    })
}

fn former(before: &PlannedAccount) -> FormerBlock {
    FormerBlock { address: before.address.clone(), id: before.id, name: before.display_name() }
}

fn withdrawn(plan: &Plan, baseline: &Plan) -> Vec<FormerBlock> {
    let now: BTreeMap<_, _> = plan.accounts.iter().map(|account| (account.id, account)).collect();
    let is_withdrawn = |before: &PlannedAccount| match now.get(&before.id).map(|now| (&now.change, now.joining())) {
        Some((Change::Act(_) | Change::None(NoChange::NotTargeted | NoChange::NotApproved), _)) => false,
        // It is invited or a member by now, as its block wants it.
        Some((Change::None(_), Some(_))) if before.joining().is_some() => false,
        Some((Change::None(why), _)) => !why.is_out(),
        None => true,
    };
    let gone = pending(baseline).map(|(before, _)| before).filter(|before| is_withdrawn(before));
    let mut withdrawn: Vec<_> = gone.map(former).collect();
    withdrawn.sort_by_key(|withdrawn| withdrawn.id);
    withdrawn
}

/// Accounts with a block of their own in the baseline, on which nothing happens, and with none in the plan.
fn undeclared(plan: &Plan, baseline: &Plan) -> Vec<FormerBlock> {
    let declared: BTreeSet<AccountId> = plan.accounts.iter().map(|account| account.id).collect();
    let gone = baseline.unchanged().map(|(before, _)| before).filter(|before| !declared.contains(&before.id));
    let mut undeclared: Vec<_> = gone.map(former).collect();
    undeclared.sort_by_key(|former| former.id);
    undeclared
}
