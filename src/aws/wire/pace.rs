//! Keeps reads within a share of AWS's documented quotas, so that a run is not throttled and leaves room for other callers.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::RateLimiter;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use tokio::time::{Instant, sleep};

use crate::api::{Operation, Quota, Slowdown};
use crate::org::{OperationCost, OperationQuota};

/// One token bucket per operation, shared by all requests of a run.
#[derive(Debug, Clone)]
pub struct Pace {
    percent: Option<u32>,
    buckets: Arc<BTreeMap<Operation, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    documented: u32,
    period: Duration,
    burst: NonZeroU32,
    tokens: RateLimiter<NotKeyed, InMemoryState, RunClock, NoOpMiddleware<Duration>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The time in which at least one request waited, up to the last moment without a waiting request.
    waited: Duration,
    /// How many requests wait now, and since when at least one does.
    waiting: u32,
    since: Option<Instant>,
    slowdown: Slowdown,
}

impl Pace {
    /// Creates buckets for `percent` of the quotas. `None` paces nothing, for the sandbox, which throttles only on demand.
    pub fn new(percent: Option<u32>) -> Self {
        let percent = percent.map(|percent| percent.clamp(1, 100));
        let clock = RunClock(Instant::now());
        let bucket = |operation: &Operation| Some((*operation, Bucket::new(operation.quota()?, percent?, clock)?));
        Self { percent, buckets: Arc::new(Operation::ALL.iter().filter_map(bucket).collect()) }
    }

    /// Waits until the operation may be called.
    pub async fn wait(&self, operation: Operation) {
        if let Some(bucket) = self.buckets.get(&operation) {
            bucket.wait().await;
        }
    }

    /// Reports that AWS throttled a request of the operation, because another caller uses the same quota. The pace is halved, and recovers
    /// after enough successes.
    pub fn throttled(&self, operation: Operation) {
        if let Some(bucket) = self.buckets.get(&operation) {
            bucket.throttled();
        }
    }

    /// The share of the quotas in percent. `None` if nothing is paced.
    pub const fn share_percent(&self) -> Option<u32> {
        self.percent
    }

    /// The operation's cost: its waiting time, throttles and quota.
    pub fn cost(&self, operation: Operation) -> OperationCost {
        self.buckets.get(&operation).map_or_else(OperationCost::default, Bucket::cost)
    }
}

impl Bucket {
    fn new(documented: Quota, percent: u32, clock: RunClock) -> Option<Self> {
        let Quota { rate, burst } = documented;
        let period = Duration::from_secs(1) * 100 / (rate * percent);
        let burst = NonZeroU32::new(burst * percent / 100).unwrap_or(NonZeroU32::MIN);
        let quota = governor::Quota::with_period(period)?.allow_burst(burst);
        Some(Self { documented: rate, period, burst, tokens: RateLimiter::direct_with_clock(quota, clock), state: Mutex::default() })
    }

    async fn wait(&self) {
        let _waiting = Waiting::of(self);
        // At half the pace a request takes two tokens.
        let tokens = self.state().slowdown.factor();
        for _ in 0..tokens {
            while let Err(early) = self.tokens.check() {
                sleep(early.wait_time_from(self.tokens.clock().now())).await;
            }
        }
        self.state().slowdown.succeeded();
    }

    fn throttled(&self) {
        // AWS's bucket is empty, whatever this bucket's count is.
        while self.tokens.check().is_ok() {}
        self.state().slowdown.throttled();
    }

