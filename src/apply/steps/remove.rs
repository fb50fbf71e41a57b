//! The management account removes a member.

use jiff::Timestamp;

use crate::api::{ApiError, FindAccount, Receipt, RemoveMember};
use crate::gate::MemberAccess;
use crate::journal::Store;
use crate::org::{AccountId, Action, Leaving, OrganizationId};
use crate::plan::{Act, PlannedAccount};

use super::{Done, Effect, Meaning, Step, by_management, contradictory, meaning};
use crate::apply::Outcome;
use crate::apply::executor::{Executor, Read, Write};
use crate::apply::meanings::Asked;
use crate::apply::probe::against;

/// The call, and the sources that show that it is done.
struct Remove<'a, R, W> {
    read: &'a R,
    write: &'a W,
    id: AccountId,
}

impl<R: FindAccount, W: RemoveMember> Step for Remove<'_, R, W> {
    const ACTION: Action = Action::Remove;

    async fn call(&self) -> Result<Receipt, ApiError> {
        self.write.remove_account(self.id).await
    }

    async fn done(&self) -> Result<Effect, ApiError> {
        by_management(self.read, self.id).await
    }

    fn meaning(&self, error: &ApiError) -> Meaning {
        meaning(Asked::Remove, error)
    }

    fn elsewhere(&self, found: Option<&OrganizationId>) -> String {
        contradictory(self.id, found)
    }
}

impl<R: Read, W: Write, S: Store> Executor<'_, R, W, S> {
    /// Evaluates the gates again that only apply can evaluate, and calls if none of them prevents it.
    pub(in crate::apply) async fn remove(
        &self,
        planned: &PlannedAccount,
        act: &Act,
        leaving: &Leaving,
        intended_at: Option<Timestamp>,
    ) -> Result<Done, Outcome> {
        let desired = self.desired(planned.id)?;
        let audited = self.audit((planned.id, leaving)).await;
        let gates = self.gates_now(desired, (act, leaving), &MemberAccess::Deferred, audited);
        if let Some(against) = against(&gates) {
            return Err(Outcome::HeldBack(Box::new(against.clone())));
        }
        let step = Remove { read: self.read, write: self.write, id: planned.id };
        self.call_until_final(planned, &step, gates, intended_at).await
    }
}
