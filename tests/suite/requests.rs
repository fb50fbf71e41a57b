//! The cost of plans and other commands: requests by operation, for given shapes. They grow with departures and the policies on their
//! paths, and with the pages of the account list, but never with the number of accounts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use crate::departing::Scene;
use crate::worlds::{MANAGEMENT, head, plan_of, serve};

/// The shape of an organization: members, some of which are detached, and policies attached to the root. Every member is declared.
#[derive(Clone, Copy)]
struct Shape {
    members: usize,
    detached: usize,
    /// Whether each detached account is in its own unit; all other accounts are in one.
    own_units: bool,
    policies: usize,
}

fn id(index: usize) -> String {
    format!("2{index:011}")
}

fn fixture(shape: &Shape) -> String {
    let mut fixture = format!(
        "sandbox {{\n  clock = \"2026-11-22T09:00:00Z\"\n}}\norganization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  root {{\n    id = \"r-ab12\"\n  }}\n  \
         account \"{MANAGEMENT}\" {{\n    name = \"management\"\n    email = \"m@example.com\"\n  }}\n  organizational_unit \"Unit\" {{\n    id = \"ou-ab12-unit0000\"\n"
    );
    let own = if shape.own_units { shape.detached } else { 0 };
    let account = |index: usize| {
        let id = id(index);
        format!("    account \"{id}\" {{\n      name = \"name-{id}\"\n      email = \"{id}@example.com\"\n    }}\n")
    };
    fixture.extend((own..shape.members).map(account));
    fixture.push_str("  }\n");
    for index in 0..own {
        let _ = writeln!(fixture, "  organizational_unit \"Own {index}\" {{\n{}  }}", account(index));
    }
    for index in 0..shape.policies {
        let content = r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
        let _ = writeln!(
            fixture,
            "  policy \"p-policy{index:03}\" {{\n    name = \"Policy{index}\"\n    targets = [\"r-ab12\"]\n    content = <<-JSON\n      {content}\n    JSON\n  }}"
        );
    }
    fixture + "}\n"
}

fn configuration(shape: &Shape) -> String {
    let mut configuration = head();
    for index in 0..shape.members {
        let (id, fate) = match index < shape.detached {
            true => (id(index), format!("name = \"name-{}\"\n  membership = \"detached\"\n  reason = \"x\"", id(index))),
            false => (id(index), "membership = \"member\"".to_owned()),
        };
        let _ = writeln!(configuration, "account \"a{index}\" {{\n  id = \"{id}\"\n  {fate}\n}}");
    }
    configuration
}

/// The requests of a plan in which every departure of the shape is blocked.
fn requests(shape: &Shape, configuration: &str) -> BTreeMap<String, u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let served = serve(&fixture(shape)).await;
        let plan = plan_of(&served, configuration, None).await;
        assert_eq!(plan.blocked().len(), shape.detached);
        assert_eq!(served.sandbox.requests(), plan.requests, "what the plan counts is what was sent");
        plan.requests
    })
}

/// The maximum requests of a plan for this shape. The management account is one more account.
fn budget(shape: &Shape) -> BTreeMap<String, u64> {
    let Shape { members, detached, own_units, policies } = *shape;
    let once = |operation: &str| (operation.to_owned(), 1);
    let mut budget = BTreeMap::from([
        once("sts:GetCallerIdentity"),
        once("organizations:DescribeOrganization"),
        once("organizations:ListRoots"),
        once("organizations:ListDelegatedAdministrators"),
    ]);
    let mut more = |operation: &str, count: usize| {
        if count > 0 {
            budget.insert(format!("organizations:{operation}"), count as u64);
        }
    };
    more("ListAccounts", (members + 1).div_ceil(20));
    let units = match detached {
        0 => 0,
        _ if own_units => detached,
        _ => 1,
    };
    more("ListAWSServiceAccessForOrganization", usize::from(detached > 0));
    more("DescribeResourcePolicy", usize::from(detached > 0));
    more("ListTagsForResource", detached);
    more("DescribeOrganizationalUnit", units);
    // The root, its units and the accounts; and each policy once, including FullAWSAccess.
    more("ListPoliciesForTarget", if detached > 0 { 1 + units + detached } else { 0 });
    more("DescribePolicy", if detached > 0 { policies + 1 } else { 0 });
    // The list of more than 140 accounts waits for its quota, but the reads about departing accounts don't wait for the list.
    more("DescribeAccount", if members > 140 { detached } else { 0 });
    budget
}

