//! The executor: carries out approved acts, first one account and then several at a time, and proves each.
//!
//! It makes no choices. The plan has decided what to do, the gates decide whether it may still be done, and a table gives the meaning of
//! each AWS answer. Every step that matters is journaled before it is taken.

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
