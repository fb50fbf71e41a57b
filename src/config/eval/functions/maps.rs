//! Functions of maps and objects.

use std::collections::BTreeMap;

use super::super::budget::BYTES_OF_AN_ENTRY;
use super::super::value::{Kind, Type, Value, convert};
use super::arguments::{ANY, ANY_OR_NULL, Arguments, FunctionError, STRING, STRINGS};
use super::{Function, Returned};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("keys", &[ANY], keys),
    Function::new("values", &[ANY], values),
    Function::new("lookup", &[ANY, STRING], lookup).variadic(ANY_OR_NULL),
    Function::new("merge", &[], merge).variadic(ANY_OR_NULL),
    Function::new("zipmap", &[STRINGS, ANY], zipmap),
];

fn entries<'a>(arguments: &'a Arguments<'_>, index: usize) -> Result<&'a BTreeMap<String, Value>, FunctionError> {
    let value = arguments.value(index)?;
    value.entries().ok_or_else(|| FunctionError::argument(index, format!("a map or object is required, not {}", value.kind_with_article())))
}

fn keys(arguments: &Arguments<'_>) -> Returned {
    let names = entries(arguments, 0)?.keys();
    arguments.pay(names.len())?;
    Ok(match arguments.value(0)?.kind() {
        Kind::Map(..) => Value::strings(names.map(String::as_str)),
        _ => names.map(|name| Value::from(name.as_str())).collect(),
    })
}

fn values(arguments: &Arguments<'_>) -> Returned {
    let values: Vec<_> = entries(arguments, 0)?.values().cloned().collect();
    arguments.pay(values.len())?;
    Ok(match arguments.value(0)?.kind() {
        Kind::Map(element, _) => Value::list(element.clone(), values),
        _ => Value::tuple(values),
    })
}

fn lookup(arguments: &Arguments<'_>) -> Returned {
    if arguments.all().len() > 3 {
        return Err(FunctionError::new(format!("2 or 3 arguments are required, not {}", arguments.all().len())));
    }
    arguments.pay_steps(arguments.rest(2).first().map_or(0, Value::weight))?;
    let key = arguments.text(1)?;
    let default = match (arguments.rest(2).first(), arguments.value(0)?.kind()) {
        (Some(default), Kind::Map(element, _)) => Some(
            convert(default, element)
                .map_err(|error| FunctionError::argument(2, format!("the default must have the type of the elements: {error}")))?,
        ),
        (default, _) => default.cloned(),
    };
    if let Some(value) = entries(arguments, 0)?.get(key) {
        return Ok(value.clone());
    }
    default.ok_or_else(|| FunctionError::argument(1, format!("the map has no key {key:?}, and there is no default")).showing_argument())
}

/// Merges maps and objects. The result is a map if all arguments are maps of one type, and otherwise an object. Null counts as empty.
fn merge(arguments: &Arguments<'_>) -> Returned {
    let mut merged = BTreeMap::new();
    let mut types = Vec::new();
    let mut all_maps = true;
    for (index, value) in arguments.all().iter().enumerate() {
        match value.kind() {
            Kind::Null(Type::Map(element)) => {
                types.push(Type::clone(element));
                continue;
            }
            Kind::Null(Type::Any | Type::Object(_)) => continue,
            Kind::Map(element, _) => types.push(element.clone()),
            _ => all_maps = false,
        }
        let entries = entries(arguments, index)?;
        arguments.pay(entries.len())?;
        arguments.pay_bytes(entries.keys().map(|name| name.len() + BYTES_OF_AN_ENTRY).sum())?;
        merged.extend(entries.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    match types.first() {
        Some(first) if all_maps && types.iter().all(|other| other == first) => Ok(Value::map(first.clone(), merged)),
        _ => Ok(Value::object(merged)),
    }
}

fn zipmap(arguments: &Arguments<'_>) -> Returned {
    let names = arguments.texts(0)?;
    let values = arguments.value(1)?;
    let elements = match values.kind() {
        Kind::List(_, elements) | Kind::Tuple(elements) => elements,
        _ => return Err(FunctionError::argument(1, format!("a list or tuple is required, not {}", values.kind_with_article()))),
    };
    if names.len() != elements.len() {
        return Err(FunctionError::argument(1, format!("there are {} keys, but {} values", names.len(), elements.len())));
    }
    arguments.pay(names.len())?;
    let sensitive = arguments.value(0)?.has_sensitive();
    let entries = names.into_iter().map(str::to_owned).zip(elements.iter().cloned()).collect();
    let map = match values.kind() {
        Kind::List(element, _) => Value::map(element.clone(), entries),
        _ => Value::object(entries),
    };
    Ok(map.marked(sensitive))
}
