//! The executor: carries out approved departures, one account at a time and then several, and proves each.
//!
//! It makes no choices. What departs was decided by the plan; whether it may still depart is decided by the gates; what an answer of AWS
//! means is a table. Every step that matters is in the journal before it is taken.

mod call;
mod departure;
mod executor;
mod outcome;
mod pace;
mod probe;
mod refusal;
mod settle;
mod step;

#[cfg(test)]
mod tests;

pub use call::PATIENCE;
pub use executor::{Executor, Progress, RunContext};
pub use outcome::{ApplyReport, Outcome};
pub use pace::Pace;
pub use refusal::Refusal;
pub use settle::{SettleError, Settled, settle};
