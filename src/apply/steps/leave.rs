//! A member leaves by its own call, with credentials that were proven to be its own.

use jiff::Timestamp;

use crate::api::{ApiError, ApiErrorKind, FindAccount, MemberSession, Receipt};
use crate::gate::MemberAccess;
use crate::journal::{Proof, Store};
use crate::org::{AccountId, Action, Leaving, OrganizationId};
use crate::plan::{Act, PlannedAccount};

use super::{Done, Effect, Meaning, Step, by_management, contradictory, elsewhere, meaning};
use crate::apply::Outcome;
use crate::apply::executor::{Executor, Read, Write};
use crate::apply::meanings::Asked;
use crate::apply::probe::against;

/// The call, and the sources that show that it is done.
struct Leave<'a, M, R> {
    session: &'a M,
    read: &'a R,
    id: AccountId,
    organization: &'a OrganizationId,
}

impl<M: MemberSession, R: FindAccount> Step for Leave<'_, M, R> {
    const ACTION: Action = Action::Leave;

    async fn call(&self) -> Result<Receipt, ApiError> {
        self.session.leave().await
    }

    async fn done(&self) -> Result<Effect, ApiError> {
        match self.session.organization().await {
            Ok(None) => Ok(Effect::Done(Proof::MemberNotInOrganization)),
            Ok(Some(found)) if found == *self.organization => Ok(Effect::Before),
            Ok(Some(found)) => elsewhere(self.read, self.id, found).await,
            Err(error) => match error.kind {
                // Retrying this read may succeed.
                ApiErrorKind::Unreachable
                | ApiErrorKind::NoAnswer
                | ApiErrorKind::Throttled
                | ApiErrorKind::Concurrent
                | ApiErrorKind::ServiceFailure => Err(error),
                // The session expired, may not read, or received nothing usable. The management account knows too.
                _ => by_management(self.read, self.id).await.map_err(|_| error),
            },
        }
    }

    fn meaning(&self, error: &ApiError) -> Meaning {
        meaning(Asked::Leave, error)
    }

    fn elsewhere(&self, found: Option<&OrganizationId>) -> String {
        contradictory(self.id, found)
    }
}

impl<R: Read, W: Write, S: Store> Executor<'_, R, W, S> {
    /// Assumes the role in the account, proves where the session is, evaluates the gates again, and calls.
    pub(in crate::apply) async fn leave(
        &self,
        planned: &PlannedAccount,
        act: &Act,
        leaving: &Leaving,
        intended_at: Option<Timestamp>,
    ) -> Result<Done, Outcome> {
        let organization = &self.context.roster.organization.id;
        let role = leaving.member_role.arn(&self.context.observed.organization.partition, planned.id);
        let desired = self.desired(planned.id)?;
        let session = self.session_name();
        let assumed = self.write.assume(&role, &leaving.member_role, self.names(&session, &leaving.member_role)).await;
        let (assumed, access) = self.entered(assumed).await?;
        if let Some(outcome) = self.out_before(planned.id, &access).await {
            return Err(outcome);
        }
        let probed = self.probe(assumed.as_ref(), (planned.id, leaving), &access, &role).await;
        let probed = probed.or(self.audit((planned.id, leaving)).await);
        let gates = self.gates_now(desired, (act, leaving), &access, probed);
        // Whatever the configuration sets for a gate: without proof of identity there is no call.
        let is_proven = access.is_in(planned.id, organization);
        match (&assumed, against(&gates)) {
            (_, Some(against)) => Err(Outcome::HeldBack(Box::new(against.clone()))),
            (Some(session), None) if is_proven => {
                let step = Leave { session, read: self.read, id: planned.id, organization };
                self.call_until_final(planned, &step, gates, intended_at).await
            }
            _ => {
                let why = format!("the session is not proven to be in account {} of {organization}", planned.id);
                Err(Outcome::NotStarted(why))
            }
        }
    }

    /// The outcome for an account that turns out to have left already, either with a departure record or by a call of an earlier run that
    /// ended before it saw the result. `None` if nothing shows that it has left, or if no call of ours can have caused that.
    async fn out_before(&self, id: AccountId, access: &MemberAccess) -> Option<Outcome> {
        let earlier = self.earlier_intent(id);
        let standing = match access {
            MemberAccess::Assumed { account, organization: None, .. } if *account == id => Effect::Done(Proof::MemberNotInOrganization),
            // Everything else needs another read, which is only worthwhile if an earlier call may be the reason.
            _ if earlier.is_none() => return None,
            MemberAccess::Assumed { account, organization: Some(found), .. } if *account == id => self.compare(id, found).await.ok()?,
            MemberAccess::Assumed { .. } | MemberAccess::Failed { .. } | MemberAccess::Deferred => {
                by_management(self.read, id).await.ok()?
            }
        };
        match standing {
            Effect::Done(proof) => match (self.recorded(id), earlier) {
                (Some(record), _) => Some(Outcome::Done { record, request_id: None, proof }),
                (None, Some(intent)) => Some(self.record_earlier(intent, proof).await),
                (None, None) => None,
            },
            Effect::Elsewhere(found) => Some(Outcome::Unknown(contradictory(id, found.as_ref()))),
            Effect::Before => None,
        }
    }

    /// Where an account is that reports this organization.
    async fn compare(&self, id: AccountId, found: &OrganizationId) -> Result<Effect, ApiError> {
        if *found == self.context.roster.organization.id {
            return Ok(Effect::Before);
        }
        elsewhere(self.read, id, found.clone()).await
    }
}
