//! The time in the sandbox: frozen if a fixture sets it, otherwise the machine's time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The clock that every date in the sandbox comes from.
///
/// A frozen clock moves only on request, so that a rehearsal gives the same result on any day. Effects on requests in transit (latency,
/// throttling, delayed visibility) are measured in real time, because they test the client's pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Frozen at an instant.
    Frozen(Timestamp),
    /// Runs with the machine's clock, shifted by an offset.
    Running {
        /// The offset in milliseconds; negative if the sandbox's time is in the past.
        ahead_ms: i64,
    },
}

impl Clock {
    /// A clock that shows the machine's time.
    pub const REAL: Self = Self::Running { ahead_ms: 0 };

    /// The current time of the clock.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Self::Frozen(instant) => instant,
            Self::Running { ahead_ms } => shifted(machine_time(), SignedDuration::from_millis(ahead_ms)),
        }
    }

    /// The same clock, moved forward by `by` (or back, if negative). The result is clamped to the range of a timestamp.
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

    /// Whether the clock moves only on request.
    #[must_use]
    pub const fn is_frozen(self) -> bool {
        matches!(self, Self::Frozen(_))
    }
}

/// `instant` moved by `by`, clamped to the range of a timestamp.
#[must_use]
pub fn shifted(instant: Timestamp, by: SignedDuration) -> Timestamp {
    let bound = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    instant.checked_add(by).unwrap_or(bound)
}

/// The only place where the sandbox reads the machine's clock. A world without a frozen clock shows real time.
#[allow(clippy::disallowed_methods)]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_on_request() {
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
