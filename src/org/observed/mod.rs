//! Facts that are read about an organization.

pub(super) mod account;
pub(super) mod answers;
pub(super) mod cost;
pub(super) mod estate;
pub(super) mod handshake;
pub(super) mod organization;
pub(super) mod partition;
pub(super) mod policies;
pub(super) mod trail;
