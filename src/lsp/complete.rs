//! Completion of the names that a body takes, and of gates, values, locals, variables and functions.

use std::collections::BTreeMap;
use std::path::Path;

use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, Documentation, InsertTextFormat, MarkupContent, MarkupKind, Range, TextEdit,
};

use super::definition::{Kind, declarations};
use super::place::{self, Place};
use super::workspace::Workspace;
use super::{position, reference};
use crate::config::{self, eval::function_names};
use crate::diag::{BlockForm, KnownName};
use crate::org::{AttestationKind, Consequence, GateName};

/// A name that no body takes. The diagnostic for a body that contains it lists the names that the body takes.
const PROBE: &str = "zz__";

/// Something that can be inserted at the cursor.
struct Offer {
    label: String,
    kind: CompletionItemKind,
    detail: String,
    documentation: Option<String>,
    /// The inserted text. If `is_snippet`, `$0` and the like are placeholders.
    inserted: String,
    is_snippet: bool,
}

impl Offer {
    fn plain(label: impl Into<String>, kind: CompletionItemKind, detail: &str) -> Self {
        let label = label.into();
        Self { inserted: label.clone(), label, kind, detail: detail.to_owned(), documentation: None, is_snippet: false }
    }
}

/// The items that can be inserted at an offset. Without `snippets`, they are plain text.
pub(super) fn completions(workspace: &Workspace, path: &Path, offset: usize, snippets: bool) -> Vec<CompletionItem> {
    let Some(text) = workspace.text(path) else { return Vec::new() };
    let place = place::of(text, offset);
    let offers = offers(workspace, path, text, offset, &place);
    let mut sources = crate::diag::SourceMap::default();
    let file = sources.add("", text.to_owned());
    let Some(file) = sources.file(file) else { return Vec::new() };
    let range = Range { start: position::of(file, place.word), end: position::of(file, offset) };
    offers.into_iter().map(|offer| item(offer, range, snippets)).collect()
}

fn item(offer: Offer, range: Range, snippets: bool) -> CompletionItem {
    let new_text = if offer.is_snippet && !snippets { offer.label.clone() } else { offer.inserted };
    let documentation = offer.documentation.map(|value| Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value }));
    CompletionItem {
        label: offer.label,
        kind: Some(offer.kind),
        detail: Some(offer.detail).filter(|detail| !detail.is_empty()),
        documentation,
        insert_text_format: (offer.is_snippet && snippets).then_some(InsertTextFormat::Snippet),
        text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text })),
        ..CompletionItem::default()
    }
}

fn offers(workspace: &Workspace, path: &Path, text: &str, offset: usize, place: &Place) -> Vec<Offer> {
    if place.in_comment {
        return Vec::new();
    }
    if let Some(block) = &place.label_of {
        return if block == "gate" { gates() } else { Vec::new() };
    }
    if let Some(root) = &place.root {
        return Kind::behind(root).map_or_else(Vec::new, |kind| declared(workspace, path, kind));
    }
    match (&place.argument, place.in_string) {
        (Some(argument), true) => texts(place, argument),
        (Some(_), false) => expressions(),
        (None, true) => Vec::new(),
        (None, false) if place.blocks.is_empty() => {
            config::block_forms().iter().map(|form| block(*form, reference::of_block(form.name))).collect()
        }
        (None, false) => taken(workspace, path, text, offset, place),
    }
}

fn gates() -> Vec<Offer> {
    let gate = |name: &GateName| {
        let asks = crate::gate::GATES.iter().find(|gate| gate.name == *name).map(|gate| gate.asks.to_owned());
        Offer { documentation: asks, ..Offer::plain(name.as_str(), CompletionItemKind::EnumMember, "gate") }
    };
    GateName::ALL.iter().filter(|name| name.can_be_lowered()).map(gate).collect()
}

