//! Diagnostics for people. The first line of each begins with `Error: ` or `Warning: `, which tools around Terraform look for.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use crate::diag::{Diagnostic, Diagnostics, Severity, SourceFile, SourceMap};
use crate::org::SourceSpan;

use super::Style;

/// More findings than these help nobody. A hostile file has one in every line.
const MOST_SHOWN: usize = 100;

/// The diagnostics, in a stable order, each followed by an empty line.
#[must_use]
pub fn diagnostics(diagnostics: &Diagnostics, sources: &SourceMap, style: Style) -> String {
    let (shown, left_out) = shown(diagnostics);
    let mut text: String = shown.into_iter().map(|diagnostic| one(diagnostic, sources, style) + "\n").collect();
    if left_out > 0 {
        text.push_str(&format!("{left_out} more are not shown. Mend these first.\n\n"));
    }
    text
}

/// The diagnostics that are shown, errors rather than warnings where there are too many, and how many are left out.
pub(super) fn shown(diagnostics: &Diagnostics) -> (Vec<&Diagnostic>, usize) {
    let all = diagnostics.sorted();
    let left_out = all.len().saturating_sub(MOST_SHOWN);
    if left_out == 0 {
        return (all, 0);
    }
    let errors = all.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let mut warnings = MOST_SHOWN.saturating_sub(errors);
    let is_shown = |diagnostic: &&Diagnostic| {
        diagnostic.severity == Severity::Error || {
            let room = warnings > 0;
            warnings = warnings.saturating_sub(1);
            room
        }
    };
    (all.into_iter().filter(is_shown).take(MOST_SHOWN).collect(), left_out)
}

fn one(diagnostic: &Diagnostic, sources: &SourceMap, style: Style) -> String {
    let mut groups = vec![finding(diagnostic, sources)];
    groups.extend(mend(diagnostic, sources));
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let picture = renderer.decor_style(DecorStyle::Ascii).render(&groups);
    let about = diagnostic.address.as_ref().map_or_else(String::new, |address| format!("  with {address},\n"));
    let code = style.dim(&format!("({})", diagnostic.code));
    // A command to copy stands alone on its line.
    let ends_with_command = diagnostic.detail.lines().last().is_some_and(|line| line.starts_with("    "));
    let gap = if ends_with_command { "\n" } else { " " };
    format!("{picture}\n{about}\n{}{gap}{code}\n", diagnostic.detail)
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
        let here: Vec<_> = labels.iter().filter(|(other, _)| other.span.file == label.span.file).collect();
        let window = Window::around(file, here.iter().map(|(label, _)| &label.span));
        let annotations = here.iter().map(|(label, kind)| kind.span(window.range(&label.span)).label(label.text.as_str()));
        group = group.element(window.snippet().path(file.name.as_str()).annotations(annotations));
    }
    group
}

fn mend<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Option<Group<'a>> {
    let file = sources.file(diagnostic.patches.first()?.span.file)?;
    let window = Window::around(file, diagnostic.patches.iter().map(|patch| &patch.span));
    let patches = diagnostic.patches.iter().map(|patch| Patch::new(window.range(&patch.span), patch.replacement.as_str()));
    Some(Level::HELP.secondary_title("write").element(window.snippet().path(file.name.as_str()).patches(patches)))
}

/// The lines of a file that some spans lie on. To draw a few lines of a large file, the others need not be looked at.
struct Window<'a> {
    text: &'a str,
    /// Where the text begins in the file.
    start: usize,
    line: usize,
}

impl<'a> Window<'a> {
    /// The byte-order mark is never part of it.
    fn around<'s>(file: &'a SourceFile, spans: impl Iterator<Item = &'s SourceSpan>) -> Self {
        let first = file.text_offset();
        let (from, to) = spans.fold((usize::MAX, first), |(from, to), span| (from.min(span.start), to.max(span.end)));
        let from = file.text.floor_char_boundary(from.clamp(first, file.text.len()));
        let to = file.text.floor_char_boundary(to.clamp(from, file.text.len()));
        let start = file.text[first..from].rfind('\n').map_or(first, |newline| first + newline + 1);
        let end = file.text[to..].find('\n').map_or(file.text.len(), |newline| to + newline + 1);
        let line = file.text[first..start].bytes().filter(|byte| *byte == b'\n').count() + 1;
        Self { text: &file.text[start..end], start, line }
    }

    fn snippet<T: Clone>(&self) -> Snippet<'a, T> {
        Snippet::source(self.text).line_start(self.line)
    }

    /// The place of a span in the window, kept inside of it.
    fn range(&self, span: &SourceSpan) -> Range<usize> {
        let start = span.start.saturating_sub(self.start).min(self.text.len());
        start..span.end.saturating_sub(self.start).clamp(start, self.text.len())
    }
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
        let text = diagnostics(&found.into(), &sources, Style::PLAIN);
        assert!(text.starts_with("Error: Account id must be quoted\n"), "{text}");
        assert!(text.contains("main.roster.hcl:2:8"), "{text}");
        assert!(text.contains("^^"), "{text}");
        assert!(text.contains("id = \"12\""), "{text}");
        assert!(text.ends_with("Quote it. (unquoted-account-id)\n\n"), "{text}");
    }

    #[test]
    fn of_many_findings_the_first_errors_are_shown_and_the_others_counted() {
        let mut many = Diagnostics::default();
        (0..90).for_each(|index| many.push(Diagnostic::warning(Code::NoEffect, format!("warning {index:03}"))));
        (0..95).for_each(|index| many.push(Diagnostic::error(Code::InvalidValue, format!("error {index:03}"))));
        let text = diagnostics(&many, &SourceMap::default(), Style::PLAIN);
        assert_eq!((text.matches("Error: ").count(), text.matches("Warning: ").count()), (95, 5));
        assert!(text.ends_with("85 more are not shown. Mend these first.\n\n"), "{text}");
    }
}
