//! The printed policies are sufficient and minimal: plan and apply succeed with exactly these policies, and removing any single action
//! changes the run.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc;

use orgroster::api::permissions;
use orgroster::aws::permissions::{Duty, RoleNames, policy};
use orgroster::diag::SourceMap;
use orgroster::sandbox::Sandbox;

use crate::worlds::texts;

const ROLES: RoleNames<'static> = RoleNames {
    member: "Leaver",
    member_read: Some("Look"),
    root_audit: true,
    source_identity: true,
    conditions: true,
    transfer_targets: &BTreeMap::new(),
    joins: false,
    accept_roles: &[],
};

/// A run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// `explain`, which plans, without a read in members.
    Plan,
    /// `explain` with `member_read_role`.
    PlanInside,
    /// `explain` with so many accounts to detach that attachments are read policy by policy.
    PlanMany,
    /// `apply`.
    Apply,
    /// `apply` with `member_read_role`.
    ApplyInside,
    /// `apply` of a removal by the management account.
    Remove,
    /// `verify -member`, after an apply.
    Verify,
}

/// Actions whose absence doesn't change a run, with the reason.
const NOT_SHOWN: &[(&str, &[Mode], &str)] = &[
    ("organizations:ListHandshakesForOrganization", &[Mode::Plan, Mode::PlanInside, Mode::PlanMany], "nobody is taken in"),
    ("servicequotas:ListServiceQuotas", &[Mode::Plan, Mode::PlanInside, Mode::PlanMany], "nobody is taken in"),
    ("organizations:ListOrganizationalUnitsForParent", &[Mode::Plan], "only `init -from-organization` and `import` ask"),
    ("organizations:ListParents", &[Mode::Plan, Mode::Apply, Mode::Remove], "ListAccounts answers Paths"),
    ("organizations:ListPolicies", &[Mode::Plan, Mode::Apply, Mode::Remove], "few levels are read target by target"),
    ("organizations:ListTargetsForPolicy", &[Mode::Plan, Mode::Apply, Mode::Remove], "few levels are read target by target"),
    ("organizations:DescribeAccount", &[Mode::Plan, Mode::Apply], "shows where an account is removed, or an earlier run is resolved"),
    (
        "cloudtrail:LookupEvents",
        &[Mode::Plan, Mode::Apply, Mode::Remove],
        "only `verify` asks, and a plan that meets a missing or closed member",
    ),
    ("iam:DeleteServiceLinkedRole", &[Mode::Apply], "the sandbox has no service-linked roles"),
    ("iam:GetRole", &[Mode::Apply], "the role's tags count only where no earlier role of the chain can pass tags on"),
    ("account:GetAccountInformation", &[Mode::Apply, Mode::Remove], "without it the date of joining counts"),
    ("support:DescribeSeverityLevels", &[Mode::Apply], "evidence of an advisory gate"),
    ("payments:ListPaymentInstruments", &[Mode::Apply], "evidence of an advisory gate"),
    ("sts:AssumeRole", &[Mode::Plan], "only where member_read_role is set"),
];

/// The same for the role in a member only: the management account's reads are used instead.
const NOT_SHOWN_INSIDE: &[&str] = &["account:GetContactInformation"];

/// Services whose clients may not be built in, by the prefix of their actions.
const OPTIONAL: &[(&str, bool)] = &[
    ("cloudformation:", cfg!(feature = "cloudformation")),
    ("controltower:", cfg!(feature = "controltower")),
    ("ram:", cfg!(feature = "ram")),
    ("sso:", cfg!(feature = "ssoadmin")),
];

fn is_built(action: &str) -> bool {
    OPTIONAL.iter().all(|(prefix, built)| *built || !action.starts_with(prefix))
}

/// The policy of a duty without one action, or without the statement with this id.
fn without(duty: Duty, removed: Option<&str>) -> String {
    let mut document = policy(duty, ROLES);
    for statement in document["Statement"].as_array_mut().unwrap() {
        statement["Action"].as_array_mut().unwrap().retain(|action| Some(action.as_str().unwrap()) != removed);
    }
    document["Statement"]
        .as_array_mut()
        .unwrap()
        .retain(|statement| statement["Sid"].as_str() != removed && !statement["Action"].as_array().unwrap().is_empty());
    document.to_string()
}

