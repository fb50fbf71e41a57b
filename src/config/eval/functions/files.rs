//! Functions that read files of the configuration directory.

use hcl_edit::template::Template;

use crate::hcl::density;

use super::super::evaluator::Evaluator;
use super::super::files::FileError;
use super::super::scope::{suggestion, template_references};
use super::arguments::{ANY, Arguments, FunctionError, STRING};
use super::{Function, Returned};

/// The most marks of a template: far more than any text has.
const MOST_MARKS: usize = 100_000;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("file", &[STRING], |arguments| Ok(read(arguments)?.into())),
    Function::new("fileexists", &[STRING], exists),
    Function::new("templatefile", &[STRING, ANY], template_file),
];

fn unreadable(path: &str, error: &FileError) -> FunctionError {
    let reason = match error {
        FileError::Unreadable(source) => format!("{error}: {source}"),
        _ => error.to_string(),
    };
    FunctionError::argument(0, format!("{path:?}: {reason}")).telling()
}

fn read(arguments: &Arguments<'_>) -> Result<String, FunctionError> {
    let path = arguments.text(0)?;
    let scope = arguments.evaluator.scope;
    let text = scope.files().read(path, scope.budget().limits().file_bytes).map_err(|error| unreadable(path, &error))?;
    arguments.pay_bytes(text.len())?;
    Ok(text)
}

fn exists(arguments: &Arguments<'_>) -> Returned {
    let path = arguments.text(0)?;
    let found = arguments.evaluator.scope.files().exists(path).map_err(|error| unreadable(path, &error))?;
    Ok(found.into())
}

/// A template sees the variables that it is given, and nothing else. It can't call `templatefile` itself, so that none can call itself.
fn template_file(arguments: &Arguments<'_>) -> Returned {
    if arguments.evaluator.in_template() {
        return Err(FunctionError::new("a template can't use another template file"));
    }
    let path = arguments.text(0)?;
    let variables = arguments.value(1)?;
    let Some(variables) = variables.entries() else {
        return Err(FunctionError::argument(1, format!("a map or object is required, not {}", variables.kind_with_article())));
    };
    arguments.pay(variables.len())?;
    if let Some(name) = variables.keys().find(|name| hcl_edit::Ident::try_new(name.as_str()).is_err()) {
        return Err(FunctionError::argument(1, format!("{name:?} is no name for a variable")).telling());
    }
    let text = read(arguments)?;
    // Parsing takes far longer than reading, and makes far more than is read.
    arguments.pay_steps(text.len())?;
    density::marks(&text, MOST_MARKS).map_err(|_| FunctionError::argument(0, format!("{path} is too large for a template")).telling())?;
    let within = |offset: usize, message: &str| {
        let line = text.get(..offset).unwrap_or(&text).matches('\n').count() + 1;
        FunctionError::argument(0, format!("{path}, line {line}: {}", message.trim_end_matches('.'))).telling()
    };
    let template: Template = text.parse().map_err(|error: hcl_edit::parser::Error| within(error.location().offset(), error.message()))?;
    let scope = arguments.evaluator.scope.for_template(variables);
    for reference in template_references(&template) {
        if scope.root_value(&reference.root).is_none() {
            let hint = suggestion(scope.closest(&reference.root, variables.keys()));
            let message = format!("the template uses `{}`, which it is not given.{hint}", reference.root);
            return Err(within(reference.root_range.start, &message));
        }
    }
    let evaluator = Evaluator::new(&scope, &text).for_template();
    evaluator.template(&template, &(0..text.len())).map_err(|problem| {
        if problem.fatal {
            return FunctionError {
                exceeded: Some(super::super::budget::Exceeded("a template takes too many steps or too much memory")),
                ..FunctionError::new("")
            };
        }
        within(problem.range.start, &problem.detail)
    })
}
