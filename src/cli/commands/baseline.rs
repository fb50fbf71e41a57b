//! `-baseline`: the plan of the target branch, to tell apart what a change introduces.

use std::path::Path;

use crate::diag::{Code, Diagnostic};
use crate::plan::{Comparison, Plan, PlanFile};

use super::show::read_plan;

/// Reads the baseline, if there is one.
///
/// # Errors
///
/// Why the file is no plan.
pub fn read(path: Option<&Path>) -> Result<Option<PlanFile>, Diagnostic> {
    path.map(read_plan).transpose()
}

/// Notes in the plan how it differs from the baseline, if there is one.
///
/// # Errors
///
/// Why the two can't be compared.
pub fn compare(plan: &mut Plan, baseline: Option<&PlanFile>) -> Result<(), Diagnostic> {
    let Some(baseline) = baseline else { return Ok(()) };
    let comparison = Comparison::of(plan, &baseline.orgroster).map_err(|error| {
        Diagnostic::error(Code::InvalidPlanFile, format!("-baseline: the plan can't be compared with this file: {error}."))
    })?;
    plan.baseline = Some(comparison);
    Ok(())
}
