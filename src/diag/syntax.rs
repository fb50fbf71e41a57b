//! Parses files and expressions of HCL.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, BlockLabel, Body};
use hcl_edit::template::{Element, StringTemplate, Template};
use hcl_edit::visit::{self, Visit};

use crate::org::{FileId, SourceSpan};

use super::mistake::syntax_error;
use super::parser::{self, Parsed};
use super::recovery::parts;
use super::{Code, Diagnostic, SourceMap};

/// A parsed file or a part of one. Turns the ranges of its nodes into spans of the file on disk.
#[derive(Debug, Clone)]
pub struct Syntax {
    /// The parsed attributes and blocks.
    pub body: Body,
    /// The file.
    pub file: FileId,
    offset: usize,
    /// Places of numbers whose node has a wrong value.
    large: Vec<Range<usize>>,
}

impl Syntax {
    /// The place of a node. Nodes from the parser always have a range; one without a range gets the start of the text.
    pub fn span(&self, node: &impl Span) -> SourceSpan {
        self.range(node.span().unwrap_or_default())
    }

    /// The place of a range of the parsed text.
    #[must_use]
    pub fn range(&self, range: Range<usize>) -> SourceSpan {
        SourceSpan { file: self.file, start: range.start + self.offset, end: range.end + self.offset }
    }

    /// Whether the range contains a number that is too large for the parser, so that its node has a wrong value.
    #[must_use]
    pub fn is_large(&self, range: &Range<usize>) -> bool {
        self.large.iter().any(|large| range.start <= large.start && large.end <= range.end)
    }

    /// The text that the nodes' ranges refer to.
    #[must_use]
    pub fn text<'s>(&self, sources: &'s SourceMap) -> &'s str {
        sources.file(self.file).and_then(|source| source.text.get(self.offset..)).unwrap_or_default()
    }
}

/// Parses a file of the map. A byte-order mark is skipped, but spans count it.
///
/// # Errors
///
/// Returns `syntax-error` at the place of the mistake.
pub fn parse(sources: &SourceMap, file: FileId) -> Result<Syntax, Diagnostic> {
    let Some(source) = sources.file(file) else {
        return Err(Diagnostic::error(Code::UnreadableFile, "The file was not read. This is a bug in orgroster."));
    };
    let offset = source.text_offset();
    parse_part(&source.text[offset..], file, offset)
}

/// Parses as much of a file of the map as possible. After an error it continues at the next line that begins with one of the words of
/// `blocks`, which are the block types of the top level. Returns the parts that parse, and an error for each other part.
pub fn parse_recovering(sources: &SourceMap, file: FileId, blocks: &[&str]) -> (Vec<Syntax>, Vec<Diagnostic>) {
    let whole = match parse(sources, file) {
        Ok(syntax) => return (vec![syntax], Vec::new()),
        Err(error) => error,
    };
    let Some(source) = sources.file(file) else { return (Vec::new(), vec![whole]) };
    let offset = source.text_offset();
    let text = &source.text[offset..];
    let mut right = Vec::new();
    let mut wrong = Vec::new();
    for part in parts(text, blocks) {
        match parse_part(&text[part.clone()], file, offset + part.start) {
            Ok(syntax) => right.push(syntax),
            Err(error) => wrong.push(error),
        }
    }
    if wrong.is_empty() {
        // Each part alone parses, but the whole does not: no part can be trusted.
        return (Vec::new(), vec![whole]);
    }
    (right, wrong)
}

fn parse_part(text: &str, file: FileId, offset: usize) -> Result<Syntax, Diagnostic> {
    match parser::parse::<Body>(text) {
        Ok(Parsed { node: body, large }) => {
            let syntax = Syntax { body, file, offset, large };
            match passed_by_the_parser(text, |strings| strings.visit_body(&syntax.body)) {
                None => Ok(syntax),
                Some((range, detail)) => Err(Diagnostic::error(Code::SyntaxError, detail).at(syntax.range(range))),
            }
        }
        Err(error) => Err(syntax_error(&error, text, file, offset)),
    }
}

