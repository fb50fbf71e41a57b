//! Conversion of values to types.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Attribute, Kind, Number, Type, Value, unify};

/// A value has no conversion to a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", self.place())]
pub struct ConversionError {
    /// The way to the part that does not convert, as in `.name` and `[0]`.
    pub path: String,
    /// What that part would have to be.
    pub message: String,
}

impl ConversionError {
    fn new(message: impl Into<String>) -> Self {
        Self { path: String::new(), message: message.into() }
    }

    fn within(self, step: &str) -> Self {
        Self { path: format!("{step}{}", self.path), ..self }
    }

    fn place(&self) -> String {
        if self.path.is_empty() { String::new() } else { format!("at {}: ", self.path) }
    }
}

/// Converts a value.
///
/// # Errors
///
/// The part that does not convert. No text of the value is in the message, so it may be shown even for sensitive values.
pub fn convert(value: &Value, wanted: &Type) -> Result<Value, ConversionError> {
    let converted = match (value.kind(), wanted) {
        (_, Type::Any) => value.clone(),
        (Kind::Null(_), _) => Kind::Null(wanted.clone()).into(),
        (Kind::Bool(_), Type::Bool) | (Kind::Number(_), Type::Number) | (Kind::String(_), Type::String) => value.clone(),
        (Kind::Bool(boolean), Type::String) => boolean.to_string().into(),
        (Kind::Number(number), Type::String) => number.to_string().into(),
        (Kind::String(text), Type::Number) => Number::parse(text)
            .ok_or_else(|| ConversionError::new("a number is required, and the string is not one in decimal digits"))?
            .into(),
        (Kind::String(text), Type::Bool) => boolean(text)?.into(),
        (Kind::List(element, _), Type::List(wanted)) if element == &**wanted => value.clone(),
        (Kind::Map(element, _), Type::Map(wanted)) if element == &**wanted => value.clone(),
        (Kind::Set(element, _), Type::Set(wanted)) if element == &**wanted => value.clone(),
        (Kind::List(..) | Kind::Set(..) | Kind::Tuple(_), Type::List(element)) => {
            let (element, elements) = convert_elements(value, element)?;
            Value::list(element, elements)
        }
        (Kind::List(..) | Kind::Set(..) | Kind::Tuple(_), Type::Set(element)) => {
            let (element, elements) = convert_elements(value, element)?;
            Value::set(element, elements)
        }
        (Kind::Tuple(elements), Type::Tuple(wanted)) => convert_tuple(elements, wanted)?,
        (Kind::Map(_, entries) | Kind::Object(entries), Type::Map(element)) => convert_map(entries, element)?,
        (Kind::Map(_, entries) | Kind::Object(entries), Type::Object(attributes)) => convert_object(entries, attributes)?,
        _ => return Err(ConversionError::new(format!("{} is required, not {}", required(wanted), value.kind_with_article()))),
    };
    Ok(converted.marked(value.is_sensitive()))
}

/// The type in the words of a message.
fn required(wanted: &Type) -> String {
    match wanted {
        Type::List(element) | Type::Set(element) | Type::Map(element) if **element == Type::Any => format!("a {}", wanted.kind_name()),
        Type::Object(_) => "an object".into(),
        other => format!("a {other}"),
    }
}

fn boolean(text: &str) -> Result<bool, ConversionError> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(ConversionError::new("a bool is required, and of strings only \"true\" and \"false\" are one")),
    }
}

/// The type of all elements, where `wanted` says `any` somewhere: the one that all convert to.
fn element_type<'v>(wanted: &Type, elements: impl Iterator<Item = &'v Value>) -> Result<Type, ConversionError> {
    if !wanted.has_any() {
        return Ok(wanted.clone());
    }
    let types: Vec<_> = elements.map(|element| convert(element, wanted).map(|element| element.r#type())).collect::<Result<_, _>>()?;
    unify(&types).ok_or_else(|| ConversionError::new("all elements must have one type"))
}

fn convert_elements(value: &Value, wanted: &Type) -> Result<(Type, Vec<Value>), ConversionError> {
    let elements = value.elements().unwrap_or_default();
    let own = match value.kind() {
        // The elements of a list have one type already.
        Kind::List(own, _) | Kind::Set(own, _) if *wanted == Type::Any => own.clone(),
        _ => element_type(wanted, elements.iter())?,
    };
    let convert_one = |(at, element): (usize, &Value)| convert(element, &own).map_err(|error| error.within(&format!("[{at}]")));
    let converted = elements.iter().enumerate().map(convert_one).collect::<Result<_, _>>()?;
    Ok((own, converted))
}

fn convert_tuple(elements: &[Value], wanted: &[Type]) -> Result<Value, ConversionError> {
    if elements.len() != wanted.len() {
        return Err(ConversionError::new(format!("a tuple of {} elements is required, not of {}", wanted.len(), elements.len())));
    }
    let convert_one =
        |(at, (element, wanted)): (usize, (&Value, &Type))| convert(element, wanted).map_err(|error| error.within(&format!("[{at}]")));
    elements.iter().zip(wanted).enumerate().map(convert_one).collect()
}

fn convert_map(entries: &Arc<BTreeMap<String, Value>>, wanted: &Type) -> Result<Value, ConversionError> {
    let own = element_type(wanted, entries.values())?;
    let convert_one = |(name, element): (&String, &Value)| {
        let converted = convert(element, &own).map_err(|error| error.within(&format!("[{name:?}]")))?;
        Ok((name.clone(), converted))
    };
    let entries = entries.iter().map(convert_one).collect::<Result<_, _>>()?;
    Ok(Value::map(own, entries))
}

/// Attributes that the type does not name are left out, as Terraform leaves them.
fn convert_object(entries: &BTreeMap<String, Value>, wanted: &BTreeMap<String, Attribute>) -> Result<Value, ConversionError> {
    let convert_one = |(name, attribute): (&String, &Attribute)| {
        let value = match (entries.get(name), &attribute.optional) {
            (Some(value), Some(default)) if value.is_null() => default,
            (Some(value), _) => value,
            (None, Some(default)) => default,
            (None, None) => return Err(ConversionError::new(format!("the attribute \"{name}\" is required"))),
        };
        let converted = convert(value, &attribute.r#type).map_err(|error| error.within(&format!(".{name}")))?;
        Ok((name.clone(), converted))
    };
    wanted.iter().map(convert_one).collect()
}
