//! The cost of reading an organization, in requests and in waiting time.

use std::collections::BTreeMap;
use std::time::Duration;

/// The maximum number of accounts per page of any Organizations list (API reference, `MaxResults`).
pub const ACCOUNTS_OF_A_PAGE: usize = 20;

const LIST_ACCOUNTS: &str = "organizations:ListAccounts";

/// The requests that a run has sent to AWS so far, and its waiting times.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadingCost {
    /// The cost of each operation, by `service:Operation`.
    pub operations: BTreeMap<String, OperationCost>,
    /// The share of the documented quotas to use, in percent; `None` if requests aren't paced.
    pub share_percent: Option<u32>,
    /// The duration of the reading so far.
    pub elapsed: Duration,
}

/// The cost of one operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperationCost {
    /// Requests that were sent, retries included.
    pub requests: u64,
    /// Requests that are known to be needed, including those already sent; 0 if they were not counted.
    pub expected: u64,
    /// The time during which at least one request waited for the quota's share.
    pub waited: Duration,
    /// Requests that AWS throttled.
    pub throttled: u64,
    /// The quota; `None` if AWS documents none or requests aren't paced.
    pub quota: Option<OperationQuota>,
}

/// A documented quota, and the share of it to use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperationQuota {
    /// Requests per second that AWS documents for one account.
    pub documented: u32,
    /// The most requests per second that are sent after the burst is used up.
    pub used: f64,
    /// The number of requests that may be sent at once.
    pub burst: u32,
}

impl OperationCost {
    /// Requests that AWS did not throttle.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.requests.saturating_sub(self.throttled)
    }

    /// The shortest time in which the quota's share allows the requests: the burst at once, the rest at the rate.
    #[must_use]
    pub fn floor(&self) -> Duration {
        self.quota.map_or(Duration::ZERO, |quota| {
            Duration::from_secs_f64(self.requests.saturating_sub(u64::from(quota.burst)) as f64 / quota.used)
        })
    }

    /// The time that the remaining expected requests take: after the burst, each takes as long as the quota's share requires, or `each` if
    /// that is longer.
    fn left(&self, each: Duration) -> Duration {
        let by_quota = self.quota.map_or(0.0, |quota| 1.0 / quota.used);
        Duration::from_secs_f64(self.expected.saturating_sub(self.done()) as f64 * by_quota.max(each.as_secs_f64()))
    }
}

impl ReadingCost {
    /// The operation whose quota limited the reading, if one did: its requests needed at least nine tenths of the time, or waited for half
    /// of it, as after throttling.
    #[must_use]
    pub fn bound(&self) -> Option<(&str, &OperationCost)> {
        let (operation, cost) = self.operations.iter().max_by_key(|(_, cost)| cost.floor().max(cost.waited))?;
        let bounds = cost.floor() * 10 >= self.elapsed * 9 || cost.waited * 2 >= self.elapsed;
        (!self.elapsed.is_zero() && bounds).then_some((operation.as_str(), cost))
    }

    /// The number of all requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.operations.values().map(|cost| cost.requests).sum()
    }

    /// The number of requests that AWS throttled.
    #[must_use]
    pub fn throttled(&self) -> u64 {
        self.operations.values().map(|cost| cost.throttled).sum()
    }

    /// The pages of the account list that were read, and the pages that the expected number of accounts fills.
    #[must_use]
    pub fn account_pages(&self) -> (u64, u64) {
        self.operations.get(LIST_ACCOUNTS).map_or((0, 0), |list| (list.done(), list.expected))
    }

    /// The time until everything that is known to be needed is read. Operations are read concurrently, so the slowest one counts. `None`
    /// before the first page of the account list, and if there are more accounts than expected: no estimate is better than a wrong one.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let (pages, expected) = self.account_pages();
        if pages == 0 || pages > expected {
            return None;
        }
        let left = self.operations.iter().map(|(operation, cost)| {
            // The list always has one request in flight, so slow answers limit it. The other operations have several, or wait for the list.
            let each = if operation == LIST_ACCOUNTS { self.elapsed.div_f64(pages as f64) } else { Duration::ZERO };
            cost.left(each)
        });
        left.max().filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(done: u64, expected: u64, used: f64) -> OperationCost {
        let quota = Some(OperationQuota { documented: 8, used, burst: 7 });
        OperationCost { requests: done, expected, quota, ..OperationCost::default() }
    }

    fn cost(pages: u64, waited: u64, elapsed: u64) -> ReadingCost {
        let list = OperationCost { waited: Duration::from_secs(waited), ..operation(pages, 100, 5.0) };
        let operations = BTreeMap::from([(LIST_ACCOUNTS.to_owned(), list)]);
        ReadingCost { operations, share_percent: Some(60), elapsed: Duration::from_secs(elapsed) }
    }

    #[test]
    fn a_quota_that_was_used_up_or_waited_for_bounded_the_reading() {
        assert_eq!(cost(50, 8, 10).bound().map(|(operation, _)| operation), Some("organizations:ListAccounts"));
        assert_eq!(cost(50, 4, 10).bound(), None, "most of the time was spent on answers");
        assert!(cost(50, 1, 9).bound().is_some(), "answers took most of the time, but requests were sent as fast as the quota allows");
        assert_eq!(cost(5, 0, 0).bound(), None);
    }

    #[test]
    fn the_rest_is_estimated_by_the_quota_or_by_slower_answers() {
        let left = |pages, elapsed| cost(pages, 0, elapsed).left().map(|left| left.as_secs());
        assert_eq!(left(0, 0), None, "nothing is known before the first page");
        assert_eq!(left(7, 0), Some(18), "the burst came at once; 93 pages follow at 5 per second");
        assert_eq!(left(50, 10), Some(10));
        assert_eq!(left(50, 50), Some(50), "one page per second");
        assert_eq!(left(100, 20), None);
        assert_eq!(left(130, 26), None, "more accounts than expected");
    }

    #[test]
    fn a_page_that_was_throttled_is_no_page_and_the_slowest_operation_counts() {
        let mut cost = cost(60, 0, 10);
        let list = cost.operations.get_mut(LIST_ACCOUNTS).unwrap();
        list.throttled = 10;
        assert_eq!((cost.account_pages(), cost.left()), ((50, 100), Some(Duration::from_secs(10))));
        cost.operations.insert("organizations:DescribeOrganizationalUnit".to_owned(), operation(0, 40, 1.0));
        assert_eq!(cost.left(), Some(Duration::from_secs(40)), "40 names at one per second");
    }
}
