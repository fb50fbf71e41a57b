//! `lsp`.

use crate::cli::{Context, Exit};
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Serves an editor until the editor ends the session.
#[cfg(feature = "lsp")]
pub fn lsp(context: &Context) -> Result<Exit, Diagnostics> {
    let served = crate::lsp::serve(context.given.clone());
    served.map(|()| Exit::Done).map_err(|failure| Diagnostic::error(Code::EditorConnection, format!("lsp: {failure}.")).into())
}

/// Reports that this build has no language server.
#[cfg(not(feature = "lsp"))]
pub fn lsp(_: &Context) -> Result<Exit, Diagnostics> {
    Err(Diagnostic::error(Code::MissingFeature, format!("lsp: {}", crate::cli::build::lacks("lsp"))).into())
}
