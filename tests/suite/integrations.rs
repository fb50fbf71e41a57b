//! Integrated services report what they keep about an account: read from a sandbox over the wire.

use orgroster::gate::{GateResult, Verdict};
use orgroster::org::GateName;

use crate::worlds::{MANAGEMENT, head, plan_of, serve};

const HOLDS: &str = "222222222222";
const HOLDS_NOTHING: &str = "333333333333";
const READER: &str = "Look";
const SERVICES: &[&str] = &[
    "member.org.stacksets.cloudformation.amazonaws.com",
    "sso.amazonaws.com",
    "ram.amazonaws.com",
    "controltower.amazonaws.com",
    "cloudtrail.amazonaws.com",
];

fn fixture(services: &[&str]) -> String {
    let account = |id: &str| {
        format!(
            "  account \"{id}\" {{\n    name = \"name-{id}\"\n    email = \"{id}@example.com\"\n    role \"{READER}\" {{\n      trusts = [\"{MANAGEMENT}\"]\n    }}\n  }}\n"
        )
    };
    format!(
        r#"sandbox {{
  clock = "2026-11-22T09:00:00Z"
}}
organization "o-exampleorgid" {{
  management_account_id = "{MANAGEMENT}"
  service_access        = {services:?}
  integrations {{
    region             = "eu-west-1"
    organization_trail = "org-trail"
    enrolled           = ["{HOLDS}"]
    stack_set "deleting" {{
      accounts = ["{HOLDS}"]
    }}
    stack_set "retaining" {{
      retains_stacks = true
      accounts       = ["{HOLDS}", "{HOLDS_NOTHING}"]
    }}
    stack_set "by-hand" {{
      automatic = false
      accounts  = ["{HOLDS}", "{HOLDS_NOTHING}"]
    }}
    permission_set "Admin" {{
      accounts = ["{HOLDS}"]
    }}
    resource_share "subnets" {{
      owner    = "{MANAGEMENT}"
      accounts = ["{HOLDS}"]
    }}
    resource_share "retained" {{
      owner    = "{MANAGEMENT}"
      accounts = ["{HOLDS_NOTHING}"]
      retained = true
    }}
    resource_share "given" {{
      owner    = "{HOLDS}"
      accounts = ["{MANAGEMENT}"]
    }}
  }}
{}{}{}}}
"#,
        account(MANAGEMENT),
        account(HOLDS),
        account(HOLDS_NOTHING)
    )
}

fn configuration(regions: &str) -> String {
    let block = |id: &str| {
        format!("account \"a{id}\" {{\n  id = \"{id}\"\n  name = \"name-{id}\"\n  membership = \"detached\"\n  reason = \"x\"\n}}\n")
    };
    format!("{}provider \"aws\" {{\n  regions = {regions}\n}}\n{}{}", head(), block(HOLDS), block(HOLDS_NOTHING))
}

/// The answers about both accounts, and the requests by operation.
fn answers(services: &[&str], regions: &str) -> (Vec<GateResult>, Vec<GateResult>, std::collections::BTreeMap<String, u64>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let served = serve(&fixture(services)).await;
        let plan = plan_of(&served, &configuration(regions), Some(READER)).await;
        let of = |id: &str| plan.blocked().into_iter().find(|blocked| blocked.id.to_string() == id).unwrap().gates().to_vec();
        (of(HOLDS), of(HOLDS_NOTHING), served.sandbox.requests())
    })
}

fn answer(results: &[GateResult], gate: GateName) -> &GateResult {
    results.iter().find(|result| result.gate == gate).unwrap()
}

/// Gates of integrated services whose clients are built in, each with a text that its answer contains.
fn gates() -> Vec<(GateName, &'static str)> {
    let all = [
        (cfg!(feature = "controltower"), GateName::ControlTower, "baseline/"),
        (cfg!(feature = "cloudtrail"), GateName::OrganizationTrail, "org-trail"),
        (cfg!(feature = "cloudformation"), GateName::StackSets, "deleting (eu-west-1)"),
        (cfg!(feature = "ssoadmin"), GateName::IdentityCenter, "/Admin"),
        (cfg!(feature = "ram"), GateName::ResourceShares, "subnets of 111111111111 (eu-west-1)"),
    ];
    all.into_iter().filter(|(built, _, _)| *built).map(|(_, gate, names)| (gate, names)).collect()
}

