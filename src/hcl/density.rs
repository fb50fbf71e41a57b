//! How much a text asks of the parser: what each value, operator and bracket becomes in memory is far more than what it takes in the file.

use crate::diag::{Code, Diagnostic, SourceMap};
use crate::org::{FileId, SourceSpan};

/// The most marks of all files of a configuration together, and of one file that is formatted. 50,000 accounts have little more than half as many; a syntax
/// tree takes up to 260 bytes for each.
pub const MOST_MARKS: usize = 480_000;

/// What a text is in at a place.
enum Within {
    /// Between quotes.
    Quotes,
    /// An interpolation, with the number of braces opened in it.
    Interpolation(usize),
}

/// Counts signs that stand for a node of the syntax tree: operators, commas, dots, brackets and interpolations. Text between quotes and in
/// comments has none. Stops where there are more than `most`, and gives that place.
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
                // A string that is not closed ends with its line.
                (b'"' | b'\n', _) => drop(within.pop()),
                (b'$' | b'%', Some(b'{')) => {
                    count += 2;
                    within.push(Within::Interpolation(0));
                    at += 1;
                }
                _ => {}
            }
        } else {
            match (byte, within.last_mut()) {
                (b'"', _) => within.push(Within::Quotes),
                (b'{', Some(Within::Interpolation(open))) => *open += 1,
                (b'}', Some(Within::Interpolation(0))) => drop(within.pop()),
                (b'}', Some(Within::Interpolation(open))) => *open -= 1,
                _ => {}
            }
            count += usize::from(b"=,{[(+-*/%?:!<>&|.".contains(byte));
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
/// The place where there are more than `most`.
pub fn checked(sources: &SourceMap, file: FileId, most: usize) -> Result<usize, Diagnostic> {
    let text = sources.file(file).map_or("", |file| file.text.as_str());
    marks(text, most).map_err(|at| Diagnostic::error(Code::EvaluationLimit, TOO_DENSE).at(SourceSpan { file, start: at, end: at }))
}

/// What is said of a text with too many marks.
pub const TOO_DENSE: &str = "Up to here the files hold more values, operators and brackets than any roster needs, and reading them would take too much memory. Remove what is no part of a configuration.";

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
}
