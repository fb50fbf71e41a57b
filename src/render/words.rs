//! Counts, and sentences with counts, for every rendering.

use std::collections::BTreeMap;

use crate::diag::Code;
use crate::org::{Action, Counts, JoinStep, Leaving, Verbs, counted};
use crate::plan::{Plan, PlannedAccount};

/// The words of an account's act, or those of an account that has none.
#[must_use]
pub fn verbs_of(planned: &PlannedAccount) -> &'static Verbs {
    planned.act().map_or(&Verbs::NONE, |act| act.action.verbs())
}

/// The action for an account in Terraform's events.
#[must_use]
pub fn terraform_action(planned: &PlannedAccount) -> &'static str {
    planned.act().map_or("noop", |act| act.action.terraform().as_str())
}

/// Whether an account's act is a step of joining.
#[must_use]
pub fn joins(planned: &PlannedAccount) -> bool {
    planned.act().is_some_and(|act| act.action.is_joining())
}

/// The code for an account whose act is blocked.
#[must_use]
pub fn blocked_code(planned: &PlannedAccount) -> Code {
    if joins(planned) { Code::JoiningBlocked } else { Code::DepartureBlocked }
}

/// What would happen to an eligible account, as a clause.
#[must_use]
pub fn would(planned: &PlannedAccount) -> String {
    if let Some(transfer) = planned.leaving().and_then(Leaving::transfer) {
        return format!("would move to {}", transfer.to);
    }
    let accepts = planned.joining().is_some_and(|joining| joining.accept_role.is_some());
    match planned.act().map(|act| act.action) {
        Some(Action::Join(JoinStep::Invite)) if !accepts => "would be invited".to_owned(),
        Some(Action::Join(JoinStep::Invite | JoinStep::Accept)) => "would join".to_owned(),
        Some(Action::Join(JoinStep::Place)) => "would be placed".to_owned(),
        Some(Action::Remove) => "would be removed".to_owned(),
        Some(Action::Leave | Action::Transfer) | None => "would leave".to_owned(),
    }
}

/// What an act means for the account, as a clause that the organization's id follows.
#[must_use]
pub fn means(planned: &PlannedAccount) -> &'static str {
    let waits = planned.joining().is_some_and(|joining| joining.accept_role.is_none());
    match planned.act().map(|act| act.action) {
        Some(Action::Join(JoinStep::Invite)) if waits => "is invited to organization",
        _ => verbs_of(planned).means,
    }
}

/// What becomes of an account, with the organization that it moves to.
#[must_use]
pub fn becomes(planned: &PlannedAccount) -> String {
    if let Some(transfer) = planned.leaving().and_then(Leaving::transfer) {
        return format!("joins organization {} directly", transfer.to);
    }
    match (planned.act().map(|act| act.action), planned.placement()) {
        (Some(Action::Join(JoinStep::Invite)), _) if planned.joining().is_some_and(|joining| joining.accept_role.is_none()) => {
            "a person in the account may accept".to_owned()
        }
        (Some(Action::Join(_)), Some(placement)) => match &placement.path {
            Some(path) => format!("is placed in {path} ({})", placement.unit),
            None => format!("is placed in {}", placement.unit),
        },
        _ => verbs_of(planned).becomes.to_owned(),
    }
}

/// An option for each approver that the guardrails require, with a placeholder for the name.
#[must_use]
pub fn approver_options(plan: &Plan) -> Vec<&'static str> {
    vec!["-approved-by=NAME"; plan.guardrails.approvers as usize]
}

/// The number of acts of each kind, such as `2 departures`.
#[must_use]
pub fn acts<'a>(accounts: impl IntoIterator<Item = &'a PlannedAccount>) -> String {
    let parts: Vec<_> = by_word(accounts, |action| action.verbs().noun).iter().map(|(noun, count)| counted(*count as u64, noun)).collect();
    if parts.is_empty() { counted(0, "departure") } else { parts.join(", ") }
}

/// What a change introduces, such as `1 departure and 1 blocked by this change`, and what else there is: `2 pending before, 0 withdrawn`.
/// `None` if the plan has no baseline.
#[must_use]
pub fn since_baseline(plan: &Plan) -> Option<(String, String)> {
    let withdrawn = plan.baseline.as_ref()?.withdrawn.len();
    let is_new = |planned: &&PlannedAccount| !plan.was_pending(planned.id);
    let eligible: Vec<_> = plan.eligible().into_iter().filter(is_new).collect();
    let blocked = plan.blocked().into_iter().filter(is_new).count();
    let pending = plan.acts().len() - eligible.len() - blocked;
    Some((format!("{} and {blocked} blocked by this change", acts(eligible)), format!("{pending} pending before, {withdrawn} withdrawn")))
}

/// What is approved, such as `detach 2`; a single account is named instead of counted.
#[must_use]
pub fn approval(accounts: &[&PlannedAccount]) -> String {
    let words = by_word(accounts.iter().copied(), |action| action.verbs().approve);
    if let ([one], [(approve, _)]) = (accounts, words.as_slice()) {
        return format!("{approve} {}", one.display_name());
    }
    words.iter().map(|(approve, count)| format!("{approve} {count}")).collect::<Vec<_>>().join(", ")
}

/// The number of acts for each word, in the order of the actions.
fn by_word<'a>(accounts: impl IntoIterator<Item = &'a PlannedAccount>, word: fn(Action) -> &'static str) -> Vec<(&'static str, usize)> {
    let mut counts: BTreeMap<Action, usize> = BTreeMap::new();
    for act in accounts.into_iter().filter_map(PlannedAccount::act) {
        *counts.entry(act.action).or_default() += 1;
    }
    let mut words: Vec<(&str, usize)> = Vec::new();
    for (action, count) in counts {
        match words.iter_mut().find(|(known, _)| *known == word(action)) {
            Some((_, all)) => *all += count,
            None => words.push((word(action), count)),
        }
    }
    words
}

/// Terraform's closing line of a plan, without its first word.
#[must_use]
pub fn to_do(plan: &Plan) -> String {
    format!("{}.", plan.counts().to_do())
}

/// Terraform's closing line of an apply, without its title.
#[must_use]
pub fn done(counts: Counts) -> String {
    format!("Resources: {}.", counts.done())
}

/// How many accounts of a plan have each outcome.
#[must_use]
pub fn account_counts(plan: &Plan) -> String {
    let carried_out = plan.carried_out();
    let over = plan.eligible().len() - carried_out.len();
    let departing = Action::Leave.verbs().counted_as;
    let mut parts = by_word(carried_out, |action| action.verbs().counted_as);
    if parts.is_empty() {
        parts.push((departing, 0));
    }
    let mut parts: Vec<_> = parts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    parts.extend((over > 0).then(|| format!("{over} over a guardrail")));
    parts.push(format!("{} blocked", plan.blocked().len()));
    parts.push(format!("{} unmanaged", plan.unmanaged.len()));
    parts.push(format!("{} unchanged", plan.unchanged().count()));
    let out = plan.unchanged().filter(|(_, why)| why.is_out()).count();
    let notes = [(out, "already out"), (plan.drifted().count(), "drifted")];
    let notes: Vec<_> = notes.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
    let deferred = plan.deferred_gates().count();
    let deferred = if deferred > 0 { format!(" {} deferred to apply.", counted(deferred as u64, "gate")) } else { String::new() };
    format!("Accounts: {}{notes}.{deferred}", parts.join(", "))
}