    fn cost(&self) -> OperationCost {
        let quota = OperationQuota { documented: self.documented, used: 1.0 / self.period.as_secs_f64(), burst: self.burst.get() };
        let state = self.state();
        let waited = state.waited + state.since.map_or(Duration::ZERO, |since| since.elapsed());
        OperationCost { waited, throttled: state.slowdown.throttles(), quota: Some(quota), ..OperationCost::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts the time in which requests wait. Several waiting requests count once.
struct Waiting<'b>(&'b Bucket);

impl<'b> Waiting<'b> {
    fn of(bucket: &'b Bucket) -> Self {
        let mut state = bucket.state();
        state.waiting += 1;
        state.since.get_or_insert_with(Instant::now);
        Self(bucket)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.waiting -= 1;
        if state.waiting == 0
            && let Some(since) = state.since.take()
        {
            state.waited += since.elapsed();
        }
    }
}

/// The runtime's clock, as the time since the pace was created, so that sleeping and counting use the same clock.
#[derive(Debug, Clone, Copy)]
struct RunClock(Instant);

impl Clock for RunClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AWS's own bucket as documented: it starts full, refills at the rate, and refuses when empty.
    struct Documented {
        rate: f64,
        burst: f64,
        tokens: f64,
        last: Instant,
    }

    impl Documented {
        fn of(operation: Operation) -> Self {
            let Quota { rate, burst } = operation.quota().unwrap();
            Self { rate: f64::from(rate), burst: f64::from(burst), tokens: f64::from(burst), last: Instant::now() }
        }

        fn admits(&mut self) -> bool {
            let since = self.last.elapsed().as_secs_f64();
            self.last = Instant::now();
            self.tokens = (self.tokens + since * self.rate).min(self.burst);
            let admitted = self.tokens >= 1.0 - 1e-6;
            self.tokens -= if admitted { 1.0 } else { 0.0 };
            admitted
        }
    }

    /// The minimum time in which this number of requests fits into the share.
    fn floor(pace: &Pace, operation: Operation, requests: u32) -> f64 {
        let quota = pace.cost(operation).quota.unwrap();
        f64::from(requests.saturating_sub(quota.burst)) / quota.used
    }

    #[tokio::test(start_paused = true)]
    async fn every_operation_takes_its_share_of_the_quota_within_a_tenth_and_draws_no_throttle() {
        for percent in [1, 30, 60, 100] {
            for operation in Operation::ALL.iter().copied().filter(|operation| operation.quota().is_some()) {
                let name = operation.name();
                let (pace, mut aws) = (Pace::new(Some(percent)), Documented::of(operation));
                let began = Instant::now();
                for _ in 0..200 {
                    pace.wait(operation).await;
                    assert!(aws.admits(), "{name} at {percent} %");
                }
                let (took, floor) = (began.elapsed().as_secs_f64(), floor(&pace, operation, 200));
                assert!(took >= floor - 0.01 && took <= floor * 1.1, "{name} at {percent} %: {took} s, and the floor is {floor} s");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn lists_of_fifty_thousand_accounts_end_within_a_tenth_of_the_quotas_floor() {
        for accounts in [1_000, 10_000, 50_000] {
            let (pace, mut aws) = (Pace::new(Some(60)), Documented::of(Operation::ListAccounts));
            let began = Instant::now();
            for _ in 0..accounts / 20 {
                pace.wait(Operation::ListAccounts).await;
                // A chain of tokens can't be read ahead: each answer has to arrive first.
                sleep(Duration::from_millis(150)).await;
                assert!(aws.admits());
            }
            let floor = floor(&pace, Operation::ListAccounts, accounts / 20);
            assert!(began.elapsed().as_secs_f64() <= floor * 1.1, "{accounts}: {:?}, and the floor is {floor} s", began.elapsed());
        }
    }

    async fn a_request_takes(pace: &Pace) -> Duration {
        let began = Instant::now();
        for _ in 0..8 {
            pace.wait(Operation::ListAccounts).await;
        }
        began.elapsed() / 8
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_empties_the_burst_and_halves_the_pace_until_it_stays_calm() {
        let pace = Pace::new(Some(100));
        pace.throttled(Operation::ListAccounts);
        assert_eq!(a_request_takes(&pace).await.as_millis(), 250, "half of eight per second, and no burst");
        for _ in 0..Slowdown::SUCCESSES_TO_RECOVER {
            pace.wait(Operation::ListAccounts).await;
        }
        assert_eq!(a_request_takes(&pace).await.as_millis(), 125);
        assert_eq!(pace.cost(Operation::ListAccounts).throttled, 1);
        assert_eq!(pace.cost(Operation::ListParents).throttled, 0, "another operation has a quota of its own");
        for _ in 0..10 {
            pace.throttled(Operation::ListAccounts);
        }
        assert_eq!(a_request_takes(&pace).await.as_millis(), 1_000, "it never stops");
    }

    #[tokio::test(start_paused = true)]
    async fn requests_that_wait_together_wait_once() {
        let pace = Pace::new(Some(100));
        // Two at once, and then one every half second.
        let waits = (0..6).map(|_| pace.wait(Operation::DescribePolicy));
        futures_util::future::join_all(waits).await;
        assert_eq!(pace.cost(Operation::DescribePolicy).waited.as_millis(), 2_000);
        sleep(Duration::from_secs(60)).await;
        assert_eq!(pace.cost(Operation::DescribePolicy).waited.as_millis(), 2_000, "no request waits");
    }

    #[tokio::test(start_paused = true)]
    async fn the_sandbox_is_not_paced() {
        let pace = Pace::new(None);
        let began = Instant::now();
        for _ in 0..1_000 {
            pace.wait(Operation::DescribeOrganization).await;
        }
        assert!(began.elapsed().is_zero());
        assert_eq!(pace.cost(Operation::DescribeOrganization), OperationCost::default());
    }
}
