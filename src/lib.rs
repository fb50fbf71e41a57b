//! The roster of an AWS organization, as code.

pub mod diag;
pub mod org;
