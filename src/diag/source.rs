//! The source files of one run.

use std::sync::OnceLock;

use unicode_segmentation::UnicodeSegmentation;

use crate::org::{FileId, SourceSpan};

use super::{Code, Diagnostic};

/// A byte-order mark in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Bytes of a line up to which columns are counted in what people see. No editor shows more of one line, and a hostile file is one line.
const MAX_COUNTED: usize = 10_000;

/// A file that diagnostics can point into.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as the user knows it, relative to where they are.
    pub name: String,
    /// The whole text, byte-order mark included, so that offsets are those of the file on disk.
    pub text: String,
    /// Where the lines begin; counted when the first place is asked for.
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    fn new(name: String, text: String) -> Self {
        Self { name, text, lines: OnceLock::new() }
    }

    /// How many bytes precede the text proper: 3 with a byte-order mark, else 0.
    #[must_use]
    pub fn text_offset(&self) -> usize {
        if self.text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 }
    }

    /// Where the lines begin. The byte-order mark is on none.
    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(self.text_offset()).chain(ends.map(|(at, _)| at + 1)).collect()
        })
    }

    /// The line of a byte offset, from 1, and where it begins.
    #[must_use]
    pub fn line(&self, offset: usize) -> (usize, usize) {
        let lines = self.lines();
        let line = lines.partition_point(|start| *start <= offset).max(1);
        (line, lines.get(line - 1).copied().unwrap_or_default())
    }

    /// Where the text of the line ends that a byte offset is on: before its line feed, or at the end of the file.
    #[must_use]
    pub fn line_end(&self, offset: usize) -> usize {
        let (line, _) = self.line(offset);
        self.lines().get(line).map_or(self.text.len(), |next| next - 1)
    }

    /// Line (from 1) and column (from 1, in what people see as one character, a byte-order mark not counted) of a byte offset.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset.max(self.text_offset()));
        let (line, start) = self.line(offset);
        let before = &self.text[start..offset];
        let column = if before.is_ascii() || before.len() > MAX_COUNTED { before.len() } else { before.graphemes(true).count() };
        Position { line, column: column + 1 }
    }
}

/// A place in a file as people count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// In what people see as one character, from 1; in bytes on a line that is too long to be shown.
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
    /// `invalid-utf8`, naming the line and the offset of the first byte that is wrong.
    pub fn add_bytes(&mut self, name: impl Into<String>, bytes: Vec<u8>) -> Result<FileId, Diagnostic> {
        let name = name.into();
        match String::from_utf8(bytes) {
            Ok(text) => Ok(self.add(name, text)),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
                Err(Diagnostic::error(
                    Code::InvalidUtf8,
                    format!("{name}, line {line}: the byte at offset {valid} does not belong to UTF-8. Save the file as UTF-8."),
                ))
            }
        }
    }

    /// A file.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files, in the order in which they were added.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// The text of a span; empty where the span is not of this map.
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
