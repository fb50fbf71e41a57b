//! What reading an organization costs in requests and in waiting.

use std::collections::BTreeMap;
use std::time::Duration;

/// Accounts of a page of every Organizations list, at most (API reference, `MaxResults`).
pub const ACCOUNTS_OF_A_PAGE: usize = 20;

const LIST_ACCOUNTS: &str = "organizations:ListAccounts";

/// What a run asked of AWS so far, and what it waited for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadingCost {
    /// By `service:Operation`.
    pub operations: BTreeMap<String, OperationCost>,
    /// Share of the documented quotas that is used, in percent; `None` if requests aren't paced.
    pub share_percent: Option<u32>,
    /// How long the reading has lasted.
    pub elapsed: Duration,
}

/// One operation's part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperationCost {
    /// Requests, retries included.
    pub requests: u64,
    /// Requests that are known to be needed, those that were made included; 0 where nobody has counted them.
    pub expected: u64,
    /// For how long at least one request waited for the quota's share.
    pub waited: Duration,
    /// Requests that AWS refused as too many.
    pub throttled: u64,
    /// The quota, where one is documented and paced.
    pub quota: Option<OperationQuota>,
}

/// A documented quota, and the part of it that is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperationQuota {
    /// Requests a second that AWS documents for one account.
    pub documented: u32,
    /// Requests a second that are sent at most, once the burst is used up.
    pub used: f64,
    /// Requests that may be sent at once.
    pub burst: u32,
}

impl OperationCost {
    /// Requests that AWS took up.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.requests.saturating_sub(self.throttled)
    }

    /// The least time in which the quota's share allows the requests: the burst at once, the rest at the rate.
    #[must_use]
    pub fn floor(&self) -> Duration {
        self.quota.map_or(Duration::ZERO, |quota| {
            Duration::from_secs_f64(self.requests.saturating_sub(u64::from(quota.burst)) as f64 / quota.used)
        })
    }

    /// The time that the rest of the expected requests takes: after the burst, each takes what the quota's share allows, or `each` where that
    /// is longer.
    fn left(&self, each: Duration) -> Duration {
        let by_quota = self.quota.map_or(0.0, |quota| 1.0 / quota.used);
        Duration::from_secs_f64(self.expected.saturating_sub(self.done()) as f64 * by_quota.max(each.as_secs_f64()))
    }
}

impl ReadingCost {
    /// The operation whose quota bounded the reading, if one did: its requests could not have been sent in nine tenths of the time, or they
    /// were kept waiting for half of it, as after a throttle.
    #[must_use]
    pub fn bound(&self) -> Option<(&str, &OperationCost)> {
        let (operation, cost) = self.operations.iter().max_by_key(|(_, cost)| cost.floor().max(cost.waited))?;
        let bounds = cost.floor() * 10 >= self.elapsed * 9 || cost.waited * 2 >= self.elapsed;
        (!self.elapsed.is_zero() && bounds).then_some((operation.as_str(), cost))
    }

    /// All requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.operations.values().map(|cost| cost.requests).sum()
    }

    /// Requests that AWS refused as too many.
    #[must_use]
    pub fn throttled(&self) -> u64 {
        self.operations.values().map(|cost| cost.throttled).sum()
    }

    /// Pages of the account list that were asked for, and pages that as many accounts fill as were expected.
    #[must_use]
    pub fn account_pages(&self) -> (u64, u64) {
        self.operations.get(LIST_ACCOUNTS).map_or((0, 0), |list| (list.done(), list.expected))
    }

    /// The time until all is read that is known to be needed: operations are read beside each other, and so the slowest one counts. Nothing
    /// before the first answer of the list, and once there turn out to be more accounts than expected: no estimate is better than a wrong one.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let (pages, expected) = self.account_pages();
        if pages == 0 || pages > expected {
            return None;
        }
        let left = self.operations.iter().map(|(operation, cost)| {
            // The list has one request in flight, always: slow answers are what it is bound by. The others have several, or wait for it.
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
        assert_eq!(cost(50, 4, 10).bound(), None, "most of the time went into answers");
        assert!(cost(50, 1, 9).bound().is_some(), "answers took most of the time between two requests, which came as fast as they may");
        assert_eq!(cost(5, 0, 0).bound(), None);
    }

    #[test]
    fn the_rest_is_estimated_by_the_quota_or_by_slower_answers() {
        let left = |pages, elapsed| cost(pages, 0, elapsed).left().map(|left| left.as_secs());
        assert_eq!(left(0, 0), None, "nothing is known before the first page");
        assert_eq!(left(7, 0), Some(18), "the burst came at once; 93 pages follow at 5 a second");
        assert_eq!(left(50, 10), Some(10));
        assert_eq!(left(50, 50), Some(50), "a page a second");
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
        assert_eq!(cost.left(), Some(Duration::from_secs(40)), "40 names at one a second");
    }
}
