//! The cost of parsing a text. In memory, each value, operator and bracket takes far more space than in the file.

use crate::diag::{Code, Diagnostic, SourceMap};
use crate::org::{FileId, SourceSpan};

/// The most marks of all files of a configuration together, and of one file that is formatted. 50,000 accounts have slightly more than half
/// as many. A syntax tree takes up to 260 bytes per mark.
pub const MAX_MARKS: usize = 480_000;

/// For each multiple of this many entries in one object, every further entry counts as one more mark: the parser compares each key with all
/// earlier ones.
const ENTRIES_OF_A_MARK: usize = 1_000;

/// The construct that contains a position of the text.
enum Within {
    /// Between quotes.
    Quotes,
    /// An interpolation.
    Interpolation,
    /// The body of a block, or another pair of braces without keys.
    Braces,
    /// An object, with the number of its entries so far, and of conditions whose second result is still missing.
    Object { entries: usize, conditions: usize },
}

impl Within {
    /// The construct that an opening brace begins: an object in the position of a value, or a body after a name or a label.
    fn opened(before: &[u8]) -> Self {
        match before.iter().rfind(|byte| !byte.is_ascii_whitespace()) {
            Some(byte) if b"=([{,?:&|!>".contains(byte) => Self::Object { entries: 0, conditions: 0 },
            _ => Self::Braces,
        }
    }

    /// The additional marks of a sign that begins the value of an entry.
    fn entry(&mut self, byte: u8, before: Option<&u8>, after: Option<&u8>) -> usize {
        let Self::Object { entries, conditions } = self else { return 0 };
        match byte {
            b'?' => *conditions += 1,
            b':' if *conditions > 0 => *conditions -= 1,
            b'=' if after == Some(&b'=') || before.is_some_and(|before| b"=!<>".contains(before)) => {}
            b'=' | b':' => {
                *entries += 1;
                return *entries / ENTRIES_OF_A_MARK;
            }
            _ => {}
        }
        0
    }
}

/// Counts marks: signs that become nodes of the syntax tree, which are operators, commas, dots, brackets and interpolations. Text between
/// quotes and in comments has none. If there are more than `most`, returns the offset of the first excess mark as an error.
pub fn marks(text: &str, most: usize) -> Result<usize, usize> {
    let mut count = 0;
    let mut within: Vec<Within> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        if matches!(within.last(), Some(Within::Quotes)) {
            match (byte, next) {
                (b'\\', _) => at += 1,
                // An unclosed string ends with its line.
                (b'"' | b'\n', _) => drop(within.pop()),
                (b'$' | b'%', Some(b'{')) => {
                    count += 2;
                    within.push(Within::Interpolation);
                    at += 1;
                }
                _ => {}
            }
        } else {
            count += usize::from(b"=,{[(+-*/%?:!<>&|.".contains(byte));
            if let Some(object) = within.last_mut() {
                count += object.entry(*byte, at.checked_sub(1).and_then(|before| bytes.get(before)), next);
            }
            match byte {
                b'"' => within.push(Within::Quotes),
                b'{' => within.push(Within::opened(&bytes[..at])),
                b'}' => drop(within.pop()),
                _ => {}
            }
            if *byte == b'#' || (*byte == b'/' && next == Some(&b'/')) {
                at += bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at);
            }
        }
        if count > most {
            return Err(text.floor_char_boundary(at.min(text.len())));
        }
        at += 1;
    }
    Ok(count)
}

/// Counts the marks of a file.
///
/// # Errors
///
/// Returns a diagnostic at the first mark that exceeds `most`.
pub fn checked(sources: &SourceMap, file: FileId, most: usize) -> Result<usize, Diagnostic> {
    let text = sources.file(file).map_or("", |file| file.text.as_str());
    marks(text, most).map_err(|at| Diagnostic::error(Code::EvaluationLimit, TOO_DENSE).at(SourceSpan { file, start: at, end: at }))
}

/// The message for a text with too many marks.
pub const TOO_DENSE: &str = "Up to here, the files have more values, operators, brackets and keys of one object than any roster needs, and reading them would take too much memory or time. Remove the parts that do not belong to the configuration. Read long tables from a file with csvdecode, jsondecode or yamldecode.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_a_node_counts_and_text_does_not() {
        for (text, count) in [
            ("a = 1\n", 1),
            ("a = \"x,y.z = {[(\"\n", 1),
            ("a = \"${b.c}${[1, 2]}\" # , , ,\nb = 2", 9),
            ("a = \"\\\",\"\n", 1),
            ("a = \"open,\nb = [1]\n", 3),
            ("a = \"${ { x = \"},,\" } }\"\n", 5),
            ("// , , ,\na = 1", 2),
        ] {
            assert_eq!(marks(text, 100), Ok(count), "{text}");
            assert!(marks(text, count - 1).is_err(), "{text}");
        }
        assert_eq!(marks("a = [1, 2, 3]", 3), Err(9));
    }

    #[test]
    fn keys_of_one_object_count_for_more_the_more_there_are() {
        let entries = |count: usize, of: &dyn Fn(usize) -> String| (0..count).map(of).collect::<String>();
        let object = format!("a = {{ {} }}", entries(20_000, &|at| format!("k{at} = 1, ")));
        let extra: usize = (1..=20_000).map(|entries: usize| entries / ENTRIES_OF_A_MARK).sum();
        assert_eq!(marks(&object, MAX_MARKS), Ok(2 + 2 * 20_000 + extra));
        // The longest object that is accepted takes seconds to parse. With 50,000 keys there would be a billion comparisons.
        assert!(marks(&format!("a = {{ {} }}", entries(50_000, &|at| format!("k{at} : x ? 1 : 2\n"))), MAX_MARKS).is_err());
        // The parser does not compare arguments of a body or elements of a list.
        assert_eq!(marks(&format!("locals {{\n{}}}", entries(50_000, &|at| format!("k{at} = 1\n"))), MAX_MARKS), Ok(50_001));
        assert_eq!(marks(&format!("a = [{}]", entries(50_000, &|_| "x == 1, ".to_owned())), MAX_MARKS), Ok(150_002));
    }
}
