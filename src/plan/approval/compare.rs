//! Comparing a saved plan with a fresh one. A plan file is a claim: apply carries out only what both plans contain.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::GateResult;
use crate::org::{AccountId, Action, JoinStep, JoiningStory, Unserializable, json_lines};

use crate::plan::{Act, Approval, Change, Digest, Grown, NoChange, PastAct, Plan, PlannedAccount, guardrails};

/// The acts on which both plans agree, and those that are held back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reconciled {
    /// Accounts whose acts are carried out, as in the fresh plan, each with the dependencies of its approval.
    pub approved: Vec<PlannedAccount>,
    /// Accounts of the saved plan whose acts can no longer be carried out.
    pub held_back: Vec<HeldBack>,
    /// Accounts of the saved plan whose acts are already done.
    pub done: Vec<AccountId>,
    /// Accounts that are eligible now, but were not in the saved plan: they are reported, never acted on.
    pub newly_eligible: Vec<PlannedAccount>,
}

/// An approved act that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The account in the fresh plan, or in the saved plan if the block now declares that it has left.
    pub planned: PlannedAccount,
    /// The reason.
    pub why: HeldBackReason,
}

/// The reason that an approved act is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldBackReason {
    /// A gate blocks it now; the current answers of all gates.
    Blocked(Vec<GateResult>),
    /// It depends on facts that the approval does not cover.
    Grown(Vec<Grown>),
    /// The live account changed; both texts are JSON of the account.
    Changed {
        /// The account as approved.
        before: String,
        /// The account now.
        after: String,
    },
    /// The account is no longer in the organization, and no record shows that orgroster detached it.
    Gone,
    /// The next step of its joining is not among the approved ones.
    AnotherStep {
        /// The first approved step.
        approved: JoinStep,
        /// The next step.
        next: JoinStep,
    },
}

/// The reason that nothing in a saved plan is carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotReconciled {
    /// The settings or declarations differ from those that were approved.
    #[error("{} differences from the saved plan", .0.len())]
    Differs(Vec<PlanDifference>),
    /// A difference can't be written as JSON.
    #[error(transparent)]
    Unserializable(#[from] Unserializable),
}

/// A difference between two plans, such as one that makes a saved plan stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanDifference {
    /// What differs, as a clause.
    pub what: String,
    /// The former value, as JSON text.
    pub before: String,
    /// The current value, as JSON text.
    pub after: String,
}

impl Reconciled {
    /// The result for a fresh plan that is itself approved: all of its eligible acts.
    #[must_use]
    pub fn of_fresh(fresh: &Plan) -> Self {
        Self { approved: fresh.eligible().into_iter().cloned().collect(), ..Self::default() }
    }

    /// The result for an approved digest, if it is the digest of this plan together with the acts that were already done or begun under it.
    /// An interrupted run can thus continue, and a repeated one finds everything done. `None` if the digest approves anything else.
    #[must_use]
    pub fn by_digest(
        fresh: &Plan,
        records: &BTreeMap<AccountId, PastAct>,
        joinings: &BTreeMap<AccountId, JoiningStory>,
        expected: &Digest,
    ) -> Option<Self> {
        let eligible = fresh.eligible();
        let live = |id| eligible.iter().find(|account| account.id == id);
        // AWS's lists show an account for a while after it left. One that joined after the recorded departure has another one pending.
        let joined_since = |id, past: &PastAct| {
            live(id).and_then(|account| account.before.as_ref()?.joined_at).is_some_and(|joined| past.effective_at < joined)
        };
        let done: BTreeMap<_, _> = records.iter().filter(|(id, past)| past.digest == *expected && !joined_since(**id, past)).collect();
        let part = |account: &PlannedAccount| Some((account.id, begun(account, joinings, expected).or_else(|| account.approved_part())?));
        let mut parts: BTreeMap<_, _> = eligible.iter().filter_map(|account| part(account)).collect();
        // An invited account has no act: it must accept the invitation itself.
        parts.extend(fresh.unchanged().filter_map(|(account, why)| {
            matches!(why, NoChange::Invited { .. }).then(|| Some((account.id, begun(account, joinings, expected)?))).flatten()
        }));
        parts.extend(done.iter().map(|(id, past)| (**id, past.part.clone())));
        if Approval::of(fresh).digest_of_parts(&parts) != *expected {
            return None;
        }
        let mut reconciled = Self::of_fresh(fresh);
        reconciled.approved.retain(|account| !done.contains_key(&account.id));
        Some(Self { done: done.into_keys().copied().collect(), ..reconciled })
    }

    /// The plan that is carried out: the current facts with the approved acts. `digest` is that of the approval.
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
            exceeded: guardrails::breaches(&fresh.guardrails, &self.approved, fresh.organization.members),
            digest: digest.clone(),
            ..fresh.clone()
        }
    }
}

/// The part of the digest under which the account's open joining began: its next step needs no new approval.
fn begun(account: &PlannedAccount, joinings: &BTreeMap<AccountId, JoiningStory>, expected: &Digest) -> Option<Digest> {
    let open = joinings.get(&account.id)?.open.as_ref()?;
    (open.digest == expected.0 && account.joining() == Some(&open.declared)).then(|| Digest(open.part.clone()))
}

