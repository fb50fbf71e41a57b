//! Functions of lists and tuples.

use std::collections::{BTreeSet, HashMap};

use super::super::value::{Kind, Number, Type, Value, convert, equal, text, unify_known};
use super::arguments::{ANY, Arguments, FunctionError, LIST, NUMBER, STRINGS};
use super::{Function, Returned, is_blank};

/// The most numbers that `range` makes, as in Terraform.
const MAX_RANGE: usize = 1024;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("element", &[ANY, NUMBER], element),
    Function::new("index", &[ANY, ANY], index),
    Function::new("distinct", &[LIST], distinct),
    Function::new("flatten", &[ANY], flatten),
    Function::new("concat", &[], concat).variadic(ANY),
    Function::new("slice", &[ANY, NUMBER, NUMBER], slice),
    Function::new("reverse", &[ANY], reverse),
    Function::new("compact", &[STRINGS], compact),
    Function::new("sort", &[STRINGS], sort),
    Function::new("range", &[], range).variadic(NUMBER),
];

/// The elements of a list or tuple, which have indices. Refuses a set, whose elements have none.
fn placed<'a>(arguments: &'a Arguments<'_>) -> Result<&'a [Value], FunctionError> {
    match arguments.value(0)?.kind() {
        Kind::List(_, elements) | Kind::Tuple(elements) => Ok(elements),
        _ => Err(FunctionError::argument(0, format!("a list or tuple is required, not {}", arguments.value(0)?.kind_with_article()))),
    }
}

/// A sequence of the elements, of the same kind as `value`.
fn like(value: &Value, elements: Vec<Value>) -> Value {
    match value.kind() {
        Kind::List(element, _) | Kind::Set(element, _) => Value::list(element.clone(), elements),
        _ => Value::tuple(elements),
    }
}

fn element(arguments: &Arguments<'_>) -> Returned {
    let elements = placed(arguments)?;
    let index = arguments.integer(1)?;
    let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
    let is_list = matches!(arguments.value(0)?.kind(), Kind::List(..));
    let place = if is_list { index.checked_rem_euclid(length) } else { index.checked_rem(length) };
    let Some(place) = place else { return Err(FunctionError::argument(0, "the list has no elements")) };
    let element = usize::try_from(place).ok().and_then(|place| elements.get(place));
    // As in Terraform, which must know the type of the result before the index.
    element.cloned().ok_or_else(|| {
        FunctionError::argument(1, "the index of a tuple must not be negative; convert it with tolist() to count from its end")
    })
}

fn index(arguments: &Arguments<'_>) -> Returned {
    arguments.pay_for_all()?;
    let wanted = arguments.value(1)?;
    match placed(arguments)?.iter().position(|element| equal(element, wanted)) {
        Some(index) => Ok(Number::counted(index).into()),
        None => Err(FunctionError::argument(1, "the list has no such element")),
    }
}

fn distinct(arguments: &Arguments<'_>) -> Returned {
    let value = arguments.value(0)?;
    let mut seen = BTreeSet::new();
    // A value that is not a string is compared only with values that have the same text.
    let mut others: HashMap<String, Vec<&Value>> = HashMap::new();
    let mut kept: Vec<Value> = Vec::new();
    for element in arguments.elements(0)? {
        arguments.pay(1)?;
        let is_new = match element.as_str() {
            Some(text) => seen.insert(text.to_owned()),
            None => {
                arguments.pay_steps(element.weight())?;
                let alike = others.entry(text(element)).or_default();
                arguments.pay_steps(element.weight().saturating_mul(alike.len()))?;
                let is_new = !alike.iter().any(|other| equal(other, element));
                alike.push(element);
                is_new
            }
        };
        if is_new {
            kept.push(element.clone());
        }
    }
    Ok(like(value, kept))
}

fn flatten(arguments: &Arguments<'_>) -> Returned {
    let mut flat = Vec::new();
    let elements = arguments.elements(0)?;
    let sensitive = flatten_into(arguments, elements, &mut flat)?;
    Ok(Value::tuple(flat).marked(sensitive))
}

