//! What it takes to carry out an action: a call, and how it shows that it is done.

mod join;
mod leave;
mod remove;
mod transfer;

use jiff::Timestamp;

use crate::api::{ApiError, FindAccount, Receipt};
use crate::gate::GateResult;
use crate::journal::Proof;
use crate::org::{AccountId, Action, MemberRole, OrganizationId};
use crate::plan::Digest;

use super::Refusal;
use super::meanings::{Asked, Sense, known};

/// What AWS shows of an action. Its answers agree only after a while (Organizations user guide, troubleshooting), so that
/// [`Effect::Before`] may be the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::apply) enum Effect {
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
pub(in crate::apply) enum Meaning {
    /// Calls come too fast.
    Throttled,
    /// Somebody else was changing the same thing.
    Conflict,
    /// The call had no effect, and may have one in a moment: it did not reach AWS, or AWS does not see the account everywhere yet.
    NotSent,
    /// The call may have taken effect without saying so.
    Lost,
    /// The account already is where the action leads. A success only where its identity was proven, and where AWS shows it.
    AlreadyDone,
    /// AWS refused.
    Refused(Refusal),
}

/// An act that took effect by a call of this run.
pub(in crate::apply) struct Done {
    pub intended_at: Timestamp,
    pub receipt: Receipt,
    pub proof: Proof,
    pub gates: Vec<GateResult>,
}

/// One action on one account. The executor knows nothing else of it.
pub(in crate::apply) trait Step {
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

/// What an error answer means for what was asked, as the one table says.
pub(in crate::apply) fn meaning(asked: Asked, error: &ApiError) -> Meaning {
    match known(asked, error).map(|row| row.sense) {
        Some(Sense::Throttled) => Meaning::Throttled,
        Some(Sense::Conflict) => Meaning::Conflict,
        Some(Sense::NotSent) => Meaning::NotSent,
        Some(Sense::Lost) => Meaning::Lost,
        Some(Sense::AlreadyDone) => Meaning::AlreadyDone,
        Some(Sense::Refused { .. }) | None => Meaning::Refused(Refusal::of(asked, error)),
    }
}

/// What the management account shows of a member that is to be out.
pub(in crate::apply) async fn by_management(read: &impl FindAccount, id: AccountId) -> Result<Effect, ApiError> {
    let found = read.find_account(id).await?;
    Ok(if found.is_none() { Effect::Done(Proof::ManagementDoesNotFindIt) } else { Effect::Before })
}

/// The account says that it is in another organization: out of ours where the management account no longer finds it.
pub(in crate::apply) async fn elsewhere(read: &impl FindAccount, id: AccountId, organization: OrganizationId) -> Result<Effect, ApiError> {
    Ok(match by_management(read, id).await? {
        Effect::Done(_) => Effect::Done(Proof::MemberInAnotherOrganization),
        // Two witnesses that contradict each other prove nothing.
        Effect::Before | Effect::Elsewhere(_) => Effect::Elsewhere(Some(organization)),
    })
}

/// What is said of an account that leaves and is somewhere else, while the management account still finds it.
pub(in crate::apply) fn contradictory(id: AccountId, found: Option<&OrganizationId>) -> String {
    let found = found.map_or_else(|| "no organization".to_owned(), |found| format!("organization {found}"));
    format!("account {id} says that it is in {found}, and the management account still finds it")
}

/// What is said of an account that came to another place than its transfer leads to.
pub(in crate::apply) fn misplaced(id: AccountId, found: Option<&OrganizationId>, to: &OrganizationId) -> String {
    match found {
        Some(found) => format!("account {id} is in organization {found}, and not in {to}"),
        None => format!("account {id} is in no organization, and not in {to}"),
    }
}

/// The source identity of a session of the member role, where the role takes one: the digest of what was approved, exactly the 64 characters that
/// every region takes.
pub(in crate::apply) fn source_identity<'d>(role: &MemberRole, approved: &'d Digest) -> Option<&'d str> {
    role.source_identity.then(|| approved.hex())
}
