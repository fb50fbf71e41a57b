//! Why journal or records can't be used.

use crate::org::OrganizationId;

use super::StoreError;

/// Why journal or records can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The backend failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something was changed or is missing.
    #[error("{object}: {what}")]
    Damaged {
        /// The object.
        object: String,
        /// What is wrong with it.
        what: String,
    },
    /// The backend, or something in it, is another organization's.
    #[error("{object} is of organization {found}, and the configuration declares {declared}")]
    AnotherOrganization {
        /// The object.
        object: String,
        /// Whose it is.
        found: OrganizationId,
        /// Whose it should be.
        declared: OrganizationId,
    },
    /// A copy and the backend went on apart, or the one that is to be written holds more.
    #[error("{place} holds journal entries or records that {behind} does not")]
    Ahead {
        /// What would be written to.
        place: String,
        /// What it would be brought to.
        behind: String,
    },
    /// Something can't be written as JSON, or is too large.
    #[error("{object} can't be written: {why}")]
    Unwritable {
        /// The object.
        object: String,
        /// Why not.
        why: String,
    },
}

impl JournalError {
    pub(super) fn another_organization(object: &str, found: &OrganizationId, declared: &OrganizationId) -> Self {
        Self::AnotherOrganization { object: object.to_owned(), found: found.clone(), declared: declared.clone() }
    }
}
