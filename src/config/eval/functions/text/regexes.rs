//! Functions of regular expressions. Their syntax is RE2's, which this engine shares; matching takes linear time.

use regex::{Captures, Regex, RegexBuilder};

use super::super::super::value::{Kind, Type, Value};
use super::super::Returned;
use super::super::arguments::{Arguments, FunctionError};
use super::patterns::translated;

/// Bytes that a compiled pattern may take. Bounded repetitions multiply.
const MAX_PATTERN: usize = 4 << 20;

/// Steps that compiling a pattern counts for.
const COMPILING: usize = 10_000;

fn compiled(arguments: &Arguments<'_>, pattern: &str, argument: usize) -> Result<Regex, FunctionError> {
    let budget = arguments.evaluator.scope.budget();
    if let Some(regex) = budget.pattern(pattern) {
        return Ok(regex);
    }
    budget.steps(COMPILING)?;
    let regex = compile(pattern, argument)?;
    budget.keep_pattern(pattern, &regex);
    Ok(regex)
}

fn compile(pattern: &str, argument: usize) -> Result<Regex, FunctionError> {
    RegexBuilder::new(&translated(pattern)).size_limit(MAX_PATTERN).build().map_err(|error| {
        let message = match error {
            regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
            other => {
                // The engine draws the pattern over several lines; the last one says what is wrong.
                let text = other.to_string();
                let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                format!("the pattern is not valid: {reason}")
            }
        };
        FunctionError::argument(argument, message).telling()
    })
}

/// How a pattern's result looks.
enum Shape {
    /// The whole match.
    Whole,
    /// A tuple of what the groups match.
    Tuple,
    /// An object of what the named groups match.
    Object,
}

fn shape(regex: &Regex) -> Result<Shape, FunctionError> {
    let named = regex.capture_names().flatten().count();
    match (regex.captures_len() - 1, named) {
        (0, _) => Ok(Shape::Whole),
        (_, 0) => Ok(Shape::Tuple),
        (groups, named) if groups == named => Ok(Shape::Object),
        _ => Err(FunctionError::argument(0, "either all groups have names, or none")),
    }
}

fn result(regex: &Regex, shape: &Shape, captures: &Captures<'_>) -> Value {
    let text = |group: Option<regex::Match<'_>>| group.map_or_else(|| Kind::Null(Type::String).into(), |found| Value::from(found.as_str()));
    match shape {
        Shape::Whole => text(captures.get(0)),
        Shape::Tuple => captures.iter().skip(1).map(text).collect(),
        Shape::Object => regex.capture_names().flatten().map(|name| (name.to_owned(), text(captures.name(name)))).collect(),
    }
}

pub(super) fn regex(arguments: &Arguments<'_>) -> Returned {
    let regex = compiled(arguments, arguments.text(0)?, 0)?;
    let shape = shape(&regex)?;
    let text = arguments.text(1)?;
    arguments.pay_bytes(text.len())?;
    match regex.captures(text) {
        Some(captures) => Ok(result(&regex, &shape, &captures)),
        None => Err(FunctionError::argument(1, "the pattern does not match the string. Use try() or can() if that is to be expected")),
    }
}

pub(super) fn regex_all(arguments: &Arguments<'_>) -> Returned {
    let regex = compiled(arguments, arguments.text(0)?, 0)?;
    let shape = shape(&regex)?;
    let text = arguments.text(1)?;
    let mut found = Vec::new();
    for captures in regex.captures_iter(text) {
        arguments.pay(regex.captures_len())?;
        found.push(result(&regex, &shape, &captures));
    }
    let element = match shape {
        Shape::Whole => Type::String,
        Shape::Tuple => Type::Tuple(vec![Type::String; regex.captures_len() - 1].into()),
        Shape::Object => {
            let attribute = |name: &str| (name.to_owned(), Type::String.into());
            Type::Object(std::sync::Arc::new(regex.capture_names().flatten().map(attribute).collect()))
        }
    };
    Ok(Value::list(element, found))
}

/// Replaces what a pattern finds. `$1` and `${name}` in the replacement stand for groups.
pub(super) fn replace(arguments: &Arguments<'_>, text: &str, pattern: &str, replacement: &str) -> Returned {
    let regex = compiled(arguments, pattern, 1)?;
    let mut replaced = String::new();
    let mut end = 0;
    for captures in regex.captures_iter(text) {
        let Some(found) = captures.get(0) else { continue };
        arguments.pay_bytes(found.start() - end + replacement.len())?;
        let before = replaced.len();
        replaced.push_str(text.get(end..found.start()).unwrap_or_default());
        captures.expand(replacement, &mut replaced);
        arguments.pay_bytes((replaced.len() - before).saturating_sub(replacement.len()))?;
        end = found.end();
    }
    replaced.push_str(text.get(end..).unwrap_or_default());
    Ok(replaced.into())
}