/// Parses a text that is one expression. The returned syntax has an empty body; it resolves the places of the expression's parts.
///
/// # Errors
///
/// Returns `syntax-error` at the place of the mistake.
pub fn parse_expression(sources: &SourceMap, file: FileId) -> Result<(Syntax, Expression), Diagnostic> {
    let text = sources.file(file).map(|source| source.text.as_str()).unwrap_or_default();
    match parser::parse::<Expression>(text) {
        Ok(Parsed { node: expression, large }) => {
            let syntax = Syntax { body: Body::new(), file, offset: 0, large };
            match passed_by_the_parser(text, |strings| strings.visit_expr(&expression)) {
                None => Ok((syntax, expression)),
                Some((range, detail)) => Err(Diagnostic::error(Code::SyntaxError, detail).at(syntax.range(range))),
            }
        }
        Err(error) => Err(syntax_error(&error, text, file, 0)),
    }
}

/// The text of a quoted string, with its escapes replaced. `written` is its source between the quotes. `None` if that is not valid in a
/// quoted string.
#[must_use]
pub fn quoted_text(written: &str) -> Option<String> {
    match format!("\"{written}\"").parse() {
        Ok(Expression::String(text)) => Some(text.into_value()),
        _ => None,
    }
}

/// The first place that the parser accepts and HCL does not, and why.
fn passed_by_the_parser(text: &str, visit: impl FnOnce(&mut Strings<'_>)) -> Option<(Range<usize>, String)> {
    broken_string(text, visit).map(|(range, detail)| (range, detail.to_owned())).or_else(|| parser::misplaced_index(text))
}

/// The first place at which a quoted string is not valid HCL, and why. The parser accepts a string that continues on the next line. There a
/// quote is missing, and the string would swallow the text after it. Within a directive, the parser reads all text like that of a heredoc.
fn broken_string(text: &str, visit: impl FnOnce(&mut Strings<'_>)) -> Option<(Range<usize>, &'static str)> {
    let mut strings = Strings { text, in_quotes: false, broken: None };
    visit(&mut strings);
    strings.broken
}

struct Strings<'t> {
    text: &'t str,
    /// Whether visited templates are those of directives in a quoted string.
    in_quotes: bool,
    broken: Option<(Range<usize>, &'static str)>,
}

impl Strings<'_> {
    fn look(&mut self, range: Option<Range<usize>>) {
        let Some(range) = range.filter(|_| self.broken.is_none()) else { return };
        let length = self.text.get(range.clone()).and_then(|literal| literal.find('\n'));
        let detail = "A quoted string ends on the line that it begins on. Close it, write line breaks as \\n, or use a heredoc.";
        self.broken = length.map(|length| (range.start..range.start + length, detail));
    }

    fn look_in_directive(&mut self, range: Option<Range<usize>>) {
        self.look(range.clone());
        let Some(range) = range.filter(|_| self.broken.is_none()) else { return };
        if self.text.get(range.clone()).is_none_or(|written| quoted_text(written).is_none()) {
            let detail = "Text in a directive needs the escapes of its quoted string: a quote is written as \\\", and a backslash as \\\\.";
            self.broken = Some((range, detail));
        }
    }

    /// Visits a node with `in_quotes` set, and restores it afterwards.
    fn within(&mut self, in_quotes: bool, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.in_quotes, in_quotes);
        visit(self);
        self.in_quotes = outside;
    }
}

