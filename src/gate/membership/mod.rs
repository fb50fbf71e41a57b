//! Which account it is, and what the configuration and the organization say of it.

pub(super) mod delegated_administrator;
pub(super) mod identity;
pub(super) mod known_account;
pub(super) mod management_account;
pub(super) mod not_before;
pub(super) mod organization;
pub(super) mod protected;
pub(super) mod state;
