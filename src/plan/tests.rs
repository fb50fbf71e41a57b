//! Scenarios: the plan for a given roster and organization. The name of each test is a rule.

use std::collections::BTreeMap;

use crate::config;
use crate::diag::{Code, Diagnostics, SourceMap};
use crate::org::testing::{self, NOW};
use crate::org::{
    Account, AccountId, AccountState, Action, Address, AttachedPolicies, DesiredRoster, JoinedMethod, ObservedOrganization, PolicyText,
    SeenDeparture,
};

use super::*;

mod approval;
mod baseline;
mod file;
mod idle;
mod properties;

const HEADER: &str = r#"
organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}
"#;

struct World {
    roster: DesiredRoster,
    sources: SourceMap,
    observed: ObservedOrganization,
    records: BTreeMap<AccountId, PastAct>,
    targets: Vec<Address>,
    sandbox: bool,
}

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn account(text: &str, name: &str) -> Account {
    testing::account(text, name, &["ou-ab12-workload"])
}

fn detached(label: &str, text: &str) -> String {
    format!("account \"{label}\" {{\n  id = \"{text}\"\n  name = \"{label}\"\n  membership = \"detached\"\n  reason = \"Divested\"\n}}\n")
}

fn member(label: &str, text: &str) -> String {
    format!("account \"{label}\" {{\n  id = \"{text}\"\n  membership = \"member\"\n}}\n")
}

/// FullAWSAccess at every level of the members' paths.
fn full_access(members: &[(&str, &str)]) -> AttachedPolicies {
    let levels: Vec<_> = [testing::ROOT, "ou-ab12-workload"].into_iter().chain(members.iter().map(|(id, _)| *id)).collect();
    testing::full_access(&levels)
}

/// Compares a saved plan with a fresh one, without open joinings.
fn agree(saved: &Plan, fresh: &Plan) -> Result<Reconciled, NotReconciled> {
    reconcile(saved, fresh, &BTreeMap::new())
}

impl World {
    fn new(blocks: &str, members: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("main.roster.hcl"), format!("{HEADER}{blocks}")).unwrap();
        let mut sources = SourceMap::default();
        let (roster, _) = config::load(directory.path(), &mut sources).unwrap();
        let mut accounts = vec![account("111111111111", "management")];
        accounts.extend(members.iter().map(|(id, name)| account(id, name)));
        let observed = ObservedOrganization {
            policies: Ok(full_access(members)),
            unit_names: BTreeMap::from([("ou-ab12-workload".into(), "Workloads".into())]),
            ..testing::organization(accounts)
        };
        Self { roster, sources, observed, records: BTreeMap::new(), targets: vec![], sandbox: false }
    }

    fn plan(&self) -> (Plan, Diagnostics) {
        let (plan, findings) = plan(&PlanInput {
            roster: &self.roster,
            sources: &self.sources,
            observed: &self.observed,
            records: &self.records,
            joinings: &BTreeMap::new(),
            targets: &self.targets,
            now: NOW,
            sandbox: self.sandbox,
            snapshot: None,
        });
        keep(&plan);
        (plan, findings)
    }

    fn only_plan(&self) -> Plan {
        self.plan().0
    }
}

/// Writes a plan, for the check against its schema with an independent validator: `tests/interop/readers`.
#[allow(clippy::disallowed_methods)]
fn keep(plan: &Plan) {
    let Some(directory) = std::env::var_os("ORGROSTER_PLANS") else { return };
    let json = PlanFile::of(plan).to_json().unwrap();
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(std::path::Path::new(&directory).join(format!("{}.json", sha256_hex(json.as_bytes()))), json).unwrap();
}

fn on_record() -> PastAct {
    PastAct {
        action: Action::Leave,
        effective_at: NOW,
        record: "records/333333333333-20261122T090000Z.json".into(),
        digest: Digest("sha256:0".into()),
        part: Digest("sha256:0".into()),
        kept: Kept::default(),
        path: None,
    }
}

fn codes(findings: &Diagnostics) -> Vec<Code> {
    findings.sorted().iter().map(|finding| finding.code).collect()
}

const CRM: (&str, &str) = ("333333333333", "crm");
const SHOP: (&str, &str) = ("444444444444", "shop");
const LAB: (&str, &str) = ("666666666666", "lab");

