//! Functions that rearrange or combine the elements of collections.

use std::collections::{BTreeMap, HashMap};

use super::super::budget::{BYTES_OF_A_LIST, BYTES_OF_AN_ENTRY};
use super::super::value::{Kind, Type, Value, convert, equal, text, unify};
use super::arguments::{ANY, Arguments, FunctionError, LIST, LISTS_OF_STRINGS, NUMBER};
use super::{Function, Returned};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("chunklist", &[LIST, NUMBER], chunks),
    Function::new("matchkeys", &[LIST, LIST, LIST], match_keys),
    Function::new("setproduct", &[], product).variadic(ANY),
    Function::new("transpose", &[LISTS_OF_STRINGS], transpose),
];

/// The type of the elements of a list or set.
fn element_type(value: &Value) -> Type {
    match value.kind() {
        Kind::List(element, _) | Kind::Set(element, _) => element.clone(),
        _ => Type::Any,
    }
}

/// Lists of `size` elements each. A size of zero means a single list of all elements.
fn chunks(arguments: &Arguments<'_>) -> Returned {
    let list = arguments.value(0)?;
    let elements = arguments.elements(0)?;
    let size = usize::try_from(arguments.integer(1)?).map_err(|_| FunctionError::argument(1, "the size must not be negative"))?;
    let size = if size == 0 { elements.len().max(1) } else { size };
    let element = element_type(list);
    let count = elements.len().div_ceil(size);
    arguments.pay(elements.len())?;
    arguments.pay_bytes(count.saturating_mul(BYTES_OF_A_LIST))?;
    let chunks = elements.chunks(size).map(|chunk| Value::list(element.clone(), chunk.to_vec())).collect();
    Ok(Value::list(element.list(), chunks))
}

/// The values whose keys, at the same indices, are among the keys that are searched for.
fn match_keys(arguments: &Arguments<'_>) -> Returned {
    let values = arguments.elements(0)?;
    let unsuitable = || FunctionError::argument(2, "the keys, and the keys to search for, must have elements of the same type");
    let element = unify(&[element_type(arguments.value(1)?), element_type(arguments.value(2)?)]).ok_or_else(unsuitable)?;
    let converted = |index: usize| convert(arguments.value(index)?, &element.clone().list()).map_err(|_| unsuitable());
    arguments.pay_for_all()?;
    let (keys, wanted) = (converted(1)?, converted(2)?);
    let (keys, wanted) = (keys.elements().unwrap_or_default(), wanted.elements().unwrap_or_default());
    if keys.len() != values.len() {
        return Err(FunctionError::argument(1, format!("there are {} values, but {} keys", values.len(), keys.len())));
    }
    // A key is compared only with keys that have the same text.
    let mut by_text: HashMap<String, Vec<&Value>> = HashMap::new();
    for key in wanted {
        arguments.pay(1)?;
        let alike = by_text.entry(text(key)).or_default();
        if !alike.contains(&key) {
            alike.push(key);
        }
    }
    let mut found = Vec::new();
    for (key, value) in keys.iter().zip(values) {
        arguments.pay(1)?;
        if by_text.get(&text(key)).is_some_and(|alike| alike.iter().any(|other| equal(other, key))) {
            found.push(value.clone());
        }
    }
    Ok(Value::list(element_type(arguments.value(0)?), found))
}

/// Every combination of one element of each argument, as tuples: a set if one of the arguments is a set, and otherwise a list.
fn product(arguments: &Arguments<'_>) -> Returned {
    let all = arguments.all();
    if all.len() < 2 {
        return Err(FunctionError::new("at least two lists or sets are required"));
    }
    arguments.pay_for_all()?;
    let mut lists = Vec::with_capacity(all.len());
    for (index, value) in all.iter().enumerate() {
        let unsuitable = |why: String| FunctionError::argument(index, why);
        if value.elements().is_none() {
            return Err(unsuitable(format!("a list or set is required, not {}", value.kind_with_article())));
        }
        arguments.pay(value.len())?;
        let list = convert(value, &Type::Any.list()).map_err(|error| unsuitable(error.to_string()))?;
        lists.push(list);
    }
    let count = lists.iter().map(Value::len).fold(1, usize::saturating_mul);
    arguments.pay(count.saturating_mul(lists.len() + 1))?;
    arguments.pay_bytes(count.saturating_mul(BYTES_OF_A_LIST))?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for list in lists.iter().filter(|_| count > 0) {
        let elements = list.elements().unwrap_or_default();
        let extended = |row: &Vec<Value>| {
            let row = row.clone();
            elements.iter().map(move |element| [row.as_slice(), std::slice::from_ref(element)].concat()).collect::<Vec<_>>()
        };
        rows = rows.iter().flat_map(extended).collect();
    }
    let rows: Vec<_> = if count > 0 { rows.into_iter().map(Value::tuple).collect() } else { Vec::new() };
    let element = Type::Tuple(lists.iter().map(element_type).collect());
    let is_set = all.iter().any(|value| matches!(value.kind(), Kind::Set(..)));
    Ok(if is_set { Value::set(element, rows) } else { Value::list(element, rows) })
}

/// Swaps the keys of a map and the strings in its lists.
fn transpose(arguments: &Arguments<'_>) -> Returned {
    let mut lists: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let no_null = || FunctionError::argument(0, "no list may be null or contain null");
    for (key, list) in arguments.value(0)?.entries().into_iter().flatten() {
        for element in list.elements().ok_or_else(no_null)? {
            let name = element.as_str().ok_or_else(no_null)?;
            arguments.pay(1)?;
            arguments.pay_bytes(key.len() + name.len() + BYTES_OF_AN_ENTRY + BYTES_OF_A_LIST)?;
            lists.entry(name.to_owned()).or_default().push(key.as_str().into());
        }
    }
    let lists = lists.into_iter().map(|(name, keys)| (name, Value::list(Type::String, keys))).collect();
    Ok(Value::map(Type::String.list(), lists))
}
