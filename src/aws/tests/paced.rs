//! No quota refuses what the pace lets through.

use crate::api::{MemberIdentity, SessionNames, VisitMember};
use crate::observe::{MemberProbe, organization as observe, probe_integrations, probe_member};
use crate::org::MemberRole;

use super::*;

/// Reads everything that a plan of these departures depends on, also in the accounts. Returns the number of requests, including retries
/// after throttles. `None` if a request failed because of throttling.
async fn requests(members: usize, policies: usize, percent: Option<u32>, quotas: bool) -> Option<u64> {
    let world = World { members, departing: members, own_units: true, policies, administrators: true, quotas };
    let sandbox = world.open();
    let aws = client(sandbox.clone(), Pace::new(percent), Duration::ZERO);
    let (declared, detached) = (declared(), world.departing());
    let scope = scope(&declared, &world);
    let observed = observe(&aws, &scope).await.ok()?;
    assert_eq!(observed.policies.as_ref().unwrap().texts.len(), policies + 1);
    probe_integrations(&aws, &observed, &detached, &[]).await;
    let role = MemberRole::default();
    let visits = detached.iter().map(|id| async {
        let role_arn = role.arn("aws", *id);
        let session = aws.visit(&role_arn, &role, SessionNames::of("orgroster-plan")).await.unwrap();
        assert_eq!(session.account().await.unwrap(), *id);
        probe_member(
            &session,
            MemberProbe {
                account: *id,
                role_arn: &role_arn,
                stands_alone: true,
                share_regions: None,
                payment: false,
                conditions: None,
                known: &[],
            },
        )
        .await
    });
    let probes = futures_util::future::join_all(visits).await;
    Some(sandbox.requests().values().sum()).filter(|_| probes.iter().all(|probes| probes.handshakes.value().is_some()))
}

#[tokio::test(start_paused = true)]
async fn a_paced_run_draws_no_throttle() {
    // Few departures are read by target, many by policy: ListPoliciesForTarget, or ListPolicies and ListTargetsForPolicy.
    for (members, policies) in [(8, 5), (30, 12)] {
        let unhindered = requests(members, policies, None, false).await;
        assert!(unhindered.is_some());
        for percent in [60, 100] {
            assert_eq!(requests(members, policies, Some(percent), true).await, unhindered, "{members} departures at {percent} %");
        }
        assert_ne!(requests(members, policies, None, true).await, unhindered, "without a pace the same run is throttled");
    }
}
