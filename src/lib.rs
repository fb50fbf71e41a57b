//! The roster of an AWS organization, as code.

pub mod config;
pub mod diag;
pub mod gate;
pub mod org;
pub mod plan;
