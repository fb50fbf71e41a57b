//! Gates about whether the account can make the planned call.

pub(super) mod invitation;
pub(super) mod leave_permission;
pub(super) mod member_access;
pub(super) mod open_handshake;
