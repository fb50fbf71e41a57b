//! The roster of an AWS organization, as code.
//!
//! A run goes through these modules. Each uses only the modules above it:
//!
//! 1. [`config`] reads `*.roster.hcl` into a [`org::DesiredRoster`], or into [`diag`] diagnostics; [`hcl`] writes and formats such files.
//! 2. [`mod@observe`] reads the organization into an [`org::ObservedOrganization`], through traits that [`aws`] implements.
//! 3. [`gate`] answers, for one account, whether it may leave, from facts alone.
//! 4. [`plan`] compares declared with observed accounts: each is departing, blocked, unmanaged or unchanged. It also computes the digest.
//! 5. [`apply`] carries out what was approved, and [`journal`] keeps intents, outcomes and records.
//! 6. [`render`] turns plans, reports and diagnostics into text, and only [`cli`] writes to the terminal.
//!
//! [`drift`] compares two snapshots of an organization.
//! [`references`] searches other configuration for accounts that should leave or have left, without AWS.
//! With the feature `lsp`, `lsp` serves editors with the modules of step 1.
//!
//! [`sandbox`] is separate: it serves an organization on loopback that follows AWS's rules, and it shares no code with the gates.

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
