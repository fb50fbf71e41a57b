//! Parsing HCL.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;

use crate::org::{FileId, SourceSpan};

use super::{Code, Diagnostic, SourceMap};

/// A parsed file, and how to turn its nodes' ranges into spans of the file on disk.
#[derive(Debug, Clone)]
pub struct Syntax {
    /// The file's structures.
    pub body: Body,
    /// The file.
    pub file: FileId,
    offset: usize,
}

impl Syntax {
    /// The place of a node. Nodes made by the parser always have a range; one without points at the start of the file.
    pub fn span(&self, node: &impl Span) -> SourceSpan {
        self.range(node.span().unwrap_or_default())
    }

    /// The place of a range of the parsed text.
    #[must_use]
    pub fn range(&self, range: Range<usize>) -> SourceSpan {
        SourceSpan { file: self.file, start: range.start + self.offset, end: range.end + self.offset }
    }
}

/// Parses a file of the map. A byte-order mark is skipped; spans count it.
///
/// # Errors
///
/// `syntax-error` at the place where the parser stopped.
pub fn parse(sources: &SourceMap, file: FileId) -> Result<Syntax, Diagnostic> {
    let Some(source) = sources.file(file) else {
        return Err(Diagnostic::error(Code::UnreadableFile, "The file was not read. This is a bug in orgroster."));
    };
    let offset = source.text_offset();
    let text = &source.text[offset..];
    match text.parse::<Body>() {
        Ok(body) => Ok(Syntax { body, file, offset }),
        Err(error) => Err(syntax_error(&error, text, file, offset)),
    }
}

/// Parses a text that is one expression. The syntax has an empty body; it gives the places of the expression's parts.
///
/// # Errors
///
/// `syntax-error` at the place where the parser stopped.
pub fn parse_expression(sources: &SourceMap, file: FileId) -> Result<(Syntax, Expression), Diagnostic> {
    let text = sources.file(file).map(|source| source.text.as_str()).unwrap_or_default();
    match text.parse::<Expression>() {
        Ok(expression) => Ok((Syntax { body: Body::new(), file, offset: 0 }, expression)),
        Err(error) => Err(syntax_error(&error, text, file, 0)),
    }
}

fn syntax_error(error: &hcl_edit::parser::Error, text: &str, file: FileId, offset: usize) -> Diagnostic {
    let start = text.floor_char_boundary(error.location().offset().min(text.len()));
    let end = text[start..].chars().next().map_or(start, |character| start + character.len_utf8());
    let span = SourceSpan { file, start: start + offset, end: end + offset };
    Diagnostic::error(Code::SyntaxError, sentence(error.message())).at(span)
}

/// The parser's message as a sentence.
fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(|character| character.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(text: &str) -> (SourceMap, Result<Syntax, Diagnostic>) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.roster.hcl", text.to_owned());
        let parsed = parse(&sources, file);
        (sources, parsed)
    }

    #[test]
    fn spans_are_right_with_a_byte_order_mark_and_crlf() {
        for text in ["a = 1\nbb = \"x\"\n", "\u{feff}a = 1\r\nbb = \"x\"\r\n"] {
            let (sources, parsed) = parse_text(text);
            let syntax = parsed.unwrap();
            let attribute = syntax.body.get_attribute("bb").unwrap();
            assert_eq!(sources.text(&syntax.span(&attribute.value)), "\"x\"");
            assert_eq!(sources.place(&syntax.span(&attribute.key)), "a.roster.hcl:2");
        }
    }

    #[test]
    fn a_syntax_error_has_its_place() {
        let (sources, parsed) = parse_text("\u{feff}a = 1\r\nb = = 2\r\n");
        let error = parsed.unwrap_err();
        assert_eq!(error.code, Code::SyntaxError);
        assert_eq!(sources.place(&error.primary.unwrap().span), "a.roster.hcl:2");
    }
}
