//! Functions, with Terraform's names and semantics.

mod arguments;
mod cidr;
mod collections;
mod combinations;
mod conversions;
mod encoding;
mod files;
mod fileset;
mod hashes;
mod maps;
mod numbers;
mod paths;
mod refused;
mod sequences;
mod templates;
mod text;
mod time;

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall};

use self::arguments::{Accepts, Arguments, FunctionError, Parameter};
pub use refused::refused_functions;

use super::evaluator::{Evaluator, limit, range, unsuitable};
use super::problem::{FUNCTION_FAILED, Outcome, Problem, UNKNOWN_FUNCTION, WRONG_ARGUMENTS};
use super::scope::{suggestion, with_patch};
use super::value::{Kind, Value, convert};

/// What a function gives.
type Returned = Result<Value, FunctionError>;

/// A function.
struct Function {
    name: &'static str,
    parameters: &'static [Parameter],
    /// What any number of further arguments are.
    rest: Option<Parameter>,
    run: fn(&Arguments<'_>) -> Returned,
}

impl Function {
    const fn new(name: &'static str, parameters: &'static [Parameter], run: fn(&Arguments<'_>) -> Returned) -> Self {
        Self { name, parameters, rest: None, run }
    }

    const fn variadic(self, rest: Parameter) -> Self {
        Self { rest: Some(rest), ..self }
    }
}

/// Bytes of a string that a function goes through in the time of one step.
const BYTES_OF_A_STEP: usize = 16;

/// Functions that look at whether an argument has a value at all. They get expressions, not values.
const LAZY: [&str; 2] = ["can", "try"];

/// Functions whose result is as sensitive as they say themselves.
const OWN_MARKS: [&str; 2] = ["issensitive", "nonsensitive"];

/// Functions that take parts of their arguments as they are, with the marks of the parts, and look at none of them.
const KEEP_MARKS: [&str; 16] = [
    "chunklist",
    "concat",
    "element",
    "flatten",
    "keys",
    "length",
    "lookup",
    "merge",
    "one",
    "reverse",
    "setproduct",
    "slice",
    "tolist",
    "tomap",
    "values",
    "zipmap",
];

/// The namespace that Terraform's own functions are in.
const CORE: &str = "core";

fn functions() -> impl Iterator<Item = &'static Function> {
    [
        collections::FUNCTIONS,
        sequences::FUNCTIONS,
        maps::FUNCTIONS,
        conversions::FUNCTIONS,
        numbers::FUNCTIONS,
        text::FUNCTIONS,
        encoding::FUNCTIONS,
        hashes::FUNCTIONS,
        cidr::FUNCTIONS,
        combinations::FUNCTIONS,
        paths::FUNCTIONS,
        time::FUNCTIONS,
        files::FUNCTIONS,
        fileset::FUNCTIONS,
        templates::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The names of all functions, in the order of the alphabet.
#[must_use]
pub fn function_names() -> Vec<&'static str> {
    let mut names: Vec<_> = functions().map(|function| function.name).chain(LAZY).collect();
    names.sort_unstable();
    names
}

/// Calls a function.
pub(super) fn call(evaluator: &Evaluator<'_>, call: &FuncCall, whole: &Range<usize>) -> Outcome<Value> {
    let name = call.name.name.as_str();
    check_namespace(call)?;
    match name {
        "try" => return lazily(evaluator, call, whole),
        "can" => return can(evaluator, call, whole),
        _ => {}
    }
    let Some(function) = functions().find(|function| function.name == name) else { return Err(unknown(evaluator, call)) };
    if name == "templatestring" {
        templates::check_reference(call)?;
    }
    let (mut values, ranges) = evaluated(evaluator, call)?;
    check_count(function, values.len(), call, whole)?;
    let is_secret = if KEEP_MARKS.contains(&name) { |value: &Value| value.is_sensitive() } else { Value::has_sensitive };
    let sensitive = evaluator.scope.budget().has_secrets() && values.iter().any(is_secret);
    for (index, value) in values.iter_mut().enumerate() {
        evaluator.pay_steps(whole, value.as_str().map_or(0, |text| text.len() / BYTES_OF_A_STEP))?;
        let Some(parameter) = function.parameters.get(index).or(function.rest.as_ref()) else { continue };
        if !matches!(parameter.accepts, Accepts::Anything) {
            evaluator.pay_steps(whole, value.weight())?;
        }
        *value = accepted(function, parameter, index, value)
            .map_err(|detail| Problem::wrong_type(ranges.get(index).cloned().unwrap_or_else(|| whole.clone()), detail))?;
    }
    let arguments = Arguments::new(evaluator, values);
    let result = (function.run)(&arguments).map_err(|error| {
        let place = error.argument.and_then(|index| ranges.get(index)).unwrap_or(whole).clone();
        match error.exceeded {
            Some(exceeded) => limit(place, exceeded),
            None if sensitive && error.tells => Problem::of(FUNCTION_FAILED, place, format!("`{name}` can't use this sensitive value.")),
            None => Problem::of(FUNCTION_FAILED, place, format!("`{name}`: {}.", error.message)),
        }
    })?;
    Ok(result.marked(sensitive && !OWN_MARKS.contains(&name)))
}

/// Checks what stands before the name. `core::upper` is `upper`, as in Terraform.
fn check_namespace(call: &FuncCall) -> Outcome<()> {
    let (first, place) = match call.name.namespace.as_slice() {
        [] => return Ok(()),
        [only] if only.as_str() == CORE => return Ok(()),
        [first, ..] => (first.as_str(), range(first).start..range(&call.name.name).end),
    };
    let detail = match first {
        "provider" => "There are no functions of providers: the provider \"aws\" is built in, and has none.".to_owned(),
        _ => format!(
            "There are no functions in `{first}::`. Terraform's own functions are called by their names, or with `{CORE}::` before."
        ),
    };
    Err(Problem::of(UNKNOWN_FUNCTION, place, detail))
}

/// A function that is not here: one of Terraform's with the reason, and any other with the closest name.
fn unknown(evaluator: &Evaluator<'_>, call: &FuncCall) -> Box<Problem> {
    let name = call.name.name.as_str();
    let place = range(&call.name.name);
    if let Some(reason) = refused::reason(name) {
        return Problem::of(UNKNOWN_FUNCTION, place, format!("`{name}` is not available: {reason}."));
    }
    let near = evaluator.scope.closest(name, function_names().into_iter());
    let detail = format!("There is no function named `{name}`.{}", suggestion(near));
    with_patch(Problem::of(UNKNOWN_FUNCTION, place.clone(), detail), place, near)
}

/// The values of the arguments with their places; the last one may stand for several.
fn evaluated(evaluator: &Evaluator<'_>, call: &FuncCall) -> Outcome<(Vec<Value>, Vec<Range<usize>>)> {
    let mut values = Vec::with_capacity(call.args.len());
    let mut ranges = Vec::with_capacity(call.args.len());
    for argument in call.args.iter() {
        values.push(evaluator.value(argument)?);
        ranges.push(range(argument));
    }
    if call.args.expand_final() {
        let (Some(last), Some(place)) = (values.pop(), ranges.pop()) else { return Ok((values, ranges)) };
        let Some(elements) = last.elements() else {
            return Err(Problem::wrong_type(place, "Only a list, set or tuple can be expanded into arguments with `...`."));
        };
        evaluator.pay(&place, elements.len())?;
        for element in elements {
            values.push(element.clone().marked(last.is_sensitive()));
            ranges.push(place.clone());
        }
    }
    Ok((values, ranges))
}

fn check_count(function: &Function, count: usize, call: &FuncCall, whole: &Range<usize>) -> Outcome<()> {
    let wanted = function.parameters.len();
    let arguments = |count: usize| if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") };
    if count < wanted {
        let least = if function.rest.is_some() { "at least " } else { "" };
        let detail = format!("`{}` takes {least}{}, but gets {count}.", function.name, arguments(wanted));
        return Err(Problem::of(WRONG_ARGUMENTS, whole.clone(), detail));
    }
    if count > wanted && function.rest.is_none() {
        let place = call.args.get(wanted).and_then(Span::span).unwrap_or_else(|| whole.clone());
        return Err(Problem::of(WRONG_ARGUMENTS, place, format!("`{}` takes {}, but gets {count}.", function.name, arguments(wanted))));
    }
    Ok(())
}

/// The argument as the parameter takes it.
fn accepted(function: &Function, parameter: &Parameter, index: usize, value: &Value) -> Result<Value, String> {
    let which = || format!("The argument {} of `{}`", index + 1, function.name);
    if value.is_null() && !parameter.null {
        return Err(format!("{} must not be null.", which()));
    }
    match parameter.accepts {
        Accepts::Anything => Ok(value.clone()),
        _ => convert(value, &parameter.accepts.r#type()).map_err(|error| unsuitable(&which(), &error)),
    }
}

/// `try`: the first argument that has a value.
fn lazily(evaluator: &Evaluator<'_>, call: &FuncCall, whole: &Range<usize>) -> Outcome<Value> {
    let mut first = None;
    for argument in call.args.iter() {
        match attempt(evaluator, argument)? {
            Ok(value) => return Ok(value),
            Err(problem) => first = first.or(Some(problem)),
        }
    }
    let Some(problem) = first else {
        return Err(Problem::of(WRONG_ARGUMENTS, whole.clone(), "`try` takes at least 1 argument, but gets 0."));
    };
    let detail = format!("None of the arguments of `try` has a value. The first has none because: {}", problem.detail);
    Err(Problem::of(problem.code, problem.range, detail))
}

/// `can`: whether the argument has a value.
fn can(evaluator: &Evaluator<'_>, call: &FuncCall, whole: &Range<usize>) -> Outcome<Value> {
    let mut arguments = call.args.iter();
    let (Some(argument), None) = (arguments.next(), arguments.next()) else {
        return Err(Problem::of(WRONG_ARGUMENTS, whole.clone(), format!("`can` takes 1 argument, but gets {}.", call.args.len())));
    };
    Ok(attempt(evaluator, argument)?.is_ok().into())
}

/// A value, or the problem with it. A limit that is exceeded is not made good by trying.
fn attempt(evaluator: &Evaluator<'_>, argument: &Expression) -> Outcome<Outcome<Value>> {
    match evaluator.value(argument) {
        Err(problem) if problem.fatal => Err(problem),
        result => Ok(result),
    }
}

/// Whether a value is a string without text, or null.
fn is_blank(value: &Value) -> bool {
    matches!(value.kind(), Kind::Null(_)) || value.as_str().is_some_and(str::is_empty)
}
