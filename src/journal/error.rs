//! Errors of the journal and the records.

use crate::org::OrganizationId;

use super::StoreError;

/// Why journal or records can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The backend failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An object was changed, is missing or is not valid.
    #[error("{object}: {what}")]
    Damaged {
        /// The object.
        object: String,
        /// What is wrong with the object.
        what: String,
    },
    /// The backend, or an object in it, belongs to another organization.
    #[error("{object} belongs to organization {found}, but the configuration declares {declared}")]
    AnotherOrganization {
        /// The object.
        object: String,
        /// The organization that it belongs to.
        found: OrganizationId,
        /// The organization of the configuration.
        declared: OrganizationId,
    },
    /// A copy and the backend diverged, or the one that should be updated contains more than the other.
    #[error("{place} contains journal entries or records that {behind} does not")]
    Ahead {
        /// Location of the store that would be updated.
        place: String,
        /// Location of the store whose content would be copied.
        behind: String,
    },
    /// A value can't be written as JSON, or is too large.
    #[error("{object} can't be written: {why}")]
    Unwritable {
        /// The object.
        object: String,
        /// The reason.
        why: String,
    },
}

impl JournalError {
    pub(super) fn another_organization(object: &str, found: &OrganizationId, declared: &OrganizationId) -> Self {
        Self::AnotherOrganization { object: object.to_owned(), found: found.clone(), declared: declared.clone() }
    }
}
