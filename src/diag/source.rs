//! The source files of one run.

use std::sync::OnceLock;

use unicode_segmentation::UnicodeSegmentation;

use crate::org::{FileId, SourceSpan};

use super::{Code, Diagnostic};

/// A byte-order mark in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The most bytes of a line before a place for which its column is counted in visible characters. No editor shows more of a line, and a
/// hostile file may consist of one line.
const MAX_COUNTED: usize = 10_000;

/// A file that diagnostics can point into.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as the user knows it, relative to their working directory.
    pub name: String,
    /// The whole text, including a byte-order mark, so that offsets are those of the file on disk.
    pub text: String,
    /// The byte offsets at which lines begin; computed when the first place is requested.
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    fn new(name: String, text: String) -> Self {
        Self { name, text, lines: OnceLock::new() }
    }

    /// The number of bytes before the actual text: 3 with a byte-order mark, otherwise 0.
    #[must_use]
    pub fn text_offset(&self) -> usize {
        if self.text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 }
    }

    /// The byte offsets at which lines begin. The byte-order mark is on no line.
    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(self.text_offset()).chain(ends.map(|(at, _)| at + 1)).collect()
        })
    }

    /// The line of a byte offset, from 1, and the byte offset at which that line begins.
    #[must_use]
    pub fn line(&self, offset: usize) -> (usize, usize) {
        let lines = self.lines();
        let line = lines.partition_point(|start| *start <= offset).max(1);
        (line, lines.get(line - 1).copied().unwrap_or_default())
    }

    /// The end of the line that contains a byte offset: before its line feed, or at the end of the file.
    #[must_use]
    pub fn line_end(&self, offset: usize) -> usize {
        let (line, _) = self.line(offset);
        self.lines().get(line).map_or(self.text.len(), |next| next - 1)
    }

    /// The line and column of a byte offset. A byte-order mark is not counted.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset.max(self.text_offset()));
        let (line, start) = self.line(offset);
        let before = &self.text[start..offset];
        let column = if before.is_ascii() || before.len() > MAX_COUNTED { before.len() } else { before.graphemes(true).count() };
        Position { line, column: column + 1 }
    }
}

/// A place in a file as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters as people see them (grapheme clusters); in bytes on a line that is too long to be shown.
    pub column: usize,
}

/// Every source file that a run read, so that a span can be shown.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file.
    pub fn add(&mut self, name: impl Into<String>, text: String) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile::new(name.into(), text));
        id
    }

    /// Adds a file from its bytes.
    ///
    /// # Errors
    ///
    /// Returns `invalid-utf8`, with the line and the offset of the first invalid byte.
    pub fn add_bytes(&mut self, name: impl Into<String>, bytes: Vec<u8>) -> Result<FileId, Diagnostic> {
        let name = name.into();
        match String::from_utf8(bytes) {
            Ok(text) => Ok(self.add(name, text)),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
                Err(Diagnostic::error(
                    Code::InvalidUtf8,
                    format!("{name}, line {line}: the byte at offset {valid} is not valid UTF-8. Save the file as UTF-8."),
                ))
            }
        }
    }

    /// The file with this id.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files, in the order of their addition.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// The text of a span; empty if the span is not of this map.
    #[must_use]
    pub fn text(&self, span: &SourceSpan) -> &str {
        self.file(span.file).and_then(|file| file.text.get(span.start..span.end)).unwrap_or_default()
    }

    /// `FILE:LINE` of the start of a span.
    #[must_use]
    pub fn place(&self, span: &SourceSpan) -> String {
        self.file(span.file).map_or_else(String::new, |file| format!("{}:{}", file.name, file.position(span.start).line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_what_people_see_and_skip_the_byte_order_mark() {
        let file = SourceFile::new("a".into(), "\u{feff}é = 1\r\nb = 2\r\n".into());
        assert_eq!(file.position(3), Position { line: 1, column: 1 });
        assert_eq!(file.position(5), Position { line: 1, column: 2 });
        assert_eq!(file.position(11), Position { line: 2, column: 1 });
        assert_eq!(file.position(usize::MAX), Position { line: 3, column: 1 });
        assert_eq!((file.line(11), file.line_end(11), file.line_end(usize::MAX)), ((2, 11), 17, 18));
        let family = SourceFile::new("a".into(), "a = \"e\u{301}👩‍👩‍👧\" x".into());
        assert_eq!(family.position(family.text.len() - 1).column, 10);
    }

    #[test]
    fn the_column_on_a_line_that_nobody_can_read_is_one_of_bytes() {
        let line = |letters: usize| SourceFile::new("a".into(), "é".repeat(letters) + "x");
        assert_eq!(line(5_000).position(10_000).column, 5_001);
        assert_eq!(line(5_001).position(10_002).column, 10_003);
    }

    #[test]
    fn an_empty_file_has_one_line() {
        for text in ["", "\u{feff}"] {
            let file = SourceFile::new("a".into(), text.into());
            assert_eq!(file.position(0), Position { line: 1, column: 1 });
            assert_eq!(file.line_end(0), text.len());
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_with_their_line() {
        let error = SourceMap::default().add_bytes("x.roster.hcl", b"a = 1\nb = \"\xff\"\n".to_vec()).unwrap_err();
        assert_eq!(error.code, Code::InvalidUtf8);
        assert!(error.detail.contains("x.roster.hcl, line 2"), "{}", error.detail);
    }
}
