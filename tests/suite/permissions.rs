//! The printed policies suffice, and nothing of them is there for nothing: plan and apply run under exactly these, and with any one action
//! removed something is missing.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc;

use orgroster::aws::permissions::{Duty, PERMISSIONS, RoleNames, policy};
use orgroster::diag::SourceMap;
use orgroster::sandbox::Sandbox;

use crate::worlds::texts;

const ROLES: RoleNames<'static> = RoleNames { member: "Leaver", member_read: Some("Look") };

/// A run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// `explain`, which plans, without a look inside.
    Plan,
    /// `explain` with `member_read_role`.
    PlanInside,
    /// `apply`.
    Apply,
}

/// Actions whose absence does not show in a run, with the reason.
const NOT_SHOWN: &[(&str, &[Mode], &str)] = &[
    ("organizations:ListParents", &[Mode::Plan, Mode::Apply], "ListAccounts answers Paths"),
    ("organizations:ListPolicies", &[Mode::Plan, Mode::Apply], "few levels are read target by target"),
    ("organizations:ListTargetsForPolicy", &[Mode::Plan, Mode::Apply], "few levels are read target by target"),
    ("organizations:DescribeAccount", &[Mode::Plan, Mode::Apply], "shows where an account is removed, or a run is settled"),
    ("cloudtrail:LookupEvents", &[Mode::Apply], "only `verify` asks"),
    ("iam:DeleteServiceLinkedRole", &[Mode::Apply], "the sandbox has no service-linked roles"),
    ("iam:GetRole", &[Mode::PlanInside, Mode::Apply], "matters where a policy asks for the role's tags"),
    ("account:GetAccountInformation", &[Mode::Apply], "without it the date of joining counts"),
    ("support:DescribeSeverityLevels", &[Mode::Apply], "evidence of an advisory gate"),
    ("sts:AssumeRole", &[Mode::Plan], "only where member_read_role is set"),
];

/// The policy of a duty without one action.
fn without(duty: Duty, removed: Option<&str>) -> String {
    let mut document = policy(duty, ROLES);
    for statement in document["Statement"].as_array_mut().unwrap() {
        statement["Action"].as_array_mut().unwrap().retain(|action| Some(action.as_str().unwrap()) != removed);
    }
    document["Statement"].as_array_mut().unwrap().retain(|statement| !statement["Action"].as_array().unwrap().is_empty());
    document.to_string()
}

fn fixture(removed: Option<(Duty, &str)>) -> String {
    let of = |duty| without(duty, removed.filter(|(from, _)| *from == duty).map(|(_, action)| action));
    let role = |name: &str, trusts: &str, duty: Duty| {
        format!("    role \"{name}\" {{\n      trusts = [\"{trusts}\"]\n      policy = <<-JSON\n        {}\n      JSON\n    }}\n", of(duty))
    };
    format!(
        "organization \"o-exampleorgid\" {{\n  management_account_id = \"111111111111\"\n  \
         service_access = [\"account.amazonaws.com\"]\n  root {{\n    id = \"r-ab12\"\n  }}\n  \
         account \"111111111111\" {{\n    name = \"management\"\n    email = \"m@example.com\"\n{}{}  }}\n  organizational_unit \"Unit\" {{\n    id = \"ou-ab12-unit0000\"\n    \
         account \"333333333333\" {{\n      name = \"crm\"\n      email = \"crm@example.com\"\n      joined_method = \"INVITED\"\n      support_plan = \"business\"\n      \
         delegated_services = []\n{}{}    }}\n    account \"444444444444\" {{\n      name = \"tools\"\n      email = \"tools@example.com\"\n      delegated_services = [\"config.amazonaws.com\"]\n    }}\n  }}\n}}\n",
        role("Planner", "111111111111", Duty::Plan),
        role("Applier", "111111111111", Duty::Apply),
        role("Leaver", "111111111111", Duty::Member),
        role("Look", "111111111111", Duty::MemberRead),
    )
}

