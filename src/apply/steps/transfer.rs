//! A member moves to another organization: it accepts that organization's invitation, with credentials that were proven to be its own and
//! that can accept only this invitation.

use std::cell::Cell;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use crate::api::{AcceptingSession, ApiError, ApiErrorKind, FindAccount, Receipt};
use crate::failpoint::test_speedup;
use crate::gate::{self, MemberAccess};
use crate::journal::{Proof, Store};
use crate::org::{AccountId, Action, Handshake, Leaving, OrganizationId, Transfer};
use crate::plan::{Act, PlannedAccount};

use super::{Done, Effect, Meaning, Step, by_management, meaning, misplaced};
use crate::apply::call::BETWEEN_CALLS;
use crate::apply::executor::{Executor, Read, Write};
use crate::apply::meanings::Asked;
use crate::apply::probe::against;
use crate::apply::{Outcome, Refusal};

/// The call, and the sources that show that it is done.
struct Accept<'a, S, R> {
    session: &'a S,
    read: &'a R,
    id: AccountId,
    from: &'a OrganizationId,
    to: &'a OrganizationId,
    handshake: &'a str,
    /// Whether AWS answered that the invitation is accepted.
    accepted: Cell<bool>,
    /// When the account last read its organization. Two reads came before the call: AWS admits two at once, and then one per second.
    asked_at: Instant,
}

impl<S: AcceptingSession, R: FindAccount> Step for Accept<'_, S, R> {
    const ACTION: Action = Action::Transfer;

    async fn call(&self) -> Result<Receipt, ApiError> {
        let receipt = self.session.accept(self.handshake).await?;
        self.accepted.set(true);
        Ok(receipt)
    }

    async fn done(&self) -> Result<Effect, ApiError> {
        sleep_until(self.asked_at + BETWEEN_CALLS / test_speedup()).await;
        match self.session.organization().await {
            Ok(Some(found)) if found == *self.to => Ok(Effect::Done(Proof::MemberInTarget)),
            Ok(Some(found)) if found == *self.from => Ok(Effect::Before),
            Ok(found) => Ok(Effect::Elsewhere(found)),
            // Retrying this read may succeed.
            Err(error) if error.kind.is_transient() && error.kind != ApiErrorKind::Malformed => Err(error),
            // The policies of the new organization may deny the read, or the session may have expired. Then only AWS's own answer shows
            // where the account went; the management account shows that it left.
            Err(error) => match by_management(self.read, self.id).await {
                Ok(Effect::Done(_)) if self.accepted.get() => Ok(Effect::Done(Proof::AcceptedAndOut)),
                Ok(Effect::Done(_)) => Ok(Effect::Done(Proof::OutDestinationUnseen)),
                Ok(standing) => Ok(standing),
                Err(_) => Err(error),
            },
        }
    }

    fn meaning(&self, error: &ApiError) -> Meaning {
        meaning(Asked::Accept, error)
    }

    fn elsewhere(&self, found: Option<&OrganizationId>) -> String {
        misplaced(self.id, found, self.to)
    }
}

impl<R: Read, W: Write, S: Store> Executor<'_, R, W, S> {
    /// Reads the invitation in the account, evaluates the gates again, assumes the role again with a session that can accept only this
    /// invitation, proves where that session is, and accepts.
    pub(in crate::apply) async fn transfer(
        &self,
        planned: &PlannedAccount,
        act: &Act,
        (leaving, transfer): (&Leaving, &Transfer),
        intended_at: Option<Timestamp>,
    ) -> Result<Done, Outcome> {
        let organization = &self.context.roster.organization.id;
        let role = leaving.member_role.arn(&self.context.observed.organization.partition, planned.id);
        let desired = self.desired(planned.id)?;
        let session = self.session_name();
        let names = self.names(&session, &leaving.member_role);
        let (visited, access) = self.entered(self.read.visit(&role, &leaving.member_role, names).await).await?;
        if let Some(outcome) = self.moved_before(planned.id, transfer, &access).await {
            return Err(outcome);
        }
        let probed = self.probe(visited.as_ref(), (planned.id, leaving), &access, &role).await;
        let before = self.context.observed.probes.get(&planned.id).and_then(|probes| probes.handshakes.value());
        let open = probed.handshakes.value().or(before).cloned().unwrap_or_default();
        let gates = self.gates_now(desired, (act, leaving), &access, probed);
        if let Some(against) = against(&gates) {
            return Err(Outcome::HeldBack(Box::new(against.clone())));
        }
        let Some(Handshake { id: handshake, arn, .. }) = gate::invitation(&open, planned.id, transfer, (self.context.clock)()) else {
            return Err(Outcome::NotStarted(format!("there is not exactly one open invitation of {}", transfer.to)));
        };
        let session = self.write.assume_accepting(&role, &leaving.member_role, names, arn).await;
        let session = session.map_err(|error| Outcome::Refused(Refusal::in_account(&error)))?;
        // Whatever the configuration sets for a gate: without proof of identity, on the credentials that make the call, there is no call.
        let access = self.identify(&session).await;
        if !access.is_in(planned.id, organization) {
            let why = format!("the session that accepts is not proven to be in account {} of {organization}", planned.id);
            return Err(Outcome::NotStarted(why));
        }
        let (read, id, to, accepted, asked_at) = (self.read, planned.id, &transfer.to, Cell::new(false), Instant::now());
        let step = Accept { session: &session, read, id, from: organization, to, handshake, accepted, asked_at };
        self.call_until_final(planned, &step, gates, intended_at).await
    }

    /// The outcome for an account that turns out to have moved already, either with a transfer record or by a call of an earlier run that
    /// ended before it saw the result. `None` if nothing shows that it is at its destination, or if no call of ours can have caused that.
    async fn moved_before(&self, id: AccountId, transfer: &Transfer, access: &MemberAccess) -> Option<Outcome> {
        let earlier = self.earlier_intent(id);
        let proof = match access {
            MemberAccess::Assumed { account, organization: Some(found), .. } if *account == id && *found == transfer.to => {
                Proof::MemberInTarget
            }
            MemberAccess::Assumed { .. } | MemberAccess::Deferred => return None,
            MemberAccess::Failed { .. } => match earlier {
                Some(_) => match by_management(self.read, id).await.ok()? {
                    Effect::Done(_) => Proof::OutDestinationUnseen,
                    Effect::Before | Effect::Elsewhere(_) => return None,
                },
                None => return None,
            },
        };
        match (self.recorded(id), earlier) {
            (Some(record), _) => Some(Outcome::Done { record, request_id: None, proof }),
            (None, Some(intent)) => Some(self.record_earlier(intent, proof).await),
            (None, None) => None,
        }
    }
}
