//! Hover: diagnostics with their pages, gates, blocks and arguments.

use std::path::Path;

use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind};

use super::place::{self, Place};
use super::workspace::{Checked, Workspace};
use super::{position, reference};
use crate::diag::Code;
use crate::gate::Gate;
use crate::org::{AttestationKind, Consequence, GateName};

/// The hover text at an offset.
pub(super) fn hover(workspace: &Workspace, path: &Path, offset: usize) -> Option<Hover> {
    let text = workspace.text(path)?;
    let checked = workspace.checked(path.parent()?)?;
    let word = place::word(text, offset);
    let place = place::of(text, word.end);
    let mut parts = findings(checked, path, offset);
    parts.extend(name(&place, &text[word.clone()]));
    if parts.is_empty() {
        return None;
    }
    let file = checked.sources.files().find(|file| Path::new(&file.name) == path)?;
    let range = gen_lsp_types::Range { start: position::of(file, word.start), end: position::of(file, word.end) };
    let contents = Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: parts.join("\n\n---\n\n") });
    Some(Hover { contents, range: (!word.is_empty()).then_some(range) })
}

/// The pages of the diagnostics at an offset.
fn findings(checked: &Checked, path: &Path, offset: usize) -> Vec<String> {
    let here = |span: &crate::org::SourceSpan| {
        checked.sources.file(span.file).is_some_and(|file| Path::new(&file.name) == path) && (span.start..=span.end).contains(&offset)
    };
    let mut codes: Vec<Code> = Vec::new();
    for diagnostic in checked.diagnostics.sorted() {
        if diagnostic.primary.as_ref().is_some_and(|label| here(&label.span)) && !codes.contains(&diagnostic.code) {
            codes.push(diagnostic.code);
        }
    }
    codes.into_iter().map(page).collect()
}

fn page(code: Code) -> String {
    format!("**{code}**: {}\n\n{}", code.summary(), code.page().plain_markdown())
}

/// The meaning of a name at its place.
fn name(place: &Place, word: &str) -> Option<String> {
    if word.is_empty() {
        return None;
    }
    if place.in_string || place.in_comment {
        return named(word).map(gate).or_else(|| Code::named(word).map(page));
    }
    match place.blocks.as_slice() {
        [] if place.argument.is_none() => reference::of_block(word),
        [block] if place.argument.is_none() => reference::of(&block.name, word),
        // The row of a nested block describes its arguments.
        [block, nested, ..] if place.argument.is_none() => reference::of(&block.name, &nested.name),
        _ => None,
    }
}

/// The gate with this name, or the gate for which an attestation or an acknowledgement of this name is.
fn named(word: &str) -> Option<&'static Gate> {
    let attested = || word.parse::<AttestationKind>().ok().map(AttestationKind::gate);
    let accepted = || {
        let consequence: Consequence = word.parse().ok()?;
        GateName::ALL.iter().copied().find(|name| name.consequence() == Some(consequence))
    };
    let name = word.parse::<GateName>().ok().or_else(attested).or_else(accepted)?;
    crate::gate::GATES.iter().find(|gate| gate.name == name)
}

fn gate(gate: &Gate) -> String {
    let lowered = if gate.name.can_be_lowered() { "A `gate` block can lower it." } else { "No configuration can lower it." };
    format!("`{}`: {}\n\nResolved by {}. {lowered}\n\n<{}>", gate.name, gate.asks, gate.who, gate.documentation)
}
