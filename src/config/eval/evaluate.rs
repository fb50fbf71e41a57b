//! The value of an expression in a scope, with its source location.

use hcl_edit::Span;
use hcl_edit::expr::Expression;

use crate::diag::{self, Diagnostic, Evaluate, Syntax};
use crate::org::Spanned;

use super::evaluator::Evaluator;
use super::problem::{SENSITIVE_VALUE, limit};
use super::scope::Scope;
use super::value::Value;

/// Bytes of a part of a value when it is returned with its source location.
const BYTES_OF_A_PLACE: usize = 100;

impl Scope {
    /// Evaluates an expression. The value keeps its marks.
    ///
    /// # Errors
    ///
    /// Returns a diagnostic at the deepest sub-expression that has no value, or at an undefined reference, even in a branch that is not
    /// taken.
    pub fn value(&self, syntax: &Syntax, expression: &Expression) -> Result<Value, Diagnostic> {
        self.checked(expression).and_then(|()| Evaluator::new(self, self.source(syntax)).value(expression)).map_err(|problem| {
            let values = self.values_in(expression, &problem.range);
            Diagnostic { values, ..problem.diagnostic(syntax) }
        })
    }
}

impl Evaluate for Scope {
    fn evaluate(&self, syntax: &Syntax, expression: &Expression) -> Result<Spanned<diag::Value>, Diagnostic> {
        let value = self.value(syntax, expression)?;
        if !self.allows_sensitive() && value.has_sensitive() {
            let detail = "This value is sensitive, and would be written into plans and records here, where anyone can read it. \
                          If that is meant, wrap it in nonsensitive().";
            return Err(Diagnostic::error(SENSITIVE_VALUE, detail).at(syntax.span(expression)));
        }
        let range = expression.span().unwrap_or_default();
        let paid = self.budget().steps(value.weight()).and_then(|()| self.budget().bytes(value.weight().saturating_mul(BYTES_OF_A_PLACE)));
        paid.map_err(|exceeded| limit(range, exceeded).diagnostic(syntax))?;
        Ok(super::spanned::spanned(syntax, expression, &value))
    }

    fn places_of_number(&self, number: &str) -> Vec<String> {
        self.places_in_data(number)
    }
}
