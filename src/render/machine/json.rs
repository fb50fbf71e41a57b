//! Diagnostics for programs, in the format of `terraform validate -json`.

use serde::Serialize;

use crate::diag::{Diagnostic, Diagnostics, Position, Severity, SourceFile, SourceMap};
use crate::org::{Address, SourceSpan, Unserializable, json_lines};

use crate::render::Text;
use crate::render::terminal::diagnostics::shown;

/// The version of the format. Readers ignore fields that they don't know.
const FORMAT_VERSION: &str = "1.0";

/// The most bytes of source in a snippet.
const MAX_CODE: usize = 20_000;

/// Bytes to show on each side of the highlight if the lines are longer than that.
const AROUND: usize = 200;

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
pub(in crate::render) struct Finding<'a> {
    severity: &'static str,
    summary: &'static str,
    detail: &'a str,
    /// orgroster's own field: the code that `explain` takes.
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a Address>,
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

/// A place. Lines and columns count from 1, the columns in grapheme clusters; bytes count from 0.
#[derive(Clone, Copy, Serialize)]
struct Place {
    line: usize,
    column: usize,
    byte: usize,
}

#[derive(Serialize)]
struct Snippet<'a> {
    /// The header of the enclosing block, if there is one.
    context: Option<&'a str>,
    code: &'a str,
    start_line: usize,
    /// Bytes from the start of `code`.
    highlight_start_offset: usize,
    highlight_end_offset: usize,
    /// The values that the expression refers to.
    values: Vec<Value<'a>>,
}

#[derive(Serialize)]
struct Value<'a> {
    traversal: &'a str,
    statement: &'a str,
}

/// The diagnostics, ordered by place, as one JSON document and a newline.
///
/// # Errors
///
/// Returns an error if the diagnostics can't be serialized.
pub fn validation(diagnostics: &Diagnostics, sources: &SourceMap) -> Result<Text, Unserializable> {
    let findings: Vec<_> = shown(diagnostics).0.into_iter().map(|diagnostic| finding(diagnostic, sources)).collect();
    // The counts are those of all findings, shown or not.
    let (error_count, warning_count) = (diagnostics.errors(), diagnostics.warnings());
    let document =
        Validation { format_version: FORMAT_VERSION, valid: error_count == 0, error_count, warning_count, diagnostics: findings };
    Ok(Text::json_document(&json_lines(&document)?))
}

pub(in crate::render) fn finding<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Finding<'a> {
    let place = diagnostic.primary.as_ref().and_then(|label| Some((sources.file(label.span.file)?, &label.span)));
    Finding {
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        summary: diagnostic.summary(),
        detail: &diagnostic.detail,
        code: diagnostic.code.as_str(),
        address: diagnostic.address.as_ref(),
        range: place.map(|(file, span)| range(file, span)),
        snippet: place.map(|(file, span)| snippet(file, span, diagnostic)),
    }
}

/// The offsets of a span, limited to the text and moved to character boundaries.
fn offsets(file: &SourceFile, span: &SourceSpan) -> (usize, usize) {
    let start = file.text.floor_char_boundary(span.start.max(file.text_offset()));
    (start, file.text.floor_char_boundary(span.end).max(start))
}

fn range<'a>(file: &'a SourceFile, span: &SourceSpan) -> Range<'a> {
    let (start, end) = offsets(file, span);
    let from = place(file, start);
    // Readers that mark a range need one that is not empty. So an empty range becomes one character wide, even at the end of the file.
    let to = if start == end { Place { column: from.column + 1, byte: start + 1, ..from } } else { place(file, end) };
    Range { filename: &file.name, start: from, end: to }
}

fn place(file: &SourceFile, byte: usize) -> Place {
    let Position { line, column } = file.position(byte);
    Place { line, column, byte }
}

