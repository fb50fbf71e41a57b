//! The planner: it compares the declared roster with the observed organization, and returns a plan and findings.
//!
//! It is pure: it has no clock, no I/O, no randomness, and can't write. The same inputs give the same bytes. For every account the plan has
//! an act that is eligible or blocked, or reports the account as unmanaged or unchanged, with a reason.

mod account;
mod approval;
mod diff;
mod drift;
mod explain;
mod findings;
mod guardrails;
mod idle;
mod input;
mod joining;
mod model;
mod path;
mod snapshot;

#[cfg(test)]
mod tests;

pub use account::{Act, Change, Drift, Kept, NoChange, PlannedAccount, SourceLine};
pub use approval::baseline::{BaselineError, BaselineStatus, Comparison, FormerBlock};
pub use approval::compare::{HeldBack, HeldBackReason, NotReconciled, PlanDifference, Reconciled, reconcile};
pub use approval::dependencies::{Dependencies, Grown};
pub use approval::digest::{Approval, Digest, sha256_hex};
pub use approval::file::{PlanFile, PlanFileError, without_addresses};
pub use diff::plan;
pub use explain::{Explained, ExplainedGate, Explanation, SignUp, SupportCase, Unfinished};
pub use guardrails::{Breach, breaches};
pub use input::{PastAct, PlanInput, UnknownTarget, find_target};
pub use model::{Plan, PlanOutcome, PlannedOrganization, Unmanaged};
pub use snapshot::{JoiningAccount, Snapshot, SnapshotError};
