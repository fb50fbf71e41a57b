//! One act, from its intent to its record.

use jiff::Timestamp;

use crate::journal::{JournalError, OpenIntent, Store};
use crate::org::{AccountId, Action, DesiredAccount, Via};
use crate::plan::PlannedAccount;

use super::executor::{Executor, Read, Write};
use super::{Outcome, Refusal};

impl<R: Read, W: Write, S: Store> Executor<'_, R, W, S> {
    /// Journals the intent, carries out the act, and journals its outcome.
    pub(super) async fn perform(&self, planned: &PlannedAccount) -> Outcome {
        if let Some((act, Action::Join(step), joining)) =
            planned.act().zip(planned.joining()).map(|(act, joining)| (act, act.action, joining))
        {
            return self.take_in(planned, act, (joining, step)).await;
        }
        let (Some(act), Some(leaving)) = (planned.act(), planned.leaving()) else {
            return Outcome::NotStarted(format!("there is nothing to do for account {}", planned.id));
        };
        // An earlier intent that is still open counts for this act too, until this run makes its own call.
        let intended_at = match self.earlier_intent(planned.id) {
            Some(_) => None,
            None => match self.intend(planned).await {
                Ok(intended_at) => Some(intended_at),
                Err(outcome) => return outcome,
            },
        };
        // On the heap: an act in flight takes as much memory as the largest variant.
        let made = match &leaving.via {
            Via::Leave => Box::pin(self.leave(planned, act, leaving, intended_at)).await,
            Via::Remove => Box::pin(self.remove(planned, act, leaving, intended_at)).await,
            Via::Transfer(transfer) => Box::pin(self.transfer(planned, act, (leaving, transfer), intended_at)).await,
        };
        match made {
            Ok(done) => self.record(planned, act, done).await,
            Err(outcome) => self.conclude(planned, act.action, outcome).await,
        }
    }

    /// Journals the intent. When this returns, a crash can no longer hide the act.
    pub(super) async fn intend(&self, planned: &PlannedAccount) -> Result<Timestamp, Outcome> {
        let intended_at = (self.context.clock)();
        let written = self.run.intend(intended_at, planned, self.context.digest).await;
        written.map(|()| intended_at).map_err(|error| Outcome::Unjournaled(error.to_string()))
    }

    /// The configuration's block for an account.
    pub(super) fn desired(&self, id: AccountId) -> Result<&DesiredAccount, Outcome> {
        let block = self.context.roster.accounts.iter().find(|account| account.id == id);
        block.ok_or_else(|| Outcome::NotStarted(format!("the configuration has no block for account {id}")))
    }

    /// An earlier run's intent whose call may have taken effect.
    pub(super) fn earlier_intent(&self, id: AccountId) -> Option<&OpenIntent> {
        self.context.unresolved.get(&id)
    }

    /// The record that ended the account's current membership. An account that has joined again since then needs a new record.
    pub(super) fn recorded(&self, id: AccountId) -> Option<String> {
        let past = self.context.records.get(&id).filter(|past| past.action.after().is_out())?;
        let joined_at = self.context.observed.account(id).and_then(|account| account.joined_at);
        joined_at.is_none_or(|joined_at| joined_at <= past.effective_at).then(|| past.record.clone())
    }

    /// Journals what AWS found missing, so that the next plan does not propose the act again on the same attestation.
    async fn remember(&self, id: AccountId, action: Action, refusal: &Refusal, at: Timestamp) -> Result<(), JournalError> {
        let caller = if action.is_called_by_member() { id } else { self.context.observed.called_from };
        let Some(refused) = refusal.to_remember(caller, at) else { return Ok(()) };
        self.run.refused(&self.context.organization.id, id, &refused).await
    }

    /// Journals that nothing changed. If a call of this run or an earlier one may have taken effect, the intent stays open.
    pub(super) async fn conclude(&self, planned: &PlannedAccount, action: Action, outcome: Outcome) -> Outcome {
        let at = (self.context.clock)();
        let kept = match &outcome {
            Outcome::Refused(refusal) => self.remember(planned.id, action, refusal, at).await,
            _ => Ok(()),
        };
        let outcome = if self.earlier_intent(planned.id).is_some() { outcome.left_open() } else { outcome };
        let summary = match &outcome {
            Outcome::HeldBack(_) | Outcome::Refused(_) | Outcome::NotDone(_) | Outcome::NotStarted(_) => outcome.in_words(planned),
            // The act's own record closed the intent.
            Outcome::Done { record, .. } if self.context.records.get(&planned.id).is_some_and(|known| known.record == *record) => {
                format!("it had already {}, according to {record}", action.verbs().past)
            }
            Outcome::Done { .. }
            | Outcome::Invited { .. }
            | Outcome::Stranger(_)
            | Outcome::Open(_)
            | Outcome::Unrecorded(_)
            | Outcome::Unknown(_)
            | Outcome::Unjournaled(_) => {
                return outcome;
            }
        };
        let written = kept.and(self.run.had_no_effect(at, (planned.id, action), &summary).await);
        match written {
            Ok(()) => outcome,
            Err(error) => Outcome::Unknown(format!("{summary}; and the journal could not be written: {error}")),
        }
    }
}