fn fixture(removed: Option<(Duty, &str)>, mode: Mode) -> String {
    let of = |duty| without(duty, removed.filter(|(from, _)| *from == duty).map(|(_, action)| action));
    let role = |name: &str, duty: Duty| {
        format!(
            "    role \"{name}\" {{\n      trusts = [\"111111111111\"]\n      tags = {{ team = \"platform\" }}\n      policy = <<-JSON\n        {}\n      JSON\n    }}\n",
            of(duty)
        )
    };
    let services = [
        (true, "account.amazonaws.com"),
        (true, "iam.amazonaws.com"),
        (true, "cloudtrail.amazonaws.com"),
        (cfg!(feature = "controltower"), "controltower.amazonaws.com"),
        (cfg!(feature = "ssoadmin"), "sso.amazonaws.com"),
        // Sharing is visible in the account, where nothing is read when an account is removed.
        (cfg!(feature = "ram") && mode != Mode::Remove, "ram.amazonaws.com"),
        (cfg!(feature = "cloudformation"), "stacksets.cloudformation.amazonaws.com"),
    ];
    let services: Vec<_> = services.iter().filter(|(built, _)| *built).map(|(_, service)| *service).collect();
    let many = (0..MANY).map(|index| {
        format!("    account \"5{index:011}\" {{\n      name = \"many{index}\"\n      email = \"{index}@example.com\"\n    }}\n")
    });
    format!(
        r#"sandbox {{
  weather {{
    trail_delay_seconds = 0
  }}
}}
organization "o-exampleorgid" {{
  management_account_id = "111111111111"
  service_access        = {services:?}
  root_features         = ["RootCredentialsManagement"]
  enabled_policy_types  = ["SERVICE_CONTROL_POLICY", "BACKUP_POLICY"]
  root {{
    id = "r-ab12"
  }}
  integrations {{
    stack_set "deleting" {{
      accounts = ["444444444444"]
    }}
    resource_share "own" {{
      owner = "333333333333"
    }}
  }}
{}  account "111111111111" {{
    name  = "management"
    email = "m@example.com"
{}{}{}  }}
  organizational_unit "Unit" {{
    id = "ou-ab12-unit0000"
    account "333333333333" {{
      name          = "crm"
      email         = "crm@example.com"
      joined_method = "INVITED"
      support_plan  = "business"
{}{}    }}
    account "444444444444" {{
      name               = "tools"
      email              = "tools@example.com"
      delegated_services = ["config.amazonaws.com"]
    }}
{}  }}
}}
"#,
        if mode == Mode::PlanInside { ONLY_PLATFORM } else { "" },
        role("Planner", Duty::Plan),
        role("Applier", Duty::Apply),
        role("Remover", Duty::Remove),
        role("Leaver", Duty::Member),
        role("Look", Duty::MemberRead),
        if mode == Mode::PlanMany { many.collect::<String>() } else { String::new() },
    )
}

/// A policy that depends on tags of the role that makes the call.
const ONLY_PLATFORM: &str = r#"  policy "p-platform1" {
    name    = "OnlyPlatform"
    targets = ["333333333333"]
    content = {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Deny"
        Action    = "organizations:LeaveOrganization"
        Resource  = "*"
        Condition = { StringNotEquals = { "aws:PrincipalTag/team" = "platform" } }
      }]
    }
  }
"#;

/// With this many accounts, it is cheaper to read each policy's targets than each account's policies.
const MANY: usize = 20;

fn configuration(role: &str, mode: Mode) -> String {
    // A session of another role may have its own tags, which no API can read.
    let own = format!("  assume_role {{\n    role_arn = \"arn:aws:iam::111111111111:role/{role}\"\n  }}\n");
    let roles = match mode {
        Mode::PlanInside => "  member_read_role {\n    name = \"Look\"\n  }\n".to_owned(),
        Mode::ApplyInside => own + "  member_read_role {\n    name = \"Look\"\n  }\n",
        _ => own,
    };
    let detached = |name: &str, id: &str, more: &str| {
        format!("account \"{name}\" {{\n  id = \"{id}\"\n  name = \"{name}\"\n  membership = \"detached\"\n  reason = \"x\"\n{more}}}\n")
    };
    let many =
        (0..if mode == Mode::PlanMany { MANY } else { 0 }).map(|index| detached(&format!("many{index}"), &format!("5{index:011}"), ""));
    // A removal doesn't enter an account.
    let conditions = match mode {
        Mode::Remove => "",
        _ => "gate \"organization_conditions\" {\n  enforcement = \"mandatory\"\n}\n",
    };
    let audit = matches!(mode, Mode::Plan | Mode::PlanInside | Mode::PlanMany);
    format!(
        "provider \"aws\" {{\n  region = \"us-east-1\"\n  api_share = 1.0\n  root_audit = {audit}\n{roles}  \
         member_role {{\n    name = \"Leaver\"\n    source_identity = true\n  }}\n}}\norganization {{\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}}\n\
         guardrails {{\n  allow_remove = true\n}}\ngate \"contact_information\" {{\n  enforcement = \"mandatory\"\n}}\n\
         gate \"root_credentials\" {{\n  enforcement = \"mandatory\"\n}}\n{conditions}{}{}{}",
        detached("crm", "333333333333", if mode == Mode::Remove { "  via = \"remove\"\n" } else { "" }),
        detached("tools", "444444444444", ""),
        many.collect::<String>(),
    )
}

