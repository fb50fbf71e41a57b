//! The source files of one run.

use crate::org::{FileId, SourceSpan};

use super::{Code, Diagnostic};

/// A byte-order mark in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A file that diagnostics can point into.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as the user knows it, relative to where they are.
    pub name: String,
    /// The whole text, byte-order mark included, so that offsets are those of the file on disk.
    pub text: String,
}

impl SourceFile {
    /// How many bytes precede the text proper: 3 with a byte-order mark, else 0.
    #[must_use]
    pub fn text_offset(&self) -> usize {
        if self.text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 }
    }

    /// Line (from 1) and column (from 1, in characters, a byte-order mark not counted) of a byte offset.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let start = self.text_offset();
        let offset = self.text.floor_char_boundary(offset.max(start));
        let before = &self.text[start..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// A place in a file as people count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
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
        self.files.push(SourceFile { name: name.into(), text });
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
    fn positions_count_characters_and_skip_the_byte_order_mark() {
        let file = SourceFile { name: "a".into(), text: "\u{feff}é = 1\r\nb = 2\r\n".into() };
        assert_eq!(file.position(3), Position { line: 1, column: 1 });
        assert_eq!(file.position(5), Position { line: 1, column: 2 });
        assert_eq!(file.position(11), Position { line: 2, column: 1 });
        assert_eq!(file.position(usize::MAX), Position { line: 3, column: 1 });
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused_with_their_line() {
        let error = SourceMap::default().add_bytes("x.roster.hcl", b"a = 1\nb = \"\xff\"\n".to_vec()).unwrap_err();
        assert_eq!(error.code, Code::InvalidUtf8);
        assert!(error.detail.contains("x.roster.hcl, line 2"), "{}", error.detail);
    }
}
