//! Functions of collections of any kind, and of sets.

use super::super::value::{Kind, Number, Type, Value, convert, equal, unify};
use super::arguments::{ANY, ANY_OR_NULL, Arguments, BOOLS, FunctionError, SET};
use super::text::text_length;
use super::{Function, Returned, is_blank};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("length", &[ANY], length),
    Function::new("contains", &[ANY, ANY], contains),
    Function::new("coalesce", &[], coalesce).variadic(ANY_OR_NULL),
    Function::new("coalescelist", &[], coalesce_list).variadic(ANY_OR_NULL),
    Function::new("one", &[ANY], one),
    Function::new("alltrue", &[BOOLS], all_true),
    Function::new("anytrue", &[BOOLS], any_true),
    Function::new("setunion", &[SET], union).variadic(SET),
    Function::new("setintersection", &[SET], intersection).variadic(SET),
    Function::new("setsubtract", &[SET, SET], difference),
];

fn length(arguments: &Arguments<'_>) -> Returned {
    let value = arguments.value(0)?;
    let count = match value.kind() {
        Kind::String(text) => text_length(text),
        Kind::Bool(_) | Kind::Number(_) => {
            return Err(FunctionError::argument(0, "only strings and collections have a length"));
        }
        _ => value.len(),
    };
    Ok(Number::counted(count).into())
}

fn contains(arguments: &Arguments<'_>) -> Returned {
    let wanted = arguments.value(1)?;
    let elements = arguments.elements(0)?;
    arguments.pay_for_all()?;
    Ok(elements.iter().any(|element| equal(element, wanted)).into())
}

/// The first argument that is neither null nor an empty string.
fn coalesce(arguments: &Arguments<'_>) -> Returned {
    arguments.pay_for_all()?;
    let types: Vec<_> = arguments.all().iter().map(Value::r#type).collect();
    let common = unify(&types).ok_or_else(|| FunctionError::new("all arguments must have the same type"))?;
    for value in arguments.all() {
        let value = convert(value, &common).map_err(|error| FunctionError::new(error.to_string()))?;
        if !is_blank(&value) {
            return Ok(value);
        }
    }
    Err(FunctionError::new("every argument is null or an empty string"))
}

fn coalesce_list(arguments: &Arguments<'_>) -> Returned {
    arguments.pay_for_all()?;
    let is_list = |value: &Value| matches!(value.r#type(), Type::List(_) | Type::Tuple(_));
    let other = arguments.all().iter().position(|value| !is_list(value));
    if let Some(index) = other {
        let found = arguments.value(index)?.kind_with_article();
        return Err(FunctionError::argument(index, format!("a list or tuple is required, not {found}")));
    }
    let filled = |value: &&Value| value.elements().is_some_and(|elements| !elements.is_empty());
    arguments.all().iter().find(filled).cloned().ok_or_else(|| FunctionError::new("every argument is null or empty"))
}

fn one(arguments: &Arguments<'_>) -> Returned {
    let value = arguments.value(0)?;
    match (arguments.elements(0)?, value.kind()) {
        ([], Kind::List(element, _) | Kind::Set(element, _)) => Ok(Kind::Null(element.clone()).into()),
        ([], _) => Ok(Value::null()),
        ([only], _) => Ok(only.clone()),
        _ => Err(FunctionError::argument(0, "the collection must have at most one element")),
    }
}

fn all_true(arguments: &Arguments<'_>) -> Returned {
    Ok(arguments.elements(0)?.iter().all(|element| *element.kind() == Kind::Bool(true)).into())
}

fn any_true(arguments: &Arguments<'_>) -> Returned {
    Ok(arguments.elements(0)?.iter().any(|element| *element.kind() == Kind::Bool(true)).into())
}

/// The sets with elements of one type.
fn unified(arguments: &Arguments<'_>) -> Result<(Type, Vec<Vec<Value>>), FunctionError> {
    let sets = arguments.all();
    // The element type of an empty set is irrelevant.
    let element = |set: &Value| match set.kind() {
        Kind::Set(element, elements) => Some(element.clone()).filter(|element| *element != Type::Any || !elements.is_empty()),
        _ => None,
    };
    let types: Vec<_> = sets.iter().filter_map(element).collect();
    let common = unify(&types).filter(|common| *common != Type::Any || types.iter().all(|own| *own == Type::Any));
    let common = common.ok_or_else(|| FunctionError::new("all sets must have elements of the same type"))?;
    let mut converted = Vec::new();
    for set in sets {
        let elements = set.elements().unwrap_or_default();
        arguments.pay(elements.len())?;
        let set = convert(set, &common.clone().set()).map_err(|error| FunctionError::new(error.to_string()))?;
        converted.push(set.elements().unwrap_or_default().to_vec());
    }
    Ok((common, converted))
}

/// Merges sorted sets pairwise. `keep` decides whether to keep an element, depending on whether it is in the left and in the right set.
fn combined(arguments: &Arguments<'_>, keep: fn(bool, bool) -> bool) -> Returned {
    let (element, sets) = unified(arguments)?;
    let mut sets = sets.into_iter();
    let mut left = Value::set(element.clone(), sets.next().unwrap_or_default());
    for right in sets {
        let right = Value::set(element.clone(), right);
        arguments.pay_steps(left.weight().saturating_add(right.weight()))?;
        let (first, second) = (left.elements().unwrap_or_default(), right.elements().unwrap_or_default());
        let mut kept = Vec::new();
        // Elements are compared by their position in one sorted set of all.
        let all = Value::set(element.clone(), [first, second].concat());
        let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
        for candidate in all.elements().unwrap_or_default() {
            let in_first = first.next_if(|next| *next == candidate).is_some();
            let in_second = second.next_if(|next| *next == candidate).is_some();
            if keep(in_first, in_second) {
                kept.push(candidate.clone());
            }
        }
        left = Value::set(element.clone(), kept);
    }
    Ok(left)
}

fn union(arguments: &Arguments<'_>) -> Returned {
    combined(arguments, |left, right| left || right)
}

fn intersection(arguments: &Arguments<'_>) -> Returned {
    combined(arguments, |left, right| left && right)
}

fn difference(arguments: &Arguments<'_>) -> Returned {
    combined(arguments, |left, right| left && !right)
}
