//! The spacing of acts.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::api::{Operation, Slowdown};
use crate::failpoint::test_speedup;
use crate::org::Action;

/// How many calls of an action AWS admits per second.
fn documented_rate(action: Action) -> u32 {
    let quota = Operation::find("organizations", action.operation()).and_then(Operation::quota);
    quota.map_or(1, |quota| quota.rate)
}

/// Assigns the times at which calls may be sent, spaced by a share of AWS's documented rate.
///
/// A throttle means that another caller uses the same quota: all calls wait, and continue at half the pace until enough calls succeed.
#[derive(Debug)]
pub struct Pace {
    percent: u32,
    next: Cell<Option<Instant>>,
    held_until: Cell<Option<Instant>>,
    slowdown: Cell<Slowdown>,
    conflicts: Cell<u64>,
}

impl Pace {
    /// A pace of `percent` (1 to 100) of the documented rates. The rates are limits, not targets.
    #[must_use]
    pub fn new(percent: u32) -> Self {
        let percent = percent.clamp(1, 100);
        Self { percent, next: Cell::default(), held_until: Cell::default(), slowdown: Cell::default(), conflicts: Cell::default() }
    }

    /// The maximum number of calls of an action per second.
    #[must_use]
    pub fn most_a_second(&self, action: Action) -> f64 {
        f64::from(documented_rate(action) * self.percent) / 100.0
    }

    /// Waits for the next moment at which a call may be sent.
    pub async fn wait(&self, action: Action) {
        loop {
            let slot = [self.next.get(), self.held_until.get()].into_iter().flatten().fold(Instant::now(), Instant::max);
            self.next.set(Some(slot + self.spacing(action)));
            sleep_until(slot).await;
            // A caller that was waiting when the pause began takes another slot; otherwise all of them would call at once.
            if self.held_until.get().is_none_or(|until| until <= slot) {
                return;
            }
        }
    }

    /// Reports a throttle: all calls wait, and slow down.
    pub fn throttled(&self, pause: Duration) {
        self.hold(pause);
        self.change(Slowdown::throttled);
    }

    /// Reports a conflict with another caller's change, which is not a throttle: all calls wait, and continue at the same pace.
    pub fn conflicted(&self, pause: Duration) {
        self.hold(pause);
        self.conflicts.set(self.conflicts.get() + 1);
    }

    fn hold(&self, pause: Duration) {
        let until = Instant::now() + pause;
        self.held_until.set(Some(self.held_until.get().map_or(until, |held| held.max(until))));
    }

    /// Reports a call that was answered without a throttle.
    pub fn answered(&self) {
        self.change(Slowdown::succeeded);
    }

    fn change(&self, how: fn(&mut Slowdown)) {
        let mut slowdown = self.slowdown.get();
        how(&mut slowdown);
        self.slowdown.set(slowdown);
    }

    /// How often AWS throttled a call.
    #[must_use]
    pub fn throttles(&self) -> u64 {
        self.slowdown.get().throttles()
    }

    /// How often AWS answered that another caller was changing the same object.
    #[must_use]
    pub fn conflicts(&self) -> u64 {
        self.conflicts.get()
    }

    fn spacing(&self, action: Action) -> Duration {
        Duration::from_secs(100) * self.slowdown.get().factor() / (documented_rate(action) * self.percent) / test_speedup()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::JoinStep;

    async fn calls(pace: &Pace, action: Action, count: u32) -> Duration {
        let start = Instant::now();
        for _ in 0..count {
            pace.wait(action).await;
        }
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn calls_are_spaced_by_the_share_of_the_documented_rate() {
        let [invite, accept, place] = [JoinStep::Invite, JoinStep::Accept, JoinStep::Place].map(Action::Join);
        for (action, percent, expected) in [
            (Action::Leave, 100, 800),
            (Action::Leave, 50, 1600),
            (Action::Remove, 100, 2000),
            (Action::Transfer, 100, 800),
            (invite, 50, 2667),
            (accept, 100, 800),
            (place, 100, 2000),
        ] {
            let took = calls(&Pace::new(percent), action, 5).await.as_secs_f64() * 1000.0;
            assert_eq!(took.round(), f64::from(expected), "{action:?} at {percent} %");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_keeps_everybody_waiting_those_asleep_too_and_halves_the_pace_until_it_is_calm() {
        let pace = Pace::new(100);
        pace.wait(Action::Leave).await;
        let start = Instant::now();
        let sleeper = async {
            pace.wait(Action::Leave).await;
            start.elapsed()
        };
        let throttle = async { pace.throttled(Duration::from_secs(7)) };
        let (slept, ()) = tokio::join!(sleeper, throttle);
        assert_eq!(slept, Duration::from_secs(7));
        assert_eq!(calls(&pace, Action::Leave, 3).await, Duration::from_millis(1200), "half of five per second");
        for _ in 0..Slowdown::SUCCESSES_TO_RECOVER {
            pace.answered();
        }
        pace.wait(Action::Leave).await;
        assert_eq!(calls(&pace, Action::Leave, 3).await, Duration::from_millis(600));
        assert_eq!(pace.throttles(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_conflict_keeps_everybody_waiting_and_does_not_count_as_a_throttle() {
        let pace = Pace::new(100);
        pace.wait(Action::Leave).await;
        pace.conflicted(Duration::from_secs(3));
        let start = Instant::now();
        pace.wait(Action::Leave).await;
        assert_eq!(start.elapsed(), Duration::from_secs(3));
        assert_eq!(calls(&pace, Action::Leave, 3).await, Duration::from_millis(600), "the pace is not halved");
        assert_eq!((pace.throttles(), pace.conflicts()), (0, 1));
    }
}
