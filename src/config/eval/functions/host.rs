//! What a function sees of the evaluation that calls it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::budget::{Budget, Exceeded};
use super::super::files::Files;
use super::super::value::Value;

/// The evaluation that calls a function.
pub(in crate::config::eval) trait Host {
    /// What the run may still use.
    fn budget(&self) -> &Budget;
    /// The files that a function can read.
    fn files(&self) -> &dyn Files;
    /// Notes that a function reads a file as text.
    fn remember_text(&self, path: &str);
    /// The run's time, where a plan is made.
    fn time(&self) -> Option<Timestamp>;
    /// Whether the call is in a template that a function fills in.
    fn in_template(&self) -> bool;
    /// Fills in a template that sees these variables and nothing else.
    fn fill_in(&self, template: &str, variables: &BTreeMap<String, Value>) -> Result<Value, Unfilled>;
}

/// Why a template was not filled in.
pub(in crate::config::eval) enum Unfilled {
    /// A mistake in the template, at this byte of it.
    Mistake { offset: usize, message: String },
    /// It takes more than the run may use.
    Exceeded(Exceeded),
}