impl Visit for Strings<'_> {
    fn visit_block(&mut self, node: &Block) {
        for label in &node.labels {
            if let BlockLabel::String(label) = label {
                self.look(label.span());
            }
        }
        visit::visit_block(self, node);
    }

    fn visit_expr(&mut self, node: &Expression) {
        if let Expression::String(text) = node {
            self.look(text.span());
        }
        self.within(false, |strings| visit::visit_expr(strings, node));
    }

    fn visit_string_template(&mut self, node: &StringTemplate) {
        for element in node.iter() {
            if let Element::Literal(literal) = element {
                self.look(literal.span());
            }
        }
        self.within(true, |strings| visit::visit_string_template(strings, node));
    }

    fn visit_template(&mut self, node: &Template) {
        for element in node.iter() {
            if let (true, Element::Literal(literal)) = (self.in_quotes, element) {
                self.look_in_directive(literal.span());
            }
        }
        visit::visit_template(self, node);
    }
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

    #[test]
    fn a_key_that_is_written_twice_in_one_object_is_no_riddle() {
        let error = parse_text("a = {\n  b = 1\n  b = 2\n}\n").1.unwrap_err();
        assert!(error.detail.contains("the same key twice"), "{}", error.detail);
    }

    #[test]
    fn an_argument_that_the_file_ends_with_lacks_its_value() {
        for text in ["locals {\n  a = ", "locals {\n  a ="] {
            let (_, parsed) = parse_text(text);
            let error = parsed.unwrap_err();
            assert!(error.detail.starts_with("A value is missing here"), "{text:?}: {}", error.detail);
            let span = error.primary.unwrap().span;
            assert_eq!((span.start, span.end), (14, 14), "{text:?}");
        }
    }

    /// Labels of the blocks that could be parsed, and the lines of the errors.
    fn recovered(text: &str) -> (Vec<String>, Vec<usize>) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.roster.hcl", text.to_owned());
        let (right, wrong) = parse_recovering(&sources, file, &["account", "locals"]);
        let labels = right.iter().flat_map(|syntax| {
            let label = |block: &Block| sources.text(&syntax.span(&block.labels[0])).trim_matches('"').to_owned();
            syntax.body.blocks().filter(|block| !block.labels.is_empty()).map(label).collect::<Vec<_>>()
        });
        let line = |error: &Diagnostic| sources.file(file).unwrap().position(error.primary.as_ref().unwrap().span.start).line;
        (labels.collect(), wrong.iter().map(line).collect())
    }

    #[test]
    fn after_an_error_parsing_goes_on_at_the_next_block() {
        for (text, labels, lines) in [
            ("account \"a\" {\n  id = = 1\n}\naccount \"b\" {}\naccount \"c\" {\n  x\n}\n", vec!["b"], vec![2, 6]),
            // Not closed: the next block is not a part of it.
            ("\u{feff}account \"a\" {\r\n  id = 1\r\n\r\naccount \"b\" {}\r\n", vec!["b"], vec![1]),
            // A quote is missing.
            ("account \"a\" {\n  id = \"1\n}\naccount \"b\" {\n  id = \"2\"\n}\n", vec!["b"], vec![2]),
            // Text or an argument that looks like a block.
            ("account \"a\" {\n  id = <<EOT\naccount \"x\" {\nEOT\n}\naccount \"b\" {\n  =\n}\n", vec!["a"], vec![7]),
            ("/*\naccount \"x\" {\n*/\nlocals {\naccount = 1\n}\naccount \"b\" {\n  =\n}\naccount \"c\" {}\n", vec!["c"], vec![8]),
            ("x = = 1\naccount \"a\" {}\n", vec!["a"], vec![1]),
            ("x = 1\nlocals {}\nx = 2\n", vec![], vec![3]),
        ] {
            assert_eq!(recovered(text), (labels.into_iter().map(str::to_owned).collect(), lines), "{text}");
        }
    }

    #[test]
    fn two_indexes_behind_one_another_take_brackets() {
        for text in ["a = b.0.1\n", "a {\n  b = -1. 2.5\n}\n"] {
            let (sources, parsed) = parse_text(text);
            let error = parsed.unwrap_err();
            let span = error.primary.unwrap().span;
            assert!(error.detail.contains("with brackets"), "{text}");
            assert!(["0.1", "2.5"].contains(&&sources.file(span.file).unwrap().text[span.start..span.end]), "{text}");
        }
    }

    #[test]
    fn a_quoted_string_ends_on_its_line() {
        for text in
            ["a = \"x\ny\"\n", "a = \"x${1}\ny\"\n", "b \"x\ny\" {\n}\n", "a = { \"x\ny\" = 1 }\n", "b {\n  a = [upper(\"\n\")]\n}\n"]
        {
            assert!(parse_text(text).1.unwrap_err().detail.contains("ends on the line"), "{text}");
        }
        for text in ["a = \"x${\n1\n}\"\n", "a = <<E\nx\ny\nE\n", "a = \"x\\ny\"\n"] {
            assert!(parse_text(text).1.is_ok(), "{text}");
        }
    }

    #[test]
    fn a_directive_between_quotes_holds_the_text_of_a_quoted_string() {
        for text in [
            "a = \"%{ if b }\nc%{ endif }\"\n",
            "a = \"%{ if b }x\" + \"y%{ endif }\"\n",
            "a = \"%{ for x in b }%{ if c }\\q%{ endif }%{ endfor }\"\n",
        ] {
            assert_eq!(parse_text(text).1.unwrap_err().code, Code::SyntaxError, "{text}");
        }
        for text in [
            "a = \"%{ if b }\\n\\\"$${c}%{ endif }\"\n",
            "a = <<E\n%{ if b }\n\"\\q%{ endif }\nE\n",
            "a = \"${<<E\n%{ if b }\n\"\n%{ endif }\nE\n}\"\n",
        ] {
            assert!(parse_text(text).1.is_ok(), "{text}");
        }
    }
}
