//! Places in source text.

use std::ops::Range;

/// A source file of one run, as an index into the run's source map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in a source file. Offsets count from the first byte of the file on disk, including a byte-order mark, so that both
/// editors and annotations can use them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceSpan {
    /// The file.
    pub file: FileId,
    /// The offset of the first byte of the range.
    pub start: usize,
    /// One past the offset of its last byte.
    pub end: usize,
}

impl SourceSpan {
    /// A span of `file` over `bytes`.
    #[must_use]
    pub fn new(file: FileId, bytes: Range<usize>) -> Self {
        Self { file, start: bytes.start, end: bytes.end }
    }
}

/// A value and the place of its declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: SourceSpan,
}

impl<T> Spanned<T> {
    /// A value with its place.
    pub fn new(value: T, span: SourceSpan) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }
}
