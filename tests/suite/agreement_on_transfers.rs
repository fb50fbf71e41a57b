//! Agreement with the world about transfers: an account that the plan calls eligible moves to its target and nowhere else. What the plan
//! blocks because AWS would refuse the acceptance, the sandbox refuses with the matching error.
//!
//! No gate can predict what only the other organization knows, its age and its quota: those refusals are counted separately.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use orgroster::api::{AcceptingSession, AssumeMember, SessionNames};
use orgroster::apply::Outcome;
use orgroster::gate::{Because, GateResult, Verdict};
use orgroster::org::{GateName, MemberRole};
use orgroster::plan::PlannedAccount;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::agreeing::{code_of, days_ago, errors_where, holder, id, index_of, is_certain, ledger, perform, policies, try_all};
use crate::departing::ask;
use crate::worlds::{CLOCK, MANAGEMENT, Served, planned, serve};

/// The number of pairs of organizations.
const CASES: usize = 40;

const ROLE: &str = "OrganizationAccountAccessRole";
const TARGET: &str = "555555555555";
const STRANGER: &str = "777777777777";

/// Statements about accepting, by action, by the handshake's ARN and by other properties of the request.
const STATEMENTS: &[&str] = &[
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","Resource":"*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:Accept*","Resource":"arn:aws:organizations::555555555555:handshake/*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","Resource":"arn:aws:organizations::*:handshake/o-targetorgid/invite/h-*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","Resource":"arn:aws:organizations::777777777777:handshake/*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","NotResource":"arn:aws:organizations::*:handshake/o-targetorgid/*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","NotResource":"arn:aws:organizations::*:handshake/o-exampleorgid/*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","Resource":"arn:aws:organizations::*:handshake/*/approve_all_features/*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:AcceptHandshake","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}"#,
    r#"{"Effect":"Deny","NotAction":["organizations:*","iam:*","account:*","sts:*"],"Resource":"*"}"#,
    r#"{"Effect":"Deny","NotAction":["organizations:Describe*","organizations:List*","iam:*"],"Resource":"*"}"#,
];

/// Statements of policies that replace FullAWSAccess.
const ALLOW_LISTS: &[&str] = &[
    r#"{"Effect":"Allow","Action":"organizations:*","Resource":"*"}"#,
    r#"{"Effect":"Allow","Action":["organizations:Describe*","organizations:List*"],"Resource":"*"}"#,
    r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:organizations::555555555555:handshake/*"}"#,
    r#"{"Effect":"Allow","NotAction":"organizations:LeaveOrganization","Resource":"*"}"#,
];

/// An invitation of an account; it may also have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Invited {
    /// From the target, open, sent to the account's id.
    Open,
    /// From the target, open, sent to the email address.
    ByAddress,
    /// From the target, and expired.
    Expired,
    Declined,
    /// An open invitation from an organization that is not in the configuration. Its id sorts first.
    Stranger,
}

#[derive(Debug, Clone)]
struct Member {
    by_invitation: bool,
    days: u32,
    delegated: bool,
    state: &'static str,
    in_unit: bool,
    invitations: Vec<Invited>,
}

#[derive(Debug, Clone)]
struct World {
    members: Vec<Member>,
    /// Statements, each with its target: the root, the unit, or the first member.
    policies: Vec<(usize, usize)>,
    allow_list: Option<(usize, usize)>,
    probe_member: bool,
    source_declared: bool,
    /// Whether the target is less than a week old, and whether its account quota is used up.
    young: bool,
    full: bool,
    /// Whether accepting requires the permission to leave.
    asks_leave: bool,
}

fn member() -> impl Strategy<Value = Member> {
    let rarely = || prop::bool::weighted(0.12);
    let states = select(vec!["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED"]);
    let kinds = vec![Invited::Open, Invited::ByAddress, Invited::Expired, Invited::Declined, Invited::Stranger];
    let invitations = prop_oneof![
        3 => Just(vec![Invited::Open]),
        2 => Just(vec![Invited::Stranger, Invited::Open]),
        3 => prop::collection::vec(select(kinds), 0..4),
    ];
    (any::<bool>(), select(vec![1, 3, 4, 5, 400]), rarely(), states, any::<bool>(), invitations).prop_map(
        |(by_invitation, days, delegated, state, in_unit, invitations)| Member {
            by_invitation,
            days,
            delegated,
            state,
            in_unit,
            invitations,
        },
    )
}

fn worlds() -> impl Strategy<Value = World> {
    let policies = prop::collection::vec((0..STATEMENTS.len(), 0..3_usize), 0..2);
    let allow_list = prop::option::weighted(0.2, (0..ALLOW_LISTS.len(), 0..3_usize));
    let rarely = || prop::bool::weighted(0.12);
    let known = (prop::bool::weighted(0.6), prop::bool::weighted(0.4), rarely(), rarely(), any::<bool>());
    (prop::collection::vec(member(), 1..4), policies, allow_list, known).prop_map(
        |(members, policies, allow_list, (probe_member, source_declared, young, full, asks_leave))| World {
            members,
            policies,
            allow_list,
            probe_member,
            source_declared,
            young,
            full,
            asks_leave,
        },
    )
}

/// The id of an account's invitation.
fn handshake(index: usize, number: usize, invited: Invited) -> String {
    let sender = if invited == Invited::Stranger { "0stranger" } else { "ours" };
    format!("h-{sender}{index:04}{number:04}")
}

fn fixture(world: &World) -> String {
    let mut text = format!(
        "sandbox {{\n  clock = \"{CLOCK}\"\n  weather {{ transfer_asks_leave = {} }}\n}}\norganization \"o-exampleorgid\" {{\n  \
         management_account_id = \"{MANAGEMENT}\"\n  root {{ id = \"r-ab12\" }}\n  account \"{MANAGEMENT}\" {{\n    name = \"management\"\n    \
         email = \"m@example.com\"\n  }}\n",
        world.asks_leave
    );
    let blocks = |in_unit| {
        let of_place = world.members.iter().enumerate().filter(move |(_, member)| member.in_unit == in_unit);
        of_place.map(|(index, member)| account(index, member)).collect::<String>()
    };
    let _ = write!(text, "{}  organizational_unit \"Unit\" {{\n    id = \"ou-ab12-unit0000\"\n{}  }}\n", blocks(false), blocks(true));
    let places = ["r-ab12".to_owned(), "ou-ab12-unit0000".to_owned(), id(0)];
    let denials = world.policies.iter().map(|(statement, place)| (STATEMENTS[*statement], places[*place].clone()));
    let allow_list = world.allow_list.map(|(statement, place)| (ALLOW_LISTS[statement], places[place].clone()));
    text.push_str(&policies(denials, allow_list));
    let quota = if world.full { 1 } else { 100 };
    let others = [
        ("o-targetorgid", TARGET, days_ago(if world.young { 3 } else { 400 }), quota, false),
        ("o-strangersorg", STRANGER, days_ago(400), 100, true),
    ];
    text.push_str("}\n");
    for (organization, management, founded, quota, stranger) in others {
        let _ = write!(
            text,
            "organization \"{organization}\" {{\n  management_account_id = \"{management}\"\n  account_quota = {quota}\n  account \"{management}\" {{\n    \
             name = \"m{management}\"\n    email = \"{management}@example.com\"\n    joined = \"{founded}\"\n  }}\n{}}}\n",
            invitations(world, stranger)
        );
    }
    text
}

fn account(index: usize, member: &Member) -> String {
    let id = id(index);
    let method = if member.by_invitation { "INVITED" } else { "CREATED" };
    let delegated = if member.delegated { "delegated_services = [\"config.amazonaws.com\"]" } else { "" };
    format!(
        "    account \"{id}\" {{\n      name = \"name-{id}\"\n      email = \"{id}@example.com\"\n      joined_method = \"{method}\"\n      \
         joined = \"{}\"\n      state = \"{}\"\n      {delegated}\n      role \"{ROLE}\" {{\n        trusts = [\"{MANAGEMENT}\"]\n      }}\n    }}\n",
        days_ago(member.days),
        member.state,
    )
}

/// The invitations from strangers, or those from the target.
fn invitations(world: &World, strangers: bool) -> String {
    let mut text = String::new();
    for (index, member) in world.members.iter().enumerate() {
        for (number, invited) in member.invitations.iter().enumerate().filter(|(_, invited)| (**invited == Invited::Stranger) == strangers)
        {
            let whom = match invited {
                Invited::ByAddress => format!("email = \"{}@example.com\"", id(index)),
                _ => format!("account = \"{}\"", id(index)),
            };
            let state = match invited {
                Invited::Expired => "EXPIRED",
                Invited::Declined => "DECLINED",
                Invited::Open | Invited::ByAddress | Invited::Stranger => "OPEN",
            };
            let handshake = handshake(index, number, *invited);
            let _ = write!(text, "  invitation \"{handshake}\" {{\n    {whom}\n    state = \"{state}\"\n  }}\n");
        }
    }
    text
}

fn configuration(world: &World) -> String {
    let context = "  context {\n    source_ip = [\"127.0.0.1\"]\n  }\n";
    let context = if world.source_declared { context } else { "" };
    let mut text = format!(
        "organization {{\n  id = \"o-exampleorgid\"\n  management_account_id = \"{MANAGEMENT}\"\n}}\nprovider \"aws\" {{\n{context}}}\n\
         guardrails {{\n  max_detachments = 1000\n  max_detachments_percent = 100\n  transfer_targets = {{ \"o-targetorgid\" = \"{TARGET}\" }}\n}}\n"
    );
    for index in 0..world.members.len() {
        let id = id(index);
        let _ = write!(
            text,
            "account \"a{index}\" {{\n  id = \"{id}\"\n  name = \"name-{id}\"\n  membership = \"detached\"\n  via = \"transfer\"\n  to = \"o-targetorgid\"\n  \
             reason = \"x\"\n}}\n"
        );
    }
    text
}

/// The sandbox's errors if a gate's question has the wrong answer.
fn errors_of(gate: GateName) -> &'static [&'static str] {
    match gate {
        GateName::State => &["AccessDenied", "AccessDeniedException"],
        GateName::WaitingPeriod => &["WAIT_PERIOD_ACTIVE"],
        GateName::DelegatedAdministrator => &["CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"],
        GateName::ServiceControlPolicy => &["AccessDeniedException"],
        _ => &[],
    }
}

/// Refusals with a cause that only the other organization knows.
fn hidden(world: &World) -> Vec<&'static str> {
    let young = world.young.then_some("WAIT_PERIOD_ACTIVE");
    let full = world.full.then_some("ACCOUNT_NUMBER_LIMIT_EXCEEDED");
    young.into_iter().chain(full).collect()
}

/// Whether a gate leaves something open: it does not pass, or it passes because AWS decides.
fn is_open(result: &GateResult) -> bool {
    !matches!(&result.verdict, Verdict::Pass { because, .. } if !matches!(because, Because::Tried))
}

/// The results of the trials.
#[derive(Debug, Default)]
struct Counts {
    worlds: u32,
    moved: u32,
    /// Moved although a stranger's invitation came first.
    past_a_stranger: u32,
    /// Eligible but refused, by code.
    open: BTreeMap<String, u32>,
    /// Blocked for a reason that AWS enforces, by the sandbox's answer.
    refused: BTreeMap<String, u32>,
    /// Held back by a read of apply, by gate.
    held_back: BTreeMap<String, u32>,
    /// Blocked because there is not exactly one invitation that counts.
    uninvited: u32,
}

/// Accepts the target's first open invitation like the account's role, and returns the code of the refusal; `None` if there is no
/// invitation.
async fn attempt(served: &Served, world: &World, index: usize) -> Option<Result<(), String>> {
    let counts = |invited: &Invited| matches!(invited, Invited::Open | Invited::ByAddress);
    let (number, invited) = world.members[index].invitations.iter().enumerate().find(|(_, invited)| counts(invited))?;
    let handshake = handshake(index, number, *invited);
    let arn = format!("arn:aws:organizations::{TARGET}:handshake/o-targetorgid/invite/{handshake}");
    let role = MemberRole::default();
    let session = served
        .aws
        .writer()
        .assume_accepting(&role.arn("aws", id(index).parse().unwrap()), &role, SessionNames::of("agreement"), &arn)
        .await;
    Some(match session {
        Ok(session) => session.accept(&handshake).await.map(drop).map_err(|error| code_of(&error)),
        Err(error) => Err(code_of(&error)),
    })
}

fn judge(outcome: Outcome, world: &World, departure: &PlannedAccount, counts: &mut Counts) -> Result<(), TestCaseError> {
    let invitations = &world.members[index_of(departure)].invitations;
    match outcome {
        Outcome::Done { .. } => {
            counts.moved += 1;
            counts.past_a_stranger += u32::from(invitations.contains(&Invited::Stranger));
            let own = invitations.iter().filter(|invited| **invited == Invited::Open).count();
            prop_assert_eq!(own, 1, "{} moved without one invitation that counts", departure.id);
        }
        Outcome::Refused(refusal) => {
            let code = refusal.reason.clone().unwrap_or_else(|| refusal.code_and_reason.clone());
            let open = [errors_where(departure.gates(), errors_of, is_open), hidden(world)].concat();
            prop_assert!(open.contains(&code.as_str()), "{} was called eligible, and the sandbox answered {code}", departure.id);
            *counts.open.entry(code).or_default() += 1;
        }
        Outcome::HeldBack(result) => {
            let before = departure.gates().iter().find(|before| before.gate == result.gate);
            prop_assert!(before.is_some_and(is_open), "{} was called eligible by {before:?}, and held back by {result:?}", departure.id);
            *counts.held_back.entry(result.gate.to_string()).or_default() += 1;
        }
        other => prop_assert!(false, "{}: {other:?}", departure.id),
    }
    Ok(())
}

async fn agree(world: &World, counts: &Mutex<Counts>) -> Result<(), TestCaseError> {
    let served = serve(&fixture(world)).await;
    let planned = planned(&served, &configuration(world), world.probe_member.then_some(ROLE)).await;
    let plan = &planned.plan;
    let directory = tempfile::tempdir().unwrap();
    let ledger = ledger(&planned, directory.path());
    let run = ledger.begin(&holder()).await.unwrap();
    for departure in plan.eligible() {
        let outcome = perform(&served, &planned, &run, departure).await;
        judge(outcome, world, departure, &mut counts.lock().unwrap())?;
    }
    run.release().await.unwrap();
    for blocked in plan.blocked() {
        let outcome = attempt(&served, world, index_of(blocked)).await;
        let mut counts = counts.lock().unwrap();
        counts.uninvited += u32::from(blocked.gates().iter().any(|result| result.gate == GateName::Invitation && is_certain(result)));
        let certain = errors_where(blocked.gates(), errors_of, is_certain);
        let foreseen = [errors_where(blocked.gates(), errors_of, is_open), hidden(world)].concat();
        match outcome {
            None => {}
            Some(Ok(())) => prop_assert!(certain.is_empty(), "{} should be refused with one of {certain:?}, and it moved", blocked.id),
            Some(Err(code)) => {
                prop_assert!(foreseen.contains(&code.as_str()), "{}: {code} is none of {foreseen:?}", blocked.id);
                if !certain.is_empty() {
                    *counts.refused.entry(code).or_default() += 1;
                }
            }
        }
    }
    // In every case, no account followed a stranger.
    let endpoint = served.endpoint.clone();
    let sent = move || ask(&endpoint, STRANGER, "AWSOrganizationsV20161128.ListHandshakesForOrganization", "organizations", &json!({}));
    let sent = tokio::task::spawn_blocking(sent).await.unwrap();
    let states: Vec<_> = sent["Handshakes"].as_array().unwrap().iter().map(|handshake| handshake["State"].clone()).collect();
    prop_assert!(states.iter().all(|state| state == "OPEN"), "{states:?}");
    counts.lock().unwrap().worlds += 1;
    Ok(())
}

#[test]
#[allow(clippy::print_stdout, reason = "`--nocapture` shows what came of it")]
fn an_account_moves_where_the_plan_says_and_nowhere_else() {
    let counts = Mutex::new(Counts::default());
    let cases = try_all(CASES, file!(), worlds, |runtime, world| runtime.block_on(agree(&world, &counts)));
    let counts = counts.into_inner().unwrap();
    assert!(counts.worlds >= cases);
    // Each of these is true for dozens of a thousand random worlds; with fewer, chance may leave one out.
    if cases >= 1_000 {
        assert!(counts.moved > 0 && counts.past_a_stranger > 0 && counts.uninvited > 0, "{counts:#?}");
        let seen = |refusals: &BTreeMap<String, u32>, codes: &[&str]| codes.iter().all(|code| refusals.contains_key(*code));
        assert!(seen(&counts.open, &["AccessDeniedException", "WAIT_PERIOD_ACTIVE", "ACCOUNT_NUMBER_LIMIT_EXCEEDED"]), "{counts:#?}");
        let enforced = ["AccessDeniedException", "WAIT_PERIOD_ACTIVE", "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"];
        assert!(seen(&counts.refused, &enforced) && counts.held_back.contains_key("invitation"), "{counts:#?}");
    }
    println!("{counts:#?}");
}