#[test]
fn an_eligible_detached_account_departs_and_its_units_are_named() {
    let plan = World::new(&detached("crm", CRM.0), &[CRM]).only_plan();
    assert_eq!(plan.eligible().len(), 1);
    assert_eq!(plan.eligible()[0].unit_path().map(ToString::to_string).as_deref(), Some("Root/Workloads"));
    assert_eq!(plan.eligible()[0].source.as_ref().unwrap().line, 6);
    assert_eq!(plan.outcome(), PlanOutcome::Acts);
    assert_eq!(plan.deferred_gates().count(), 4);
}

#[test]
fn a_live_member_without_a_block_is_unmanaged_and_never_departs() {
    let (plan, findings) = World::new("", &[CRM, SHOP]).plan();
    assert!(plan.acts().is_empty());
    assert_eq!(plan.unmanaged.iter().map(|account| account.id).collect::<Vec<_>>(), [id(CRM.0), id(SHOP.0)]);
    assert_eq!(codes(&findings), [Code::UnmanagedAccounts]);
    assert_eq!(plan.outcome(), PlanOutcome::NothingToDo);
}

#[test]
fn unmanaged_accounts_are_an_error_or_silent_as_the_guardrails_say() {
    for (word, errors, count) in [("error", true, 1), ("warn", false, 1), ("ignore", false, 0)] {
        let (_, findings) = World::new(&format!("guardrails {{\n  unmanaged = \"{word}\"\n}}\n"), &[CRM]).plan();
        assert_eq!((findings.has_errors(), codes(&findings).len()), (errors, count), "{word}");
    }
}

#[test]
fn a_blocked_account_does_not_depart_and_says_when_it_can() {
    let mut world = World::new(&detached("crm", CRM.0).replace("reason", "not_before = \"2026-12-01T00:00:00Z\"\n  reason"), &[CRM]);
    let plan = world.only_plan();
    assert_eq!(plan.outcome(), PlanOutcome::OnlyBlocked);
    assert_eq!(plan.blocked()[0].eligible_at(), Some("2026-12-01T00:00:00Z".parse().unwrap()));
    world.observed.accounts.iter_mut().for_each(|account| account.state = AccountState::Suspended);
    assert_eq!(world.only_plan().blocked()[0].eligible_at(), None, "time alone does not end a suspension");
}

#[test]
fn an_id_that_is_neither_live_nor_on_record_is_blocked_and_not_taken_for_departed() {
    let plan = World::new(&detached("crm", "999999999999"), &[CRM]).only_plan();
    assert_eq!(plan.blocked().len(), 1);
    assert!(plan.blocked()[0].before.is_none());
}

#[test]
fn an_account_that_is_out_is_unchanged_citing_its_record_or_its_declared_date() {
    let mut world = World::new(&detached("crm", "999999999999").replace("reason", "departed = \"2026-10-01\"\n  reason"), &[]);
    let declared = NoChange::DepartedAsDeclared { departed: "2026-10-01".parse().unwrap() };
    assert_eq!(world.only_plan().accounts[0].change, Change::None(declared));
    world.records.insert(id("999999999999"), on_record());
    let recorded = NoChange::DepartedOnRecord { departed_at: NOW, record: on_record().record };
    assert_eq!(world.only_plan().accounts[0].change, Change::None(recorded));
}

#[test]
fn a_record_of_an_account_that_is_back_does_not_hide_it() {
    let mut world = World::new(&detached("crm", CRM.0), &[CRM]);
    world.records.insert(id(CRM.0), on_record());
    assert_eq!(world.only_plan().eligible().len(), 1);
}

#[test]
fn a_declared_member_that_is_missing_is_drift_and_nothing_is_planned_for_it() {
    let (plan, findings) = World::new(&member("crm", CRM.0), &[]).plan();
    assert_eq!(plan.accounts[0].change, Change::None(NoChange::MissingMember));
    assert_eq!(plan.accounts[0].drift, [Drift::Missing { departed: None }]);
    assert_eq!(codes(&findings), [Code::MemberMissing]);
    assert_eq!((plan.outcome(), plan.is_applyable()), (PlanOutcome::OnlyDrift, false));
}

#[test]
fn a_member_that_aws_removed_for_good_is_not_invited_and_one_that_left_is() {
    let detail = |method: &str| {
        let mut world = World::new(&member("crm", CRM.0), &[]);
        world.observed.ends.departed.insert(id(CRM.0), SeenDeparture { at: NOW, method: Some(method.into()) });
        let (_, findings) = world.plan();
        findings.sorted()[0].detail.to_string()
    };
    let cleaned = detail("CLEANED");
    assert!(cleaned.contains("removed it for good at 2026-11-22T09:00:00Z") && !cleaned.contains("invite"), "{cleaned}");
    for method in ["LEFT", "REMOVED"] {
        let left = detail(method);
        assert!(left.contains(method) && left.contains("invite-account-to-organization"), "{left}");
    }
}

