//! Diagnostics for programs, in the shape that `terraform validate -json` has.

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

use crate::diag::{Diagnostic, Diagnostics, Severity, SourceFile, SourceMap};
use crate::org::SourceSpan;

use super::diagnostics::shown;

/// The version of the representation. Readers ignore what they don't know.
const FORMAT_VERSION: &str = "1.0";

#[derive(Serialize)]
struct Validation<'a> {
    format_version: &'static str,
    valid: bool,
    error_count: usize,
    warning_count: usize,
    diagnostics: Vec<Finding<'a>>,
}

/// One diagnostic, as `validate -json` and the UI events show it.
#[derive(Serialize)]
pub(super) struct Finding<'a> {
    severity: &'static str,
    summary: &'static str,
    detail: &'a str,
    /// Ours: what `explain` takes.
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Snippet<'a>>,
}

#[derive(Serialize)]
struct Range<'a> {
    filename: &'a str,
    start: Place,
    end: Place,
}

/// A place: lines and columns from 1, the columns in what people see as one character, and bytes from 0.
#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    byte: usize,
}

#[derive(Serialize)]
struct Snippet<'a> {
    /// The header of the block around, if there is one.
    context: Option<&'a str>,
    code: &'a str,
    start_line: usize,
    /// Bytes from the start of `code`.
    highlight_start_offset: usize,
    highlight_end_offset: usize,
    /// What the expression refers to.
    values: Vec<Value<'a>>,
}

#[derive(Serialize)]
struct Value<'a> {
    traversal: &'a str,
    statement: &'a str,
}

/// The diagnostics, ordered by place, as one JSON document and a newline.
#[must_use]
pub fn validation(diagnostics: &Diagnostics, sources: &SourceMap) -> String {
    let findings: Vec<_> = shown(diagnostics).0.into_iter().map(|diagnostic| finding(diagnostic, sources)).collect();
    // The counts are those of all findings, shown or not.
    let error_count = diagnostics.sorted().iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let warning_count = diagnostics.len() - error_count;
    let document =
        Validation { format_version: FORMAT_VERSION, valid: error_count == 0, error_count, warning_count, diagnostics: findings };
    // The types have string keys and whole numbers only, so that writing them can't fail.
    let mut json = serde_json::to_string_pretty(&document).unwrap_or_default();
    json.push('\n');
    json
}

pub(super) fn finding<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Finding<'a> {
    let place = diagnostic.primary.as_ref().and_then(|label| Some((sources.file(label.span.file)?, &label.span)));
    Finding {
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        summary: diagnostic.summary(),
        detail: &diagnostic.detail,
        code: diagnostic.code.as_str(),
        address: diagnostic.address.as_ref().map(ToString::to_string),
        range: place.map(|(file, span)| range(file, span)),
        snippet: place.map(|(file, span)| snippet(file, span, diagnostic)),
    }
}

/// The offsets of a span, kept inside the text and at characters.
fn offsets(file: &SourceFile, span: &SourceSpan) -> (usize, usize) {
    let start = file.text.floor_char_boundary(span.start.max(file.text_offset()));
    (start, file.text.floor_char_boundary(span.end).max(start))
}

fn range<'a>(file: &'a SourceFile, span: &SourceSpan) -> Range<'a> {
    let (start, end) = offsets(file, span);
    Range { filename: &file.name, start: place(file, start), end: place(file, end) }
}

fn place(file: &SourceFile, byte: usize) -> Place {
    let before = &file.text[file.text_offset()..byte];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place { line: before.matches('\n').count() + 1, column: before[line_start..].graphemes(true).count() + 1, byte }
}

fn snippet<'a>(file: &'a SourceFile, span: &SourceSpan, diagnostic: &'a Diagnostic) -> Snippet<'a> {
    let (start, end) = offsets(file, span);
    let offset = file.text_offset();
    let code_start = file.text[offset..start].rfind('\n').map_or(offset, |newline| offset + newline + 1);
    let code_end = file.text[end..].find('\n').map_or(file.text.len(), |newline| end + newline);
    let code = file.text[code_start..code_end].trim_end_matches('\r');
    Snippet {
        context: context(&file.text[offset..code_start], code),
        code,
        start_line: place(file, start).line,
        highlight_start_offset: (start - code_start).min(code.len()),
        highlight_end_offset: (end - code_start).min(code.len()),
        values: diagnostic.values.iter().map(|value| Value { traversal: &value.traversal, statement: &value.statement }).collect(),
    }
}

/// The header of the top-level block that the lines are in, as `account "crm"`: the last line before that starts at the margin, unless
/// it closes a block.
fn context<'a>(before: &'a str, code: &'a str) -> Option<&'a str> {
    let at_margin = |line: &&str| line.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '_' | '}'));
    let header = if at_margin(&code) { code } else { before.lines().rev().find(at_margin)? };
    header.split_once('{').map(|(header, _)| header.trim_end())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::diag::Code;

    fn document(text: &str, wanted: &str) -> Value {
        let mut sources = SourceMap::default();
        let file = sources.add("main.roster.hcl", text.to_owned());
        let start = text.find(wanted).unwrap();
        let span = SourceSpan { file, start, end: start + wanted.len() };
        let found = Diagnostic::error(Code::InvalidValue, "Mend it.").at(span);
        serde_json::from_str(&validation(&found.into(), &sources)).unwrap()
    }

    #[test]
    fn columns_count_what_people_see_and_offsets_count_bytes() {
        let found = document("\u{feff}account \"a\" {\r\n  name = \"e\u{301}👩‍👩‍👧\" + wrong\r\n}\r\n", "wrong");
        let diagnostic = &found["diagnostics"][0];
        assert_eq!(diagnostic["range"]["start"], json!({ "line": 2, "column": 17, "byte": 53 }));
        assert_eq!(diagnostic["range"]["end"], json!({ "line": 2, "column": 22, "byte": 58 }));
        let snippet = &diagnostic["snippet"];
        assert_eq!(snippet["code"], "  name = \"e\u{301}👩‍👩‍👧\" + wrong");
        let (start, end) = (snippet["highlight_start_offset"].as_u64().unwrap(), snippet["highlight_end_offset"].as_u64().unwrap());
        assert_eq!(&snippet["code"].as_str().unwrap()[start as usize..end as usize], "wrong");
        assert_eq!((&snippet["context"], &snippet["start_line"]), (&json!("account \"a\""), &json!(2)));
        assert_eq!((&found["valid"], &found["error_count"], &found["warning_count"]), (&json!(false), &json!(1), &json!(0)));
    }

    #[test]
    fn a_place_outside_of_blocks_has_no_context() {
        let found = document("account \"a\" {\n}\n  wrong\n", "wrong");
        assert_eq!(found["diagnostics"][0]["snippet"]["context"], Value::Null);
    }
}
