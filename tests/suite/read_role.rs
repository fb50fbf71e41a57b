//! A `member_read_role` that can't be used: the facts that it would have read are unknown, with AWS's answer, and the facts that the
//! management account could read are used.

use orgroster::gate::Verdict;
use orgroster::org::{GateName, Invocation};
use orgroster::plan::{Plan, PlannedAccount};
use orgroster::render::{self, PlanView, Style};

use crate::worlds::{MANAGEMENT, head, plan_of, serve};

const MEMBER: &str = "222222222222";
/// Gates that need a read in the account.
const INSIDE: &[GateName] = &[GateName::LeavePermission, GateName::OpenHandshake, GateName::ContactInformation];

fn fixture(settings: &str, services: &str) -> String {
    format!(
        "sandbox {{\n  clock = \"2026-11-22T09:00:00Z\"\n{settings}\n}}\norganization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  \
         service_access = [{services}]\n  account \"{MANAGEMENT}\" {{\n    name = \"m\"\n    email = \"m@example.com\"\n  }}\n  \
         account \"{MEMBER}\" {{\n    name = \"shop\"\n    email = \"shop@example.com\"\n    role \"Look\" {{\n      trusts = [\"{MANAGEMENT}\"]\n    }}\n  }}\n}}\n"
    )
}

fn plan(settings: &str, services: &str, reader: Option<&str>) -> Plan {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let served = serve(&fixture(settings, services)).await;
        let block =
            format!("account \"shop\" {{\n  id = \"{MEMBER}\"\n  name = \"shop\"\n  membership = \"detached\"\n  reason = \"sold\"\n}}\n");
        plan_of(&served, &format!("{}{block}", head()), reader).await
    })
}

/// The verdict of a gate about the member.
fn verdict(plan: &Plan, gate: GateName) -> Verdict {
    let mut gates = plan.accounts.iter().flat_map(PlannedAccount::gates);
    gates.find(|result| result.gate == gate).unwrap().verdict.clone()
}

fn fault(kind: &str) -> String {
    format!("fault {{\n operation = \"sts:AssumeRole\"\n {kind}\n count = 1000\n}}")
}

#[test]
fn a_role_that_can_not_be_used_leaves_its_gates_unknown_with_awss_answer_and_the_remedy_of_its_cause() {
    let error = |code: &str, status: u16| fault(&format!("kind = \"error\"\n code = \"{code}\"\n status = {status}"));
    let causes = [
        ("OrgrosterRaed", String::new(), "AccessDenied", "with exactly this name and"),
        ("Look", error("AccessDenied", 403), "AccessDenied", "its trust policy allows"),
        ("Look", error("Throttling", 400), "Throttling", "Wait a minute"),
        ("Look", error("RegionDisabledException", 403), "RegionDisabledException", "Activate it"),
        ("Look", error("InternalFailure", 500), "InternalFailure", "Health Dashboard"),
    ];
    for (role, settings, answer, cause) in causes {
        let plan = plan(&settings, "", Some(role));
        assert!(plan.eligible().is_empty(), "{answer}");
        for gate in INSIDE {
            let Verdict::Unknown { missing, remedy, .. } = verdict(&plan, *gate) else {
                panic!("{gate} {answer}: {:?}", verdict(&plan, *gate))
            };
            assert!(missing.contains(&format!("arn:aws:iam::{MEMBER}:role/{role}")) && missing.contains(answer), "{missing}");
            let remedy = serde_json::to_string(&remedy).unwrap();
            assert!(remedy.contains(cause), "{answer}: {remedy}");
        }
    }
    // A working role is used; without a role, apply reads.
    for (reader, deferred) in [(Some("Look"), false), (None, true)] {
        let plan = plan("", "", reader);
        assert!(INSIDE.iter().all(|gate| matches!(verdict(&plan, *gate), Verdict::Deferred { .. }) == deferred), "{reader:?}");
        assert!(INSIDE.iter().all(|gate| !matches!(verdict(&plan, *gate), Verdict::Unknown { .. })), "{reader:?}");
    }
}

#[test]
fn what_the_management_account_reads_counts_whatever_the_role_that_looks_may() {
    let trusted = "\"account.amazonaws.com\"";
    for reader in [Some("OrgrosterRaed"), Some("Look"), None] {
        let plan = plan("", trusted, reader);
        let contact = verdict(&plan, GateName::ContactInformation);
        assert!(matches!(contact, Verdict::Pass { .. }), "{reader:?}: {contact:?}");
    }
    let handshakes = verdict(&plan("", trusted, Some("OrgrosterRaed")), GateName::OpenHandshake);
    assert!(matches!(handshakes, Verdict::Unknown { .. }), "{handshakes:?}");
}

#[test]
fn steps_that_resolve_several_gates_of_an_account_are_printed_once() {
    let plan = plan("", "", Some("OrgrosterRaed"));
    let view = PlanView { style: Style::PLAIN, verbose: false, cost: None, invocation: &Invocation::default() };
    let (text, markdown) = (render::plan(&plan, view).plain(), render::markdown(&plan, false).plain());
    for text in [&text, &markdown] {
        assert_eq!(text.matches("AWS returns the same error for several causes").count(), 1, "{text}");
    }
    assert!(text.contains("Take the same steps as for leave_permission."), "{text}");
}