#[test]
fn a_member_that_is_not_active_or_has_another_name_is_drift() {
    let states = [
        (AccountState::Closed, Some("2027-02-20")),
        (AccountState::PendingClosure, Some("2027-02-20")),
        (AccountState::Suspended, None),
        (AccountState::PendingActivation, None),
        (AccountState::Other("FROZEN".into()), None),
    ];
    for (state, day) in states {
        let mut world = World::new(&member("crm", CRM.0), &[CRM]);
        world.observed.accounts[1].state = state.clone();
        let (plan, findings) = world.plan();
        let removed_by = day.map(|day| day.parse().unwrap());
        assert_eq!(plan.accounts[0].drift, [Drift::State { state: state.clone(), removed_by }]);
        assert_eq!((codes(&findings), plan.outcome()), (vec![Code::MemberNotActive], PlanOutcome::OnlyDrift));
        let detail = findings.sorted()[0].detail.to_string();
        assert!(detail.contains(state.as_str()) && day.is_none_or(|day| detail.contains(day)), "{detail}");
    }
    let mut world = World::new(&member("crm", CRM.0), &[CRM]);
    world.observed.accounts[1].state = AccountState::Closed;
    world.observed.ends.closed.insert(id(CRM.0), "2026-11-01T09:00:00Z".parse().unwrap());
    let removed_by = Some("2027-01-30".parse().unwrap());
    assert_eq!(world.only_plan().accounts[0].drift, [Drift::State { state: AccountState::Closed, removed_by }]);
    let (plan, _) = World::new(&member("crm", CRM.0).replace("membership", "name = \"other\"\n  membership"), &[CRM]).plan();
    assert_eq!(plan.outcome(), PlanOutcome::OnlyDrift);
    // Members that are not targeted are not compared.
    let mut world = World::new(&(member("crm", CRM.0) + &detached("shop", SHOP.0)), &[SHOP]);
    world.targets = vec![Address::new("shop")];
    let (plan, findings) = world.plan();
    assert_eq!((plan.drifted().count(), findings.len()), (0, 0));
}

#[test]
fn a_blocks_end_is_the_changes_own_and_not_an_account_that_nobody_declared_before() {
    let before = World::new(&(member("crm", CRM.0) + &detached("shop", SHOP.0)), &[CRM, SHOP, LAB]).only_plan();
    let after = World::new(&detached("shop", SHOP.0), &[CRM, SHOP, LAB]).only_plan();
    let compared = Comparison::of(&after, &before).unwrap();
    let former = FormerBlock { address: Address::new("crm"), id: id(CRM.0), name: "crm".into() };
    assert_eq!((compared.undeclared, compared.withdrawn.len()), (vec![former], 0));
    assert_eq!(after.unmanaged.len(), 2);
    // Under another label, the account is still declared.
    let renamed = World::new(&(member("customers", CRM.0) + &detached("shop", SHOP.0)), &[CRM, SHOP, LAB]).only_plan();
    assert_eq!(Comparison::of(&renamed, &before).unwrap().undeclared, []);
}

#[test]
fn attestations_that_do_not_count_are_reported_for_pending_departures_only() {
    let attested = |on: &str, expires: &str| {
        let attestation = format!(
            "attestation {{\n    of = [\"payment_method\"]\n    by = \"x\"\n    on = \"{on}\"\n    expires = \"{expires}\"\n  }}\n  reason"
        );
        detached("crm", CRM.0).replacen("reason", &attestation, 1)
    };
    let off = "gate \"payment_method\" {\n  enforcement = \"off\"\n}\n";
    let cases = [
        (attested("2026-11-01", "2026-12-01"), 0),
        (attested("2026-11-01", "2026-11-21"), 1),
        (attested("2026-11-23", "2026-12-01"), 1),
        (attested("2026-11-01", "2026-12-01") + off, 1),
        (attested("2026-11-01", "2026-11-21").replace("reason", "departed = \"2026-10-01\"\n  reason"), 0),
    ];
    for (blocks, expected) in cases {
        let live: &[_] = if blocks.contains("departed") { &[] } else { &[CRM] };
        let (_, findings) = World::new(&blocks, live).plan();
        assert_eq!(codes(&findings), vec![Code::AttestationProblem; expected], "{blocks}");
    }
}

