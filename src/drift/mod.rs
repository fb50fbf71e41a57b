//! What changed in an organization between two snapshots. Pure: derives the changes, and what could not be compared, from two observations.
//!
//! [`crate::plan`] compares the organization with the configuration; this module compares it with its earlier state.

mod accounts;
mod causes;
mod estate;
mod report;
#[cfg(test)]
mod tests;

pub use report::{Cause, ChangeKind, Gap, Incomparable, OrganizationChange, OrganizationDrift};

use crate::org::{Estate, ObservedOrganization};

/// A snapshot, or the organization as it was just read.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The observed organization.
    pub observed: &'a ObservedOrganization,
    /// What accounts depend on, if it was read.
    pub estate: Option<&'a Estate>,
    /// Whether it is an organization of the sandbox.
    pub sandbox: bool,
}

/// What changed between two snapshots, in the order of [`ChangeKind`] and of the ids.
///
/// # Errors
///
/// Returns an error if they are not of the same organization, or if the later one is older.
pub fn compare(before: Moment<'_>, after: Moment<'_>) -> Result<OrganizationDrift, Incomparable> {
    let (from, to) = (&before.observed.organization, &after.observed.organization);
    if from.id != to.id || from.management_account_id != to.management_account_id {
        return Err(Incomparable::OtherOrganization { before: Box::new(from.clone()), after: Box::new(to.clone()) });
    }
    if before.sandbox != after.sandbox {
        return Err(Incomparable::Sandbox { before: before.sandbox });
    }
    let (from, to) = (before.observed.observed_at, after.observed.observed_at);
    if from > to {
        return Err(Incomparable::Backwards { before: from, after: to });
    }
    let mut drift = OrganizationDrift::about(after.observed.organization.id.clone(), from, to);
    accounts::compare(before, after, &mut drift);
    match (before.estate, after.estate) {
        (Some(was), Some(is)) => estate::compare((before.observed, was), (after.observed, is), &mut drift),
        (None, _) | (_, None) => drift.not_compared.push(Gap {
            what: "tags, delegated services, policies, trusted access and the names of units".to_owned(),
            why: "one of the two snapshots does not contain them; take snapshots with -whole".to_owned(),
        }),
    }
    drift.changes.sort();
    Ok(drift)
}
