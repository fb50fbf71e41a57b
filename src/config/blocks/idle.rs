//! What is written and has no effect where it is.

use crate::diag::{Code, Diagnostic};
use crate::org::SourceSpan;

use super::Fields;
use super::provider::quoted;

/// Warns of what is written and counts only under another condition.
pub(super) fn warn_of_idle(fields: &mut Fields<'_>, written: &[(&str, Option<SourceSpan>)], condition: &str) {
    let names: Vec<_> = written.iter().filter(|(_, span)| span.is_some()).map(|(name, _)| *name).collect();
    if let Some(span) = written.iter().find_map(|(_, span)| span.clone()) {
        let verb = if names.len() == 1 { "counts" } else { "count" };
        let detail = format!("{} {verb} only where {condition}.", quoted(&names));
        fields.diagnostics().push(Diagnostic::warning(Code::NoEffect, detail).at(span));
    }
}
