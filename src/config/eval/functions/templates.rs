//! Functions that render templates from files and from strings of the configuration.

use crate::hcl::density;

use super::super::value::{Type, convert};
use super::arguments::{ANY, Arguments, FunctionError, STRING};
use super::files::read;
use super::{Function, Returned, Unfilled};

/// The most marks of a template, far more than any real one has.
const MAX_MARKS: usize = 100_000;

pub(super) const FUNCTIONS: &[Function] =
    &[Function::new("templatefile", &[STRING, ANY], template_file), Function::new("templatestring", &[ANY, ANY], template_string)];

fn template_file(arguments: &Arguments<'_>) -> Returned {
    check_nesting(arguments)?;
    render(arguments, arguments.text(0)?, || read(arguments))
}

/// Renders a template from a string. The result is a string, unlike that of `templatefile`.
fn template_string(arguments: &Arguments<'_>) -> Returned {
    check_nesting(arguments)?;
    let template = arguments.value(0)?;
    let text = template
        .as_str()
        .ok_or_else(|| FunctionError::argument(0, format!("a string is required, not {}", template.kind_with_article())))?;
    let value = render(arguments, "the template", || Ok(text.to_owned()))?;
    match convert(&value, &Type::String) {
        Ok(text) if !text.is_null() => Ok(text),
        _ => Err(FunctionError::argument(0, format!("the template must result in a string, not in {}", value.kind_with_article()))),
    }
}

/// Refuses a template within a template, so that none can use itself.
fn check_nesting(arguments: &Arguments<'_>) -> Result<(), FunctionError> {
    if arguments.host.in_template() { Err(FunctionError::new("a template can't use another template")) } else { Ok(()) }
}

/// Renders a template, which can refer only to the variables in the second argument. `name` identifies the template in messages.
fn render(arguments: &Arguments<'_>, name: &str, text: impl FnOnce() -> Result<String, FunctionError>) -> Returned {
    let variables = arguments.value(1)?;
    let Some(variables) = variables.entries() else {
        return Err(FunctionError::argument(1, format!("a map or object is required, not {}", variables.kind_with_article())));
    };
    arguments.pay(variables.len())?;
    if let Some(name) = variables.keys().find(|name| hcl_edit::Ident::try_new(name.as_str()).is_err()) {
        return Err(FunctionError::argument(1, format!("{name:?} is not a valid name for a variable")).showing_argument());
    }
    let text = text()?;
    // Parsing takes far longer than reading, and its result takes far more memory than the text.
    arguments.pay_steps(text.len())?;
    density::marks(&text, MAX_MARKS)
        .map_err(|_| FunctionError::argument(0, format!("{name} is too large for a template")).showing_argument())?;
    arguments.host.fill_in(&text, variables).map_err(|unfilled| match unfilled {
        Unfilled::Exceeded(exceeded) => FunctionError::from(exceeded),
        Unfilled::Mistake { offset, message } => {
            let line = text.get(..offset).unwrap_or(&text).matches('\n').count() + 1;
            FunctionError::argument(0, format!("{name}, line {line}: {}", message.trim_end_matches('.'))).showing_argument()
        }
    })
}
