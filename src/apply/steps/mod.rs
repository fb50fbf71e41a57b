//! The steps of an action: a call, and how to see that it is done.

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

/// What AWS shows about an action. Its answers become consistent only after a while (Organizations user guide, troubleshooting), so
/// [`Effect::Before`] may be outdated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::apply) enum Effect {
    /// The account is shown as it was before.
    Before,
    /// The action took effect.
    Done(Proof),
    /// The account is in a place that the action does not lead to: this organization, or none. The effect of a call is unknown, and another
    /// call could take the account out of an organization that no plan names.
    Elsewhere(Option<OrganizationId>),
}

/// The meaning of a call's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::apply) enum Meaning {
    /// Calls are too frequent.
    Throttled,
    /// Another caller was changing the same object.
    Conflict,
    /// The call had no effect, but a retry may succeed: it did not reach AWS, or not all of AWS knows the account yet.
    NotSent,
    /// The call may have taken effect although its answer does not show it.
    Lost,
    /// The account already is where the action leads. This is a success only if the account's identity was proven and AWS shows the account
    /// there.
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

/// One action on one account. The executor knows nothing else about it.
pub(in crate::apply) trait Step {
    /// The action.
    const ACTION: Action;
    /// Sends the call once.
    async fn call(&self) -> Result<Receipt, ApiError>;
    /// Reads whether it is done.
    async fn done(&self) -> Result<Effect, ApiError>;
    /// Classifies the error of a call.
    fn meaning(&self, error: &ApiError) -> Meaning;
    /// Describes an account at [`Effect::Elsewhere`], as a clause.
    fn elsewhere(&self, found: Option<&OrganizationId>) -> String;
}

/// The meaning of an error for a call, according to the table.
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

/// What the management account shows about a member that should have left.
pub(in crate::apply) async fn by_management(read: &impl FindAccount, id: AccountId) -> Result<Effect, ApiError> {
    let found = read.find_account(id).await?;
    Ok(if found.is_none() { Effect::Done(Proof::ManagementDoesNotFindIt) } else { Effect::Before })
}

/// The account reports that it is in another organization. It has left ours if the management account no longer finds it.
pub(in crate::apply) async fn elsewhere(read: &impl FindAccount, id: AccountId, organization: OrganizationId) -> Result<Effect, ApiError> {
    Ok(match by_management(read, id).await? {
        Effect::Done(_) => Effect::Done(Proof::MemberInAnotherOrganization),
        // Two sources that contradict each other prove nothing.
        Effect::Before | Effect::Elsewhere(_) => Effect::Elsewhere(Some(organization)),
    })
}

/// Describes a departing account that is somewhere else while the management account still finds it.
pub(in crate::apply) fn contradictory(id: AccountId, found: Option<&OrganizationId>) -> String {
    let found = found.map_or_else(|| "no organization".to_owned(), |found| format!("organization {found}"));
    format!("account {id} reports that it is in {found}, but the management account still finds it")
}

/// Describes an account that went somewhere other than its transfer leads to.
pub(in crate::apply) fn misplaced(id: AccountId, found: Option<&OrganizationId>, to: &OrganizationId) -> String {
    match found {
        Some(found) => format!("account {id} is in organization {found}, not in {to}"),
        None => format!("account {id} is in no organization, and so not in {to}"),
    }
}

/// The source identity of a member role's session, if the role accepts one: the digest of the approved plan, exactly the 64 characters that
/// every region accepts.
pub(in crate::apply) fn source_identity<'d>(role: &MemberRole, approved: &'d Digest) -> Option<&'d str> {
    role.source_identity.then(|| approved.hex())
}