#[test]
fn what_a_service_keeps_is_reported_if_its_region_is_read() {
    let (holds, holds_nothing, _) = answers(SERVICES, "[\"us-east-1\", \"eu-west-1\"]");
    for (gate, names) in gates() {
        let found = answer(&holds, gate);
        assert!(matches!(found.verdict, Verdict::Block { .. }) && found.explanation().contains(names), "{gate}: {}", found.explanation());
        assert!(!["retain", "by-hand"].iter().any(|other| found.explanation().contains(other)), "{gate}: {}", found.explanation());
        // The organization trail records every account.
        let spared = matches!(answer(&holds_nothing, gate).verdict, Verdict::Pass { .. }) || gate == GateName::OrganizationTrail;
        assert!(spared, "{gate}: {}", answer(&holds_nothing, gate).explanation());
    }
    if cfg!(feature = "ram") {
        assert!(answer(&holds, GateName::ResourceShares).explanation().contains("given of 222222222222"));
    }
}

#[test]
fn a_service_whose_home_was_not_looked_in_is_unknown_and_says_so() {
    let (holds, ..) = answers(SERVICES, "[]");
    let homes = [(cfg!(feature = "controltower"), GateName::ControlTower), (cfg!(feature = "ssoadmin"), GateName::IdentityCenter)];
    for (_, gate) in homes.iter().filter(|(built, _)| *built) {
        let found = answer(&holds, *gate);
        let says = found.explanation().contains("us-east-1") && found.explanation().contains("provider.regions");
        assert!(matches!(found.verdict, Verdict::Unknown { .. }) && says, "{}", found.explanation());
    }
}

#[test]
fn a_service_without_trusted_access_is_not_asked() {
    let (holds, _, requests) = answers(&[], "[\"eu-west-1\"]");
    for (gate, _) in gates() {
        assert!(matches!(answer(&holds, gate).verdict, Verdict::Pass { .. }), "{gate}");
    }
    let services = ["cloudformation:", "sso:", "ram:", "controltower:", "cloudtrail:"];
    assert!(!requests.keys().any(|operation| services.iter().any(|service| operation.starts_with(service))), "{requests:?}");
}

#[test]
fn a_service_is_asked_in_each_region_and_for_each_departure() {
    let (.., requests) = answers(SERVICES, "[\"us-east-1\", \"eu-west-1\"]");
    let expected = [
        (cfg!(feature = "controltower"), "controltower:ListLandingZones", 2),
        // One request for the one landing zone, for all departures.
        (cfg!(feature = "controltower"), "controltower:GetLandingZone", 1),
        (cfg!(feature = "controltower"), "controltower:ListEnabledBaselines", 2),
        (cfg!(feature = "cloudtrail"), "cloudtrail:DescribeTrails", 2),
        (cfg!(feature = "cloudformation"), "cloudformation:ListStackSets", 2),
        // One stack set deletes its stacks, and two accounts depart.
        (cfg!(feature = "cloudformation"), "cloudformation:ListStackInstances", 2),
        (cfg!(feature = "ssoadmin"), "sso:ListInstances", 2),
        (cfg!(feature = "ssoadmin"), "sso:ListPermissionSetsProvisionedToAccount", 2),
        // Two owners, two regions, two accounts.
        (cfg!(feature = "ram"), "ram:GetResourceShares", 8),
        (cfg!(feature = "ram"), "ram:ListPrincipals", 1),
    ];
    for (built, operation, count) in expected {
        assert_eq!(requests.get(operation).copied().unwrap_or_default(), if built { count } else { 0 }, "{operation}");
    }
}

#[test]
#[cfg(not(feature = "cloudformation"))]
fn a_client_that_is_not_built_in_leaves_its_gate_unknown() {
    let (holds, ..) = answers(SERVICES, "[\"eu-west-1\"]");
    let found = answer(&holds, GateName::StackSets);
    let Verdict::Unknown { missing, remedy, .. } = &found.verdict else { panic!("{found:?}") };
    assert!(found.is_blocking() && missing.contains("without the feature `cloudformation`"), "{missing}");
    let remedy = format!("{remedy:?}");
    assert!(remedy.contains("--features full") && !remedy.contains("acknowledge") && !remedy.contains("Allow"), "{remedy}");
}
