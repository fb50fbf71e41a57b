//! Diagnostics for people. The first line of each begins with `Error: ` or `Warning: `, for which tools around Terraform search.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet};

use crate::diag::{Diagnostic, Diagnostics, Label, Severity, SourceFile, SourceMap};
use crate::org::{MessageLine, SourceSpan, begins_command, escaped, is_hidden};

use crate::render::text::{put, text};
use crate::render::{Style, Text};

/// The maximum number of diagnostics that are shown. More would not help, and a hostile file has one in every line.
const MAX_SHOWN: usize = 100;

/// The maximum number of bytes of source in one picture. Places that are farther apart have separate pictures, and a longer line has
/// none.
const MAX_DRAWN: usize = 20_000;

/// Renders the diagnostics in a stable order, each followed by an empty line.
#[must_use]
pub fn diagnostics(diagnostics: &Diagnostics, sources: &SourceMap, style: Style) -> Text {
    let (shown, left_out) = shown(diagnostics);
    let mut text: Text = shown.into_iter().map(|diagnostic| one(diagnostic, sources, style)).collect();
    if left_out > 0 {
        put!(text, "{} more diagnostics not shown; fix these first.\n\n", left_out);
    }
    text
}

/// The diagnostics that are shown, and how many are left out. If there are too many, errors take precedence over warnings.
pub(in crate::render) fn shown(diagnostics: &Diagnostics) -> (Vec<&Diagnostic>, usize) {
    let all = diagnostics.sorted();
    let left_out = diagnostics.len().saturating_sub(MAX_SHOWN);
    if left_out == 0 {
        return (all, 0);
    }
    let mut warnings = MAX_SHOWN.saturating_sub(diagnostics.errors());
    let is_shown = |diagnostic: &&Diagnostic| {
        diagnostic.severity == Severity::Error || {
            let room = warnings > 0;
            warnings = warnings.saturating_sub(1);
            room
        }
    };
    (all.into_iter().filter(is_shown).take(MAX_SHOWN).collect(), left_out)
}

fn one(diagnostic: &Diagnostic, sources: &SourceMap, style: Style) -> Text {
    let mut groups = vec![finding(diagnostic, sources)];
    groups.extend(fix(diagnostic, sources));
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    // Its parts are already escaped, so a terminal or CI runner interprets nothing in it.
    let picture = Text::document(renderer.decor_style(DecorStyle::Ascii).render(&groups));
    let about = diagnostic.address.as_ref().map_or_else(Text::default, |address| text!("  with {},\n", address));
    let code = style.dim(text!("({})", diagnostic.code));
    // Nothing else may be on the line of a command to copy.
    let gap = if matches!(diagnostic.detail.parts().last(), Some(MessageLine::Copied(_))) { "\n" } else { " " };
    let detail = Text::message(&diagnostic.detail, style);
    text!("{}\n{}\n{}{}{}\n\n", picture, about, Text::document(detail.trim_end().to_owned()), Text::ours(gap), code)
}

fn finding<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR.with_name("Error"),
        Severity::Warning => Level::WARNING.with_name("Warning"),
    };
    let mut group = Group::with_title(level.primary_title(diagnostic.summary()));
    let primary = diagnostic.primary.iter().map(|label| (label, AnnotationKind::Primary));
    let labels: Vec<_> = primary.chain(diagnostic.secondary.iter().map(|label| (label, AnnotationKind::Context))).collect();
    let mut shown = Vec::new();
    for (label, _) in &labels {
        if shown.contains(&label.span.file) {
            continue;
        }
        shown.push(label.span.file);
        let Some(file) = sources.file(label.span.file) else { continue };
        let here: Vec<_> = labels.iter().filter(|(other, _)| other.span.file == label.span.file).copied().collect();
        if Window::around(file, here.iter().map(|(label, _)| &label.span)).is_drawn() {
            group = group.element(picture(file, &here));
        } else {
            group = group.elements(here.iter().map(|label| picture(file, std::slice::from_ref(label))));
        }
    }
    group
}

