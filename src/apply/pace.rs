//! How fast departures may follow each other.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::org::Via;

/// LeaveOrganization: 5 accounts a second in one organization (API reference). RemoveAccountFromOrganization: 2 a second (quotas page).
const fn documented_rate(via: Via) -> u32 {
    match via {
        Via::Leave => 5,
        Via::Remove => 2,
    }
}

/// Hands out the moments at which calls may be sent, spaced by a share of AWS's documented rate.
#[derive(Debug)]
pub struct Pace {
    percent: u32,
    next: Cell<Option<Instant>>,
}

impl Pace {
    /// A pace of `percent` (1 to 100) of the documented rates. The rates are caps, not targets.
    #[must_use]
    pub fn new(percent: u32) -> Self {
        Self { percent: percent.clamp(1, 100), next: Cell::new(None) }
    }

    /// Waits for the next moment at which a call may be sent.
    pub async fn wait(&self, via: Via) {
        let slot = self.next.get().map_or_else(Instant::now, |next| next.max(Instant::now()));
        self.next.set(Some(slot + Duration::from_secs(100) / (documented_rate(via) * self.percent)));
        sleep_until(slot).await;
    }

    /// Keeps everybody waiting: AWS said that requests come too fast, or that it is busy with another.
    pub fn hold(&self, pause: Duration) {
        let until = Instant::now() + pause;
        self.next.set(Some(self.next.get().map_or(until, |next| next.max(until))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_are_spaced_by_the_share_of_the_documented_rate() {
        for (via, percent, expected) in [(Via::Leave, 100, 800), (Via::Leave, 50, 1600), (Via::Remove, 100, 2000)] {
            let (pace, start) = (Pace::new(percent), Instant::now());
            for _ in 0..5 {
                pace.wait(via).await;
            }
            assert_eq!(start.elapsed(), Duration::from_millis(expected), "{via:?} at {percent} %");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_keeps_everybody_waiting() {
        let (pace, start) = (Pace::new(100), Instant::now());
        pace.wait(Via::Leave).await;
        pace.hold(Duration::from_secs(7));
        pace.wait(Via::Leave).await;
        assert_eq!(start.elapsed(), Duration::from_secs(7));
    }
}
