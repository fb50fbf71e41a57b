//! Facts that are read in a member account or about it, and the reasons that a read failed.

pub(super) mod authorization;
pub(super) mod context_entry;
pub(super) mod organization_conditions;
pub(super) mod payment;
pub(super) mod probes;
pub(super) mod read_failure;
pub(super) mod role_failure;
pub(super) mod root_user;