#[test]
fn a_plan_asks_what_its_departures_need_and_nothing_of_the_accounts_that_stay() {
    let shape = |members, detached, own_units| Shape { members, detached, own_units, policies: 3 };
    for members in [0, 1, 18, 19, 20, 141, 999, 1_000] {
        let nothing = shape(members, 0, false);
        let asked = requests(&nothing, &configuration(&nothing));
        assert_eq!(asked, budget(&nothing), "{members} members");
        let others = asked.values().sum::<u64>() - asked["organizations:ListAccounts"];
        assert!(others <= 6, "{others} requests beside the list");
        for (detached, own_units) in [(1, false), (10, false), (10, true)] {
            if detached <= members && members != 999 {
                let shape = shape(members, detached, own_units);
                assert_eq!(
                    requests(&shape, &configuration(&shape)),
                    budget(&shape),
                    "{detached} of {members} members, units of their own: {own_units}"
                );
            }
        }
    }
}

/// While a long list is read, accounts that have left cause no requests; an account that is listed again is read afterwards.
#[test]
fn a_departure_that_is_over_costs_nothing_unless_the_account_is_back() {
    let shape = Shape { members: 200, detached: 2, own_units: true, policies: 3 };
    let over = |id: &str| format!("id = \"{id}\"\n  departed = \"2025-01-01\"");
    let gone =
        format!("account \"gone\" {{\n  {}\n  name = \"x\"\n  membership = \"detached\"\n  reason = \"x\"\n}}\n", over("999999999999"));
    assert_eq!(requests(&shape, &(configuration(&shape) + &gone)), budget(&shape));

    let back = configuration(&shape).replace(&format!("id = \"{}\"", id(1)), &over(&id(1)));
    let mut expected = budget(&shape);
    expected.insert("organizations:DescribeAccount".to_owned(), 1);
    // The parts that it shares with the others are read again: the root and its policies.
    *expected.get_mut("organizations:ListPoliciesForTarget").unwrap() += 1;
    *expected.get_mut("organizations:DescribePolicy").unwrap() *= 2;
    assert_eq!(requests(&shape, &back), expected);
}

#[test]
fn many_departures_are_read_policy_by_policy() {
    let shape = Shape { members: 60, detached: 40, own_units: false, policies: 2 };
    let found = requests(&shape, &configuration(&shape));
    assert_eq!(found.get("organizations:ListPolicies"), Some(&1));
    assert_eq!(found.get("organizations:ListPoliciesForTarget"), None);
    // The two policies, and four pages of FullAWSAccess on 61 accounts, the root and the unit.
    assert_eq!(found.get("organizations:ListTargetsForPolicy"), Some(&6));
    assert_eq!(found.get("organizations:DescribePolicy"), Some(&3));
}

/// Most members have no block, so the direction that seemed cheaper is not: it is abandoned before it costs more than the other one.
#[test]
fn undeclared_accounts_do_not_make_policies_dear() {
    let scene = Scene::with_bystanders(25, "", "", 600);
    let planned = scene.orgroster(&["plan"]).output().unwrap();
    assert!(planned.status.success(), "{}", String::from_utf8_lossy(&planned.stderr));
    let asked = scene.requests();
    assert_eq!(asked["organizations:ListPoliciesForTarget"], 26);
    assert!(asked["organizations:ListTargetsForPolicy"] <= 26, "{asked:?}");
}

