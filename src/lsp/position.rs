//! Positions of the protocol: lines count from 0, and columns are UTF-16 code units, which every editor supports.

use gen_lsp_types::{Position, Range};

use crate::diag::SourceFile;
use crate::org::SourceSpan;

/// The position of a byte offset.
pub(super) fn of(file: &SourceFile, offset: usize) -> Position {
    let offset = file.text.floor_char_boundary(offset);
    let (line, start) = file.line(offset);
    let before = file.text.get(start..offset).unwrap_or_default();
    Position { line: count(line - 1), character: count(before.encode_utf16().count()) }
}

/// The range of a span.
pub(super) fn range(file: &SourceFile, span: &SourceSpan) -> Range {
    Range { start: of(file, span.start), end: of(file, span.end) }
}

/// The byte offset of a position. A position after the end of its line means that end, as the protocol requires; one after the last line
/// means the end of the text.
pub(super) fn offset(text: &str, position: Position) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        match text[start..].find('\n') {
            Some(end) => start += end + 1,
            None => return text.len(),
        }
    }
    let line = text[start..].split(['\n', '\r']).next().unwrap_or_default();
    let mut units = 0;
    for (at, character) in line.char_indices() {
        if units >= position.character {
            return start + at;
        }
        units += count(character.len_utf16());
    }
    start + line.len()
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::SourceMap;

    #[test]
    fn positions_count_code_units_and_are_read_back() {
        let text = "a = \"\u{1f600}b\"\r\nü = 1\n";
        let mut sources = SourceMap::default();
        let id = sources.add("a", text.to_owned());
        let file = sources.file(id).unwrap();
        let b = text.find('b').unwrap();
        assert_eq!(of(file, b), Position { line: 0, character: 7 });
        for (at, _) in text.char_indices().filter(|(_, character)| !matches!(character, '\n')) {
            assert_eq!(offset(text, of(file, at)), at);
        }
        assert_eq!(offset(text, Position { line: 0, character: 99 }), text.find('\r').unwrap());
        assert_eq!(offset(text, Position { line: 9, character: 0 }), text.len());
        assert_eq!(of(file, text.len()), Position { line: 2, character: 0 });
    }
}
