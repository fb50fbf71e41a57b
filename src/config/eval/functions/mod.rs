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
mod host;
mod maps;
mod numbers;
mod paths;
mod refused;
mod sequences;
mod templates;
mod text;
mod time;

pub(super) use arguments::{Accepts, Arguments, FunctionError, Parameter};
pub(super) use host::{Host, Unfilled};
pub(super) use refused::reason as refusal;
pub use refused::refused_functions;

use super::value::{Kind, Value};

/// The result of a function.
type Returned = Result<Value, FunctionError>;

/// A function.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [Parameter],
    /// The parameter for any number of further arguments; `None` if the function takes no more.
    pub(super) rest: Option<Parameter>,
    pub(super) run: fn(&Arguments<'_>) -> Returned,
}

impl Function {
    const fn new(name: &'static str, parameters: &'static [Parameter], run: fn(&Arguments<'_>) -> Returned) -> Self {
        Self { name, parameters, rest: None, run }
    }

    const fn variadic(self, rest: Parameter) -> Self {
        Self { rest: Some(rest), ..self }
    }
}

/// Bytes of a string that a function reads in one step.
pub(super) const BYTES_OF_A_STEP: usize = 16;

/// Functions that check whether an argument has a value. They get expressions, not values.
const LAZY: [&str; 2] = ["can", "try"];

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

/// The function of this name. Excludes the functions that get expressions.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    functions().find(|function| function.name == name)
}

/// The names of all functions, in alphabetical order.
#[must_use]
pub fn function_names() -> Vec<&'static str> {
    let mut names: Vec<_> = functions().map(|function| function.name).chain(LAZY).collect();
    names.sort_unstable();
    names
}

/// Whether a value is null or an empty string.
fn is_blank(value: &Value) -> bool {
    matches!(value.kind(), Kind::Null(_)) || value.as_str().is_some_and(str::is_empty)
}
