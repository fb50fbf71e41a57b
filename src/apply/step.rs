//! The two ways of leaving, and how each shows that it is done.

use crate::api::{ApiError, ApiErrorKind, FindAccount, MemberSession, Receipt, RemoveMember};
use crate::journal::Proof;
use crate::org::{AccountId, OrganizationId};

/// Where an account stands, as far as AWS shows it. Its answers agree only after a while (Organizations user guide, troubleshooting), so
/// that [`Standing::Member`] may be the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is shown as a member of the organization.
    Member,
    /// It is out.
    Out(Proof),
    /// It names another organization, and the management account still finds it: two witnesses that contradict each other prove nothing.
    /// Another call could take it out of an organization that no plan names.
    Contradicted(OrganizationId),
}

/// Makes the call, and asks where the account stands.
pub(super) trait Step {
    /// Sends the call once.
    async fn call(&self) -> Result<Receipt, ApiError>;
    /// Asks whether the account is out.
    async fn standing(&self) -> Result<Standing, ApiError>;
    /// Whether the call is made with a session of the account alone, so that credentials which AWS does not accept concern no other account.
    fn has_its_own_session(&self) -> bool;
}

/// The member leaves by its own call, with credentials that were proven to be its own.
pub(super) struct Leave<'a, M, R> {
    pub session: &'a M,
    pub read: &'a R,
    pub id: AccountId,
    pub organization: &'a OrganizationId,
}

impl<M: MemberSession, R: FindAccount> Step for Leave<'_, M, R> {
    async fn call(&self) -> Result<Receipt, ApiError> {
        self.session.leave().await
    }

    async fn standing(&self) -> Result<Standing, ApiError> {
        match self.session.organization().await {
            Ok(None) => Ok(Standing::Out(Proof::MemberNotInOrganization)),
            Ok(Some(found)) if found == *self.organization => Ok(Standing::Member),
            Ok(Some(found)) => elsewhere(self.read, self.id, found).await,
            Err(error) => match error.kind {
                // The same question may be answered in a moment.
                ApiErrorKind::Unreachable
                | ApiErrorKind::NoAnswer
                | ApiErrorKind::Throttled
                | ApiErrorKind::Concurrent
                | ApiErrorKind::ServiceFailure => Err(error),
                // The session has ended, may not ask, or was answered with nothing usable. The management account knows as well.
                _ => by_management(self.read, self.id).await.map_err(|_| error),
            },
        }
    }

    fn has_its_own_session(&self) -> bool {
        true
    }
}

/// The management account removes the member.
pub(super) struct Remove<'a, R, W> {
    pub read: &'a R,
    pub write: &'a W,
    pub id: AccountId,
}

impl<R: FindAccount, W: RemoveMember> Step for Remove<'_, R, W> {
    async fn call(&self) -> Result<Receipt, ApiError> {
        self.write.remove_account(self.id).await
    }

    async fn standing(&self) -> Result<Standing, ApiError> {
        by_management(self.read, self.id).await
    }

    fn has_its_own_session(&self) -> bool {
        false
    }
}

/// What the management account shows.
pub(super) async fn by_management(read: &impl FindAccount, id: AccountId) -> Result<Standing, ApiError> {
    let found = read.find_account(id).await?;
    Ok(if found.is_none() { Standing::Out(Proof::ManagementDoesNotFindIt) } else { Standing::Member })
}

/// The account says that it is in another organization: out of ours where the management account no longer finds it.
pub(super) async fn elsewhere(read: &impl FindAccount, id: AccountId, organization: OrganizationId) -> Result<Standing, ApiError> {
    Ok(match by_management(read, id).await? {
        Standing::Out(_) => Standing::Out(Proof::MemberInAnotherOrganization),
        Standing::Member | Standing::Contradicted(_) => Standing::Contradicted(organization),
    })
}