/// Labels of a file with their lines, or only the place of the first label if that is too much to draw.
fn picture<'a>(file: &'a SourceFile, labels: &[(&'a Label, AnnotationKind)]) -> Element<'a> {
    let window = Window::around(file, labels.iter().map(|(label, _)| &label.span));
    if !window.is_drawn() {
        let position = file.position(labels.first().map_or(0, |(label, _)| label.span.start));
        return Origin::path(escaped(&file.name)).line(position.line).char_column(position.column).into();
    }
    let annotations = labels.iter().map(|(label, kind)| kind.span(window.range(&label.span)).label(escaped(&label.text)));
    window.snippet().path(escaped(&file.name)).annotations(annotations).into()
}

fn fix<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Option<Group<'a>> {
    let file = sources.file(diagnostic.patches.first()?.span.file)?;
    let window = Some(Window::around(file, diagnostic.patches.iter().map(|patch| &patch.span))).filter(Window::is_drawn)?;
    let patches = diagnostic.patches.iter().map(|patch| Patch::new(window.range(&patch.span), shown_source(&patch.replacement)));
    Some(Level::HELP.secondary_title("write").element(window.snippet().path(escaped(&file.name)).patches(patches)))
}

/// The lines of a file that contain some spans, so that drawing a few lines of a large file does not read the others.
struct Window<'a> {
    text: &'a str,
    /// The byte offset of the text in the file.
    start: usize,
    line: usize,
}

impl<'a> Window<'a> {
    /// The window around the spans, without the byte-order mark.
    fn around<'s>(file: &'a SourceFile, spans: impl Iterator<Item = &'s SourceSpan>) -> Self {
        let first = file.text_offset();
        let (from, to) = spans.fold((usize::MAX, first), |(from, to), span| (from.min(span.start), to.max(span.end)));
        let from = file.text.floor_char_boundary(from.clamp(first, file.text.len()));
        let to = file.text.floor_char_boundary(to.clamp(from, file.text.len()));
        let (line, start) = file.line(from);
        // The line feed is included so that a span can point at the end of the line.
        let end = (file.line_end(to) + 1).min(file.text.len());
        Self { text: &file.text[start..end], start, line }
    }

    /// Whether it is small enough to be shown.
    const fn is_drawn(&self) -> bool {
        self.text.len() <= MAX_DRAWN
    }

    fn snippet<T: Clone>(&self) -> Snippet<'a, T> {
        Snippet::source(shown_source(self.text)).line_start(self.line)
    }

    /// The range of a span in the window, clamped to the window.
    fn range(&self, span: &SourceSpan) -> Range<usize> {
        let start = span.start.saturating_sub(self.start).min(self.text.len());
        start..span.end.saturating_sub(self.start).clamp(start, self.text.len())
    }
}

