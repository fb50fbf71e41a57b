//! One run invites or transfers many accounts: its requests grow linearly, and AWS's quotas refuse none.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use crate::api::Operation;
use crate::apply::{Executor, PATIENCE, Pace as ActPace, RunContext};
use crate::config;
use crate::gate::{Call, known_keys};
use crate::journal::{Ledger, LocalStore, LockHolder};
use crate::observe::{Known, ObserveScope, observe};
use crate::org::{Leaving, ObservedOrganization};
use crate::plan::{PlanInput, plan};

use super::*;

const NOW: &str = "2026-11-22T09:00:00Z";

/// An organization with AWS's quotas, and this number of accounts outside of it, each with a role that accepts. Every second one is already
/// invited.
fn world(accounts: usize, quotas: bool) -> Sandbox {
    let mut text = format!(
        "sandbox {{\n  clock = \"{NOW}\"\n  weather {{\n    throttles = {quotas}\n    rejoin_wait_minutes = 0\n  }}\n}}\norganization \
         \"o-exampleorgid\" {{\n  management_account_id = \"111111111111\"\n  account_quota = 1000\n  root {{ id = \"r-ab12\" }}\n  \
         organizational_unit \"Shops\" {{ id = \"ou-ab12-shops0000\" }}\n  account \"111111111111\" {{\n    name = \"management\"\n    email = \
         \"m@example.com\"\n    joined = \"2020-01-01T00:00:00Z\"\n  }}\n"
    );
    for index in (0..accounts).step_by(2) {
        let _ = write!(text, "  invitation \"h-byhand{index:04}\" {{\n    account = \"{}\"\n  }}\n", member(index));
    }
    text.push_str("}\n");
    for id in (0..accounts).map(member) {
        let _ = write!(
            text,
            "account \"{id}\" {{\n  name = \"a{id}\"\n  email = \"{id}@example.com\"\n  role \"Accept\" {{\n    trusts = [\"111111111111\"]\n  \
             }}\n}}\n"
        );
    }
    let mut sources = SourceMap::default();
    let file = sources.add("world.sandbox.hcl", text);
    Sandbox::open(&sources, Some(file), None).unwrap()
}

fn configuration(accounts: usize) -> String {
    let head =
        "organization {\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\nguardrails {\n  max_joins = 1000\n}\n";
    let block = |id: AccountId| {
        format!(
            "account \"a{id}\" {{\n  id = \"{id}\"\n  name = \"a{id}\"\n  membership = \"member\"\n  join {{\n    reason = \"Acquired\"\n    on = \
             \"2026-11-20\"\n    unit = \"ou-ab12-shops0000\"\n    tags = {{ team = \"shop\" }}\n    accept_role {{\n      arn = \
             \"arn:aws:iam::{id}:role/Accept\"\n    }}\n  }}\n}}\n"
        )
    };
    head.to_owned() + &(0..accounts).map(member).map(block).collect::<String>()
}

/// An organization with AWS's quotas, and this number of members, each with a role and an invitation from another organization.
fn world_to_leave(accounts: usize) -> Sandbox {
    let management = |id: &str| {
        format!(
            "  management_account_id = \"{id}\"\n  account_quota = 1000\n  account \"{id}\" {{\n    name = \"m\"\n    email = \"{id}@example.com\"\n  }}\n"
        )
    };
    let mut text = format!(
        "sandbox {{\n  clock = \"{NOW}\"\n  weather {{\n    throttles = true\n  }}\n}}\norganization \"o-exampleorgid\" {{\n{}",
        management("111111111111")
    );
    for id in (0..accounts).map(member) {
        let _ = write!(
            text,
            "  account \"{id}\" {{\n    name = \"a{id}\"\n    email = \"{id}@example.com\"\n    joined_method = \"INVITED\"\n    role \"Leaver\" {{\n      trusts = \
             [\"111111111111\"]\n    }}\n  }}\n"
        );
    }
    let _ = write!(text, "}}\norganization \"o-targetorgid\" {{\n{}", management("999999999999"));
    for (index, id) in (0..accounts).map(member).enumerate() {
        let _ = write!(text, "  invitation \"h-tomove{index:04}\" {{\n    account = \"{id}\"\n  }}\n");
    }
    text.push_str("}\n");
    let mut sources = SourceMap::default();
    let file = sources.add("world.sandbox.hcl", text);
    Sandbox::open(&sources, Some(file), None).unwrap()
}

