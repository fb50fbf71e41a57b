//! Functions of regular expressions in RE2's syntax. Matching takes linear time.

use regex::{Captures, Regex, RegexBuilder};

use super::super::super::budget::Pattern;
use super::super::super::value::{Kind, Type, Value};
use super::super::Returned;
use super::super::arguments::{Arguments, FunctionError};
use super::patterns::translated;

/// Sizes of compiled patterns in bytes, each with the steps per byte that is searched: in the worst case, the time of a search is
/// proportional to the product of the pattern's size and the text's. Bounded repetitions multiply the size. A pattern larger than the last
/// size is refused.
const SIZES: [(usize, usize); 3] = [(16 << 10, 1), (256 << 10, 16), (4 << 20, 256)];

/// Steps of compiling a pattern, multiplied by its price.
const COMPILING: usize = 10_000;

/// Bytes that a typical search reads in one step.
const BYTES_OF_A_STEP: usize = 64;

/// Groups that are copied in one step.
const GROUPS_OF_A_STEP: usize = 4;

fn compiled(arguments: &Arguments<'_>, pattern: &str, argument: usize) -> Result<Pattern, FunctionError> {
    let budget = arguments.host.budget();
    if let Some(compiled) = budget.pattern(pattern) {
        return Ok(compiled);
    }
    let compiled = compile(arguments, pattern, argument)?;
    budget.keep_pattern(pattern, &compiled);
    Ok(compiled)
}

fn compile(arguments: &Arguments<'_>, pattern: &str, argument: usize) -> Result<Pattern, FunctionError> {
    let invalid = |reason: &str| FunctionError::argument(argument, format!("the pattern is not valid: {reason}")).showing_argument();
    let text = translated(pattern).map_err(|reason| invalid(&reason))?;
    for (size, price) in SIZES {
        arguments.pay_steps(COMPILING.saturating_mul(price))?;
        match RegexBuilder::new(&text).size_limit(size).build() {
            Ok(regex) => {
                let longest = regex_syntax::parse(&text).ok().and_then(|syntax| syntax.properties().maximum_len());
                return Ok(Pattern { regex, price, longest });
            }
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(other) => {
                // The engine's message shows the pattern in several lines. The last line is the error.
                let text = other.to_string();
                return Err(invalid(text.lines().last().unwrap_or_default().trim_start_matches("error: ")));
            }
        }
    }
    Err(FunctionError::argument(argument, "the pattern is too large"))
}

/// Counts a search against the budget, including the groups, which are copied at each byte of a match.
fn pay_for_search(arguments: &Arguments<'_>, pattern: &Pattern, text: &str) -> Result<(), FunctionError> {
    let groups = 1 + pattern.regex.captures_len() / GROUPS_OF_A_STEP;
    arguments.pay_steps(text.len().saturating_mul(pattern.price).saturating_mul(groups))
}

/// Counts the search after a match against the budget. A pattern without a longest match may read the whole rest even for a short match.
fn pay_for_match(arguments: &Arguments<'_>, pattern: &Pattern, rest: usize) -> Result<(), FunctionError> {
    let looked_at = pattern.longest.map_or(rest, |longest| longest.min(rest));
    arguments.pay_steps((looked_at / BYTES_OF_A_STEP).saturating_mul(pattern.price))
}

/// The type of a pattern's result.
enum Shape {
    /// The whole match.
    Whole,
    /// A tuple of the groups' matches.
    Tuple,
    /// An object of the named groups' matches.
    Object,
}

fn shape(regex: &Regex) -> Result<Shape, FunctionError> {
    let named = regex.capture_names().flatten().count();
    match (regex.captures_len() - 1, named) {
        (0, _) => Ok(Shape::Whole),
        (_, 0) => Ok(Shape::Tuple),
        (groups, named) if groups == named => Ok(Shape::Object),
        _ => Err(FunctionError::argument(0, "either all groups must have names, or none")),
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
    let pattern = compiled(arguments, arguments.text(0)?, 0)?;
    let regex = &pattern.regex;
    let shape = shape(regex)?;
    let text = arguments.text(1)?;
    arguments.pay_bytes(text.len())?;
    pay_for_search(arguments, &pattern, text)?;
    match regex.captures(text) {
        Some(captures) => Ok(result(regex, &shape, &captures)),
        None => Err(FunctionError::argument(1, "the pattern does not match the string. If that is expected, use try() or can()")),
    }
}

pub(super) fn regex_all(arguments: &Arguments<'_>) -> Returned {
    let pattern = compiled(arguments, arguments.text(0)?, 0)?;
    let regex = &pattern.regex;
    let shape = shape(regex)?;
    let text = arguments.text(1)?;
    let mut found = Vec::new();
    pay_for_search(arguments, &pattern, text)?;
    for captures in regex.captures_iter(text) {
        arguments.pay(regex.captures_len())?;
        pay_for_match(arguments, &pattern, text.len() - captures.get_match().end())?;
        found.push(result(regex, &shape, &captures));
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

/// Replaces the matches of a pattern. `$1` and `${name}` in the replacement refer to groups.
pub(super) fn replace(arguments: &Arguments<'_>, text: &str, pattern: &str, replacement: &str) -> Returned {
    let pattern = compiled(arguments, pattern, 1)?;
    let mut replaced = String::new();
    let mut end = 0;
    pay_for_search(arguments, &pattern, text)?;
    for captures in pattern.regex.captures_iter(text) {
        let found = captures.get_match();
        pay_for_match(arguments, &pattern, text.len() - found.end())?;
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
