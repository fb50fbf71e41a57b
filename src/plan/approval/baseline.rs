//! Comparing a plan with that of the target branch, to distinguish what a pull request introduces from what was already pending.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Address, DateTime, OrganizationId, Unserializable};

use crate::plan::approval::compare::Differences;
use crate::plan::{Change, Digest, NoChange, Plan, PlanDifference, PlannedAccount};

/// The differences between a plan and its baseline. They inform people and policies; neither the digest nor apply depends on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The baseline's digest.
    pub digest: Digest,
    /// When the baseline was planned.
    #[schemars(with = "DateTime")]
    pub planned_at: Timestamp,
    /// The status in the baseline of every account that has an act in the plan.
    pub accounts: BTreeMap<AccountId, BaselineStatus>,
    /// Accounts with an act in the baseline and without one in the plan, sorted by id.
    pub withdrawn: Vec<FormerBlock>,
    /// Accounts without an act whose blocks exist only in the baseline, so that nothing declares them anymore, sorted by account id.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub undeclared: Vec<FormerBlock>,
    /// Differences in safety settings and declarations.
    pub changes: Vec<PlanDifference>,
}

/// The status in the baseline of an account's act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BaselineStatus {
    /// The account has no act in the baseline: the pull request introduces it.
    Introduced,
    /// The account's declaration in the baseline differs.
    Redeclared,
    /// The declaration is the same. The act was blocked and is now eligible, because of changed settings or newer facts.
    Unblocked,
    /// The declaration is the same. The act was eligible and is now blocked.
    Blocked,
    /// The declaration is the same, and the act is eligible or blocked as before.
    Pending,
}

/// An account's block in the baseline that the plan no longer has, or no longer acts on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FormerBlock {
    /// The address of the block in the baseline.
    pub address: Address,
    /// The account's id.
    pub id: AccountId,
    /// The account's live or declared name, else its id.
    pub name: String,
}

/// The reason that a plan can't be the baseline of another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// The plans are of different organizations.
    #[error("it is a plan of organization {baseline}, but this plan is of {plan}")]
    OtherOrganization {
        /// The baseline's organization.
        baseline: OrganizationId,
        /// The plan's organization.
        plan: OrganizationId,
    },
    /// One of the plans is of the sandbox.
    #[error("one of the two plans is of the sandbox, and the other is not")]
    Rehearsal,
    /// The baseline was limited to targets, so it lacks other accounts.
    #[error("it was made with -target, so it does not show what else was pending; plan the target branch without -target")]
    Incomplete,
    /// A difference can't be written as JSON.
    #[error(transparent)]
    Unserializable(#[from] Unserializable),
}

impl BaselineStatus {
    /// The status in words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Introduced => "introduced by this change",
            Self::Redeclared => "declared differently before this change",
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
    /// Returns an error if the two can't be compared.
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
        changes.compare("the assumptions about policies change", &baseline.assumptions, &plan.assumptions)?;
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
    /// The status of an account's act in the baseline; `None` without a baseline or without an act.
    #[must_use]
    pub fn since_baseline(&self, id: AccountId) -> Option<BaselineStatus> {
        self.baseline.as_ref()?.accounts.get(&id).copied()
    }

    /// Whether the pull request deletes the account's block.
    #[must_use]
    pub fn is_undeclared_by_change(&self, id: AccountId) -> bool {
        self.baseline.as_ref().is_some_and(|baseline| baseline.undeclared.iter().any(|former| former.id == id))
    }

    /// Whether the account's act was already pending in the baseline; false without a baseline.
    #[must_use]
    pub fn was_pending(&self, id: AccountId) -> bool {
        self.since_baseline(id) == Some(BaselineStatus::Pending)
    }
}

/// Accounts with an act, and whether each is eligible.
fn pending(plan: &Plan) -> impl Iterator<Item = (&PlannedAccount, bool)> {
    plan.accounts.iter().filter(|account| account.act().is_some()).map(|account| (account, account.is_eligible()))
}

/// The status of an account's act in the baseline. A different action is a different declaration.
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
        // By now it is invited or a member, as its block declares.
        Some((Change::None(_), Some(_))) if before.joining().is_some() => false,
        Some((Change::None(why), _)) => !why.is_out(),
        None => true,
    };
    let gone = pending(baseline).map(|(before, _)| before).filter(|before| is_withdrawn(before));
    let mut withdrawn: Vec<_> = gone.map(former).collect();
    withdrawn.sort_by_key(|withdrawn| withdrawn.id);
    withdrawn
}

/// Accounts that have a block and no act in the baseline, and no block in the plan.
fn undeclared(plan: &Plan, baseline: &Plan) -> Vec<FormerBlock> {
    let declared: BTreeSet<AccountId> = plan.accounts.iter().map(|account| account.id).collect();
    let gone = baseline.unchanged().map(|(before, _)| before).filter(|before| !declared.contains(&before.id));
    let mut undeclared: Vec<_> = gone.map(former).collect();
    undeclared.sort_by_key(|former| former.id);
    undeclared
}