#[test]
fn an_explanation_holds_every_gate_and_one_support_case_for_all_unfinished_accounts() {
    let mut world = World::new(&(detached("crm", CRM.0) + &detached("shop", SHOP.0)), &[CRM, SHOP]);
    world.observed.accounts.iter_mut().for_each(|account| account.joined_method = JoinedMethod::Created);
    let plan = world.only_plan();
    let explanation = Explanation::of(&plan, plan.blocked()[0]);
    assert_eq!(explanation.gates.len(), plan.blocked()[0].gates().len());
    assert!(explanation.gates.iter().all(|gate| gate.documentation.starts_with("https://docs.aws.amazon.com/")));
    assert!(explanation.gates.iter().all(|gate| gate.who.is_some() == gate.result.remedy().is_some()));
    let sign_up = explanation.sign_up.unwrap();
    let steps = serde_json::to_string(&sign_up.steps).unwrap();
    for part in ["crm@example.com", "payment method", "\"on\",\"value\":\"2026-11-22\""] {
        assert!(steps.contains(part), "{part}: {steps}");
    }
    for id in [CRM.0, SHOP.0] {
        assert!(sign_up.support_case.text.contains(id), "{}", sign_up.support_case.text);
    }
}

#[test]
fn a_member_whose_declared_name_is_not_the_live_one_is_a_warning() {
    let (_, findings) = World::new(&member("crm", CRM.0).replace("membership", "name = \"other\"\n  membership"), &[CRM]).plan();
    assert_eq!(codes(&findings), [Code::MemberDiffers]);
}

#[test]
fn more_departures_than_the_guardrails_allow_leave_the_plan_without_effect() {
    let blocks = detached("crm", CRM.0) + &detached("shop", SHOP.0);
    let (plan, findings) = World::new(&blocks, &[CRM, SHOP]).plan();
    assert_eq!(plan.exceeded, [Breach::MaxDetachments { departures: 2, allowed: 1 }]);
    assert_eq!((plan.is_applyable(), plan.outcome()), (false, PlanOutcome::OnlyBlocked));
    assert_eq!(codes(&findings), [Code::GuardrailExceeded]);
}

#[test]
fn a_target_limits_the_plan_and_the_rest_says_so() {
    let mut world = World::new(&(detached("crm", CRM.0) + &detached("shop", SHOP.0)), &[CRM, SHOP]);
    world.targets = vec![Address::new("shop")];
    let plan = world.only_plan();
    assert_eq!(plan.eligible().iter().map(|planned| planned.id).collect::<Vec<_>>(), [id(SHOP.0)]);
    assert_eq!(plan.accounts[0].change, Change::None(NoChange::NotTargeted));
    assert!(!plan.complete);
    for word in ["account.shop", "orgroster_account.shop", "shop", SHOP.0] {
        assert_eq!(find_target(&world.roster, word), Ok(Address::new("shop")), "{word}");
    }
    for word in ["account.shpo", "orgroster_account.shpo", "shpo"] {
        assert_eq!(find_target(&world.roster, word).unwrap_err().closest.as_deref(), Some("account.shop"), "{word}");
    }
    for word in ["999999999999", "nope", "account.nope"] {
        assert_eq!(find_target(&world.roster, word).unwrap_err().closest, None, "{word}");
    }
}

#[test]
fn the_digest_ignores_what_an_unrelated_merge_changes() {
    let blocks = detached("crm", CRM.0);
    let digest = World::new(&blocks, &[CRM]).only_plan().digest;
    let mut moved = World::new(&format!("# a comment\n{}{blocks}", member("shop", SHOP.0)), &[CRM, SHOP]);
    moved.observed.requests.insert("organizations:ListAccounts".into(), 3);
    assert_eq!(moved.only_plan().digest, digest);
    assert_eq!(World::new(&blocks.replace("account \"crm\"", "account \"renamed\""), &[CRM]).only_plan().digest, digest);
}

