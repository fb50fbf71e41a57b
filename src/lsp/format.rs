//! Formatting. Edits cover only the lines that change, so that the cursor and marks elsewhere keep their positions.

use gen_lsp_types::{Position, Range, TextEdit};
use similar::TextDiff;

use crate::config::fmt;

/// The edits that make a text canonical. There are none if it is canonical, or if it has a syntax error, which is reported as a diagnostic.
pub(super) fn edits(text: &str) -> Vec<TextEdit> {
    let Ok(formatted) = fmt::format(text) else { return Vec::new() };
    let difference = TextDiff::from_lines(text, formatted.as_str());
    let new: Vec<_> = formatted.split_inclusive('\n').collect();
    let line = |number: usize| Position { line: u32::try_from(number).unwrap_or(u32::MAX), character: 0 };
    let changes = difference.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal);
    changes
        .map(|op| TextEdit {
            range: Range { start: line(op.old_range().start), end: line(op.old_range().end) },
            new_text: new.get(op.new_range()).unwrap_or_default().concat(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lsp::position::offset;

    /// The text after the edits. They are applied from the last to the first, so that earlier offsets stay valid.
    fn applied(text: &str, edits: &[TextEdit]) -> String {
        let mut text = text.to_owned();
        for edit in edits.iter().rev() {
            text.replace_range(offset(&text, edit.range.start)..offset(&text, edit.range.end), &edit.new_text);
        }
        text
    }

    #[test]
    fn edits_make_what_fmt_writes_and_leave_other_lines_alone() {
        for text in ["a {\nid=1\n  x = 2\n}\n\nb {}\n", "a = 1", "a=1", "\u{feff}a=1\n", "a {\r\nb=1\r\n}\r\n", ""] {
            assert_eq!(applied(text, &edits(text)), fmt::format(text).unwrap(), "{text:?}");
        }
        let found = edits("a = 1\nb=2\nc = 3\n");
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].range.start.line, found[0].range.end.line, found[0].new_text.as_str()), (1, 2, "b = 2\n"));
        assert!(edits("a = 1\n").is_empty());
        assert!(edits("a {").is_empty(), "a syntax error");
    }
}