/// The strings that an argument accepts.
fn texts(place: &Place, argument: &str) -> Vec<Offer> {
    let of = |names: Vec<&'static str>, detail: &str| {
        names.into_iter().map(|name| Offer::plain(name, CompletionItemKind::EnumMember, detail)).collect()
    };
    match argument {
        "acknowledge" => of(Consequence::ALL.iter().map(|name| name.as_str()).collect(), "consequence"),
        "of" => of(AttestationKind::ALL.iter().map(|name| name.as_str()).collect(), "attestation"),
        _ => {
            let block = place.blocks.first().map(|header| header.name.as_str()).unwrap_or_default();
            let choices = reference::choices(block, argument).into_iter();
            choices.map(|text| Offer::plain(text, CompletionItemKind::EnumMember, "")).collect()
        }
    }
}

/// The names with which an expression can begin.
fn expressions() -> Vec<Offer> {
    let roots = [("local", "local values"), ("var", "input variables"), ("each", "the element of for_each"), ("path", "paths")];
    let roots = roots.iter().map(|(root, detail)| Offer::plain(*root, CompletionItemKind::Variable, detail));
    let words = ["true", "false", "null"].iter().map(|word| Offer::plain(*word, CompletionItemKind::Keyword, ""));
    let functions = function_names().into_iter().map(|name| Offer::plain(name, CompletionItemKind::Function, "function"));
    roots.chain(words).chain(functions).collect()
}

fn declared(workspace: &Workspace, path: &Path, kind: Kind) -> Vec<Offer> {
    let checked = path.parent().and_then(|directory| workspace.checked(directory));
    let found = checked.map(declarations).unwrap_or_default().into_iter().filter(|declaration| declaration.kind == kind);
    found.map(|declaration| Offer::plain(declaration.name, CompletionItemKind::Variable, "")).collect()
}

/// The names that the body around the cursor takes and does not have yet. They come from a diagnostic of the body's own reader, so they
/// are the names that the reader accepts.
fn taken(workspace: &Workspace, path: &Path, text: &str, offset: usize, place: &Place) -> Vec<Offer> {
    let word = place::word(text, offset);
    let rest = text[word.end..].trim_start_matches([' ', '\t']);
    let value = if rest.starts_with('=') && !rest.starts_with("==") { "" } else { " = 0" };
    let probed = format!("{}{PROBE}{value}{}", &text[..word.start], &text[word.end..]);
    let Some(checked) = workspace.check_with(path, probed) else { return Vec::new() };
    let is_probe = |diagnostic: &&crate::diag::Diagnostic| {
        diagnostic.primary.as_ref().is_some_and(|label| checked.sources.text(&label.span) == PROBE) && !diagnostic.known.is_empty()
    };
    let Some(found) = checked.diagnostics.sorted().into_iter().find(is_probe).cloned() else { return Vec::new() };
    let block_of = place.blocks.first().map(|header| header.name.clone()).unwrap_or_default();
    let nested = place.blocks.get(1).map(|header| header.name.as_str());
    let said = |name: &str| reference::of(&block_of, nested.unwrap_or(name));
    // Offers with the same text are merged.
    let offers: BTreeMap<_, _> = found
        .known
        .iter()
        .map(|known| match known {
            KnownName::Argument { name, example } => (*name, argument(name, example, said(name))),
            KnownName::Block(form) => (form.name, block(*form, said(form.name))),
        })
        .collect();
    offers.into_values().collect()
}

fn argument(name: &str, example: &str, documentation: Option<String>) -> Offer {
    let inserted = if example.starts_with('"') { format!("{name} = \"$1\"") } else { format!("{name} = $1") };
    Offer { inserted, is_snippet: true, documentation, ..Offer::plain(name, CompletionItemKind::Property, &format!("= {example}")) }
}

fn block(form: BlockForm, documentation: Option<String>) -> Offer {
    let label = form.label.map_or_else(String::new, |label| format!(" \"${{1:{label}}}\""));
    let inserted = format!("{}{label} {{\n  $0\n}}", form.name);
    Offer { inserted, is_snippet: true, documentation, ..Offer::plain(form.name, CompletionItemKind::Class, "block") }
}
