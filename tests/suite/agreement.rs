//! Agreement with the world: what the plan calls eligible, the sandbox lets go, and what the plan blocks because AWS would refuse, the
//! sandbox refuses with the error that belongs to it. The sandbox is another reading of AWS's rules and evaluates policies with a library.

use std::cell::RefCell;
use std::fmt::Write as _;

use orgroster::api::{ApiError, AssumeMember, MemberSession};
use orgroster::gate::Verdict;
use orgroster::org::{Enforcement, GateName, MemberRole};
use orgroster::plan::Detachment;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use crate::worlds::{MANAGEMENT, head, plan_of, serve};

/// How many organizations are made, unless `ORGROSTER_AGREEMENT_CASES` says otherwise. Each takes some fifty requests over loopback, which is
/// slow without optimizations.
const CASES: u32 = 150;

const ROLE: &str = "OrganizationAccountAccessRole";

/// Statements of policies that people write about leaving, or that concern it without naming it.
const STATEMENTS: &[&str] = &[
    r#"{"Sid":"DenyLeaveOrganizationAndCloseAccount","Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount"],"Resource":"*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:Leave*","Resource":"*"}"#,
    r#"{"Effect":"Deny","NotAction":["iam:*","sts:*"],"Resource":"*"}"#,
    r#"{"Effect":"Deny","NotAction":["organizations:*","iam:*","account:*","support:*"],"Resource":"*"}"#,
    r#"{"Effect":"Deny","Action":"organizations:*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/OrganizationAccountAccessRole"}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/BreakGlass"}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["us-east-1","eu-west-1"]}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"platform"}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2026-12-01T00:00:00Z"}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":"2026-11-01T00:00:00Z"}}}"#,
    r#"{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"false"}}}"#,
    r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#,
    r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::secrets/*"}"#,
];

#[derive(Debug, Clone)]
struct Member {
    invited: bool,
    days: u32,
    delegated: bool,
    state: &'static str,
    in_unit: bool,
    /// Payment, phone, agreement, support plan.
    signed_up: [bool; 4],
    contact: bool,
    tagged: bool,
    attested: bool,
}

#[derive(Debug, Clone)]
struct Organization {
    members: Vec<Member>,
    /// A statement, and where: the root, the unit, or the first member.
    policies: Vec<(usize, usize)>,
    look_inside: bool,
}

fn member() -> impl Strategy<Value = Member> {
    let often = || prop::bool::weighted(0.85);
    let rarely = || prop::bool::weighted(0.12);
    let states = select(vec!["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE"]);
    let signed_up = [often(), often(), often(), often()];
    (any::<bool>(), select(vec![1, 3, 4, 5, 400]), rarely(), states, any::<bool>(), signed_up, often(), any::<bool>(), often()).prop_map(
        |(invited, days, delegated, state, in_unit, signed_up, contact, tagged, attested)| Member {
            invited,
            days,
            delegated,
            state,
            in_unit,
            signed_up,
            contact,
            tagged,
            attested,
        },
    )
}

fn organizations() -> impl Strategy<Value = Organization> {
    let policies = prop::collection::vec((0..STATEMENTS.len(), 0..3_usize), 0..3);
    (prop::collection::vec(member(), 1..4), policies, prop::bool::weighted(0.7)).prop_map(|(members, policies, look_inside)| Organization {
        members,
        policies,
        look_inside,
    })
}

fn id(index: usize) -> String {
    format!("2{index:011}")
}

fn fixture(organization: &Organization) -> String {
    let mut text = format!(
        "sandbox {{\n  clock = \"2026-11-22T09:00:00Z\"\n}}\norganization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  root {{\n    id = \"r-ab12\"\n  }}\n  \
         account \"{MANAGEMENT}\" {{\n    name = \"management\"\n    email = \"m@example.com\"\n  }}\n"
    );
    let blocks = |in_unit| {
        let of_place = organization.members.iter().enumerate().filter(move |(_, member)| member.in_unit == in_unit);
        of_place.map(|(index, member)| account(index, member)).collect::<String>()
    };
    let _ = write!(text, "{}  organizational_unit \"Unit\" {{\n    id = \"ou-ab12-unit0000\"\n{}  }}\n", blocks(false), blocks(true));
    for (index, (statement, place)) in organization.policies.iter().enumerate() {
        let target = ["r-ab12".to_owned(), "ou-ab12-unit0000".to_owned(), id(0)][*place].clone();
        let content = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, STATEMENTS[*statement]);
        let _ = write!(
            text,
            "  policy \"p-policy{index:03}\" {{\n    name = \"Policy{index}\"\n    targets = [\"{target}\"]\n    content = <<-JSON\n      {content}\n    JSON\n  }}\n"
        );
    }
    text + "}\n"
}

fn account(index: usize, member: &Member) -> String {
    let id = id(index);
    let joined: jiff::Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
    let joined = joined.checked_sub(jiff::SignedDuration::from_hours(i64::from(member.days) * 24)).unwrap();
    let [payment, phone, agreement, support] = member.signed_up;
    let method = if member.invited { "INVITED" } else { "CREATED" };
    let delegated = if member.delegated { "delegated_services = [\"config.amazonaws.com\"]" } else { "" };
    let tags = if member.tagged { "tags = { team = \"platform\" }" } else { "" };
    format!(
        "    account \"{id}\" {{\n      name = \"name-{id}\"\n      email = \"{id}@example.com\"\n      joined_method = \"{method}\"\n      joined = \"{joined}\"\n      \
         state = \"{}\"\n      payment_method = \"{}\"\n      phone_verified = {phone}\n      agreement_accepted = {agreement}\n      support_plan = \"{}\"\n      \
         contact_information = {}\n      {delegated}\n      role \"{ROLE}\" {{\n        trusts = [\"{MANAGEMENT}\"]\n        {tags}\n      }}\n    }}\n",
        member.state,
        if payment { "valid" } else { "none" },
        if support { "basic" } else { "none" },
        member.contact,
    )
}

/// Blocks that attest what is true, and nothing else.
fn configuration(organization: &Organization) -> String {
    let mut text = head();
    for (index, member) in organization.members.iter().enumerate() {
        let id = id(index);
        let kinds = ["payment_method", "phone_verification", "customer_agreement", "support_plan"];
        let mut truths: Vec<_> = kinds.iter().zip(member.signed_up).filter(|(_, holds)| *holds).map(|(kind, _)| *kind).collect();
        truths.push("root_access");
        let truths: Vec<_> = truths.iter().map(|kind| format!("\"{kind}\"")).collect();
        let attestation = format!("  attestation {{\n    of = [{}]\n    by = \"x\"\n    on = \"2026-11-20\"\n  }}\n", truths.join(", "));
        let _ = write!(
            text,
            "account \"a{index}\" {{\n  id = \"{id}\"\n  name = \"name-{id}\"\n  membership = \"detached\"\n  reason = \"x\"\n{}}}\n",
            if member.attested { attestation } else { String::new() }
        );
    }
    text
}

/// What the sandbox answers where a gate's reason holds.
fn errors_of(gate: GateName) -> &'static [&'static str] {
    match gate {
        // Nobody can enter an account that is not active.
        GateName::State => &["TARGET_NOT_SUPPORTED", "AccessDenied"],
        GateName::WaitingPeriod => &["WAIT_PERIOD_ACTIVE"],
        GateName::DelegatedAdministrator => &["CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"],
        GateName::ServiceControlPolicy | GateName::LeavePermission => &["AccessDeniedException"],
        _ => &[],
    }
}

/// What came of the trials.
#[derive(Debug, Default)]
struct Counts {
    left: u32,
    refused: u32,
    unknown: u32,
    not_decided: u32,
}

fn code_of(error: &ApiError) -> String {
    error.reason.clone().or_else(|| error.code.clone()).unwrap_or_default()
}

async fn attempt(served: &crate::worlds::Served, detachment: &Detachment) -> Result<(), String> {
    let role = MemberRole::default();
    let session = served.aws.writer().assume(&role.arn("aws", detachment.id), &role, "agreement").await;
    let session = session.map_err(|error| code_of(&error))?;
    session.leave().await.map(drop).map_err(|error| code_of(&error))
}

async fn agree(organization: &Organization, counts: &RefCell<Counts>) -> Result<(), TestCaseError> {
    let served = serve(&fixture(organization)).await;
    let plan = plan_of(&served, &configuration(organization), organization.look_inside.then_some(ROLE)).await;
    for departure in &plan.departures {
        let proven =
            |gate: GateName| departure.gates.iter().any(|result| result.gate == gate && matches!(result.verdict, Verdict::Pass { .. }));
        let attested = [GateName::PaymentMethod, GateName::PhoneVerification, GateName::CustomerAgreement].into_iter().all(proven);
        if !attested || !proven(GateName::ServiceControlPolicy) {
            counts.borrow_mut().not_decided += 1;
            continue;
        }
        let outcome = attempt(&served, departure).await;
        prop_assert_eq!(outcome, Ok(()), "{} was called eligible", departure.id);
        counts.borrow_mut().left += 1;
    }
    for blocked in &plan.blocked {
        let unknown = |result: &&orgroster::gate::GateResult| matches!(result.verdict, Verdict::Unknown { .. });
        for result in blocked.gates.iter().filter(|result| result.gate == GateName::ServiceControlPolicy).filter(unknown) {
            prop_assert!(result.explanation().contains("aws:"), "an unknown names its key: {}", result.explanation());
            counts.borrow_mut().unknown += 1;
        }
        let certain = |result: &&orgroster::gate::GateResult| {
            result.enforcement == Enforcement::Mandatory && matches!(result.verdict, Verdict::Block { .. })
        };
        let expected: Vec<_> = blocked.gates.iter().filter(certain).flat_map(|result| errors_of(result.gate)).collect();
        if expected.is_empty() {
            continue;
        }
        let refusal = attempt(&served, blocked).await;
        let reason = refusal.as_ref().err().cloned().unwrap_or_default();
        prop_assert!(
            expected.iter().any(|code| **code == reason) || earlier(organization, blocked, &reason),
            "{} should be refused with one of {expected:?}, and the sandbox answered {refusal:?}",
            blocked.id
        );
        counts.borrow_mut().refused += 1;
    }
    Ok(())
}

/// A refusal by policy that the plan could not decide hides the reason that it gave.
fn earlier(organization: &Organization, blocked: &Detachment, reason: &str) -> bool {
    let undecided =
        blocked.gates.iter().any(|result| result.gate == GateName::ServiceControlPolicy && !matches!(result.verdict, Verdict::Pass { .. }));
    reason == "AccessDeniedException" && undecided && !organization.policies.is_empty()
}

#[test]
#[allow(clippy::disallowed_methods, reason = "how long a test takes is the environment's affair")]
fn the_sandbox_does_what_the_plan_says() {
    let cases = std::env::var("ORGROSTER_AGREEMENT_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    let config = Config {
        cases,
        failure_persistence: Some(Box::new(proptest::test_runner::FileFailurePersistence::WithSource("regressions"))),
        source_file: Some(file!()),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let counts = RefCell::new(Counts::default());
    let outcome = TestRunner::new(config).run(&organizations(), |organization| runtime.block_on(agree(&organization, &counts)));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let Counts { left, refused, unknown, not_decided } = counts.into_inner();
    assert!(
        cases < 100 || (left > 0 && refused > 0 && unknown > 0),
        "left {left}, refused {refused}, unknown {unknown}, not decided {not_decided}"
    );
}