/// The text of a file with placeholders for characters that are invisible or that a terminal interprets, and for the bracket of each
/// command of a CI runner. The length in bytes stays the same, so spans remain valid.
fn shown_source(text: &str) -> Cow<'_, str> {
    let is_kept = |character: char| !is_hidden(character) || matches!(character, '\n' | '\r' | '\t' | '\u{feff}');
    if text.chars().all(is_kept) && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let begins = text[..at].ends_with('#') && begins_command(&text[at..]);
        shown.push(match character.len_utf8() {
            1 if begins => '*',
            _ if is_kept(character) => character,
            1 => '?',
            2 => '\u{b7}',
            3 => '\u{fffd}',
            _ => '\u{1f6ab}',
        });
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    #[test]
    fn a_diagnostic_begins_with_its_summary_and_ends_with_detail_and_code() {
        let mut sources = SourceMap::default();
        let file = sources.add("main.roster.hcl", "\u{feff}account \"a\" {\r\n  id = 12\r\n}\r\n".into());
        let start = sources.file(file).unwrap().text.find("12").unwrap();
        let span = SourceSpan { file, start, end: start + 2 };
        let found = Diagnostic::error(Code::UnquotedAccountId, "Quote it.").at(span.clone()).patched_with_quotes(span);
        let text = diagnostics(&found.into(), &sources, Style::PLAIN).plain();
        assert!(text.starts_with("Error: Account id must be quoted\n"), "{text}");
        assert!(text.contains("main.roster.hcl:2:8"), "{text}");
        assert!(text.contains("^^"), "{text}");
        assert!(text.contains("id = \"12\""), "{text}");
        assert!(text.ends_with("Quote it. (unquoted-account-id)\n\n"), "{text}");
    }

    fn place(sources: &SourceMap, file: crate::org::FileId, text: &str) -> SourceSpan {
        let start = sources.file(file).unwrap().text.find(text).unwrap();
        SourceSpan { file, start, end: start + text.len() }
    }

    #[test]
    fn a_finding_about_two_files_shows_both_places() {
        let mut sources = SourceMap::default();
        let [first, second] = ["a", "b"].map(|name| sources.add(format!("{name}.roster.hcl"), format!("\naccount \"{name}\" {{\n}}\n")));
        let found = Diagnostic::error(Code::DuplicateAddress, "Rename one.").at(place(&sources, second, "\"b\""));
        let found = found.also(place(&sources, first, "\"a\""), "first declared here");
        let text = diagnostics(&found.into(), &sources, Style::PLAIN).plain();
        let at = |wanted: &str| text.find(wanted).unwrap_or_else(|| panic!("{wanted}: {text}"));
        assert!(at("--> b.roster.hcl:2:9") < at("account \"b\" {"), "{text}");
        assert!(at("account \"b\" {") < at("::: a.roster.hcl:2:9"), "{text}");
        assert!(at("::: a.roster.hcl:2:9") < at("--- first declared here"), "{text}");
    }

    #[test]
    fn places_far_apart_have_separate_pictures_and_a_very_long_line_has_none() {
        let mut sources = SourceMap::default();
        let between = "# x\n".repeat(MAX_DRAWN);
        let file = sources.add("a.roster.hcl", format!("first = 1\n{between}second = 2\n# {}\n x = third", "y".repeat(MAX_DRAWN)));
        let found = Diagnostic::error(Code::InvalidValue, "Fix it.").at(place(&sources, file, "second"));
        let text = diagnostics(&found.also(place(&sources, file, "first"), "and here").into(), &sources, Style::PLAIN).plain();
        assert!(text.contains("a.roster.hcl:20002:1") && text.contains("second = 2") && text.contains("first = 1"), "{text}");
        assert!(text.contains("and here") && text.len() < 1_000, "{text}");
        let found = Diagnostic::error(Code::InvalidValue, "Fix it.").at(place(&sources, file, "y"));
        let text = diagnostics(&found.into(), &sources, Style::PLAIN).plain();
        assert!(text.contains("--> a.roster.hcl:20003:3") && text.contains("Fix it.") && text.len() < 1_000, "{text}");
    }

    #[test]
    fn the_first_of_many_diagnostics_are_shown_errors_first_and_the_others_counted() {
        let mut many = Diagnostics::default();
        (0..90).for_each(|index| many.push(Diagnostic::warning(Code::NoEffect, format!("warning {index:03}"))));
        (0..95).for_each(|index| many.push(Diagnostic::error(Code::InvalidValue, format!("error {index:03}"))));
        let text = diagnostics(&many, &SourceMap::default(), Style::PLAIN).plain();
        assert_eq!((text.matches("Error: ").count(), text.matches("Warning: ").count()), (95, 5));
        assert!(text.ends_with("85 more diagnostics not shown; fix these first.\n\n"), "{text}");
    }

    #[test]
    fn an_error_that_comes_after_any_number_of_warnings_is_shown() {
        let mut many = Diagnostics::default();
        (0..5_000).for_each(|index| many.push(Diagnostic::warning(Code::NoEffect, format!("warning {index}"))));
        many.push(Diagnostic::error(Code::InvalidValue, "the error"));
        let text = diagnostics(&many, &SourceMap::default(), Style::PLAIN).plain();
        assert!(text.contains("the error") && text.ends_with("4901 more diagnostics not shown; fix these first.\n\n"), "{text}");
    }
}
