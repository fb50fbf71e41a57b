//! The declarations of an account block, with their source locations.

use crate::org::{AccountId, Address, DesiredAccount, MemberRole, OrganizationId, SourceSpan, Spanned};

/// An account block, with the source locations that later checks point at.
#[derive(Debug)]
pub struct DeclaredAccount {
    pub id: Spanned<AccountId>,
    pub address: Address,
    /// The block's label.
    pub label: SourceSpan,
    /// How the account leaves, if it is detached.
    pub via: DeclaredVia,
    /// The block's own member role. If `None`, the provider's applies.
    pub member_role: Option<Spanned<MemberRole>>,
    /// The ARN of the role in the account that accepts an invitation.
    pub accept_role: Option<Spanned<String>>,
    /// The account; `None` if the block itself has mistakes.
    pub account: Option<DesiredAccount>,
}

/// The value of `via`, with its source locations.
#[derive(Debug)]
pub enum DeclaredVia {
    /// The account leaves by its own call, which is the default.
    Leave,
    /// The management account removes it. Holds the location of `via = "remove"`.
    Remove(SourceSpan),
    /// The account moves to another organization.
    Transfer(DeclaredTransfer),
}

/// A declared transfer.
#[derive(Debug)]
pub struct DeclaredTransfer {
    /// The location of `via = "transfer"`.
    pub via: SourceSpan,
    /// The organization that invites the account.
    pub to: Spanned<OrganizationId>,
    /// The id of the only invitation that may be accepted.
    pub handshake: Option<Spanned<String>>,
}
