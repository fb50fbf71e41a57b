//! Keeps reads within a share of AWS's documented quotas, so that a run draws no throttle and leaves room for others.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// Documented quotas for one account: requests a second, and burst (Organizations user guide, "Quotas and service limits").
const QUOTAS: &[(&str, u32, u32)] = &[
    ("DescribeAccount", 20, 30),
    ("DescribeOrganization", 1, 2),
    ("DescribeOrganizationalUnit", 2, 2),
    ("DescribePolicy", 2, 2),
    ("ListAWSServiceAccessForOrganization", 1, 3),
    ("ListAccounts", 8, 12),
    ("ListDelegatedAdministrators", 5, 8),
    ("ListDelegatedServicesForAccount", 1, 3),
    ("ListHandshakesForAccount", 5, 8),
    ("ListParents", 5, 8),
    ("ListPolicies", 5, 8),
    ("ListPoliciesForTarget", 5, 8),
    ("ListRoots", 1, 2),
    ("ListTagsForResource", 10, 15),
    ("ListTargetsForPolicy", 5, 8),
    // CloudTrail API reference, LookupEvents.
    ("LookupEvents", 2, 2),
];

/// One token bucket an operation.
#[derive(Debug, Clone)]
pub struct Pace {
    buckets: Arc<BTreeMap<&'static str, DefaultDirectRateLimiter>>,
}

impl Pace {
    /// Buckets for `percent` of the quotas. `None` paces nothing, for the sandbox, which throttles only if told to.
    pub fn new(percent: Option<u32>) -> Self {
        let bucket = |(operation, rate, burst): &(&'static str, u32, u32)| {
            let percent = percent?.clamp(1, 100);
            let period = Duration::from_secs(1) * 100 / (rate * percent);
            let burst = NonZeroU32::new(burst * percent / 100).unwrap_or(NonZeroU32::MIN);
            Some((*operation, RateLimiter::direct(Quota::with_period(period)?.allow_burst(burst))))
        };
        Self { buckets: Arc::new(QUOTAS.iter().filter_map(bucket).collect()) }
    }

    /// Waits until the operation may be called.
    pub async fn wait(&self, operation: &str) {
        if let Some(bucket) = self.buckets.get(operation) {
            bucket.until_ready().await;
        }
    }
}
