//! A saved plan against a fresh one. A plan file is a claim: only what both plans say, with equal content, is carried out.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::GateResult;
use crate::org::{AccountId, Unserializable, json_lines};

use super::{Act, Approval, Change, Digest, Grown, NoChange, PastAct, Plan, PlannedAccount, guardrails};

/// What both plans agree on, and what is held back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// Accounts whose acts are carried out, as the fresh plan has them, each with what its approval rested on.
    pub approved: Vec<PlannedAccount>,
    /// Accounts of the saved plan that something stands against now.
    pub held_back: Vec<HeldBack>,
    /// Accounts of the saved plan whose acts are done, as a record says.
    pub done: Vec<AccountId>,
    /// Accounts that are eligible now and not in the saved plan: reported, never carried out.
    pub newly_eligible: Vec<PlannedAccount>,
}

/// An act that was approved and is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The account as it is seen now; as it was approved where it is not seen any more.
    pub planned: PlannedAccount,
    /// Why.
    pub why: HeldBackReason,
}

/// Why an approved act is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldBackReason {
    /// A gate turned; its answers now.
    Blocked(Vec<GateResult>),
    /// It rests on more than was approved, or on something else.
    Grown(Vec<Grown>),
    /// The account itself changed; both texts are JSON of what is seen of it.
    Changed {
        /// As it was approved.
        before: String,
        /// As it is.
        after: String,
    },
    /// It is no longer in the organization, and no record says that it left by orgroster.
    Gone,
}

/// Why nothing of a saved plan is carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReconciled {
    /// What was approved is not what is asked for now.
    #[error("{} things differ", .0.len())]
    Differs(Vec<PlanDifference>),
    /// A difference can't be shown.
    #[error(transparent)]
    Unserializable(#[from] Unserializable),
}

/// What differs between two plans, such as what makes a saved one stale. The texts are JSON, for a difference to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanDifference {
    /// What differs, as a clause.
    pub what: String,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
}

impl Reconciled {
    /// What a plan made now approves by itself.
    #[must_use]
    pub fn of_fresh(fresh: &Plan) -> Self {
        Self { approved: fresh.eligible().into_iter().cloned().collect(), ..Self::default() }
    }

    /// What a digest approves, where that is this plan together with what records of the digest name: a run that was cut goes on, and one that
    /// is repeated finds everything done. `None` where it approves anything else.
    #[must_use]
    pub fn by_digest(fresh: &Plan, records: &BTreeMap<AccountId, PastAct>, expected: &Digest) -> Option<Self> {
        let eligible = fresh.eligible();
        let live = |id| eligible.iter().find(|account| account.id == id);
        // AWS's lists show an account for a while after it left; one that joined since has another departure to come.
        let joined_since = |id, past: &PastAct| {
            live(id).and_then(|account| account.before.as_ref()?.joined_at).is_some_and(|joined| past.effective_at < joined)
        };
        let done: BTreeMap<_, _> = records.iter().filter(|(id, past)| past.digest == *expected && !joined_since(**id, past)).collect();
        let mut parts: BTreeMap<_, _> = eligible.iter().filter_map(|account| Some((account.id, account.approved_part()?))).collect();
        parts.extend(done.iter().map(|(id, past)| (**id, past.part.clone())));
        if Approval::of(fresh).digest_of_parts(&parts) != *expected {
            return None;
        }
        let mut reconciled = Self::of_fresh(fresh);
        reconciled.approved.retain(|account| !done.contains_key(&account.id));
        Some(Self { done: done.into_keys().copied().collect(), ..reconciled })
    }

    /// The plan that is carried out: what is seen now, with the acts that were approved. `digest` is the approval's.
    #[must_use]
    pub fn carried_out(&self, fresh: &Plan, digest: &Digest) -> Plan {
        let approved: BTreeMap<_, _> = self.approved.iter().map(|account| (account.id, account)).collect();
        let shown = |account: &PlannedAccount| match approved.get(&account.id) {
            Some(approved) => (*approved).clone(),
            None if account.is_eligible() => account.with_change(Change::None(NoChange::NotApproved)),
            None => account.clone(),
        };
        Plan {
            accounts: fresh.accounts.iter().map(shown).collect(),
            exceeded: guardrails::breaches(&fresh.guardrails, self.approved.iter().collect(), fresh.organization.members),
            digest: digest.clone(),
            ..fresh.clone()
        }
    }
}

