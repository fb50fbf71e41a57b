//! Diagnostics about accounts that were not done.

use crate::apply::{Outcome, Refusal};
use crate::cli::failures;
use crate::diag::{Code, Diagnostic};
use crate::gate::GateResult;
use crate::org::{Invocation, Message};
use crate::plan::PlannedAccount;
use crate::render;
use crate::render::words;

/// What an operator has to do about one account. `None` if nothing.
#[must_use]
pub fn diagnostic(planned: &PlannedAccount, outcome: &Outcome) -> Option<Diagnostic> {
    let id = planned.id;
    let detail = match outcome {
        // These accounts' own lines are complete, and the closing lines show the command that continues.
        Outcome::Done { .. } | Outcome::Invited { .. } | Outcome::NotStarted(_) | Outcome::NotDone(_) => return None,
        Outcome::Stranger(who) => Message::new(&format!(
            "An account other than the declared one joined: {who}. It stays in the root, without tags, and nothing else was done to it. If it is the \
             intended account, correct the block and apply again; if not, find out who invited it, and remove it."
        )),
        Outcome::HeldBack(result) => {
            return Some(Diagnostic::warning(Code::HeldBack, held_back(result)).about(&planned.address));
        }
        Outcome::Refused(refusal) => {
            evaluated(refusal, Message::new(&format!("{}{} {}", answer(refusal), standing(planned), what_to_do(planned, refusal))))
        }
        Outcome::Unjournaled(what) => Message::new(&format!(
            "No call was made for account {id}, because the journal could not be written: {what}. Fix the backend and apply again."
        )),
        Outcome::Unknown(what) => Message::new(&format!("The outcome for account {id} is unknown: {what}. {ASKS_FIRST}")),
        Outcome::Open(inner) => open(planned, inner),
        Outcome::Unrecorded(what) => Message::new(&format!(
            "Account {id} {}, but its record could not be written: {what}. Fix the backend and apply again: apply then writes the record.",
            words::verbs_of(planned).past
        )),
    };
    let code = if words::joins(planned) { Code::JoiningFailed } else { Code::DepartureFailed };
    Some(Diagnostic::error(code, detail).about(&planned.address))
}

/// States where the account is after a refusal. Empty for a joining, which may have made several calls before the refused one.
fn standing(planned: &PlannedAccount) -> String {
    if words::joins(planned) {
        return String::new();
    }
    format!(" Nothing changed in the account: AWS still shows it {}.", words::verbs_of(planned).before)
}

const ASKS_FIRST: &str = "Apply again: apply asks AWS first.";

/// Uses an empty invocation, because the context that reports the message adds the options that lead to the configuration.
fn held_back(result: &GateResult) -> Message {
    let answer = Message::new(&format!("{}: {}.", result.gate, result.explanation()));
    result.remedy().map_or(answer.clone(), |remedy| render::with_remedy(answer, remedy, &Invocation::default()))
}

/// An account whose earlier call may have taken effect, whatever this run's own outcome was.
fn open(planned: &PlannedAccount, inner: &Outcome) -> Message {
    let what = match inner {
        Outcome::HeldBack(result) => held_back(result),
        Outcome::Refused(refusal) => evaluated(refusal, Message::new(&format!("{} {}", answer(refusal), what_to_do(planned, refusal)))),
        other => Message::new(&format!("This run: {}.", other.in_words(planned))),
    };
    what.line(&format!(
        "The outcome for account {} is still unknown: an earlier call may have taken effect, and AWS's answers become consistent only after a \
         while. Its intent stays open. {ASKS_FIRST}",
        planned.id
    ))
}

fn answer(refusal: &Refusal) -> String {
    format!("{} answered {}: {}.", refusal.operation, refusal.code_and_reason, refusal.message.trim_end_matches('.'))
}

fn what_to_do(planned: &PlannedAccount, refusal: &Refusal) -> String {
    let request = refusal.request_id.as_ref().map_or_else(String::new, |id| format!(" Request id {id}."));
    let contradicted = refusal.contradicted(planned).map_or_else(String::new, |found| format!(" This contradicts {found}."));
    format!("{}{contradicted}{request}", refusal.next_step)
}

/// Adds the command that prints what AWS evaluated, if the denial contains an authorization id.
fn evaluated(refusal: &Refusal, message: Message) -> Message {
    refusal.authorization_id().into_iter().fold(message, failures::evaluated)
}
