//! The roster of an AWS organization, as code.
//!
//! A run goes through these modules, each of which knows only the modules above it:
//!
//! 1. [`config`] reads `*.roster.hcl` into a [`org::DesiredRoster`], or into [`diag`] diagnostics; [`hcl`] writes such files and lays them out.
//! 2. [`mod@observe`] reads the organization into an [`org::ObservedOrganization`], through traits that [`aws`] implements.
//! 3. [`gate`] answers, for one account, whether it may leave, from facts alone.
//! 4. [`plan`] compares declared with observed: departing, blocked, unmanaged or unchanged, and the digest of it all.
//! 5. [`apply`] carries out what was approved, and [`journal`] keeps intents, outcomes and records.
//! 6. [`render`] turns plans, reports and diagnostics into text, and [`cli`] is the only one to write to the terminal.
//!
//! [`drift`] compares two snapshots of an organization.
//! [`references`] searches other configuration for accounts that leave, and knows nothing of AWS.
//! With the feature `lsp`, `lsp` serves editors from what 1 knows.
//!
//! [`sandbox`] is separate: an organization on loopback that keeps AWS's rules without sharing a line with the gates.

#[doc(hidden)]
pub mod failpoint;

pub mod api;
pub mod apply;
#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod diag;
pub mod drift;
mod files;
pub mod gate;
pub mod hcl;
pub mod journal;
#[cfg(feature = "lsp")]
pub mod lsp;
pub mod observe;
pub mod org;
pub mod plan;
#[cfg(feature = "cli")]
pub mod references;
#[cfg(feature = "cli")]
pub mod render;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod scp;
#[cfg(test)]
mod testing;
