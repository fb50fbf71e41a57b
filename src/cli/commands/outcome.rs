//! What an operator has to do about an account that did not depart.

use crate::apply::Outcome;
use crate::diag::{Code, Diagnostic};
use crate::org::Message;
use crate::plan::Detachment;

/// What an operator has to do about one account.
#[must_use]
pub fn diagnostic(detachment: &Detachment, outcome: &Outcome) -> Option<Diagnostic> {
    let detail = match outcome {
        Outcome::Departed { .. } | Outcome::NotStarted(_) => return None,
        Outcome::HeldBack(result) => {
            let answer = Message::new(&format!("{}: {}.", result.gate, result.explanation()));
            let mut remedy = result.remedy().unwrap_or_default().lines();
            let answer = remedy.next().map_or(answer.clone(), |first| answer.and(first));
            let detail = remedy.fold(answer, |detail, line| detail.quote(line));
            return Some(Diagnostic::warning(Code::HeldBack, detail).about(&detachment.address));
        }
        Outcome::Refused(refusal) => {
            let request = refusal.request_id.as_ref().map_or_else(String::new, |id| format!(" Request id {id}."));
            let message = refusal.message.trim_end_matches('.');
            let contradicted = refusal.contradicted(detachment).map_or_else(String::new, |found| format!(" This contradicts {found}."));
            format!(
                "{} answered {}: {message}. Nothing changed in the account. {}{contradicted}{request}",
                refusal.operation, refusal.code_and_reason, refusal.next_step
            )
        }
        Outcome::Unjournaled(what) => {
            format!(
                "No call was made for account {}, because the journal could not be written: {what}. Mend the backend and apply again.",
                detachment.id
            )
        }
        Outcome::Unknown(what) => format!("Whether account {} is out is not known: {what}. Apply again: it asks AWS first.", detachment.id),
        Outcome::Unrecorded(what) => {
            format!(
                "Account {} is out, and its record could not be written: {what}. Mend the backend and apply again: it writes the record.",
                detachment.id
            )
        }
    };
    Some(Diagnostic::error(Code::DepartureFailed, detail).about(&detachment.address))
}