/// Serves a fixture from its own thread, which ends with the test process.
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

/// Runs the program against an endpoint, without the relevant environment variables of this process.
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

/// The output of a run with the policies, without one of their actions.
fn outcome(removed: Option<(Duty, &str)>, mode: Mode) -> String {
    let endpoint = serve(&fixture(removed, mode));
    let directory = tempfile::tempdir().unwrap();
    let (role, arguments): (_, &[&str]) = match mode {
        Mode::Plan | Mode::PlanInside | Mode::PlanMany => ("Planner", &["explain", "-no-color", "account.crm"]),
        Mode::Apply | Mode::ApplyInside => ("Applier", &["apply", "-no-color", "-auto-approve"]),
        Mode::Remove => ("Remover", &["apply", "-no-color", "-auto-approve"]),
        Mode::Verify => ("Applier", &["verify", "-no-color", "-member"]),
    };
    std::fs::write(directory.path().join("main.roster.hcl"), configuration(role, mode)).unwrap();
    if mode == Mode::Verify {
        let applied = run(directory.path(), &endpoint, &["apply", "-auto-approve"]);
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
    }
    let output = run(directory.path(), &endpoint, arguments);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let all = format!("{:?}\n{}{}", output.status.code(), text(&output.stdout), text(&output.stderr));
    // Times, request ids and hashes differ between runs.
    let same = |line: &str| line.split(" at 20").next().unwrap_or_default().split("recorded in").next().unwrap_or_default().to_owned();
    let lines = all.lines().filter(|line| !line.contains("Records:") && !line.contains("Digest:") && !line.contains("joined"));
    lines.map(same).collect::<Vec<_>>().join("\n")
}

/// Whether a run differs without the action.
fn matters(duty: Duty, action: &str, mode: Mode, whole: &str) -> bool {
    outcome(Some((duty, action)), mode) != whole
}

/// The output of a run with all permissions, which are all that it needs.
fn whole(mode: Mode) -> String {
    let whole = outcome(None, mode);
    assert!(whole.starts_with("Some(0)"), "{whole}");
    assert!(!whole.contains("could not be read") && !whole.contains("AccessDenied"), "{whole}");
    whole
}

fn every_action_matters(duty: Duty, mode: Mode) {
    let whole = whole(mode);
    for permission in permissions().filter(|permission| permission.duties.contains(&duty)) {
        let excused = NOT_SHOWN.iter().any(|(action, modes, _)| *action == permission.action && modes.contains(&mode));
        let seen_before = duty == Duty::Member && NOT_SHOWN_INSIDE.contains(&permission.action);
        let shows = is_built(permission.action) && !excused && !seen_before;
        assert_eq!(matters(duty, permission.action, mode, &whole), shows, "{duty:?} without {} in {mode:?}", permission.action);
    }
}

#[test]
fn a_plan_runs_under_exactly_the_printed_policy() {
    every_action_matters(Duty::Plan, Mode::Plan);
}

#[test]
fn a_plan_of_many_departures_reads_policy_by_policy() {
    let whole = whole(Mode::PlanMany);
    for action in ["organizations:ListPolicies", "organizations:ListTargetsForPolicy"] {
        assert!(matters(Duty::Plan, action, Mode::PlanMany, &whole), "{action}");
    }
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

#[test]
fn a_source_identity_needs_a_permission_of_its_own() {
    assert!(matters(Duty::Apply, "sts:SetSourceIdentity", Mode::Apply, &whole(Mode::Apply)));
    let plain = RoleNames { source_identity: false, conditions: false, ..ROLES };
    for duty in [Duty::Plan, Duty::Apply, Duty::Remove, Duty::Member, Duty::MemberRead] {
        let text = policy(duty, plain).to_string();
        assert!(!text.contains("SetSourceIdentity") && !text.contains("GetAccountAuthorizationDetails"), "{duty:?}: {text}");
    }
}

#[test]
fn an_apply_looks_inside_as_its_plan_did() {
    // The other account can't be detached in any run, and has no role to read with.
    let whole = outcome(None, Mode::ApplyInside);
    assert!(whole.starts_with("Some(0)") && whole.contains("1 destroyed"), "{whole}");
    assert!(matters(Duty::Apply, "MemberReadRole", Mode::ApplyInside, &whole), "{whole}");
    assert!(matters(Duty::MemberRead, "iam:SimulatePrincipalPolicy", Mode::ApplyInside, &whole), "{whole}");
}

#[test]
fn a_removal_runs_under_exactly_the_printed_policy() {
    every_action_matters(Duty::Remove, Mode::Remove);
}

#[test]
fn a_verification_needs_the_event_histories() {
    let whole = whole(Mode::Verify);
    for duty in [Duty::Apply, Duty::Member] {
        assert!(matters(duty, "cloudtrail:LookupEvents", Mode::Verify, &whole), "{duty:?}");
    }
}
