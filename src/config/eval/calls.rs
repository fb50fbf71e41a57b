//! Function calls: their arguments, and the parts of the evaluation that a function can use.

use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall};
use hcl_edit::template::Template;
use jiff::Timestamp;

use super::budget::{Budget, Exceeded};
use super::evaluator::{Evaluator, unsuitable};
use super::files::Files;
use super::functions::{self, Accepts, Arguments, BYTES_OF_A_STEP, Function, Host, Parameter, Unfilled};
use super::problem::{FUNCTION_FAILED, Outcome, Problem, UNKNOWN_FUNCTION, WRONG_ARGUMENTS, limit, range};
use super::scope::{suggestion, template_references, with_patch};
use super::value::{Value, convert};

/// Functions that decide themselves whether their result is sensitive.
const OWN_MARKS: [&str; 2] = ["issensitive", "nonsensitive"];

/// Functions that return parts of their arguments unchanged, with the parts' own marks, and never read the parts' values.
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

/// The namespace of Terraform's own functions.
const CORE: &str = "core";

impl Evaluator<'_> {
    /// Evaluates a call.
    pub(super) fn call(&self, call: &FuncCall, whole: &Range<usize>) -> Outcome<Value> {
        called(self, call, whole)
    }
}

/// Calls a function.
fn called(evaluator: &Evaluator<'_>, call: &FuncCall, whole: &Range<usize>) -> Outcome<Value> {
    let name = call.name.name.as_str();
    check_namespace(call)?;
    match name {
        "try" => return lazily(evaluator, call, whole),
        "can" => return can(evaluator, call, whole),
        _ => {}
    }
    let Some(function) = functions::find(name) else { return Err(unknown(evaluator, call)) };
    if name == "templatestring" {
        check_reference(call)?;
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
            None if sensitive && error.shows_argument => {
                Problem::of(FUNCTION_FAILED, place, format!("`{name}` can't use this sensitive value."))
            }
            None => Problem::of(FUNCTION_FAILED, place, format!("`{name}`: {}.", error.message)),
        }
    })?;
    Ok(result.marked(sensitive && !OWN_MARKS.contains(&name)))
}

/// Checks the namespace. `core::upper` is `upper`, as in Terraform.
fn check_namespace(call: &FuncCall) -> Outcome<()> {
    let (first, place) = match call.name.namespace.as_slice() {
        [] => return Ok(()),
        [only] if only.as_str() == CORE => return Ok(()),
        [first, ..] => (first.as_str(), range(first).start..range(&call.name.name).end),
    };
    let detail = match first {
        "provider" => "There are no provider functions: the provider \"aws\" is built in and has none.".to_owned(),
        _ => format!(
            "There are no functions in `{first}::`. Call Terraform's own functions by their names, with or without the prefix `{CORE}::`."
        ),
    };
    Err(Problem::of(UNKNOWN_FUNCTION, place, detail))
}

/// The problem with a call of an unknown function: for one of Terraform's the reason, and for any other the closest name.
fn unknown(evaluator: &Evaluator<'_>, call: &FuncCall) -> Box<Problem> {
    let name = call.name.name.as_str();
    let place = range(&call.name.name);
    if let Some(reason) = functions::refusal(name) {
        return Problem::of(UNKNOWN_FUNCTION, place, format!("`{name}` is not available: {reason}."));
    }
    let near = evaluator.scope.closest(name, functions::function_names().into_iter());
    let detail = format!("There is no function named `{name}`.{}", suggestion(near));
    with_patch(Problem::of(UNKNOWN_FUNCTION, place.clone(), detail), place, near)
}

/// The values of the arguments with their source ranges. The last argument may expand to several.
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

/// Converts the argument to the parameter's type.
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

/// Evaluates `try`: the first argument that has a value.
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

/// Evaluates `can`: whether the argument has a value.
fn can(evaluator: &Evaluator<'_>, call: &FuncCall, whole: &Range<usize>) -> Outcome<Value> {
    let mut arguments = call.args.iter();
    let (Some(argument), None) = (arguments.next(), arguments.next()) else {
        return Err(Problem::of(WRONG_ARGUMENTS, whole.clone(), format!("`can` takes 1 argument, but gets {}.", call.args.len())));
    };
    Ok(attempt(evaluator, argument)?.is_ok().into())
}

/// A value, or the problem with it. An exceeded limit is an error that `try` and `can` do not catch.
fn attempt(evaluator: &Evaluator<'_>, argument: &Expression) -> Outcome<Outcome<Value>> {
    match evaluator.value(argument) {
        Err(problem) if problem.fatal => Err(problem),
        result => Ok(result),
    }
}

/// Checks that the template of `templatestring` is a reference: a literal would already be a template itself.
fn check_reference(call: &FuncCall) -> Outcome<()> {
    let refused = |place: Range<usize>, why: &str| Err(Problem::of(FUNCTION_FAILED, place, format!("`templatestring`: {why}.")));
    match call.args.iter().next() {
        None | Some(Expression::Variable(_)) => Ok(()),
        Some(Expression::Traversal(traversal)) if matches!(traversal.expr, Expression::Variable(_)) => Ok(()),
        Some(written @ (Expression::String(_) | Expression::StringTemplate(_) | Expression::HeredocTemplate(_))) => refused(
            range(written),
            "it renders templates that come from elsewhere. Write this template as a string with `${…}`, without a function",
        ),
        Some(other) => refused(
            range(other),
            "the template must be a reference, such as local.greeting. Assign this expression to a local value, and refer to that",
        ),
    }
}

impl Host for Evaluator<'_> {
    fn budget(&self) -> &Budget {
        self.scope.budget()
    }

    fn files(&self) -> &dyn Files {
        self.scope.files()
    }

    fn remember_text(&self, path: &str) {
        self.scope.remember_text(path);
    }

    fn time(&self) -> Option<Timestamp> {
        self.scope.time()
    }

    fn in_template(&self) -> bool {
        Evaluator::in_template(self)
    }

    fn fill_in(&self, text: &str, variables: &BTreeMap<String, Value>) -> Result<Value, Unfilled> {
        let mistake = |offset: usize, message: &str| Unfilled::Mistake { offset, message: message.to_owned() };
        let template: Template =
            text.parse().map_err(|error: hcl_edit::parser::Error| mistake(error.location().offset(), error.message()))?;
        let scope = self.scope.for_template(variables);
        for reference in template_references(&template) {
            if scope.root_value(&reference.root).is_none() {
                let hint = suggestion(scope.closest(&reference.root, variables.keys()));
                let message = format!("the template uses `{}`, but gets no variable of that name.{hint}", reference.root);
                return Err(mistake(reference.root_range.start, &message));
            }
        }
        let evaluator = Evaluator::new(&scope, text).for_template();
        evaluator.template(&template, &(0..text.len())).map_err(|problem| {
            if problem.fatal {
                return Unfilled::Exceeded(Exceeded("a template takes too many steps or too much memory"));
            }
            mistake(problem.range.start, &problem.detail)
        })
    }
}
