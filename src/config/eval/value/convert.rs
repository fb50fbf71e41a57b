//! Conversion of values to types.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Attribute, Kind, Number, Type, Value, unify};

/// The error if a value can't be converted to a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", self.place())]
pub struct ConversionError {
    /// The path of the part that can't be converted, as in `.name` or `[0]`; empty for the whole value.
    pub path: String,
    /// The requirement that the part does not meet.
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
/// Returns the part that can't be converted. The message contains no text of the value, so it may be shown even for sensitive values.
pub fn convert(value: &Value, wanted: &Type) -> Result<Value, ConversionError> {
    let converted = match (value.kind(), wanted) {
        (_, Type::Any) => value.clone(),
        (Kind::Null(own), _) if is_convertible(own, wanted) => Kind::Null(wanted.clone()).into(),
        (Kind::Bool(_), Type::Bool) | (Kind::Number(_), Type::Number) | (Kind::String(_), Type::String) => value.clone(),
        (Kind::Bool(boolean), Type::String) => boolean.to_string().into(),
        (Kind::Number(number), Type::String) => number.to_string().into(),
        (Kind::String(text), Type::Number) => {
            Number::parse(text).ok_or_else(|| ConversionError::new("a number is required, and the string is not a decimal number"))?.into()
        }
        (Kind::String(text), Type::Bool) => boolean(text)?.into(),
        (Kind::List(element, _), Type::List(wanted)) if element == &**wanted => value.clone(),
        (Kind::Map(element, _), Type::Map(wanted)) if element == &**wanted => value.clone(),
        (Kind::Set(element, _), Type::Set(wanted)) if element == &**wanted => value.clone(),
        (Kind::List(..) | Kind::Set(..) | Kind::Tuple(_), Type::List(element)) => {
            let (element, elements) = convert_elements(value, element, Of::List)?;
            Value::list(element, elements)
        }
        (Kind::List(..) | Kind::Set(..) | Kind::Tuple(_), Type::Set(element)) => {
            let (element, elements) = convert_elements(value, element, Of::Set)?;
            Value::set(element, elements)
        }
        (Kind::Tuple(elements), Type::Tuple(wanted)) => convert_tuple(elements, wanted)?,
        (Kind::Map(_, entries) | Kind::Object(entries), Type::Map(element)) => convert_map(entries, element)?,
        (Kind::Map(_, entries) | Kind::Object(entries), Type::Object(attributes)) => convert_object(entries, attributes)?,
        _ => return Err(ConversionError::new(format!("{} is required, not {}", required(wanted), value.kind_with_article()))),
    };
    Ok(converted.marked(value.is_sensitive()))
}

/// The type as messages describe it.
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
        _ => Err(ConversionError::new("a bool is required; the only strings that convert to one are \"true\" and \"false\"")),
    }
}