/// Whether the account only needs to be placed and the journal has an approval of its joining as the block now declares it. Then it needs
/// no new approval.
fn is_only_placed(account: &PlannedAccount, joinings: &BTreeMap<AccountId, JoiningStory>) -> bool {
    let places = account.act().is_some_and(|act| act.action == Action::Join(JoinStep::Place));
    let open = joinings.get(&account.id).and_then(|story| story.open.as_ref());
    places && open.is_some_and(|open| account.joining() == Some(&open.declared))
}

/// Compares a saved plan with a fresh one.
///
/// # Errors
///
/// Returns every difference in the organization, the guardrails, the enforcements, the assumptions, the variables and the declarations.
pub fn reconcile(saved: &Plan, fresh: &Plan, joinings: &BTreeMap<AccountId, JoiningStory>) -> Result<Reconciled, NotReconciled> {
    let mut differences = Differences::default();
    differences.compare("the organization differs", (&saved.organization.id, saved.sandbox), (&fresh.organization.id, fresh.sandbox))?;
    let management = |plan: &Plan| plan.organization.management_account_id;
    differences.compare("the management account differs", management(saved), management(fresh))?;
    differences.compare("the guardrails changed", &saved.guardrails, &fresh.guardrails)?;
    differences.compare("the enforcements of gates changed", &saved.enforcements, &fresh.enforcements)?;
    differences.compare("the assumptions about policies changed", &saved.assumptions, &fresh.assumptions)?;
    differences.compare("the values of variables changed", &saved.variables, &fresh.variables)?;

    let now: BTreeMap<_, _> = fresh.accounts.iter().map(|account| (account.id, account)).collect();
    let mut reconciled = Reconciled::default();
    let eligible = fresh.eligible();
    reconciled.approved.extend(eligible.iter().filter(|account| is_only_placed(account, joinings)).map(|account| (*account).clone()));
    let placed: BTreeSet<_> = reconciled.approved.iter().map(|account| account.id).collect();
    for account in saved.eligible().into_iter().filter(|account| !placed.contains(&account.id)) {
        if let Change::Act(act) = &account.change {
            place(account, act, now.get(&account.id).copied(), &mut reconciled, &mut differences)?;
        }
    }
    let approved_before: BTreeSet<_> = saved.eligible().into_iter().map(|account| account.id).chain(placed).collect();
    reconciled.newly_eligible = eligible.into_iter().filter(|account| !approved_before.contains(&account.id)).cloned().collect();
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
                let is_gone = now.before.is_none() && !act.action.is_joining();
                let why = if is_gone { HeldBackReason::Gone } else { HeldBackReason::Blocked(found.gates.clone()) };
                reconciled.held_back.push(hold(now, why));
            } else if let Some(why) = beyond(saved, act.action, found.action) {
                reconciled.held_back.push(hold(now, why));
            } else if saved.before != now.before && !act.action.is_joining() {
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
        // It is invited or has joined: the approved act is done, as far as possible now.
        Some((now, Change::None(NoChange::Invited { .. } | NoChange::Member))) if act.action.is_joining() => {
            differences.compare(format!("the declaration of {} changed", now.address), &saved.desired, &now.desired)?;
            reconciled.done.push(saved.id);
        }
        Some((_, Change::None(NoChange::DepartedAsDeclared { .. }))) => reconciled.held_back.push(hold(saved, HeldBackReason::Gone)),
        other => {
            let after = other.map_or_else(|| Ok("no block".to_owned()), |(now, _)| json_lines(now))?;
            differences.0.push(PlanDifference {
                what: format!("the block of {} no longer says to {} the account", saved.address, act.action.verbs().approve),
                before: json_lines(&saved.desired)?,
                after,
            });
        }
    }
    Ok(())
}

/// Returns the reason if the next step is not among the approved ones. An approval covers the steps from the planned one to the last one
/// that the declaration allows.
fn beyond(saved: &PlannedAccount, approved: Action, next: Action) -> Option<HeldBackReason> {
    let (Action::Join(first), Action::Join(next)) = (approved, next) else { return None };
    let last = saved.joining().map_or(first, |joining| joining.last_step()).max(first);
    (!(first..=last).contains(&next)).then_some(HeldBackReason::AnotherStep { approved: first, next })
}

/// Collects differences.
#[derive(Debug, Default)]
pub(in crate::plan) struct Differences(Vec<PlanDifference>);

impl Differences {
    /// Adds a difference if the values differ.
    pub fn compare<T: Serialize + PartialEq>(&mut self, what: impl Into<String>, before: T, after: T) -> Result<(), Unserializable> {
        if before != after {
            self.0.push(PlanDifference { what: what.into(), before: json_lines(&before)?, after: json_lines(&after)? });
        }
        Ok(())
    }

    /// All differences.
    pub fn into_vec(self) -> Vec<PlanDifference> {
        self.0
    }
}
