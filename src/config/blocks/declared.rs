//! What an account block declares, with its places.

use crate::org::{AccountId, Address, DesiredAccount, MemberRole, SourceSpan, Spanned};

/// An account block with the places that later checks point at.
#[derive(Debug)]
pub struct DeclaredAccount {
    pub id: Spanned<AccountId>,
    pub address: Address,
    /// The block's label.
    pub label: SourceSpan,
    /// Where it says `via = "remove"`.
    pub via: Option<SourceSpan>,
    /// The block's own member role, where it has one; the provider's counts else.
    pub member_role: Option<Spanned<MemberRole>>,
    /// Absent where the block has mistakes of its own.
    pub account: Option<DesiredAccount>,
}