fn configuration_of_transfers(accounts: usize) -> String {
    let head = "provider \"aws\" {\n  member_role {\n    name = \"Leaver\"\n  }\n}\norganization {\n  id = \"o-exampleorgid\"\n  management_account_id = \
                \"111111111111\"\n}\nguardrails {\n  max_detachments = 1000\n  max_detachments_percent = 100\n  transfer_targets = { \"o-targetorgid\" = \
                \"999999999999\" }\n}\n";
    let block = |id: AccountId| {
        format!(
            "account \"a{id}\" {{\n  id = \"{id}\"\n  name = \"a{id}\"\n  membership = \"detached\"\n  reason = \"Divested\"\n  via = \"transfer\"\n  to = \
             \"o-targetorgid\"\n}}\n"
        )
    };
    head.to_owned() + &(0..accounts).map(member).map(block).collect::<String>()
}

/// The requests that carrying out these acts takes, by operation, and how often AWS throttled.
async fn carried_out((sandbox, configuration): (Sandbox, String), accounts: usize, percent: Option<u32>) -> (BTreeMap<String, u64>, u64) {
    let aws = client(sandbox.clone(), Pace::new(percent), Duration::from_millis(50));
    let now = NOW.parse().unwrap();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.roster.hcl"), configuration).unwrap();
    let mut sources = SourceMap::default();
    let (roster, _) = config::load(directory.path(), &mut sources).unwrap();
    let keys = |observed: &ObservedOrganization, id: AccountId, departure: &Leaving| {
        known_keys(Call { observed, assumptions: &roster.assumptions, departure, id, now })
    };
    let observed = observe(&aws, &roster, ObserveScope::Plan(&[]), Known::default(), &keys, now).await.unwrap();
    let nothing = (BTreeMap::new(), BTreeMap::new());
    let plan = plan(&PlanInput {
        roster: &roster,
        sources: &sources,
        observed: &observed,
        records: &nothing.0,
        joinings: &nothing.1,
        targets: &[],
        now,
        sandbox: false,
        snapshot: None,
    })
    .0;
    let approved: Vec<_> = plan.eligible().into_iter().cloned().collect();
    assert_eq!(approved.len(), accounts, "{:?}", plan.blocked());
    let ledger = Ledger::new(LocalStore::new(directory.path().join("backend")), "o-exampleorgid".parse().unwrap());
    let run =
        ledger.begin(&LockHolder { id: "run".into(), operation: "apply".into(), who: "test".into(), created: Some(now) }).await.unwrap();
    let (before, writer) = (sandbox.requests(), aws.writer());
    let context = RunContext {
        roster: &roster,
        observed: &observed,
        organization: &plan.organization,
        sandbox: false,
        digest: &plan.digest,
        operator: "test",
        approved_by: &[],
        clock: &|| now,
        interrupted: &AtomicBool::new(false),
        deadline: None,
        records: &BTreeMap::new(),
        unresolved: &BTreeMap::new(),
        patience: PATIENCE,
        parallelism: 10,
        pace: ActPace::new(percent.unwrap_or(100)),
        progress: &|_| {},
    };
    let report = Executor { read: &aws, write: &writer, run: &run, context: &context }.execute(&approved).await.unwrap();
    assert!(report.outcomes.iter().all(|(_, outcome)| outcome.took_effect()), "{:?}", report.outcomes);
    let throttled: u64 = Operation::ALL.iter().map(|operation| aws.pace.cost(*operation).throttled).sum();
    let more = sandbox.requests().into_iter().map(|(name, count)| (name.clone(), count - before.get(&name).copied().unwrap_or(0)));
    (more.filter(|(_, count)| *count > 0).collect(), throttled + report.throttles)
}

#[tokio::test(start_paused = true)]
async fn what_joinings_ask_of_aws_grows_as_they_do_and_a_hundred_draw_no_throttle() {
    let joinings =
        |accounts, percent: Option<u32>| carried_out((world(accounts, percent.is_some()), configuration(accounts)), accounts, percent);
    let (ten, _) = joinings(10, None).await;
    assert_eq!((ten["organizations:DescribeHandshake"], ten["organizations:AcceptHandshake"]), (10, 10), "{ten:?}");
    assert_eq!((ten["organizations:InviteAccountToOrganization"], ten.get("organizations:ListHandshakesForOrganization")), (5, None));
    let ten_fold: BTreeMap<_, _> = ten.iter().map(|(name, count)| (name.clone(), count * 10)).collect();
    assert_eq!(joinings(100, None).await.0, ten_fold);
    // Under AWS's quotas, the same requests are enough: none is refused, so none is repeated.
    for percent in [60, 100] {
        let (asked, throttled) = joinings(100, Some(percent)).await;
        assert_eq!((asked, throttled), (ten_fold.clone(), 0), "at {percent} %");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_transfers_draw_no_throttle() {
    for percent in [60, 100] {
        let (asked, throttled) = carried_out((world_to_leave(100), configuration_of_transfers(100)), 100, Some(percent)).await;
        assert_eq!((asked["organizations:AcceptHandshake"], throttled), (100, 0), "at {percent} %: {asked:?}");
    }
}