fn configuration(role: &str, reader: bool) -> String {
    let reader = if reader { "  member_read_role {\n    name = \"Look\"\n  }\n" } else { "" };
    let detached = |name: &str, id: &str| {
        format!("account \"{name}\" {{\n  id = \"{id}\"\n  name = \"{name}\"\n  membership = \"detached\"\n  reason = \"x\"\n}}\n")
    };
    format!(
        "provider \"aws\" {{\n  region = \"us-east-1\"\n  api_share = 1.0\n  assume_role {{\n    role_arn = \"arn:aws:iam::111111111111:role/{role}\"\n  }}\n  \
         member_role {{\n    name = \"Leaver\"\n  }}\n{reader}}}\norganization {{\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}}\ngate \"contact_information\" {{\n  enforcement = \"mandatory\"\n}}\n{}{}",
        detached("crm", "333333333333"),
        detached("tools", "444444444444"),
    )
}

/// Serves a fixture from a thread of its own, which ends with the test process.
fn serve(fixture: &str) -> String {
    let mut sources = SourceMap::default();
    let file = sources.add("world.sandbox.hcl", fixture.to_owned());
    let sandbox = Sandbox::open(&sources, Some(file), None).unwrap_or_else(|mistakes| panic!("{}\n{fixture}", texts(&mistakes)));
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            tell.send(format!("http://{}", listener.local_addr().unwrap())).unwrap();
            sandbox.serve(listener).await.unwrap();
        });
    });
    told.recv().unwrap()
}

/// Runs the program against an endpoint, with nothing of this process's environment that matters.
#[must_use]
fn run(directory: &Path, endpoint: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orgroster"))
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", "111111111111")
        .env("AWS_SECRET_ACCESS_KEY", "rehearsal")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .output()
        .unwrap()
}

/// What a run says under the policies, without one of their actions.
fn outcome(removed: Option<(Duty, &str)>, mode: Mode) -> String {
    let endpoint = serve(&fixture(removed));
    let directory = tempfile::tempdir().unwrap();
    let (role, arguments): (_, &[&str]) = match mode {
        Mode::Plan | Mode::PlanInside => ("Planner", &["explain", "-no-color", "account.crm"]),
        Mode::Apply => ("Applier", &["apply", "-no-color", "-auto-approve"]),
    };
    std::fs::write(directory.path().join("main.roster.hcl"), configuration(role, mode == Mode::PlanInside)).unwrap();
    let output = run(directory.path(), &endpoint, arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let all = format!("{:?}\n{}{}", output.status.code(), text(&output.stdout), text(&output.stderr));
    // Times, request ids and hashes differ from run to run.
    let same = |line: &str| line.split(" at 20").next().unwrap_or_default().split("recorded in").next().unwrap_or_default().to_owned();
    let lines = all.lines().filter(|line| !line.contains("Records:") && !line.contains("Digest:") && !line.contains("joined"));
    lines.map(same).collect::<Vec<_>>().join("\n")
}

fn every_action_matters(duty: Duty, mode: Mode) {
    let whole = outcome(None, mode);
    assert!(whole.starts_with("Some(0)"), "{whole}");
    assert!(!whole.contains("could not be read") && !whole.contains("AccessDenied"), "{whole}");
    for permission in PERMISSIONS.iter().filter(|permission| permission.duties.contains(&duty)) {
        let shows = !NOT_SHOWN.iter().any(|(action, modes, _)| *action == permission.action && modes.contains(&mode));
        let differs = outcome(Some((duty, permission.action)), mode) != whole;
        assert_eq!(differs, shows, "{duty:?} without {} in {mode:?}", permission.action);
    }
}

#[test]
fn a_plan_runs_under_exactly_the_printed_policy() {
    every_action_matters(Duty::Plan, Mode::Plan);
}

#[test]
fn a_plan_looks_inside_under_exactly_the_printed_policy() {
    every_action_matters(Duty::MemberRead, Mode::PlanInside);
}

#[test]
fn an_apply_runs_under_exactly_the_printed_policies() {
    every_action_matters(Duty::Apply, Mode::Apply);
    every_action_matters(Duty::Member, Mode::Apply);
}
