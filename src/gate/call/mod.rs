//! Whether the account can make the call that it is to make.

pub(super) mod invitation;
pub(super) mod leave_permission;
pub(super) mod member_access;
pub(super) mod open_handshake;
