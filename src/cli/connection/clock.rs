//! The run's clock.

use jiff::Timestamp;

/// The local clock. Every other module is handed a time.
#[allow(clippy::disallowed_methods)]
pub fn local_now() -> Timestamp {
    Timestamp::now()
}
