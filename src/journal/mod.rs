//! The ledger of applies: a lock, a journal of intents and outcomes, and one record for each act that took effect.
//!
//! Everything is append-only; only the head is rewritten. Hashes chain each line to the line before, each record to the record before and
//! to the journal's end, and each outcome to its record. Losing the ledger never causes a departure: the live organization is the source
//! of truth.

mod chain;
mod copy;
mod entry;
mod error;
mod evidence;
mod format;
mod ledger;
mod local;
mod reading;
mod record;
mod refusals;
mod repair;
mod run;
mod store;
#[cfg(test)]
mod tests;

pub use chain::{Chain, Damage, StoredRecord};
pub use copy::{Brought, Mirrored};
pub use entry::{Accepted, Entry, Event, OpenIntent, RecordReference, Verification};
pub use error::JournalError;
pub use evidence::HISTORY;
pub use ledger::Ledger;
pub use local::LocalStore;
pub use record::{Head, JournalEnd, Proof, Record};
pub use refusals::Refusal;
pub use repair::Repair;
pub use run::Run;
pub use store::{LockHolder, LogLine, MAX_OBJECT, Store, StoreError};