/// Whether a value of a type may convert to another type, judged by the types alone.
#[must_use]
pub fn is_convertible(from: &Type, wanted: &Type) -> bool {
    match (from, wanted) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::String, _) | (_, Type::String) => from.is_primitive() && wanted.is_primitive(),
        (Type::List(from) | Type::Set(from), Type::List(wanted) | Type::Set(wanted)) | (Type::Map(from), Type::Map(wanted)) => {
            is_convertible(from, wanted)
        }
        (Type::Tuple(elements), Type::List(wanted) | Type::Set(wanted)) => {
            elements.iter().all(|element| is_convertible(element, wanted)) && (**wanted != Type::Any || unify_elements(elements).is_some())
        }
        (Type::Tuple(elements), Type::Tuple(wanted)) => {
            elements.len() == wanted.len() && elements.iter().zip(wanted.iter()).all(|(element, wanted)| is_convertible(element, wanted))
        }
        (Type::Object(attributes), Type::Map(wanted)) => {
            let types: Vec<_> = attributes.values().map(|attribute| attribute.r#type.clone()).collect();
            types.iter().all(|attribute| is_convertible(attribute, wanted)) && (**wanted != Type::Any || unify_known(&types).is_some())
        }
        (Type::Map(element), Type::Object(wanted)) => wanted.values().all(|wanted| is_convertible(element, &wanted.r#type)),
        (Type::Object(attributes), Type::Object(wanted)) => wanted.iter().all(|(name, wanted)| match attributes.get(name) {
            Some(attribute) => is_convertible(&attribute.r#type, &wanted.r#type),
            None => wanted.optional.is_some(),
        }),
        _ => from == wanted,
    }
}

/// The common type of all elements of a list or set. An untyped null has no common type with a value that has parts.
fn unify_elements(types: &[Type]) -> Option<Type> {
    unify(types).filter(|unified| *unified != Type::Any || types.iter().all(|own| *own == Type::Any))
}

/// The common type of all elements of a map, or of the elements of several collections, some of which may be empty. A null takes the type
/// of the others.
pub fn unify_known(types: &[Type]) -> Option<Type> {
    unify(&types.iter().filter(|own| **own != Type::Any).cloned().collect::<Vec<_>>())
}

/// The kind of a collection whose elements are converted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    List,
    Set,
    Map,
}

/// Converts elements, given with their paths, to the wanted type and to one common type.
///
/// If the wanted type contains `any`, each element may have another type there, so the converted elements may still differ. Elements of
/// lists and maps are then converted to their common type, if there is one. Those of sets are converted only if the wanted type is `any`.
fn convert_parts<'v>(
    parts: impl Iterator<Item = (String, &'v Value)> + Clone,
    wanted: &Type,
    of: Of,
) -> Result<(Type, Vec<Value>), ConversionError> {
    let convert_all = |wanted: &Type| {
        let convert_one = |(step, part): (String, &Value)| convert(part, wanted).map_err(|error| error.within(&step));
        parts.clone().map(convert_one).collect::<Result<Vec<_>, _>>()
    };
    let first = convert_all(wanted)?;
    if !wanted.has_any() {
        return Ok((wanted.clone(), first));
    }
    if first.is_empty() {
        return Ok((wanted.clone(), first));
    }
    if let Some(same) = one_type(&first) {
        return Ok((same, first));
    }
    let differ = || ConversionError::new("all elements must have the same type");
    let types: Vec<_> = first.iter().map(Value::r#type).collect();
    let own = match of {
        Of::Map => unify_known(&types),
        Of::Set if *wanted != Type::Any => None,
        Of::List | Of::Set => unify_elements(&types),
    };
    let own = own.ok_or_else(differ)?;
    let steps = parts.map(|(step, _)| step);
    let convert_one = |(part, step): (&Value, String)| convert(part, &own).map_err(|error| error.within(&step));
    let converted = first.iter().zip(steps).map(convert_one).collect::<Result<Vec<_>, _>>()?;
    one_type(&converted).map(|own| (own, converted)).ok_or_else(differ)
}

/// The type of the values, if all have the same one.
fn one_type(values: &[Value]) -> Option<Type> {
    let first = values.first()?.r#type();
    values.iter().skip(1).all(|other| other.r#type() == first).then_some(first)
}

fn convert_elements(value: &Value, wanted: &Type, of: Of) -> Result<(Type, Vec<Value>), ConversionError> {
    let elements = value.elements().unwrap_or_default();
    match value.kind() {
        // The elements of a list already have one type.
        Kind::List(own, _) | Kind::Set(own, _) if *wanted == Type::Any => Ok((own.clone(), elements.to_vec())),
        _ => convert_parts(elements.iter().enumerate().map(|(at, element)| (format!("[{at}]"), element)), wanted, of),
    }
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
    let parts = entries.iter().map(|(name, element)| (format!("[{name:?}]"), element));
    let (own, converted) = convert_parts(parts, wanted, Of::Map)?;
    Ok(Value::map(own, entries.keys().cloned().zip(converted).collect()))
}

/// Converts an object. Drops attributes that the type does not have, as Terraform does.
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
