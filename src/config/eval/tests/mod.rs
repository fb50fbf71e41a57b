//! Tests of the evaluator. The tables in `tests/data/eval` contain the results of Terraform 1.11.4 for each expression.

mod behavior;
mod conformance;
mod functions;
mod limits;

use std::path::Path;
use std::sync::Arc;

use super::{Directory, Scope, Value};
use crate::diag::{Diagnostic, SourceMap, Syntax, parse};

/// An expression in a separate file.
struct Parsed {
    sources: Arc<SourceMap>,
    syntax: Syntax,
}

impl Parsed {
    fn new(expression: &str) -> Result<Self, Diagnostic> {
        let mut sources = SourceMap::default();
        let file = sources.add("test.roster.hcl", format!("\u{feff}v = {expression}\n"));
        let syntax = parse(&sources, file)?;
        Ok(Self { sources: Arc::new(sources), syntax })
    }

    fn expression(&self) -> &hcl_edit::expr::Expression {
        &self.syntax.body.get_attribute("v").unwrap().value
    }

    fn value(&self, scope: &Scope) -> Result<Value, Diagnostic> {
        scope.value(&self.syntax, self.expression())
    }

    /// The text at which a diagnostic points.
    fn blamed(&self, diagnostic: &Diagnostic) -> String {
        self.sources.text(&diagnostic.primary.as_ref().unwrap().span).to_owned()
    }
}

fn data() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/eval")
}

/// A scope for the expression, with the files of the tables.
fn scope(parsed: &Parsed) -> Scope {
    Scope::new(Arc::clone(&parsed.sources)).with_files(Arc::new(Directory::new(&data().join("files")).unwrap()))
}

/// Evaluates an expression without names.
fn evaluate(expression: &str) -> Result<Value, Diagnostic> {
    let parsed = Parsed::new(expression)?;
    parsed.value(&scope(&parsed))
}
