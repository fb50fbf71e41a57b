//! The executor: carries out approved acts, one account at a time and then several, and proves each.
//!
//! It makes no choices. What is done was decided by the plan; whether it may still be done is decided by the gates; what an answer of AWS
//! means is a table. Every step that matters is in the journal before it is taken.

mod act;
mod call;
mod executor;
mod intents;
mod meanings;
mod outcome;
mod pace;
mod probe;
mod record;
mod refusal;
mod steps;

#[cfg(test)]
mod tests;

pub use call::PATIENCE;
pub use executor::{Executor, Progress, RunContext, Write};
pub use intents::{ResolveError, ResolvedIntents, resolve_intents};
pub use outcome::{ApplyReport, Outcome};
pub use pace::Pace;
pub use refusal::Refusal;
