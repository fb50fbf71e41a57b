//! Type constraints, as in the `type` of a variable: `list(string)`, `object({ name = string, age = optional(number, 1) })`.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::expr::{Expression, FuncCall, ObjectKey};

use crate::diag::{Code, Diagnostic, Evaluate, Syntax};

use super::{Attribute, Kind, Type, Value, convert};

/// Reads a type constraint.
///
/// # Errors
///
/// Returns a diagnostic at the part that is not a type.
pub fn parse_type(syntax: &Syntax, expression: &Expression) -> Result<Type, Diagnostic> {
    match expression {
        // Terraform still accepts these two without an element type, if they are the whole type.
        Expression::Variable(name) if name.as_str() == "list" => Ok(Type::Any.list()),
        Expression::Variable(name) if name.as_str() == "map" => Ok(Type::Any.map()),
        _ => parse_part(syntax, expression),
    }
}

fn parse_part(syntax: &Syntax, expression: &Expression) -> Result<Type, Diagnostic> {
    let error = |detail: &str| Diagnostic::error(Code::InvalidType, detail).at(syntax.span(expression));
    match expression {
        Expression::Variable(name) => match name.as_str() {
            "any" => Ok(Type::Any),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            name @ ("list" | "set" | "map") => {
                Err(error(&format!("The type {name} needs an element type, as in {name}(string) or {name}(any).")))
            }
            _ => Err(error("A type must be any, bool, number, string, list(…), set(…), map(…), tuple([…]) or object({…}).")),
        },
        Expression::FuncCall(call) if !call.name.is_namespaced() => parse_constructor(syntax, expression, call),
        _ => Err(error("A type must be any, bool, number, string, list(…), set(…), map(…), tuple([…]) or object({…}), without quotes.")),
    }
}

fn parse_constructor(syntax: &Syntax, expression: &Expression, call: &FuncCall) -> Result<Type, Diagnostic> {
    let error = |detail: String| Diagnostic::error(Code::InvalidType, detail).at(syntax.span(expression));
    let name = call.name.name.as_str();
    let mut arguments = call.args.iter();
    let (Some(argument), None) = (arguments.next(), arguments.next()) else {
        return Err(error(format!("The type constructor \"{name}\" takes one argument.")));
    };
    match (name, argument) {
        ("list", _) => Ok(parse_part(syntax, argument)?.list()),
        ("set", _) => Ok(parse_part(syntax, argument)?.set()),
        ("map", _) => Ok(parse_part(syntax, argument)?.map()),
        ("tuple", Expression::Array(elements)) => {
            Ok(Type::Tuple(elements.iter().map(|element| parse_part(syntax, element)).collect::<Result<_, _>>()?))
        }
        ("object", Expression::Object(attributes)) => {
            let mut parsed = BTreeMap::new();
            for (key, value) in attributes.iter() {
                let name = match key {
                    ObjectKey::Ident(name) => name.to_string(),
                    ObjectKey::Expression(Expression::Variable(name)) => name.to_string(),
                    ObjectKey::Expression(_) => return Err(error("The attributes of an object type must be names without quotes.".into())),
                };
                parsed.insert(name, parse_attribute(syntax, value.expr())?);
            }
            Ok(Type::Object(Arc::new(parsed)))
        }
        ("tuple", _) => Err(error("The argument of tuple must be a list of types, as in tuple([string, number]).".into())),
        ("object", _) => Err(error("The argument of object must be its attributes, as in object({ name = string }).".into())),
        ("optional", _) => Err(error("Only an attribute of an object type can be optional.".into())),
        _ => Err(error(format!("\"{name}\" is not a type constructor. These are list, set, map, tuple and object."))),
    }
}

/// Reads an attribute of an object type, which may be optional and have a default.
fn parse_attribute(syntax: &Syntax, expression: &Expression) -> Result<Attribute, Diagnostic> {
    let Expression::FuncCall(call) = expression else { return parse_part(syntax, expression).map(Attribute::from) };
    if call.name.name.as_str() != "optional" {
        return parse_part(syntax, expression).map(Attribute::from);
    }
    let error = |detail: String| Diagnostic::error(Code::InvalidType, detail).at(syntax.span(expression));
    let arguments: Vec<_> = call.args.iter().collect();
    let (inner, default) = match arguments.as_slice() {
        [inner] => (*inner, None),
        [inner, default] => (*inner, Some(*default)),
        _ => return Err(error("optional takes a type and, if needed, a default.".into())),
    };
    let r#type = parse_part(syntax, inner)?;
    let default = match default {
        None => Kind::Null(r#type.clone()).into(),
        Some(default) => {
            let literal = crate::diag::Literals.evaluate(syntax, default)?;
            convert(&Value::from_literal(&literal.value), &r#type)
                .map_err(|problem| error(format!("The default does not fit the type: {problem}.")))?
        }
    };
    Ok(Attribute { r#type, optional: Some(Box::new(default)) })
}

impl Value {
    /// Converts a literal value of the configuration to the value of the same expression: a tuple for a list, an object for a map.
    #[must_use]
    pub fn from_literal(literal: &crate::diag::Value) -> Self {
        use crate::diag::Value as Literal;
        match literal {
            Literal::Null => Self::null(),
            Literal::Bool(value) => (*value).into(),
            Literal::Number(text) => super::Number::parse(text).map_or_else(Self::null, Self::from),
            Literal::String(text) => text.as_str().into(),
            Literal::List(items) => items.iter().map(|item| Self::from_literal(&item.value)).collect(),
            Literal::Map(entries) => entries.iter().map(|(key, value)| (key.value.clone(), Self::from_literal(&value.value))).collect(),
        }
    }
}
