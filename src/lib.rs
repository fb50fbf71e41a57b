//! The roster of an AWS organization, as code.

pub mod api;
pub mod apply;
#[cfg(feature = "aws")]
pub mod aws;
pub mod config;
pub mod diag;
pub mod gate;
pub mod journal;
pub mod org;
pub mod plan;
