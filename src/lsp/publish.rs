//! Conversion of diagnostics to those of the protocol.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gen_lsp_types::{Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Message, Range};

use super::position;
use super::workspace::{Checked, Workspace};
use crate::diag::{self, Label, Severity};
use crate::org::FileId;

/// The diagnostics of a directory by file. Each file that was read has an entry, so that the editor clears earlier diagnostics. Diagnostics
/// without a location are at the beginning of the first file.
pub(super) fn by_file(workspace: &Workspace, checked: &Checked) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let mut found: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    for file in checked.sources.files() {
        found.entry(PathBuf::from(&file.name)).or_default();
    }
    for diagnostic in checked.diagnostics.sorted() {
        let file = diagnostic.primary.as_ref().map_or(FileId(0), |label| label.span.file);
        let Some(path) = checked.sources.file(file).map(|file| PathBuf::from(&file.name)) else { continue };
        found.entry(path).or_default().push(published(workspace, checked, diagnostic));
    }
    found
}

fn published(workspace: &Workspace, checked: &Checked, diagnostic: &diag::Diagnostic) -> Diagnostic {
    let range = diagnostic.primary.as_ref().and_then(|label| place(checked, label)).map_or_else(Range::default, |(_, range)| range);
    let related: Vec<_> = diagnostic
        .secondary
        .iter()
        .filter_map(|label| {
            let (path, range) = place(checked, label)?;
            let location = Location { uri: workspace.uri(&path), range };
            Some(DiagnosticRelatedInformation { location, message: label.text.clone() })
        })
        .collect();
    Diagnostic {
        range,
        severity: Some(match diagnostic.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
        }),
        code: Some(Code::String(diagnostic.code.to_string())),
        code_description: None,
        source: Some("orgroster".to_owned()),
        message: Message::String(format!("{}: {}", diagnostic.summary(), &*diagnostic.detail)),
        tags: None,
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}

fn place(checked: &Checked, label: &Label) -> Option<(PathBuf, Range)> {
    let file = checked.sources.file(label.span.file)?;
    Some((PathBuf::from(&file.name), position::range(file, &label.span)))
}
