//! Request quotas as token buckets (Organizations User Guide, quotas: rate and burst of each API, by account and by organization).

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::org::AccountId;

/// Requests per second, and the burst.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Quota {
    rate: f64,
    burst: f64,
}

const fn quota(rate: f64, burst: f64) -> Quota {
    Quota { rate, burst }
}

/// The quotas of an operation: for the calling account, and for its organization if there is one.
fn quotas(operation: &str) -> Option<(Quota, Option<Quota>)> {
    let both = |account, organization| Some((account, Some(organization)));
    match operation {
        // The second quota is in the API reference: 5 accounts per second in one organization.
        "LeaveOrganization" => both(quota(1.0, 1.0), quota(5.0, 5.0)),
        "RemoveAccountFromOrganization" => Some((quota(2.0, 2.0), None)),
        "DescribeAccount" => both(quota(20.0, 30.0), quota(24.0, 36.0)),
        "ListAccounts" => both(quota(8.0, 12.0), quota(9.0, 15.0)),
        "ListAccountsForParent"
        | "ListOrganizationalUnitsForParent"
        | "ListParents"
        | "ListPolicies"
        | "ListPoliciesForTarget"
        | "ListTargetsForPolicy"
        | "ListDelegatedAdministrators"
        | "ListHandshakesForAccount"
        | "ListHandshakesForOrganization" => both(quota(5.0, 8.0), quota(6.0, 10.0)),
        "ListChildren" => both(quota(6.0, 10.0), quota(7.0, 12.0)),
        "ListRoots" => both(quota(1.0, 2.0), quota(1.0, 3.0)),
        "DescribeOrganization" | "CreateOrganizationalUnit" | "DeregisterDelegatedAdministrator" => Some((quota(1.0, 2.0), None)),
        "DescribePolicy" | "DescribeOrganizationalUnit" => both(quota(2.0, 2.0), quota(2.0, 3.0)),
        "ListTagsForResource" => both(quota(10.0, 15.0), quota(12.0, 18.0)),
        "ListDelegatedServicesForAccount" | "ListAWSServiceAccessForOrganization" => both(quota(1.0, 3.0), quota(1.0, 4.0)),
        "MoveAccount" | "AttachPolicy" | "DetachPolicy" | "CreatePolicy" | "DeletePolicy" | "UpdatePolicy" => Some((quota(2.0, 3.0), None)),
        "TagResource" | "UntagResource" => Some((quota(4.0, 6.0), None)),
        "DescribeHandshake" => both(quota(1.0, 2.0), quota(6.0, 10.0)),
        "CancelHandshake" => Some((quota(2.0, 3.0), None)),
        "DeclineHandshake" => both(quota(1.0, 1.0), quota(5.0, 5.0)),
        "EnablePolicyType" => Some((quota(1.0, 1.0), None)),
        "RegisterDelegatedAdministrator" => Some((quota(1.0, 2.0), None)),
        "InviteAccountToOrganization" => Some((quota(3.0, 5.0), None)),
        "AcceptHandshake" => both(quota(1.0, 2.0), quota(5.0, 5.0)),
        "CloseAccount" => Some((quota(0.05, 1.0), None)),
        // CloudTrail User Guide: 2 requests per second for each account and Region.
        "LookupEvents" => Some((quota(2.0, 2.0), None)),
        _ => None,
    }
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

/// The owner of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Holder {
    Account(AccountId),
    Organization(String),
}

/// The buckets in use.
#[derive(Debug, Default)]
pub struct Throttles(HashMap<(&'static str, Holder), Bucket>);

impl Throttles {
    /// Takes one token from each bucket of the operation, or from none of them if one is empty.
    ///
    /// `DescribeOrganization` and `CreateOrganizationalUnit` share a bucket, because the quotas page lists them in one row.
    pub fn admit(&mut self, operation: &'static str, account: AccountId, organization: Option<&str>, now: Instant) -> bool {
        let Some((per_account, per_organization)) = quotas(operation) else { return true };
        let name = if operation == "CreateOrganizationalUnit" { "DescribeOrganization" } else { operation };
        let mut wanted = vec![((name, Holder::Account(account)), per_account)];
        if let (Some(quota), Some(organization)) = (per_organization, organization) {
            wanted.push(((name, Holder::Organization(organization.to_owned())), quota));
        }
        let admitted = wanted.iter().all(|(key, quota)| self.fill(key, *quota, now) >= 1.0);
        if admitted {
            for (key, _) in &wanted {
                if let Some(bucket) = self.0.get_mut(key) {
                    bucket.tokens -= 1.0;
                }
            }
        }
        admitted
    }

    fn fill(&mut self, key: &(&'static str, Holder), quota: Quota, now: Instant) -> f64 {
        let bucket = self.0.entry(key.clone()).or_insert(Bucket { tokens: quota.burst, filled: now });
        let elapsed = now.checked_duration_since(bucket.filled).unwrap_or(Duration::ZERO);
        bucket.tokens = (bucket.tokens + elapsed.as_secs_f64() * quota.rate).min(quota.burst);
        bucket.filled = now;
        bucket.tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str) -> AccountId {
        id.parse().unwrap()
    }

    #[test]
    fn a_burst_is_admitted_and_then_the_rate() {
        let (mut throttles, start) = (Throttles::default(), Instant::now());
        let mut admit =
            |at: f64| throttles.admit("ListRoots", account("111111111111"), Some("o-exampleorgid"), start + Duration::from_secs_f64(at));
        assert_eq!([admit(0.0), admit(0.0), admit(0.0), admit(0.9), admit(1.1), admit(1.2)], [true, true, false, false, true, false]);
    }

    #[test]
    fn accounts_of_one_organization_share_its_bucket() {
        let (mut throttles, now) = (Throttles::default(), Instant::now());
        let ids: Vec<_> = (0..6).map(|index| account(&format!("33333333333{index}"))).collect();
        let admitted: Vec<_> = ids.iter().map(|id| throttles.admit("LeaveOrganization", *id, Some("o-exampleorgid"), now)).collect();
        assert_eq!(admitted, [true, true, true, true, true, false]);
        assert!(throttles.admit("LeaveOrganization", account("444444444444"), Some("o-otherorgidx"), now));
    }

    #[test]
    fn an_operation_without_documented_quota_is_not_throttled() {
        let (mut throttles, now) = (Throttles::default(), Instant::now());
        assert!((0..100).all(|_| throttles.admit("GetCallerIdentity", account("111111111111"), None, now)));
    }
}
