//! A saved plan against a fresh one. A plan file is a claim: only what both plans say, with equal content, is carried out.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::GateResult;
use crate::org::{AccountId, Action, JoinStep, JoiningStory, Unserializable, json_lines};

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
    /// Another step of its joining comes next than those that were approved.
    AnotherStep {
        /// The first that was approved.
        approved: JoinStep,
        /// The one that comes next.
        next: JoinStep,
    },
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
    pub fn by_digest(
        fresh: &Plan,
        records: &BTreeMap<AccountId, PastAct>,
        joinings: &BTreeMap<AccountId, JoiningStory>,
        expected: &Digest,
    ) -> Option<Self> {
        let eligible = fresh.eligible();
        let live = |id| eligible.iter().find(|account| account.id == id);
        // AWS's lists show an account for a while after it left; one that joined since has another departure to come.
        let joined_since = |id, past: &PastAct| {
            live(id).and_then(|account| account.before.as_ref()?.joined_at).is_some_and(|joined| past.effective_at < joined)
        };
        let done: BTreeMap<_, _> = records.iter().filter(|(id, past)| past.digest == *expected && !joined_since(**id, past)).collect();
        let part = |account: &PlannedAccount| Some((account.id, begun(account, joinings, expected).or_else(|| account.approved_part())?));
        let mut parts: BTreeMap<_, _> = eligible.iter().filter_map(|account| part(account)).collect();
        // An account that is invited waits for its own answer, and nothing is to be done to it.
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
            exceeded: guardrails::breaches(&fresh.guardrails, &self.approved, fresh.organization.members),
            digest: digest.clone(),
            ..fresh.clone()
        }
    }
}

/// The part of an approval by which the joining of an account began that is not over: its next step needs no new one.
fn begun(account: &PlannedAccount, joinings: &BTreeMap<AccountId, JoiningStory>, expected: &Digest) -> Option<Digest> {
    let open = joinings.get(&account.id)?.open.as_ref()?;
    (open.digest == expected.0 && account.joining() == Some(&open.declared)).then(|| Digest(open.part.clone()))
}

/// Whether the journal has a joining of the account that was approved as its block declares it now: it is placed without a new approval.
fn is_only_placed(account: &PlannedAccount, joinings: &BTreeMap<AccountId, JoiningStory>) -> bool {
    let places = account.act().is_some_and(|act| act.action == Action::Join(JoinStep::Place));
    let open = joinings.get(&account.id).and_then(|story| story.open.as_ref());
    places && open.is_some_and(|open| account.joining() == Some(&open.declared))
}

/// Compares a saved plan with one made now.
///
/// # Errors
///
/// Everything about the organization, the guardrails, the enforcements and the declarations that differs.
pub fn reconcile(saved: &Plan, fresh: &Plan, joinings: &BTreeMap<AccountId, JoiningStory>) -> Result<Reconciled, NotReconciled> {
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
        // It is invited, or came in: what was approved is done, as far as it can be now.
        Some((now, Change::None(NoChange::Invited { .. } | NoChange::Member))) if act.action.is_joining() => {
            differences.compare(format!("the declaration of {} changed", now.address), &saved.desired, &now.desired)?;
            reconciled.done.push(saved.id);
        }
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

/// Why the step that comes next is not one of those that were approved: an approval names the last one, and begins at the step that the plan saw.
fn beyond(saved: &PlannedAccount, approved: Action, next: Action) -> Option<HeldBackReason> {
    let (Action::Join(first), Action::Join(next)) = (approved, next) else { return None };
    let last = saved.joining().map_or(first, |joining| joining.last_step()).max(first);
    (!(first..=last).contains(&next)).then_some(HeldBackReason::AnotherStep { approved: first, next })
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
