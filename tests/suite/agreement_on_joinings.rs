//! Agreement with the world about joining: an account that the plan calls eligible is invited or joins, and only from where its block
//! allows. What the plan blocks because AWS would refuse the invitation, the sandbox refuses with the matching error.
//!
//! No plan sees what only the account or its present organization knows: which accounts can't be entered, and which policies deny the
//! acceptance.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use orgroster::api::TakeIn;
use orgroster::apply::Outcome;
use orgroster::gate::{Because, GateResult, Verdict};
use orgroster::org::{Action, GateName, JoinStep};
use orgroster::plan::{NoChange, PlannedAccount};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::agreeing::{code_of, days_ago, errors_where, holder, id, index_of, is_certain, ledger, perform, policies, try_all};
use crate::departing::ask;
use crate::worlds::{CLOCK, MANAGEMENT, Served, planned, serve};

/// The number of worlds.
const CASES: usize = 40;

const UNIT: &str = "ou-ab12-unit0000";
const SOURCE: &str = "777777777777";
const STRANGER: &str = "888888888888";
/// The minimum quota of invitations per day, and of accounts unless the organization is full.
const QUOTA: usize = 20;

/// Statements about accepting, in policies of the organization that the account is in.
const STATEMENTS: &[&str] = &[
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","Resource":"*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","Resource":"arn:aws:organizations::111111111111:handshake/*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","NotResource":"arn:aws:organizations::*:handshake/o-exampleorgid/*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:Accept*","Resource":"arn:aws:organizations::888888888888:handshake/*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}"#,
    r#"{"Effect":"Deny","NotAction":["organizations:*","sts:*","account:*"],"Resource":"*"}"#,
    r#"{"Effect":"Deny","NotAction":["organizations:*","iam:*","sts:*"],"Resource":"*"}"#,
];

/// The place of an account before it joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    Standalone,
    Source,
    Stranger,
}

/// An invitation of an account; it may also have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Invited {
    /// Ours, open, sent to the account's id.
    Open,
    /// Ours, open, sent to the email address.
    ByAddress,
    /// Ours, and expired before the day of the decision.
    Expired,
    /// Ours, and declined since.
    Declined,
    /// An open invitation from an organization that is not in the configuration. Its id sorts first.
    Stranger,
}

#[derive(Debug, Clone)]
struct Newcomer {
    home: Home,
    days: u32,
    state: &'static str,
    payment: bool,
    invitations: Vec<Invited>,
    /// Whether the block has a role that accepts, and whether the role lets us in.
    accepts: bool,
    trusted: bool,
    /// Whether the block allows it to leave its source organization.
    from: bool,
    /// Whether the account has the name in the block.
    named: bool,
    /// Whether its unit exists; `None` places it in the root.
    unit: Option<bool>,
}

#[derive(Debug, Clone)]
struct World {
    newcomers: Vec<Newcomer>,
    policies: Vec<usize>,
    /// Whether the organization is less than a week old.
    young: bool,
    /// For how many accounts, and for how many of the day's invitations, there is room; `None` if there is plenty.
    places: Option<usize>,
    left: Option<usize>,
    asks_leave: bool,
}

fn newcomer() -> impl Strategy<Value = Newcomer> {
    let often = || prop::bool::weighted(0.85);
    let homes = select(vec![Home::Standalone, Home::Standalone, Home::Standalone, Home::Source, Home::Source, Home::Stranger]);
    let states = select(vec!["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED"]);
    let kinds = vec![Invited::Open, Invited::ByAddress, Invited::Expired, Invited::Declined, Invited::Stranger];
    let invitations = prop_oneof![
        3 => Just(vec![]),
        2 => Just(vec![Invited::Stranger, Invited::Open]),
        1 => Just(vec![Invited::Stranger]),
        1 => Just(vec![Invited::Expired]),
        3 => prop::collection::vec(select(kinds), 0..3),
    ];
    let unit = select(vec![None, Some(true), Some(true), Some(true), Some(true), Some(false)]);
    (homes, select(vec![1, 3, 5, 400]), states, often(), invitations, any::<bool>(), often(), any::<bool>(), often(), unit).prop_map(
        |(home, days, state, payment, invitations, accepts, trusted, from, named, unit)| Newcomer {
            home,
            days,
            state,
            payment,
            invitations,
            accepts,
            trusted,
            from,
            named,
            unit,
        },
    )
}

fn worlds() -> impl Strategy<Value = World> {
    let rarely = || prop::bool::weighted(0.12);
    let newcomers = prop::collection::vec(newcomer(), 1..5);
    let policies = prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(0..STATEMENTS.len(), 0..3)];
    let room = || prop_oneof![4 => Just(None), 1 => (0_usize..3).prop_map(Some)];
    (newcomers, policies, rarely(), room(), room(), any::<bool>())
        .prop_map(|(newcomers, policies, young, places, left, asks_leave)| World { newcomers, policies, young, places, left, asks_leave })
}

/// The id of an account's invitation.
fn handshake(index: usize, number: usize, invited: Invited) -> String {
    let sender = if invited == Invited::Stranger { "0stranger" } else { "ours" };
    format!("h-{sender}{index:04}{number:04}")
}

/// The number of open invitations. All of them were sent within the day.
fn open(world: &World) -> usize {
    let counts = |invited: &&Invited| matches!(invited, Invited::Open | Invited::ByAddress);
    world.newcomers.iter().flat_map(|newcomer| &newcomer.invitations).filter(counts).count()
}

fn fixture(world: &World) -> String {
    let quota = world.places.map_or(QUOTA, |places| 1 + open(world) + places);
    let mut text = format!(
        "sandbox {{\n  clock = \"{CLOCK}\"\n  weather {{\n    transfer_asks_leave = {}\n    rejoin_wait_minutes = 0\n  }}\n}}\n\
         organization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  account_quota = {quota}\n  root {{ id = \"r-ab12\" }}\n  \
         organizational_unit \"Unit\" {{ id = \"{UNIT}\" }}\n  account \"{MANAGEMENT}\" {{\n    name = \"management\"\n    email = \"m@example.com\"\n    \
         joined = \"{}\"\n  }}\n{}",
        world.asks_leave,
        days_ago(if world.young { 3 } else { 400 }),
        invitations(world, false)
    );
    if let Some(left) = world.left {
        for number in 0..QUOTA.saturating_sub(left + open(world)) {
            let _ = write!(
                text,
                "  invitation \"h-earlier{number:04}\" {{\n    account = \"9{number:011}\"\n    state = \"DECLINED\"\n    \
                 requested = \"2026-11-22T01:00:00Z\"\n  }}\n"
            );
        }
    }
    text.push_str("}\n");
    let others = [("o-sourceorgid", SOURCE, Home::Source, "r-cd34"), ("o-strangersorg", STRANGER, Home::Stranger, "r-ef56")];
    for (organization, management, home, root) in others {
        let _ = write!(
            text,
            "organization \"{organization}\" {{\n  management_account_id = \"{management}\"\n  account_quota = 100\n  root {{ id = \"{root}\" }}\n  \
             account \"{management}\" {{\n    name = \"m{management}\"\n    email = \"{management}@example.com\"\n  }}\n{}",
            accounts(world, home)
        );
        if home == Home::Source {
            text.push_str(&policies(world.policies.iter().map(|statement| (STATEMENTS[*statement], root.to_owned())), None));
        } else {
            text.push_str(&invitations(world, true));
        }
        text.push_str("}\n");
    }
    text + &accounts(world, Home::Standalone)
}

/// The accounts that exist before they join.
fn accounts(world: &World, home: Home) -> String {
    let mut text = String::new();
    for (index, newcomer) in world.newcomers.iter().enumerate().filter(|(_, newcomer)| newcomer.home == home) {
        let id = id(index);
        let name = if newcomer.named { format!("name-{id}") } else { "another".to_owned() };
        let joined = match home {
            Home::Standalone => format!("payment_method = \"{}\"", if newcomer.payment { "valid" } else { "none" }),
            Home::Source | Home::Stranger => format!("joined_method = \"CREATED\"\n  joined = \"{}\"", days_ago(newcomer.days)),
        };
        let trusts = if newcomer.trusted { MANAGEMENT } else { "999999999999" };
        let _ = write!(
            text,
            "account \"{id}\" {{\n  name = \"{name}\"\n  email = \"{id}@example.com\"\n  state = \"{}\"\n  {joined}\n  role \"Accept\" {{\n    \
             trusts = [\"{trusts}\"]\n  }}\n}}\n",
            newcomer.state
        );
    }
    text
}

/// The invitations from strangers, or ours.
fn invitations(world: &World, strangers: bool) -> String {
    let mut text = String::new();
    for (index, newcomer) in world.newcomers.iter().enumerate() {
        let sent = newcomer.invitations.iter().enumerate().filter(|(_, invited)| (**invited == Invited::Stranger) == strangers);
        for (number, invited) in sent {
            let whom = match invited {
                Invited::ByAddress => format!("email = \"{}@example.com\"", id(index)),
                _ => format!("account = \"{}\"", id(index)),
            };
            let state = match invited {
                Invited::Expired => "state = \"EXPIRED\"\n    requested = \"2026-11-01T00:00:00Z\"",
                Invited::Declined => "state = \"DECLINED\"\n    requested = \"2026-11-21T00:00:00Z\"",
                Invited::Open | Invited::ByAddress | Invited::Stranger => "state = \"OPEN\"",
            };
            let handshake = handshake(index, number, *invited);
            let _ = write!(text, "  invitation \"{handshake}\" {{\n    {whom}\n    {state}\n  }}\n");
        }
    }
    text
}

fn configuration(world: &World) -> String {
    let mut text = format!(
        "organization {{\n  id = \"o-exampleorgid\"\n  management_account_id = \"{MANAGEMENT}\"\n}}\nguardrails {{\n  max_joins = 1000\n}}\n"
    );
    for (index, newcomer) in world.newcomers.iter().enumerate() {
        let id = id(index);
        let role = format!("    accept_role {{\n      arn = \"arn:aws:iam::{id}:role/Accept\"\n    }}\n");
        let unit = newcomer.unit.map(|there| if there { UNIT } else { "ou-ab12-nowhere00" });
        let _ = write!(
            text,
            "account \"a{index}\" {{\n  id = \"{id}\"\n  name = \"name-{id}\"\n  email = \"{id}@example.com\"\n  membership = \"member\"\n  join {{\n    \
             reason = \"x\"\n    on = \"2026-11-20\"\n{}{}{}  }}\n}}\n",
            unit.map_or_else(String::new, |unit| format!("    unit = \"{unit}\"\n")),
            if newcomer.accepts && newcomer.from { "    from = \"o-sourceorgid\"\n" } else { "" },
            if newcomer.accepts { role.as_str() } else { "" },
        );
    }
    text
}

/// The sandbox's errors for an invitation if a gate's question has the wrong answer.
fn errors_of(gate: GateName) -> &'static [&'static str] {
    match gate {
        GateName::OpenInvitation => &["DuplicateHandshakeException"],
        GateName::InvitationQuota => &["HANDSHAKE_RATE_LIMIT_EXCEEDED", "ACCOUNT_NUMBER_LIMIT_EXCEEDED"],
        // A young organization can't add a member of another one.
        GateName::OrganizationAge => &["WAIT_PERIOD_ACTIVE"],
        _ => &[],
    }
}

/// Refusals with a cause that only the account, or its present organization, knows.
fn hidden(world: &World, newcomer: &Newcomer) -> Vec<&'static str> {
    let moves = newcomer.home == Home::Source;
    let causes = [
        (newcomer.state != "ACTIVE", "TARGET_NOT_SUPPORTED"),
        (newcomer.home == Home::Standalone && !newcomer.payment, "PAYMENT_INSTRUMENT_REQUIRED"),
        (moves && newcomer.days < 4, "WAIT_PERIOD_ACTIVE"),
        (moves && !world.policies.is_empty(), "AccessDeniedException"),
        (moves && !world.policies.is_empty(), "ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE"),
    ];
    causes.into_iter().filter(|(holds, _)| *holds).map(|(_, code)| code).collect()
}

/// Whether a gate leaves something open: it does not pass, or it passes because AWS decides.
fn is_open(result: &GateResult) -> bool {
    !matches!(&result.verdict, Verdict::Pass { because, .. } if !matches!(because, Because::Tried))
}

/// The results of the trials.
#[derive(Debug, Default)]
struct Counts {
    worlds: u32,
    /// Invited, and waiting for a person.
    invited: u32,
    joined: u32,
    /// The moves from another organization among them, and those of accounts that also had a stranger's invitation.
    moved: u32,
    past_a_stranger: u32,
    /// Eligible but refused, by code.
    open: BTreeMap<String, u32>,
    /// Blocked for a reason that AWS enforces, by the sandbox's answer.
    refused: BTreeMap<String, u32>,
    /// Held back by what the account reports, by gate.
    held_back: BTreeMap<String, u32>,
    /// Blocked by something that AWS does not enforce, by gate.
    decided: BTreeMap<String, u32>,
    /// Nothing to do, because an answer is pending.
    waiting: u32,
    /// Blocked because other accounts in the same plan use up a quota.
    shared: u32,
}

fn judge(outcome: Outcome, world: &World, act: &PlannedAccount, counts: &mut Counts) -> Result<(), TestCaseError> {
    let newcomer = &world.newcomers[index_of(act)];
    match outcome {
        Outcome::Done { .. } => {
            prop_assert!(newcomer.accepts && newcomer.trusted && newcomer.named, "{} came in and should not: {newcomer:?}", act.id);
            let may = newcomer.home == Home::Standalone || newcomer.home == Home::Source && newcomer.from;
            prop_assert!(may, "{} was taken out of {:?}", act.id, newcomer.home);
            counts.joined += 1;
            counts.moved += u32::from(newcomer.home == Home::Source);
            counts.past_a_stranger += u32::from(newcomer.invitations.contains(&Invited::Stranger));
        }
        Outcome::Invited { .. } => {
            prop_assert!(!newcomer.accepts, "{} has a role that accepts", act.id);
            counts.invited += 1;
        }
        Outcome::Refused(refusal) => {
            let code = refusal.reason.clone().unwrap_or_else(|| refusal.code_and_reason.clone());
            let open = [errors_where(act.gates(), errors_of, is_open), hidden(world, newcomer)].concat();
            prop_assert!(open.contains(&code.as_str()), "{} was called eligible, and the sandbox answered {code}", act.id);
            *counts.open.entry(code).or_default() += 1;
        }
        Outcome::HeldBack(result) => {
            let before = act.gates().iter().find(|before| before.gate == result.gate);
            prop_assert!(before.is_some_and(is_open), "{} was called eligible by {before:?}, and held back by {result:?}", act.id);
            *counts.held_back.entry(result.gate.to_string()).or_default() += 1;
        }
        other => prop_assert!(false, "{}: {other:?}", act.id),
    }
    Ok(())
}

/// A list from the sandbox for an account.
async fn listed(served: &Served, account: &'static str, operation: &'static str, field: &str) -> Vec<Value> {
    let endpoint = served.endpoint.clone();
    let asking = move || ask(&endpoint, account, &format!("AWSOrganizationsV20161128.{operation}"), "organizations", &json!({}));
    let answer = tokio::task::spawn_blocking(asking).await.unwrap();
    answer[field].as_array().unwrap().clone()
}

/// The number of our invitations of an account, by id or by address, and whether it is a member.
async fn standing(served: &Served, index: usize) -> (usize, bool) {
    let id = id(index);
    let sent = listed(served, MANAGEMENT, "ListHandshakesForOrganization", "Handshakes").await;
    let names =
        |handshake: &&Value| handshake["Parties"].as_array().unwrap().iter().any(|party| party["Id"].as_str().unwrap().starts_with(&id));
    let members = listed(served, MANAGEMENT, "ListAccounts", "Accounts").await;
    (sent.iter().filter(names).count(), members.iter().any(|account| account["Id"] == id))
}

async fn agree(world: &World, counts: &Mutex<Counts>) -> Result<(), TestCaseError> {
    let served = serve(&fixture(world)).await;
    let planned = planned(&served, &configuration(world), None).await;
    let plan = &planned.plan;
    let directory = tempfile::tempdir().unwrap();
    let ledger = ledger(&planned, directory.path());
    let run = ledger.begin(&holder()).await.unwrap();
    // Whether each eligible account took a place, and whether accepting took an invitation out of the day's count.
    let (mut all_sent, mut accepted) = (true, false);
    for act in plan.eligible() {
        let (before, _) = standing(&served, index_of(act)).await;
        let outcome = perform(&served, &planned, &run, act).await;
        let came_in = matches!(outcome, Outcome::Done { .. });
        all_sent &= came_in || matches!(outcome, Outcome::Invited { .. });
        accepted |= came_in;
        let (after, is_member) = standing(&served, index_of(act)).await;
        prop_assert_eq!(is_member, came_in, "{}: {:?}", act.id, &outcome);
        let may_invite = act.act().is_some_and(|act| act.action == Action::Join(JoinStep::Invite));
        prop_assert!(after - before <= usize::from(may_invite), "{}: {before} invitations, then {after}", act.id);
        judge(outcome, world, act, &mut counts.lock().unwrap())?;
    }
    run.release().await.unwrap();
    for (unchanged, why) in plan.unchanged() {
        // An invited account has exactly one invitation that counts, and no role that would accept it.
        prop_assert!(matches!(why, NoChange::Invited { .. }), "{}: {why:?}", unchanged.id);
        let newcomer = &world.newcomers[index_of(unchanged)];
        let own = newcomer.invitations.iter().filter(|invited| **invited == Invited::Open).count();
        prop_assert!(own == 1 && !newcomer.accepts, "{}: {newcomer:?}", unchanged.id);
        counts.lock().unwrap().waiting += 1;
    }
    for blocked in plan.blocked() {
        let newcomer = &world.newcomers[index_of(blocked)];
        prop_assert!(!standing(&served, index_of(blocked)).await.1, "{} is blocked, and a member", blocked.id);
        // Room is left if an account of the plan did not take it, or gave it back.
        let is_used_up = all_sent && (!accepted || world.left.is_none());
        let counts_on = |result: &GateResult| is_certain(result) && (result.gate != GateName::InvitationQuota || is_used_up);
        let certain = errors_where(blocked.gates(), errors_of, counts_on);
        let mut foreseen = [errors_where(blocked.gates(), errors_of, is_open), hidden(world, newcomer)].concat();
        // The invitations sent so far use up the quotas.
        foreseen
            .extend((world.places.is_some() || world.left.is_some()).then(|| errors_of(GateName::InvitationQuota)).into_iter().flatten());
        // An open invitation blocks another one.
        foreseen.extend(newcomer.invitations.contains(&Invited::Open).then_some("DuplicateHandshakeException"));
        let outcome = served.aws.writer().invite(blocked.id).await;
        let mut counts = counts.lock().unwrap();
        let is_full = |result: &GateResult| result.gate == GateName::InvitationQuota && is_certain(result);
        let invites = |act: &&PlannedAccount| act.act().is_some_and(|act| act.action == Action::Join(JoinStep::Invite));
        counts.shared += u32::from(blocked.gates().iter().any(is_full) && plan.eligible().iter().any(invites));
        match outcome {
            // AWS would allow it; it is blocked by what only we know: a decision that was already used, or a unit that doesn't exist.
            Ok(_) => {
                prop_assert!(certain.is_empty(), "{} should be refused with one of {certain:?}, and it is invited", blocked.id);
                for result in blocked.gates().iter().filter(|result| is_certain(result)) {
                    *counts.decided.entry(result.gate.to_string()).or_default() += 1;
                }
            }
            Err(error) => {
                let code = code_of(&error);
                prop_assert!(foreseen.contains(&code.as_str()), "{}: {code} is none of {foreseen:?}", blocked.id);
                *counts.refused.entry(code).or_default() += 1;
            }
        }
    }
    // In every case, no account followed a stranger, and no account joined that the plan does not call eligible.
    let states = listed(&served, STRANGER, "ListHandshakesForOrganization", "Handshakes").await;
    prop_assert!(states.iter().all(|handshake| handshake["State"] == "OPEN"), "{states:?}");
    counts.lock().unwrap().worlds += 1;
    Ok(())
}

#[test]
#[allow(clippy::print_stdout, reason = "`--nocapture` shows what came of it")]
fn an_account_comes_in_as_the_plan_says_and_no_other_does() {
    let counts = Mutex::new(Counts::default());
    let cases = try_all(CASES, file!(), worlds, |runtime, world| runtime.block_on(agree(&world, &counts)));
    let counts = counts.into_inner().unwrap();
    assert!(counts.worlds >= cases);
    // Each of these is true for dozens of a thousand random worlds; with fewer, chance may leave one out.
    if cases >= 1_000 {
        assert!(
            counts.joined > 0 && counts.moved > 0 && counts.past_a_stranger > 0 && counts.invited > 0 && counts.waiting > 0,
            "{counts:#?}"
        );
        let seen = |found: &BTreeMap<String, u32>, names: &[&str]| names.iter().all(|name| found.contains_key(*name));
        let enforced = ["WAIT_PERIOD_ACTIVE", "AccessDeniedException", "PAYMENT_INSTRUMENT_REQUIRED", "TARGET_NOT_SUPPORTED"];
        assert!(seen(&counts.open, &enforced), "{counts:#?}");
        let quotas = ["DuplicateHandshakeException", "HANDSHAKE_RATE_LIMIT_EXCEEDED", "ACCOUNT_NUMBER_LIMIT_EXCEEDED"];
        assert!(seen(&counts.refused, &quotas) && counts.shared > 0, "{counts:#?}");
        assert!(seen(&counts.held_back, &["accept_access", "standing"]), "{counts:#?}");
        assert!(seen(&counts.decided, &["join_decision", "unit"]), "{counts:#?}");
    }
    println!("{counts:#?}");
}
