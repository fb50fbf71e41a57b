//! Evaluated values in the form that the readers of attributes need.

use std::collections::HashMap;

use hcl_edit::expr::{Expression, ObjectKey};

use crate::diag::{Syntax, Value as Plain};
use crate::org::{SourceSpan, Spanned};

use super::value::{Kind, Value};

/// The value with source locations. If the expression is a list or an object, each part has the location of its own expression.
pub(super) fn spanned(syntax: &Syntax, expression: &Expression, value: &Value) -> Spanned<Plain> {
    let span = syntax.span(expression);
    let plain = match (expression, value.kind()) {
        (Expression::Parenthesis(inner), _) => return Spanned::new(spanned(syntax, inner.inner(), value).value, span),
        (Expression::Array(items), Kind::Tuple(elements)) if items.len() == elements.len() => {
            Plain::List(items.iter().zip(elements.iter()).map(|(item, element)| spanned(syntax, item, element)).collect())
        }
        (Expression::Object(object), Kind::Object(attributes)) => {
            let items: HashMap<_, _> = object.iter().filter_map(|(key, item)| Some((written_name(key)?, (key, item)))).collect();
            let mut entries = Vec::new();
            for (name, attribute) in attributes.iter() {
                entries.push(match items.get(name.as_str()) {
                    Some((key, item)) => (Spanned::new(name.clone(), syntax.span(*key)), spanned(syntax, item.expr(), attribute)),
                    None => (Spanned::new(name.clone(), span.clone()), Spanned::new(plain(attribute, &span), span.clone())),
                });
            }
            Plain::Map(entries)
        }
        _ => plain(value, &span),
    };
    Spanned::new(plain, span)
}

/// The name of a key, if it is a literal.
fn written_name(key: &ObjectKey) -> Option<&str> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str()),
        ObjectKey::Expression(Expression::Variable(name)) => Some(name.as_str()),
        ObjectKey::Expression(Expression::String(name)) => Some(name.as_str()),
        ObjectKey::Expression(_) => None,
    }
}

fn plain(value: &Value, span: &SourceSpan) -> Plain {
    let at = |value: &Value| Spanned::new(plain(value, span), span.clone());
    match value.kind() {
        Kind::Null(_) => Plain::Null,
        Kind::Bool(value) => Plain::Bool(*value),
        Kind::Number(number) => Plain::Number(number.to_string()),
        Kind::String(text) => Plain::String(text.to_string()),
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => Plain::List(elements.iter().map(at).collect()),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            Plain::Map(entries.iter().map(|(name, value)| (Spanned::new(name.clone(), span.clone()), at(value))).collect())
        }
    }
}
