//! The run's clock.

use jiff::Timestamp;

/// The local time. Every other module receives times as arguments.
#[allow(clippy::disallowed_methods)]
pub fn local_now() -> Timestamp {
    Timestamp::now()
}
