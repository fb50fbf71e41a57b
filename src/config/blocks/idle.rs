//! Arguments and blocks that have no effect where they are written.

use crate::diag::{Code, Diagnostic};
use crate::org::SourceSpan;

use super::Fields;
use super::provider::quoted;

/// Warns of arguments and blocks that have an effect only if `condition` is met.
pub(super) fn warn_of_idle(fields: &mut Fields<'_>, written: &[(&str, Option<SourceSpan>)], condition: &str) {
    let names: Vec<_> = written.iter().filter(|(_, span)| span.is_some()).map(|(name, _)| *name).collect();
    if let Some(span) = written.iter().find_map(|(_, span)| span.clone()) {
        let verb = if names.len() == 1 { "has" } else { "have" };
        let detail = format!("{} {verb} an effect only if {condition}.", quoted(&names));
        fields.diagnostics().push(Diagnostic::warning(Code::NoEffect, detail).at(span));
    }
}
