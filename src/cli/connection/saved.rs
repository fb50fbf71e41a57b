//! Reads plan files and baselines.

use std::path::Path;

use crate::diag::{Code, Diagnostic};
use crate::files::read_named;
use crate::plan::{Comparison, Plan, PlanFile};

/// The maximum size of a plan or snapshot in bytes: many times the size of one for the largest organization.
pub const MAX_BYTES: u64 = 256 << 20;

/// Reads a plan file, once.
///
/// # Errors
///
/// Returns an error if the file can't be used.
pub fn read_plan(path: &Path) -> Result<PlanFile, Diagnostic> {
    let cannot = |why: String| Diagnostic::error(Code::InvalidPlanFile, format!("{} can't be used as a plan: {why}.", path.display()));
    let bytes = read_named(path, MAX_BYTES).map_err(|error| cannot(error.to_string()))?;
    PlanFile::parse(&bytes).map_err(|error| cannot(error.to_string()))
}

/// Reads the baseline, if there is one.
///
/// # Errors
///
/// Returns an error if the file is not a plan.
pub fn read_baseline(path: Option<&Path>) -> Result<Option<PlanFile>, Diagnostic> {
    path.map(read_plan).transpose()
}

/// Adds to the plan how it differs from the baseline, if there is one.
///
/// # Errors
///
/// Returns an error if the two can't be compared.
pub fn compare_with(plan: &mut Plan, baseline: Option<&PlanFile>) -> Result<(), Diagnostic> {
    let Some(baseline) = baseline else { return Ok(()) };
    let comparison = Comparison::of(plan, &baseline.orgroster).map_err(|error| {
        Diagnostic::error(Code::InvalidPlanFile, format!("-baseline: the plan can't be compared with this file: {error}."))
    })?;
    plan.baseline = Some(comparison);
    Ok(())
}