/// Compares a saved plan with one made now.
///
/// # Errors
///
/// Everything about the organization, the guardrails, the enforcements and the declarations that differs.
pub fn reconcile(saved: &Plan, fresh: &Plan) -> Result<Reconciled, NotReconciled> {
    let mut differences = Differences::default();
    differences.compare("the organization differs", (&saved.organization.id, saved.sandbox), (&fresh.organization.id, fresh.sandbox))?;
    let management = |plan: &Plan| plan.organization.management_account_id;
    differences.compare("the management account differs", management(saved), management(fresh))?;
    differences.compare("the guardrails changed", &saved.guardrails, &fresh.guardrails)?;
    differences.compare("the enforcements of gates changed", &saved.enforcements, &fresh.enforcements)?;
    differences.compare("what is assumed about policies changed", &saved.assumptions, &fresh.assumptions)?;
    differences.compare("the values of variables changed", &saved.variables, &fresh.variables)?;

    let now: BTreeMap<_, _> = fresh.accounts.iter().map(|account| (account.id, account)).collect();
    let mut reconciled = Reconciled::default();
    for account in saved.eligible() {
        if let Change::Act(act) = &account.change {
            place(account, act, now.get(&account.id).copied(), &mut reconciled, &mut differences)?;
        }
    }
    let approved_before: BTreeSet<_> = saved.eligible().into_iter().map(|account| account.id).collect();
    reconciled.newly_eligible = fresh.eligible().into_iter().filter(|account| !approved_before.contains(&account.id)).cloned().collect();
    let differences = differences.into_vec();
    if differences.is_empty() { Ok(reconciled) } else { Err(NotReconciled::Differs(differences)) }
}

fn place(
    saved: &PlannedAccount,
    act: &Act,
    now: Option<&PlannedAccount>,
    reconciled: &mut Reconciled,
    differences: &mut Differences,
) -> Result<(), Unserializable> {
    let hold = |planned: &PlannedAccount, why| HeldBack { planned: planned.clone(), why };
    match now.map(|now| (now, &now.change)) {
        Some((now, Change::Act(found))) => {
            differences.compare(format!("the declaration of {} changed", now.address), &saved.desired, &now.desired)?;
            let grown = act.depends_on.growth(&found.depends_on);
            if now.is_blocked() {
                let why = if now.before.is_none() { HeldBackReason::Gone } else { HeldBackReason::Blocked(found.gates.clone()) };
                reconciled.held_back.push(hold(now, why));
            } else if saved.before != now.before {
                let (before, after) = (json_lines(&saved.before)?, json_lines(&now.before)?);
                reconciled.held_back.push(hold(now, HeldBackReason::Changed { before, after }));
            } else if !grown.is_empty() {
                reconciled.held_back.push(hold(now, HeldBackReason::Grown(grown)));
            } else {
                let depends_on = act.depends_on.clone();
                reconciled.approved.push(now.with_change(Change::Act(Act { depends_on, ..found.clone() })));
            }
        }
        Some((_, Change::None(NoChange::DepartedOnRecord { .. }))) => reconciled.done.push(saved.id),
        Some((_, Change::None(NoChange::DepartedAsDeclared { .. }))) => reconciled.held_back.push(hold(saved, HeldBackReason::Gone)),
        other => {
            let after = other.map_or_else(|| Ok("no block".to_owned()), |(now, _)| json_lines(now))?;
            differences.0.push(PlanDifference {
                what: format!("the block of {} no longer asks to {} the account", saved.address, act.action.verbs().approve),
                before: json_lines(&saved.desired)?,
                after,
            });
        }
    }
    Ok(())
}

/// Differences as they are found.
#[derive(Debug, Default)]
pub(super) struct Differences(Vec<PlanDifference>);

impl Differences {
    /// Notes what differs, if it does.
    pub fn compare<T: Serialize + PartialEq>(&mut self, what: impl Into<String>, before: T, after: T) -> Result<(), Unserializable> {
        if before != after {
            self.0.push(PlanDifference { what: what.into(), before: json_lines(&before)?, after: json_lines(&after)? });
        }
        Ok(())
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<PlanDifference> {
        self.0
    }
}
