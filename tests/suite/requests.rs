//! What a plan costs: requests by operation, for given shapes. They grow with departures and the policies on their paths, and with the
//! pages of the account list, never with accounts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::departing::Scene;
use crate::worlds::{MANAGEMENT, head, plan_of, serve};

/// An organization: members, of which some are detached, and policies attached to the root.
struct Shape {
    members: usize,
    detached: usize,
    policies: usize,
}

fn id(index: usize) -> String {
    format!("2{index:011}")
}

fn requests(shape: &Shape) -> BTreeMap<String, u64> {
    let mut fixture = format!(
        "sandbox {{\n  clock = \"2026-11-22T09:00:00Z\"\n}}\norganization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  root {{\n    id = \"r-ab12\"\n  }}\n  \
         account \"{MANAGEMENT}\" {{\n    name = \"management\"\n    email = \"m@example.com\"\n  }}\n  organizational_unit \"Unit\" {{\n    id = \"ou-ab12-unit0000\"\n"
    );
    for index in 0..shape.members {
        let id = id(index);
        let _ = writeln!(fixture, "    account \"{id}\" {{\n      name = \"name-{id}\"\n      email = \"{id}@example.com\"\n    }}");
    }
    fixture.push_str("  }\n");
    for index in 0..shape.policies {
        let content = r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
        let _ = writeln!(
            fixture,
            "  policy \"p-policy{index:03}\" {{\n    name = \"Policy{index}\"\n    targets = [\"r-ab12\"]\n    content = <<-JSON\n      {content}\n    JSON\n  }}"
        );
    }
    fixture.push_str("}\n");
    let mut configuration = head();
    for index in 0..shape.detached {
        let id = id(index);
        let _ = writeln!(
            configuration,
            "account \"a{index}\" {{\n  id = \"{id}\"\n  name = \"name-{id}\"\n  membership = \"detached\"\n  reason = \"x\"\n}}"
        );
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let served = serve(&fixture).await;
        let plan = plan_of(&served, &configuration, None).await;
        assert_eq!(plan.blocked.len(), shape.detached);
        assert_eq!(served.sandbox.requests(), plan.requests, "what the plan counts is what was sent");
        plan.requests
    })
}

fn expected(operations: &[(&str, u64)]) -> BTreeMap<String, u64> {
    let name = |operation: &str| if operation.contains(':') { operation.to_owned() } else { format!("organizations:{operation}") };
    operations.iter().map(|(operation, count)| (name(operation), *count)).collect()
}

#[test]
fn without_departures_only_the_organization_and_its_accounts_are_read() {
    // The management account is one more.
    for (members, pages) in [(0, 1), (1, 1), (19, 1), (20, 2), (50, 3), (399, 20), (400, 21)] {
        let read = [
            ("sts:GetCallerIdentity", 1),
            ("DescribeOrganization", 1),
            ("ListRoots", 1),
            ("ListDelegatedAdministrators", 1),
            ("ListAccounts", pages),
        ];
        assert_eq!(requests(&Shape { members, detached: 0, policies: 3 }), expected(&read), "{members} members");
    }
}

#[test]
fn a_departure_costs_its_path_its_tags_and_each_policy_once() {
    let read = |pages| {
        expected(&[
            ("sts:GetCallerIdentity", 1),
            ("DescribeOrganization", 1),
            ("ListRoots", 1),
            ("ListDelegatedAdministrators", 1),
            ("ListAWSServiceAccessForOrganization", 1),
            ("ListAccounts", pages),
            // Root, unit and two accounts; FullAWSAccess and two policies.
            ("ListPoliciesForTarget", 4),
            ("DescribePolicy", 3),
            ("DescribeOrganizationalUnit", 1),
            ("ListTagsForResource", 2),
        ])
    };
    assert_eq!(requests(&Shape { members: 15, detached: 2, policies: 2 }), read(1));
    assert_eq!(requests(&Shape { members: 75, detached: 2, policies: 2 }), read(4), "accounts add pages of the list, and nothing else");
}

#[test]
fn many_departures_are_read_policy_by_policy() {
    let found = requests(&Shape { members: 60, detached: 40, policies: 2 });
    assert_eq!(found.get("organizations:ListPolicies"), Some(&1));
    assert_eq!(found.get("organizations:ListPoliciesForTarget"), None);
    // The two policies, and four pages of FullAWSAccess on 61 accounts, the root and the unit.
    assert_eq!(found.get("organizations:ListTargetsForPolicy"), Some(&6));
    assert_eq!(found.get("organizations:DescribePolicy"), Some(&3));
}

#[test]
fn a_denial_is_asked_once_wherever_the_sandboxs_clock_stands() {
    let fixture = format!(
        "sandbox {{\n  clock = \"2031-11-22T09:00:00Z\"\n}}\norganization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  \
         account \"{MANAGEMENT}\" {{\n    name = \"management\"\n    email = \"m@example.com\"\n  }}\n  account \"{id}\" {{\n    name = \"name-{id}\"\n    \
         email = \"{id}@example.com\"\n    role \"Leaver\" {{\n      trusts = [\"{MANAGEMENT}\"]\n      policy = \"{{\\\"Statement\\\": {{\\\"Effect\\\": \\\"Deny\\\", \\\"Action\\\": \\\"*\\\", \\\"Resource\\\": \\\"*\\\"}}}}\"\n    }}\n  }}\n}}\n",
        id = id(0)
    );
    let configuration = head()
        + &format!("account \"a\" {{\n  id = \"{0}\"\n  name = \"name-{0}\"\n  membership = \"detached\"\n  reason = \"x\"\n}}\n", id(0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let requests = runtime.block_on(async {
        let served = serve(&fixture).await;
        plan_of(&served, &configuration, Some("Leaver")).await;
        served.sandbox.requests()
    });
    for operation in ["organizations:ListHandshakesForAccount", "account:GetContactInformation", "account:GetAccountInformation"] {
        assert_eq!(requests.get(operation), Some(&1), "{operation}");
    }
}

/// `explain` judges the accounts to be detached; the others are not its business.
#[test]
fn an_explanation_reads_the_accounts_to_be_detached_one_by_one() {
    let scene = Scene::new(1, "");
    let members: String = (0..60)
        .map(|index| {
            format!(
                "account \"member-{index}\" {{\n  id         = \"{:012}\"\n  membership = \"member\"\n}}\n",
                300_000_000_000_u64 + index
            )
        })
        .collect();
    fs::write(scene.path().join("members.roster.hcl"), members).unwrap();
    let explained = scene.orgroster(&["explain", "200000000000"]).output().unwrap();
    assert!(explained.status.success(), "{}", String::from_utf8_lossy(&explained.stderr));
    let requests = scene.requests();
    assert_eq!(requests.get("organizations:DescribeAccount"), Some(&1));
    assert_eq!(requests.get("organizations:ListAccounts"), None);
}

/// Somebody else uses the same quota: the plan goes on, slower, and says so.
#[test]
fn a_throttle_that_somebody_else_causes_is_survived_and_reported() {
    let fault = "fault {\n operation = \"organizations:ListAccounts\"\n kind = \"throttle\"\n count = 2\n}";
    let planned = Scene::new(1, fault).orgroster(&["plan", "-verbose"]).output().unwrap();
    let text = String::from_utf8_lossy(&planned.stdout);
    assert!(planned.status.success(), "{}", String::from_utf8_lossy(&planned.stderr));
    assert!(text.contains("organizations:ListAccounts (throttled 2 times)"), "{text}");
    assert!(text.contains("AWS throttled 2 requests: somebody else uses the same quotas."), "{text}");
}
