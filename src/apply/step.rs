//! What it takes to carry out an action: a call, and how it shows that it is done.

use crate::api::{ApiError, ApiErrorKind, FindAccount, Receipt};
use crate::journal::Proof;
use crate::org::{AccountId, Action, OrganizationId};

use super::Refusal;

/// What AWS shows of an action. Its answers agree only after a while (Organizations user guide, troubleshooting), so that
/// [`Effect::Before`] may be the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// The account is shown as it was before.
    Before,
    /// It took effect.
    Done(Proof),
    /// The account is at another place than the action leads to: in this organization, or in none. What a call did to it is not known, and
    /// another one could take it out of an organization that no plan names.
    Elsewhere(Option<OrganizationId>),
}

/// What an error answer of a call means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Calls come too fast.
    Throttled,
    /// Somebody else was changing the same thing.
    Conflict,
    /// The call did not reach AWS.
    NotSent,
    /// The call may have taken effect without saying so.
    Lost,
    /// The account already is where the action leads. A success only where its identity was proven, and where AWS shows it.
    AlreadyDone,
    /// AWS refused.
    Refused(Refusal),
}

/// One action on one account. The executor knows nothing else of it.
pub(super) trait Step {
    /// What is done.
    const ACTION: Action;
    /// Sends the call once.
    async fn call(&self) -> Result<Receipt, ApiError>;
    /// Asks whether it is done.
    async fn done(&self) -> Result<Effect, ApiError>;
    /// Classifies the error of a call.
    fn meaning(&self, error: &ApiError) -> Meaning;
    /// What [`Effect::Elsewhere`] says of the account, as a clause.
    fn elsewhere(&self, found: Option<&OrganizationId>) -> String;
}

/// What an error means whatever was called; `None` where the action says.
pub(super) fn general_meaning(error: &ApiError) -> Option<Meaning> {
    match error.kind {
        ApiErrorKind::Throttled => Some(Meaning::Throttled),
        ApiErrorKind::Concurrent => Some(Meaning::Conflict),
        ApiErrorKind::Unreachable => Some(Meaning::NotSent),
        ApiErrorKind::ServiceFailure | ApiErrorKind::NoAnswer | ApiErrorKind::Malformed => Some(Meaning::Lost),
        _ => None,
    }
}

/// What the management account shows of a member that is to be out.
pub(super) async fn by_management(read: &impl FindAccount, id: AccountId) -> Result<Effect, ApiError> {
    let found = read.find_account(id).await?;
    Ok(if found.is_none() { Effect::Done(Proof::ManagementDoesNotFindIt) } else { Effect::Before })
}

/// The account says that it is in another organization: out of ours where the management account no longer finds it.
pub(super) async fn elsewhere(read: &impl FindAccount, id: AccountId, organization: OrganizationId) -> Result<Effect, ApiError> {
    Ok(match by_management(read, id).await? {
        Effect::Done(_) => Effect::Done(Proof::MemberInAnotherOrganization),
        // Two witnesses that contradict each other prove nothing.
        Effect::Before | Effect::Elsewhere(_) => Effect::Elsewhere(Some(organization)),
    })
}

/// What is said of an account that leaves and is somewhere else, while the management account still finds it.
pub(super) fn contradictory(id: AccountId, found: Option<&OrganizationId>) -> String {
    let found = found.map_or_else(|| "no organization".to_owned(), |found| format!("organization {found}"));
    format!("account {id} says that it is in {found}, and the management account still finds it")
}
