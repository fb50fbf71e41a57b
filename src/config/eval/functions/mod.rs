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

/// What a function gives.
type Returned = Result<Value, FunctionError>;

/// A function.
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [Parameter],
    /// What any number of further arguments are.
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

/// Bytes of a string that a function goes through in the time of one step.
pub(super) const BYTES_OF_A_STEP: usize = 16;

/// Functions that only check whether an argument has a value. They get expressions, not values.
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

/// The function of this name, without those that get expressions.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    functions().find(|function| function.name == name)
}

/// The names of all functions, in the order of the alphabet.
#[must_use]
pub fn function_names() -> Vec<&'static str> {
    let mut names: Vec<_> = functions().map(|function| function.name).chain(LAZY).collect();
    names.sort_unstable();
    names
}

/// Whether a value is a string without text, or null.
fn is_blank(value: &Value) -> bool {
    matches!(value.kind(), Kind::Null(_)) || value.as_str().is_some_and(str::is_empty)
}
