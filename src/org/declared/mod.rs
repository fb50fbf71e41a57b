//! The declared roster: the types of a configuration.

pub(super) mod address;
pub(super) mod approver;
pub(super) mod attestation;
pub(super) mod guardrails;
pub(super) mod roster;
pub(super) mod settings;
pub(super) mod span;
