//! The planner: declared roster and observed organization in, plan and findings out.
//!
//! Pure: no clock, no I/O, no randomness, and no way to write. The same inputs give the same bytes. Every account ends as departing,
//! blocked, unmanaged or unchanged, with a reason.

mod baseline;
mod compare;
mod dependencies;
mod diff;
mod digest;
mod drift;
mod explain;
mod file;
mod findings;
mod guardrails;
mod input;
mod model;
mod snapshot;

#[cfg(test)]
mod tests;

pub use baseline::{BaselineError, Comparison, FormerBlock, Since};
pub use compare::{Agreement, Disagreement, HeldBack, HeldBackReason, agree};
pub use dependencies::{Dependencies, Grown};
pub use diff::plan;
pub use digest::{Approval, Digest, sha256_hex};
pub use explain::{Explained, ExplainedGate, Explanation, SignUp, SupportCase, Unfinished};
pub use file::{PlanFile, PlanFileError};
pub use guardrails::{Breach, breaches};
pub use input::{DepartureOnRecord, PlanInput, UnknownTarget, find_target, is_targeted};
pub use model::{
    AccountFacts, Detachment, Drift, Outcome, PathFacts, Plan, PlannedOrganization, SourceLine, Unchanged, UnchangedReason, Unmanaged,
};
pub use snapshot::{Snapshot, SnapshotError};