fn snippet<'a>(file: &'a SourceFile, span: &SourceSpan, diagnostic: &'a Diagnostic) -> Snippet<'a> {
    let (start, end) = offsets(file, span);
    let (start_line, code_start) = file.line(start);
    let (from, to) = shown_part(file, (code_start, file.line_end(end)), (start, end));
    // The offsets are within this file, so every part exists.
    let part = |range| file.text.get(range).unwrap_or_default();
    let code = part(from..to).trim_end_matches('\r');
    Snippet {
        context: context(part(file.text_offset()..code_start), part(code_start..to), start > code_start),
        code,
        start_line,
        highlight_start_offset: (start - from).min(code.len()),
        highlight_end_offset: (end.max(start + 1) - from).min(code.len()),
        values: diagnostic.values.iter().map(|value| Value { traversal: &value.traversal, statement: &value.statement }).collect(),
    }
}

/// The part of the file to show: whole lines up to `MAX_CODE` bytes, otherwise the text around the highlight.
fn shown_part(file: &SourceFile, (from, to): (usize, usize), (start, end): (usize, usize)) -> (usize, usize) {
    if to - from <= MAX_CODE {
        return (from, to);
    }
    let from = file.text.floor_char_boundary(from.max(start.saturating_sub(AROUND)));
    (from, file.text.floor_char_boundary(to.min(end.saturating_add(AROUND)).min(from + MAX_CODE)))
}

