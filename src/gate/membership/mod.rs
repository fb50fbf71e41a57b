//! Gates about the identity of the account, and about what the configuration and the organization say about it.

pub(super) mod delegated_administrator;
pub(super) mod identity;
pub(super) mod known_account;
pub(super) mod management_account;
pub(super) mod not_before;
pub(super) mod organization;
pub(super) mod protected;
pub(super) mod state;
