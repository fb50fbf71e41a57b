//! Diagnostics for people. The first line of each begins with `Error: ` or `Warning: `, which tools around Terraform look for.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use crate::diag::{Diagnostic, Diagnostics, Severity, SourceFile, SourceMap};
use crate::org::SourceSpan;

use super::Style;

/// Every diagnostic, in a stable order, each followed by an empty line.
#[must_use]
pub fn diagnostics(diagnostics: &Diagnostics, sources: &SourceMap, style: Style) -> String {
    diagnostics.sorted().into_iter().map(|diagnostic| one(diagnostic, sources, style) + "\n").collect()
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
        let here = labels.iter().filter(|(other, _)| other.span.file == label.span.file);
        let annotations = here.map(|(label, kind)| kind.span(shifted(file, &label.span)).label(label.text.as_str()));
        group = group.element(Snippet::source(&file.text[file.text_offset()..]).path(file.name.as_str()).annotations(annotations));
    }
    group
}

fn mend<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Option<Group<'a>> {
    let file = sources.file(diagnostic.patches.first()?.span.file)?;
    let patches = diagnostic.patches.iter().map(|patch| Patch::new(shifted(file, &patch.span), patch.replacement.as_str()));
    let snippet = Snippet::source(&file.text[file.text_offset()..]).path(file.name.as_str()).patches(patches);
    Some(Level::HELP.secondary_title("write").element(snippet))
}

/// The range in the text without its byte-order mark, kept inside the text.
fn shifted(file: &SourceFile, span: &SourceSpan) -> Range<usize> {
    let offset = file.text_offset();
    let end = file.text.len() - offset;
    let start = span.start.saturating_sub(offset).min(end);
    start..span.end.saturating_sub(offset).clamp(start, end)
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
}
