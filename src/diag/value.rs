//! The values of attributes, each with its place.

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::template::Element;

use crate::org::{SourceSpan, Spanned};

use super::{Code, Diagnostic, Syntax};

/// A value. Numbers keep the text of the source, so that nothing is rounded on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`; the attribute counts as absent.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written in the source.
    Number(String),
    /// A string.
    String(String),
    /// A list, set or tuple.
    List(Vec<Spanned<Value>>),
    /// A map or object, in the order of the source.
    Map(Vec<(Spanned<String>, Spanned<Value>)>),
}

impl Value {
    /// The type's name in Terraform's words.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::List(_) => "list",
            Self::Map(_) => "map",
        }
    }
}

/// Turns expressions into values.
pub trait Evaluate {
    /// Evaluates an expression of `syntax`.
    ///
    /// # Errors
    ///
    /// Returns a diagnostic at the deepest sub-expression that has no value.
    fn evaluate(&self, syntax: &Syntax, expression: &Expression) -> Result<Spanned<Value>, Diagnostic>;

    /// The places, such as "accounts.yaml, line 7", at which the data files that expressions read contain this whole number without quotes.
    fn places_of_number(&self, _number: &str) -> Vec<String> {
        Vec::new()
    }
}

/// Evaluates literal values only: no references, functions or operators.
#[derive(Debug, Clone, Copy)]
pub struct Literals;

impl Evaluate for Literals {
    fn evaluate(&self, syntax: &Syntax, expression: &Expression) -> Result<Spanned<Value>, Diagnostic> {
        let span = syntax.span(expression);
        let value = match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(value) => Value::Bool(**value),
            Expression::Number(_) if expression.span().is_some_and(|range| syntax.is_large(&range)) => {
                return Err(Diagnostic::error(Code::ImpossibleNumber, "This number is too large to have a meaning here.").at(span));
            }
            Expression::Number(number) => Value::Number(number.value().to_string()),
            Expression::String(text) => Value::String(text.to_string()),
            Expression::HeredocTemplate(heredoc) => Value::String(literal_heredoc(&heredoc.template, &span)?),
            Expression::Parenthesis(inner) => return self.evaluate(syntax, inner.inner()),
            Expression::Array(items) => Value::List(items.iter().map(|item| self.evaluate(syntax, item)).collect::<Result<_, _>>()?),
            Expression::Object(object) => {
                let entry = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                    Ok((self.object_key(syntax, key)?, self.evaluate(syntax, value.expr())?))
                };
                Value::Map(object.iter().map(entry).collect::<Result<_, _>>()?)
            }
            _ => return Err(not_literal(span)),
        };
        Ok(Spanned::new(value, span))
    }
}

impl Literals {
    fn object_key(self, syntax: &Syntax, key: &ObjectKey) -> Result<Spanned<String>, Diagnostic> {
        let expression = match key {
            ObjectKey::Ident(name) => return Ok(Spanned::new(name.to_string(), syntax.span(name))),
            ObjectKey::Expression(expression) => expression,
        };
        // The parser reads a bare word as a variable, but it is a key.
        if let Expression::Variable(name) = expression {
            return Ok(Spanned::new(name.to_string(), syntax.span(expression)));
        }
        let key = self.evaluate(syntax, expression)?;
        match key.value {
            Value::String(text) | Value::Number(text) => Ok(Spanned::new(text, key.span)),
            other => Err(Diagnostic::error(Code::WrongType, format!("A key must be a string, not a {}.", other.type_name())).at(key.span)),
        }
    }
}

fn literal_heredoc(template: &hcl_edit::template::Template, span: &SourceSpan) -> Result<String, Diagnostic> {
    let part = |element: &Element| match element {
        Element::Literal(text) => Ok(text.to_string()),
        _ => Err(not_literal(span.clone())),
    };
    template.iter().map(part).collect()
}

fn not_literal(span: SourceSpan) -> Diagnostic {
    let detail = "Only literal values are accepted here: strings, numbers, true, false, null, lists and maps. \
                  References, functions, operators and template interpolations are not.";
    Diagnostic::error(Code::UnsupportedExpression, detail).at(span)
}