/// Flattens nested sequences. Returns whether one of them is sensitive, because the number of elements then reveals something of it.
fn flatten_into(arguments: &Arguments<'_>, elements: &[Value], flat: &mut Vec<Value>) -> Result<bool, FunctionError> {
    let mut sensitive = false;
    for element in elements {
        arguments.pay(1)?;
        match element.elements() {
            Some(inner) => sensitive |= element.is_sensitive() | flatten_into(arguments, inner, flat)?,
            None => flat.push(element.clone()),
        }
    }
    Ok(sensitive)
}

/// Concatenates sequences. The result is a list if all arguments are lists, and otherwise a tuple.
fn concat(arguments: &Arguments<'_>) -> Returned {
    if arguments.all().is_empty() {
        return Err(FunctionError::new("at least one argument is required"));
    }
    let mut all = Vec::new();
    let mut types = Vec::new();
    for (index, value) in arguments.all().iter().enumerate() {
        let elements = match value.kind() {
            Kind::List(element, elements) => {
                types.push(element.clone());
                elements
            }
            Kind::Tuple(elements) => elements,
            _ => return Err(FunctionError::argument(index, format!("a list or tuple is required, not {}", value.kind_with_article()))),
        };
        arguments.pay(elements.len())?;
        all.extend(elements.iter().cloned());
    }
    let common = if types.len() == arguments.all().len() { unify_known(&types) } else { None };
    match common {
        Some(common) => convert(&Value::tuple(all), &common.list()).map_err(|error| FunctionError::new(error.to_string())),
        None => Ok(Value::tuple(all)),
    }
}

fn slice(arguments: &Arguments<'_>) -> Returned {
    let elements = placed(arguments)?;
    let bound = |index: usize| -> Result<usize, FunctionError> {
        let place = arguments.integer(index)?;
        let fits = usize::try_from(place).ok().filter(|place| *place <= elements.len());
        fits.ok_or_else(|| {
            FunctionError::argument(index, format!("the index must be from 0 to {}, the length of the list", elements.len()))
        })
    };
    let (start, end) = (bound(1)?, bound(2)?);
    let part = elements.get(start..end).ok_or_else(|| FunctionError::argument(1, "the start must not be greater than the end"))?;
    arguments.pay(part.len())?;
    Ok(like(arguments.value(0)?, part.to_vec()))
}

fn reverse(arguments: &Arguments<'_>) -> Returned {
    let mut elements = arguments.elements(0)?.to_vec();
    arguments.pay(elements.len())?;
    elements.reverse();
    Ok(like(arguments.value(0)?, elements))
}

fn compact(arguments: &Arguments<'_>) -> Returned {
    let elements = arguments.elements(0)?;
    arguments.pay(elements.len())?;
    Ok(Value::list(Type::String, elements.iter().filter(|element| !is_blank(element)).cloned().collect()))
}

fn sort(arguments: &Arguments<'_>) -> Returned {
    let mut texts = arguments.texts(0)?;
    arguments.pay(texts.len())?;
    texts.sort_unstable();
    Ok(Value::strings(texts))
}

fn range(arguments: &Arguments<'_>) -> Returned {
    let zero = Number::from(0);
    let one = Number::from(1);
    let (start, end, step) = match arguments.all().len() {
        1 => (&zero, arguments.number(0)?, None),
        2 => (arguments.number(0)?, arguments.number(1)?, None),
        3 => (arguments.number(0)?, arguments.number(1)?, Some(arguments.number(2)?)),
        count => return Err(FunctionError::new(format!("1 to 3 arguments are required, not {count}"))),
    };
    if start == end {
        return Ok(Value::list(Type::Number, Vec::new()));
    }
    let downwards = end < start;
    let step = step.cloned().unwrap_or_else(|| if downwards { one.negated() } else { one.clone() });
    if step.is_zero() {
        return Err(FunctionError::argument(2, "the step must not be zero"));
    }
    if step.is_negative() != downwards {
        return Err(FunctionError::argument(2, "the step must lead from the start to the end"));
    }
    let mut numbers = Vec::new();
    let mut next = start.clone();
    while if downwards { next > *end } else { next < *end } {
        if numbers.len() >= MAX_RANGE {
            return Err(FunctionError::new(format!("the range has more than {MAX_RANGE} numbers")));
        }
        arguments.pay(1)?;
        numbers.push(Value::from(next.clone()));
        next = next.plus(&step);
    }
    Ok(Value::list(Type::Number, numbers))
}
