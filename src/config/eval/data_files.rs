//! The text files that functions read, and the lines in them that contain a number.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::files::Files;

/// The most paths that are remembered. A configuration reads a few.
const MAX_PATHS: usize = 100;

/// The most bytes that are searched in one run. The first mistakes that are found suffice to find the others.
const MAX_SEARCHED: u64 = 64 << 20;

/// The most lines that are reported for one number.
const MAX_PLACES: usize = 3;

/// The text files that a run's functions read.
#[derive(Debug, Default)]
pub(super) struct DataFiles {
    paths: Mutex<BTreeSet<String>>,
    searched: AtomicU64,
}

impl DataFiles {
    /// Remembers that a file was read as text.
    pub(super) fn remember(&self, path: &str) {
        if let Ok(mut paths) = self.paths.lock()
            && paths.len() < MAX_PATHS
        {
            paths.insert(path.to_owned());
        }
    }

    /// The first few lines that contain a whole number without quotes, as in "accounts.yaml, line 7". CSV files are not searched, because
    /// CSV has no numbers.
    pub(super) fn places_of(&self, number: &str, files: &dyn Files, limit: u64) -> Vec<String> {
        let Ok(paths) = self.paths.lock() else { return Vec::new() };
        let mut places = Vec::new();
        for path in paths.iter().filter(|path| !path.ends_with(".csv")) {
            let Ok(text) = files.read(path, limit) else { continue };
            let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
            if self.searched.fetch_add(length, Ordering::Relaxed).saturating_add(length) > MAX_SEARCHED {
                break;
            }
            let lines = String::from_utf8_lossy(&text);
            let holding = lines.lines().enumerate().filter(|(_, line)| has_number(line, number));
            places.extend(holding.map(|(at, _)| format!("{path}, line {}", at + 1)).take(MAX_PLACES - places.len()));
            if places.len() == MAX_PLACES {
                break;
            }
        }
        places
    }
}

/// Whether a line contains the number as a separate word without quotes, in decimal digits with or without leading zeros, or in octal
/// digits, as YAML reads a number with a leading zero.
fn has_number(line: &str, number: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '.' | '+' | '-' | '"' | '\'');
    line.split(|character| !is_part(character)).any(|word| {
        let is_digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        let is_octal = || u64::from_str_radix(word, 8).is_ok_and(|value| value.to_string() == number);
        is_digits && (word.trim_start_matches('0') == number || word.starts_with('0') && is_octal())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_without_quotes_as_a_word_of_its_own() {
        for line in ["id: 12345678901", "  - {id: 012345678901, name: x}", r#"{"id":12345678901}"#, "[1,12345678901]", "id: 0133767016065"]
        {
            assert!(has_number(line, "12345678901"), "{line}");
        }
        for line in [r#"id: "12345678901""#, "id: '012345678901'", "id: a12345678901", "id: 12345678901.5", "id: 123456789012", ""] {
            assert!(!has_number(line, "12345678901"), "{line}");
        }
    }
}
