//! What an account block declares, with its places.

use crate::org::{AccountId, Address, DesiredAccount, MemberRole, OrganizationId, SourceSpan, Spanned};

/// An account block with the places that later checks point at.
#[derive(Debug)]
pub struct DeclaredAccount {
    pub id: Spanned<AccountId>,
    pub address: Address,
    /// The block's label.
    pub label: SourceSpan,
    /// How it leaves, if it is detached.
    pub via: DeclaredVia,
    /// The block's own member role, where it has one; the provider's counts else.
    pub member_role: Option<Spanned<MemberRole>>,
    /// The ARN of the role that accepts an invitation in the account.
    pub accept_role: Option<Spanned<String>>,
    /// Absent if the block itself has mistakes.
    pub account: Option<DesiredAccount>,
}

/// What `via` says, with its places.
#[derive(Debug)]
pub enum DeclaredVia {
    /// Nothing else, or that it leaves by its own call.
    Leave,
    /// Where it says `"remove"`.
    Remove(SourceSpan),
    /// It moves to another organization.
    Transfer(DeclaredTransfer),
}

/// A declared transfer.
#[derive(Debug)]
pub struct DeclaredTransfer {
    /// Where it says `via = "transfer"`.
    pub via: SourceSpan,
    /// The organization that invites it.
    pub to: Spanned<OrganizationId>,
    /// The one invitation that may be accepted.
    pub handshake: Option<Spanned<String>>,
}
