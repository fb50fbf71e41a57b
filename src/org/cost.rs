//! What reading an organization costs in requests and in waiting.

use std::collections::BTreeMap;
use std::time::Duration;

/// Accounts of a page of every Organizations list, at most (API reference, `MaxResults`).
pub const ACCOUNTS_OF_A_PAGE: u64 = 20;

/// What a run asked of AWS so far, and what it waited for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadingCost {
    /// By `service:Operation`.
    pub operations: BTreeMap<String, OperationCost>,
    /// Share of the documented quotas that is used, in percent; nothing where requests aren't paced.
    pub share_percent: Option<u32>,
    /// How long the reading has lasted.
    pub elapsed: Duration,
}

/// One operation's part.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperationCost {
    /// Requests, retries included.
    pub requests: u64,
    /// How long requests waited for the quota's share. Waits of requests in flight together add up.
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

impl ReadingCost {
    /// The operation whose quota kept the reading waiting most, if that was at least half of the time.
    #[must_use]
    pub fn bound(&self) -> Option<(&str, &OperationCost)> {
        let (operation, cost) = self.operations.iter().max_by_key(|(_, cost)| cost.waited)?;
        (!cost.waited.is_zero() && cost.waited * 2 >= self.elapsed).then_some((operation.as_str(), cost))
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

    /// How far the account list is, for an organization of about `expected` accounts.
    #[must_use]
    pub fn account_list(&self, expected: u64) -> AccountListProgress {
        let list = self.operations.get("organizations:ListAccounts");
        let pages = list.map_or(0, |list| list.requests);
        let expected_pages = expected.div_ceil(ACCOUNTS_OF_A_PAGE);
        let left = expected_pages.saturating_sub(pages);
        // After the burst, a page takes what the quota's share allows or what AWS's answers take, whichever is longer.
        let by_quota = list.and_then(|list| list.quota).map_or(0.0, |quota| 1.0 / quota.used);
        let by_answers = if pages == 0 { 0.0 } else { self.elapsed.as_secs_f64() / pages as f64 };
        let seconds = left as f64 * by_quota.max(by_answers);
        let known = pages > 0 && left > 0;
        AccountListProgress { pages, expected_pages, left: known.then(|| Duration::from_secs_f64(seconds)) }
    }
}

/// How far the account list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountListProgress {
    /// Pages asked for.
    pub pages: u64,
    /// Pages that the expected number of accounts fills.
    pub expected_pages: u64,
    /// The time until as many pages are read; nothing before the first page, and once there turn out to be more.
    pub left: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(pages: u64, waited: u64, elapsed: u64) -> ReadingCost {
        let quota = Some(OperationQuota { documented: 8, used: 5.0, burst: 7 });
        let list = OperationCost { requests: pages, waited: Duration::from_secs(waited), throttled: 0, quota };
        let operations = BTreeMap::from([("organizations:ListAccounts".to_owned(), list)]);
        ReadingCost { operations, share_percent: Some(60), elapsed: Duration::from_secs(elapsed) }
    }

    #[test]
    fn what_kept_a_reading_waiting_for_half_of_its_time_bounded_it() {
        assert_eq!(cost(50, 8, 10).bound().map(|(operation, _)| operation), Some("organizations:ListAccounts"));
        assert_eq!(cost(50, 4, 10).bound(), None, "most of the time went into answers");
        assert_eq!(cost(5, 0, 0).bound(), None);
    }

    #[test]
    fn the_rest_of_the_list_is_estimated_by_the_quota_or_by_slower_answers() {
        let left = |pages, elapsed| cost(pages, 0, elapsed).account_list(2_000).left.map(|left| left.as_secs());
        assert_eq!(left(0, 0), None, "nothing is known before the first page");
        assert_eq!(left(7, 0), Some(18), "the burst came at once; 93 pages follow at 5 a second");
        assert_eq!(left(50, 10), Some(10));
        assert_eq!(left(50, 50), Some(50), "a page a second");
        assert_eq!(left(100, 20), None);
        assert_eq!(left(130, 26), None, "more accounts than expected: no estimate is better than a wrong one");
    }
}