/// The requests of one command in a scene.
fn asked_by(scene: &Scene, words: &[&str]) -> BTreeMap<String, u64> {
    let before = scene.requests();
    let ended = scene.orgroster(words).output().unwrap();
    assert!(ended.status.success(), "{words:?}: {}", String::from_utf8_lossy(&ended.stderr));
    let more = scene.requests().into_iter().map(|(name, count)| (name.clone(), count - before.get(&name).copied().unwrap_or(0)));
    more.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn a_command_asks_no_more_than_a_plan_of_what_it_is_about() {
    let scene = Scene::with_bystanders(3, "", "", 30);
    let planned = asked_by(&scene, &["plan"]);
    assert_eq!((planned["organizations:ListAccounts"], planned["organizations:ListTagsForResource"]), (2, 3));
    assert_eq!(asked_by(&scene, &["snapshot", "-out", "facts.json"]), planned);

    let one = asked_by(&scene, &["plan", "-target=account.a200000000001"]);
    let of_one = ["ListAccounts", "ListTagsForResource", "ListPoliciesForTarget"].map(|name| one[&format!("organizations:{name}")]);
    assert_eq!(of_one, [2, 1, 2], "the root and the account: {one:?}");

    // Blocks need only the list and the names of units, and this organization has no units.
    let imported = asked_by(&scene, &["import"]);
    let once = ["DescribeOrganization", "ListDelegatedAdministrators", "ListRoots"].map(|name| (format!("organizations:{name}"), 1));
    let list = [("organizations:ListAccounts".to_owned(), 2), ("sts:GetCallerIdentity".to_owned(), 1)];
    assert_eq!(imported, once.into_iter().chain(list).collect());
}

/// An apply observes like a plan. After that, each departure costs the same, however many accounts stay.
#[test]
fn an_apply_costs_a_plan_and_so_much_for_each_departure() {
    let departures = |count: u64, stay: u64| {
        let scene = Scene::with_bystanders(count, "weather {\n trail_delay_seconds = 0\n}", "", stay);
        let planned = asked_by(&scene, &["plan"]);
        let applied = asked_by(&scene, &["apply", "-auto-approve"]);
        let again = asked_by(&scene, &["apply", "-auto-approve"]);
        assert!(again.values().sum::<u64>() - again["organizations:ListAccounts"] <= 6, "nothing is left to do: {again:?}");
        let more: BTreeMap<_, _> =
            applied.into_iter().map(|(name, count)| (name.clone(), count - planned.get(&name).copied().unwrap_or(0))).collect();
        more.into_iter().filter(|(_, count)| *count > 0).collect::<BTreeMap<_, _>>()
    };
    let one = departures(1, 5);
    assert_eq!(one.get("organizations:LeaveOrganization"), Some(&1), "{one:?}");
    let five_fold = one.iter().map(|(name, count)| (name.clone(), count * 5)).collect::<BTreeMap<_, _>>();
    assert_eq!(departures(5, 5), five_fold);
    assert_eq!(departures(5, 60), five_fold);
}

#[test]
fn a_denied_read_is_requested_once_whatever_the_sandboxs_clock_shows() {
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

/// `explain` evaluates only the accounts to be detached.
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

/// A foreign client uses the same quota: the plan continues more slowly, and says so.
#[test]
fn throttling_caused_by_a_foreign_client_is_survived_and_reported() {
    let fault = "fault {\n operation = \"organizations:ListAccounts\"\n kind = \"throttle\"\n count = 2\n}";
    let planned = Scene::new(1, fault).orgroster(&["plan", "-verbose"]).output().unwrap();
    let text = String::from_utf8_lossy(&planned.stdout);
    assert!(planned.status.success(), "{}", String::from_utf8_lossy(&planned.stderr));
    assert!(text.contains("organizations:ListAccounts (throttled 2 times)"), "{text}");
    assert!(text.contains("AWS throttled 2 requests: another caller uses the same quotas."), "{text}");
}