#[test]
fn the_digest_covers_everything_that_approval_is_about() {
    let blocks = detached("crm", CRM.0);
    let digest = World::new(&blocks, &[CRM]).only_plan().digest;
    let edits = [
        blocks.replace("Divested", "Sold"),
        blocks.replace("reason", "acknowledge = [\"tags\"]\n  reason"),
        blocks.replace("reason", "member_role {\n    name = \"Leaver\"\n  }\n  reason"),
        blocks.replace("reason", "attestation {\n    of = [\"payment_method\"]\n    by = \"x\"\n    on = \"2026-11-01\"\n  }\n  reason"),
        blocks.clone() + "guardrails {\n  max_detachments = 2\n}\n",
        blocks.clone() + "guardrails {\n  approvers = 2\n}\n",
        blocks.clone() + "gate \"payment_method\" {\n  enforcement = \"off\"\n}\n",
        blocks.clone() + "gate \"service_control_policy\" {\n  advisory_policies = [\"p-examplepolicy\"]\n}\n",
        blocks.clone() + "provider \"aws\" {\n  context {\n    source_ip = [\"203.0.113.7\"]\n  }\n}\n",
    ];
    for edit in edits {
        assert_ne!(World::new(&edit, &[CRM]).only_plan().digest, digest, "{edit}");
    }
    let mut world = World::new(&blocks, &[CRM]);
    world.observed.accounts[1].email = "new@example.com".into();
    assert_ne!(world.only_plan().digest, digest);
    let mut attached = World::new(&blocks, &[CRM]);
    attached.observed.policies.as_mut().unwrap().at.get_mut("r-ab12").unwrap().insert("p-another".into());
    assert_ne!(attached.only_plan().digest, digest);
    let mut rehearsal = World::new(&blocks, &[CRM]);
    rehearsal.sandbox = true;
    assert_ne!(rehearsal.only_plan().digest, digest);
}

#[test]
fn only_what_both_plans_say_is_approved() {
    let blocks = detached("crm", CRM.0) + "guardrails {\n  max_detachments = 5\n}\n";
    let saved = World::new(&blocks, &[CRM, SHOP]).only_plan();

    let reconciled = agree(&saved, &World::new(&(blocks.clone() + &detached("shop", SHOP.0)), &[CRM, SHOP]).only_plan()).unwrap();
    assert_eq!((reconciled.approved.len(), reconciled.newly_eligible.len(), reconciled.held_back.len()), (1, 1, 0));

    let mut turned = World::new(&blocks, &[CRM, SHOP]);
    turned.observed.delegated_administrators.insert(id(CRM.0), vec!["config.amazonaws.com".into()]);
    assert!(matches!(agree(&saved, &turned.only_plan()).unwrap().held_back[0].why, HeldBackReason::Blocked(_)));

    let mut changed = World::new(&blocks, &[CRM, SHOP]);
    changed.observed.accounts[1].joined_at = None;
    assert!(matches!(agree(&saved, &changed.only_plan()).unwrap().held_back[0].why, HeldBackReason::Changed { .. }));

    let mut policy = World::new(&blocks, &[CRM, SHOP]);
    for text in policy.observed.policies.as_mut().unwrap().texts.values_mut() {
        text.content = Ok(r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#.into());
    }
    let held = agree(&saved, &policy.only_plan()).unwrap().held_back;
    assert!(matches!(&held[0].why, HeldBackReason::Grown(grown) if grown[0].to_string().contains("p-FullAWSAccess")));

    let mut gone = World::new(&blocks, &[SHOP]);
    assert!(matches!(agree(&saved, &gone.only_plan()).unwrap().held_back[0].why, HeldBackReason::Gone));
    gone.records.insert(id(CRM.0), on_record());
    assert_eq!(agree(&saved, &gone.only_plan()).unwrap().done, [id(CRM.0)]);
}

#[test]
fn a_changed_organization_configuration_or_guardrail_refuses_the_whole_plan() {
    let blocks = detached("crm", CRM.0);
    let saved = World::new(&blocks, &[CRM]).only_plan();
    let edits = [
        blocks.replace("Divested", "Sold"),
        member("crm", CRM.0),
        String::new(),
        blocks.clone() + "guardrails {\n  max_detachments = 2\n}\n",
        blocks.clone() + "gate \"root_access\" {\n  enforcement = \"off\"\n}\n",
    ];
    for edit in edits {
        let NotReconciled::Differs(differences) = agree(&saved, &World::new(&edit, &[CRM]).only_plan()).unwrap_err() else {
            panic!("{edit}")
        };
        assert_eq!(differences.len(), 1, "{edit}");
        assert_ne!(differences[0].before, differences[0].after);
    }
    let mut other = World::new(&blocks, &[CRM]);
    other.observed.organization.id = "o-anotherorgid".parse().unwrap();
    assert!(agree(&saved, &other.only_plan()).is_err());
    let mut rehearsal = World::new(&blocks, &[CRM]);
    rehearsal.sandbox = true;
    assert!(agree(&saved, &rehearsal.only_plan()).is_err());
}

const ROOM: &str = "guardrails {\n  max_detachments = 5\n}\n";
