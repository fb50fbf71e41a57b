//! The world's time: frozen where a fixture says so, else the machine's.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The clock that every date of the world is taken from.
///
/// A frozen clock moves only on request, so that a rehearsal gives the same result on any day. What happens to requests on their way
/// (latency, throttles, delayed visibility) is measured in real time instead, because it is the client's pace that they test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Stands at an instant.
    Frozen(Timestamp),
    /// Runs with the machine's clock, this many milliseconds ahead of it.
    Running {
        /// Milliseconds; negative where the world lies in the past.
        ahead_ms: i64,
    },
}

impl Clock {
    /// A clock that shows the machine's time.
    pub const REAL: Self = Self::Running { ahead_ms: 0 };

    /// The time it shows.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Self::Frozen(instant) => instant,
            Self::Running { ahead_ms } => shifted(machine_time(), SignedDuration::from_millis(ahead_ms)),
        }
    }

    /// The same clock, showing a time that much later (or earlier). Times beyond what a timestamp can hold stop at its bounds.
    #[must_use]
    pub fn advanced(self, by: SignedDuration) -> Self {
        match self {
            Self::Frozen(instant) => Self::Frozen(shifted(instant, by)),
            Self::Running { ahead_ms } => {
                let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
                Self::Running { ahead_ms: ahead_ms.saturating_add(by) }
            }
        }
    }

    /// Whether it only moves on request.
    #[must_use]
    pub const fn is_frozen(self) -> bool {
        matches!(self, Self::Frozen(_))
    }
}

/// `instant` moved by `by`, within what a timestamp can hold.
#[must_use]
pub fn shifted(instant: Timestamp, by: SignedDuration) -> Timestamp {
    let bound = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    instant.checked_add(by).unwrap_or(bound)
}

/// The one place where the sandbox reads the machine's clock: a world without a frozen clock shows real time.
#[allow(clippy::disallowed_methods)]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_as_it_is_told() {
        let start: Timestamp = "2026-11-22T09:00:00Z".parse().unwrap();
        let clock = Clock::Frozen(start);
        assert_eq!(clock.now(), start);
        assert_eq!(clock.advanced(SignedDuration::from_hours(96)).now(), "2026-11-26T09:00:00Z".parse().unwrap());
        assert_eq!(clock.advanced(SignedDuration::MAX).now(), Timestamp::MAX);
    }

    #[test]
    fn a_running_clock_can_be_set_ahead() {
        let ahead = Clock::REAL.advanced(SignedDuration::from_hours(24)).now().duration_since(Clock::REAL.now());
        assert!(ahead > SignedDuration::from_hours(23), "{ahead}");
    }
}