/// The header of the top-level block that contains the lines, such as `account "crm"`: the last earlier line that starts at the margin,
/// unless it closes a block. The start of a header is not in a block yet.
fn context<'a>(before: &'a str, code: &'a str, is_within_line: bool) -> Option<&'a str> {
    let at_margin = |line: &&str| line.starts_with(|first: char| first.is_alphanumeric() || matches!(first, '_' | '}'));
    let header = if !at_margin(&code) {
        before.lines().rev().find(at_margin)?
    } else if is_within_line {
        code
    } else {
        return None;
    };
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
        let found = Diagnostic::error(Code::InvalidValue, "Fix it.").at(span);
        serde_json::from_str(&validation(&found.into(), &sources).unwrap()).unwrap()
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

    fn all(findings: Vec<Diagnostic>) -> Value {
        let mut all = Diagnostics::default();
        all.extend(findings);
        serde_json::from_str(&validation(&all, &SourceMap::default()).unwrap()).unwrap()
    }

    #[test]
    fn of_more_findings_than_anybody_reads_all_are_counted() {
        let error = |index: usize| Diagnostic::error(Code::InvalidValue, format!("error {index:05}"));
        let warning = |index: usize| Diagnostic::warning(Code::NoEffect, format!("warning {index:05}"));
        for (errors, warnings, shown) in [(100, 0, 100), (101, 0, 100), (60, 60, 100), (2_000, 3_000, 100), (0, 101, 100)] {
            let found = all((0..warnings).map(warning).chain((0..errors).map(error)).collect());
            assert_eq!((&found["error_count"], &found["warning_count"]), (&json!(errors), &json!(warnings)));
            assert_eq!(found["valid"], json!(errors == 0));
            let listed = found["diagnostics"].as_array().unwrap();
            assert_eq!(listed.len(), shown);
            let listed_errors = listed.iter().filter(|finding| finding["severity"] == "error").count();
            assert_eq!(listed_errors, errors.min(100), "warnings do not displace errors");
        }
    }

    #[test]
    fn of_a_line_that_nobody_can_read_a_part_is_shown() {
        let text = format!("x = [{}wrong, {}]\n", "é, ".repeat(20_000), "é, ".repeat(20_000));
        let snippet = document(&text, "wrong")["diagnostics"][0]["snippet"].clone();
        let code = snippet["code"].as_str().unwrap();
        assert!(code.len() < 1_000, "{}", code.len());
        let (start, end) = (snippet["highlight_start_offset"].as_u64().unwrap(), snippet["highlight_end_offset"].as_u64().unwrap());
        assert_eq!(&code[start as usize..end as usize], "wrong");
        let whole = document(&text, &text[..text.len() - 1])["diagnostics"][0]["snippet"].clone();
        assert!(whole["code"].as_str().unwrap().len() <= MAX_CODE && whole["start_line"] == json!(1));
    }

    /// Place, snippet and highlight of a finding, each as `terraform validate -json` shows it for the same text and place.
    #[test]
    fn places_and_snippets_are_those_of_terraform() {
        let found = |text: &str, start: usize, end: usize| {
            let mut sources = SourceMap::default();
            let span = SourceSpan { file: sources.add("main.tf", text.to_owned()), start, end };
            let found = Diagnostic::error(Code::InvalidValue, "Fix it.").at(span);
            let document: Value = serde_json::from_str(&validation(&found.into(), &sources).unwrap()).unwrap();
            let diagnostic = document["diagnostics"][0].clone();
            (diagnostic["range"].clone(), diagnostic["snippet"].clone())
        };
        let place = |line: usize, column: usize, byte: usize| json!({ "line": line, "column": column, "byte": byte });
        let snippet = |context: Option<&str>, code: &str, line: usize, from: usize, to: usize| json!({ "context": context, "code": code, "start_line": line, "highlight_start_offset": from, "highlight_end_offset": to, "values": [] });
        let tabs = "locals {\n\ta = \"é👩‍👩‍👧\" + local.x\n\tb = [\n\t\tupper(1, 2),\n\t]\n}\n";
        for (text, span, start, end, code) in [
            // Tabs, and characters of several code points.
            (tabs, (39, 46), place(2, 13, 39), place(2, 20, 46), snippet(Some("locals"), "\ta = \"é👩‍👩‍👧\" + local.x", 2, 30, 37)),
            (tabs, (65, 66), place(4, 12, 65), place(4, 13, 66), snippet(Some("locals"), "\t\tupper(1, 2),", 4, 11, 12)),
            (
                "locals {\r\n  a = local.nope\r\n}\r\n",
                (16, 26),
                place(2, 7, 16),
                place(2, 17, 26),
                snippet(Some("locals"), "  a = local.nope", 2, 6, 16),
            ),
            (
                "\u{feff}locals {\n  a = local.nope\n}\n",
                (18, 28),
                place(2, 7, 18),
                place(2, 17, 28),
                snippet(Some("locals"), "  a = local.nope", 2, 6, 16),
            ),
            // Across the end of a line.
            ("locals {\n  a =\n}\n", (14, 15), place(2, 6, 14), place(3, 1, 15), snippet(Some("locals"), "  a =\n}", 2, 5, 6)),
            // At the end of the file, where there is no character.
            ("locals {\n  a = ", (15, 15), place(2, 7, 15), place(2, 8, 16), snippet(Some("locals"), "  a = ", 2, 6, 6)),
            // The start of a header is outside its block; the rest of the line is inside.
            ("}\nfoo \"x\" {\n}\n", (2, 5), place(2, 1, 2), place(2, 4, 5), snippet(None, "foo \"x\" {", 2, 0, 3)),
            ("locals {\n  a = 1\n", (7, 8), place(1, 8, 7), place(1, 9, 8), snippet(Some("locals"), "locals {", 1, 7, 8)),
        ] {
            let (range, shown) = found(text, span.0, span.1);
            assert_eq!((&range["start"], &range["end"], &shown), (&start, &end, &code), "{text:?}");
        }
        // Terraform reports nothing about an empty file.
        let (range, shown) = found("", 0, 0);
        assert_eq!((&range["end"], &shown), (&place(1, 2, 1), &snippet(None, "", 1, 0, 0)));
    }

    #[test]
    fn a_place_outside_of_blocks_has_no_context() {
        let found = document("account \"a\" {\n}\n  wrong\n", "wrong");
        assert_eq!(found["diagnostics"][0]["snippet"]["context"], Value::Null);
    }
}
