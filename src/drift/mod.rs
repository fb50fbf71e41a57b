//! What changed in an organization between two snapshots of it. Pure: two observations in, the changes out, and what could not be compared.
//!
//! [`crate::plan`] compares the organization with the configuration; this compares it with itself, whoever changed it.

mod accounts;
mod causes;
mod estate;
mod report;
#[cfg(test)]
mod tests;

pub use report::{Cause, ChangeKind, Gap, Incomparable, OrganizationChange, OrganizationDrift};

use crate::org::{Estate, ObservedOrganization};

/// One snapshot, or what was read now.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// What was observed.
    pub observed: &'a ObservedOrganization,
    /// What accounts depend on, where that was read.
    pub estate: Option<&'a Estate>,
    /// Whether the organization is the sandbox's.
    pub sandbox: bool,
}

/// What is different in the later of two snapshots, in the order of [`ChangeKind`] and of the ids.
///
/// # Errors
///
/// They are not of one organization, or the later one is older.
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
            why: "one of the two snapshots does not have them; take snapshots with -whole".to_owned(),
        }),
    }
    drift.changes.sort();
    Ok(drift)
}
