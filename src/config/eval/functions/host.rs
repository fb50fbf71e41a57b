//! The parts of an evaluation that its functions can use.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::budget::{Budget, Exceeded};
use super::super::files::Files;
use super::super::value::Value;

/// The evaluation that calls a function.
pub(in crate::config::eval) trait Host {
    /// The budget of the run.
    fn budget(&self) -> &Budget;
    /// The files that a function can read.
    fn files(&self) -> &dyn Files;
    /// Records that a function reads a file as text.
    fn remember_text(&self, path: &str);
    /// The run's time; `None` if no plan is made.
    fn time(&self) -> Option<Timestamp>;
    /// Whether the call is in a template that a function renders.
    fn in_template(&self) -> bool;
    /// Renders a template, which can refer only to these variables.
    fn fill_in(&self, template: &str, variables: &BTreeMap<String, Value>) -> Result<Value, Unfilled>;
}

/// The reason why a template was not rendered.
pub(in crate::config::eval) enum Unfilled {
    /// A mistake in the template, at this byte offset.
    Mistake { offset: usize, message: String },
    /// The template exceeds a limit of the run.
    Exceeded(Exceeded),
}
