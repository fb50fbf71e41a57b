//! What is kept of every apply: a lock, a journal of intents and outcomes, and one record for each departed account.
//!
//! Everything is appended, nothing is rewritten but the head, and entries and records are chained by hash. Losing all of it never causes
//! a detachment: the live organization is the truth.

mod entry;
mod ledger;
mod local;
mod record;
mod run;
mod store;

pub use entry::{Entry, Event};
pub use ledger::{JournalError, Ledger, OpenIntent};
pub use local::LocalStore;
pub use record::{DepartureRecord, Head, Proof};
pub use run::Run;
pub use store::{LockHolder, Store, StoreError};
