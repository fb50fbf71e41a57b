//! Writing values as JSON. A value that can't be written is an error, never an empty document.

use serde::Serialize;

/// An error for a value that can't be written as JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it can't be written as JSON: {0}")]
pub struct Unserializable(String);

/// Writes a value as JSON on one line.
///
/// # Errors
///
/// Returns an error if the value can't be written as JSON.
pub fn json_line<T: Serialize + ?Sized>(value: &T) -> Result<String, Unserializable> {
    serde_json::to_string(value).map_err(|error| Unserializable(error.to_string()))
}

/// Writes a value as JSON on several lines.
///
/// # Errors
///
/// Returns an error if the value can't be written as JSON.
pub fn json_lines<T: Serialize + ?Sized>(value: &T) -> Result<String, Unserializable> {
    serde_json::to_string_pretty(value).map_err(|error| Unserializable(error.to_string()))
}

/// Converts a value to a JSON value.
///
/// # Errors
///
/// Returns an error if the value can't be written as JSON.
pub fn json_value<T: Serialize + ?Sized>(value: &T) -> Result<serde_json::Value, Unserializable> {
    serde_json::to_value(value).map_err(|error| Unserializable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fails;

    impl Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }

    #[test]
    fn what_has_no_form_in_json_is_an_error_and_no_empty_document() {
        let expected = Unserializable("no".into());
        let found = [json_line(&Fails).unwrap_err(), json_lines(&Fails).unwrap_err(), json_value(&Fails).unwrap_err()];
        assert!(found.iter().all(|error| *error == expected), "{found:?}");
    }
}
