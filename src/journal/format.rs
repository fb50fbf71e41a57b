//! What the objects of a backend are called, and how they are written.

use super::JournalError;

pub(super) const JOURNAL: &str = "journal.jsonl";
pub(super) const RECORDS: &str = "records/";
/// Records that are read together: over a network, one after the other would take a second for every twenty or so.
pub(super) const RECORDS_AT_ONCE: usize = 16;
pub(super) const HEAD: &str = "head";
/// Version of every format of this module.
pub(super) const FORMAT: u32 = 1;

/// JSON on one line, for an object.
pub(super) fn json<T: serde::Serialize>(object: &str, value: &T) -> Result<String, JournalError> {
    serde_json::to_string(value).map_err(|error| JournalError::Unwritable { object: object.to_owned(), why: error.to_string() })
}

/// What is larger than what is read back would be lost.
pub(super) fn check_size(object: &str, length: usize, most: u64) -> Result<(), JournalError> {
    if u64::try_from(length).is_ok_and(|length| length <= most) {
        return Ok(());
    }
    Err(JournalError::Unwritable { object: object.to_owned(), why: format!("it would have {length} bytes, and {most} are read at most") })
}
