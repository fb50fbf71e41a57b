//! Names and formats of the objects in a backend.

use super::JournalError;

pub(super) const JOURNAL: &str = "journal.jsonl";
pub(super) const RECORDS: &str = "records/";
/// Number of records that are read concurrently. Over a network, reading them one by one takes about a second for every twenty.
pub(super) const RECORDS_AT_ONCE: usize = 16;
pub(super) const HEAD: &str = "head";
/// Version of every format of this module.
pub(super) const FORMAT: u32 = 1;

/// Serializes a value as JSON on one line. `object` names it in the error.
pub(super) fn json<T: serde::Serialize>(object: &str, value: &T) -> Result<String, JournalError> {
    serde_json::to_string(value).map_err(|error| JournalError::Unwritable { object: object.to_owned(), why: error.to_string() })
}

/// Checks that an object is not larger than the most that is read back: the rest would be lost.
pub(super) fn check_size(object: &str, length: usize, most: u64) -> Result<(), JournalError> {
    if u64::try_from(length).is_ok_and(|length| length <= most) {
        return Ok(());
    }
    Err(JournalError::Unwritable {
        object: object.to_owned(),
        why: format!("it would have {length} bytes, but at most {most} are read back"),
    })
}
