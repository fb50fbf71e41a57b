//! What an approval covers and what it does not.

use std::collections::{BTreeMap, BTreeSet};

use crate::gate::Verdict;
use crate::org::{Consequence, GateName, Handshake, Held, OrganizationConditions, Probe, Provenance, ResourceShare, ResourceShares};

use super::*;

/// Every consequence is acknowledged and every gate that may be lowered is advisory, so that only the approval can hold an account back.
fn accepted() -> String {
    let all: Vec<_> = Consequence::ALL
        .iter()
        .filter(|consequence| !consequence.is_of_joining())
        .map(|consequence| format!("\"{consequence}\""))
        .collect();
    let lowered = ["open_handshake", "contact_information", "leave_permission"];
    let gates = lowered.map(|gate| format!("gate \"{gate}\" {{\n  enforcement = \"advisory\"\n}}\n"));
    let asked_for = "gate \"organization_conditions\" {\n  enforcement = \"mandatory\"\n}\n";
    detached("crm", CRM.0).replace("reason", &format!("acknowledge = [{}]\n  reason", all.join(", "))) + &gates.concat() + asked_for
}

fn seen<T>(value: T) -> Probe<T> {
    Probe::Seen { value, provenance: Provenance { operation: "service:List".into(), account: id("111111111111"), at: NOW } }
}

fn held(items: &[&str]) -> Probe<Held> {
    seen(Held { items: items.iter().map(|&item| item.to_owned()).collect(), regions: vec!["us-east-1".into()] })
}

fn shares(names: &[&str]) -> Probe<ResourceShares> {
    let share = |name: &&str| ResourceShare {
        name: (*name).to_owned(),
        region: "us-east-1".into(),
        owner: id("111111111111"),
        retained: false,
        shared_inside: false,
    };
    seen(ResourceShares { shares: names.iter().map(share).collect(), regions: vec!["us-east-1".into()] })
}

fn backup(names: &[&str]) -> Probe<BTreeMap<String, Vec<String>>> {
    seen([("BACKUP_POLICY".to_owned(), names.iter().map(|&name| name.to_owned()).collect())].into())
}

fn conditions(names: &[&str]) -> Probe<OrganizationConditions> {
    seen(OrganizationConditions { named: names.iter().map(|&name| name.to_owned()).collect(), malformed: vec![] })
}

fn probes(world: &mut World) -> &mut crate::org::Probes {
    world.observed.probes.entry(id(CRM.0)).or_default()
}

fn attach(world: &mut World, level: &str, policy: &str) {
    let policies = world.observed.policies.as_mut().unwrap();
    policies.at.get_mut(level).unwrap().insert(policy.to_owned());
    let content = r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#.to_owned();
    policies.texts.insert(policy.to_owned(), PolicyText { name: policy.to_uppercase(), content: Ok(content) });
}

/// An organization in which the account loses something of every kind.
fn world() -> World {
    let mut world = World::new(&accepted(), &[CRM, SHOP]);
    let services = Consequence::ALL.iter().flat_map(|consequence| consequence.service_principals());
    world.observed.service_access = Ok(services.map(|&service| service.to_owned()).collect());
    world.observed.tags.insert(id(CRM.0), Ok([("team".to_owned(), "crm".to_owned())].into()));
    world.observed.root.policy_types.insert("BACKUP_POLICY".into(), "ENABLED".into());
    attach(&mut world, CRM.0, "p-baseline");
    let probes = probes(&mut world);
    probes.stack_sets = held(&["alarms"]);
    probes.permission_sets = held(&["ReadOnly"]);
    probes.baselines = held(&["AWSControlTowerBaseline"]);
    probes.organization_trails = held(&["audit"]);
    probes.shares = shares(&["subnets"]);
    probes.protections = backup(&["plans: daily"]);
    probes.conditions = conditions(&["trust policy of role Deploy"]);
    probes.delegation = seen(false);
    probes.handshakes = seen(vec![]);
    probes.contact = seen(crate::org::ContactInformation::default());
    world
}

/// Facts that can grow or change: the affected gate, the reported text, and the change.
type Edit = (GateName, &'static str, fn(&mut World));
const GROWS: &[Edit] = &[
    (GateName::StackSets, "database was not there", |world| probes(world).stack_sets = held(&["alarms", "database"])),
    (GateName::IdentityCenter, "Admin was not there", |world| probes(world).permission_sets = held(&["Admin"])),
    (GateName::ControlTower, "Other was not there", |world| probes(world).baselines = held(&["AWSControlTowerBaseline", "Other"])),
    (GateName::OrganizationTrail, "second was not there", |world| probes(world).organization_trails = held(&["audit", "second"])),
    (GateName::ResourceShares, "cluster of 111111111111 (us-east-1) was not there", |world| {
        probes(world).shares = shares(&["subnets", "cluster"]);
    }),
    (GateName::Protections, "BACKUP_POLICY plans: weekly was not there", |world| {
        probes(world).protections = backup(&["plans: daily", "plans: weekly"]);
    }),
    (GateName::OrganizationConditions, "policy p of role Deploy was not there", |world| {
        probes(world).conditions = conditions(&["trust policy of role Deploy", "policy p of role Deploy"]);
    }),
    (GateName::Tags, "owner was not there", |world| {
        world.observed.tags.insert(id(CRM.0), Ok([("owner".to_owned(), "x".to_owned())].into()));
    }),
    (GateName::ServiceControlPolicy, "policy p-another at r-ab12 was not there", |world| attach(world, "r-ab12", "p-another")),
    (GateName::ServiceControlPolicy, "policy p-baseline at 333333333333 changed", |world| {
        let policy = world.observed.policies.as_mut().unwrap().texts.get_mut("p-baseline").unwrap();
        policy.content = Ok(r#"{"Statement":{"Effect":"Deny","Action":"ec2:*","Resource":"*"}}"#.into());
    }),
    (GateName::Policies, "policies of the type TAG_POLICY was not there", |world| {
        world.observed.root.policy_types.insert("TAG_POLICY".into(), "ENABLED".into());
    }),
    (GateName::ContactInformation, "PhoneNumber was not there", |world| {
        probes(world).contact = seen(crate::org::ContactInformation { missing: vec!["PhoneNumber".into()], verification: None });
    }),
    (GateName::OpenHandshake, "h-1 was not there", |world| {
        probes(world).handshakes =
            seen(vec![Handshake { id: "h-1".into(), action: "INVITE".into(), state: "OPEN".into(), ..Handshake::default() }]);
    }),
    (GateName::StackSets, "service:List could be read when this was approved", |world| {
        let why = "AccessDenied".to_owned();
        probes(world).stack_sets =
            Probe::Failed(crate::org::ReadFailure { operation: "service:List".into(), why, role: None, not_built_in: false });
    }),
];

/// Facts that can disappear without a new approval.
const SHRINKS: &[fn(&mut World)] = &[
    |world| probes(world).stack_sets = held(&[]),
    |world| probes(world).permission_sets = held(&[]),
    |world| probes(world).shares = shares(&[]),
    |world| drop(world.observed.tags.insert(id(CRM.0), Ok(BTreeMap::new()))),
    |world| world.observed.service_access = Ok(BTreeSet::new()),
    |world| world.observed.policies.as_mut().unwrap().at.get_mut(CRM.0).unwrap().retain(|policy| policy != "p-baseline"),
];

#[test]
fn whatever_a_departure_rests_on_belongs_to_its_approval_and_holds_it_back_where_it_grows() {
    let saved = world().only_plan();
    assert_eq!(saved.eligible().len(), 1, "{:?}", saved.blocked());
    for (gate, what, change) in GROWS {
        let mut now = world();
        change(&mut now);
        let fresh = now.only_plan();
        assert_eq!(fresh.eligible().len(), 1, "{what}: the gate itself does not block");
        assert_ne!(fresh.digest, saved.digest, "{what}");
        let reconciled = agree(&saved, &fresh).unwrap();
        assert_eq!(reconciled.approved, [], "{what}");
        let HeldBackReason::Grown(grown) = &reconciled.held_back[0].why else { panic!("{what}: {:?}", reconciled.held_back) };
        assert!(grown.iter().any(|grown| grown.gate == *gate && grown.to_string().contains(what)), "{what}: {grown:?}");
    }
}

#[test]
fn what_only_shrinks_needs_no_new_approval_and_the_approval_stays_what_it_was() {
    let saved = world().only_plan();
    for (number, change) in SHRINKS.iter().enumerate() {
        let mut now = world();
        change(&mut now);
        let fresh = now.only_plan();
        let reconciled = agree(&saved, &fresh).unwrap();
        assert_eq!((reconciled.approved.len(), &reconciled.held_back), (1, &vec![]), "{number}");
        let done = reconciled.carried_out(&fresh, &saved.digest);
        assert_eq!(Approval::of(&done).digest(done.eligible()), saved.digest, "{number}");
        assert_eq!(done.eligible()[0].gates(), fresh.eligible()[0].gates(), "{number}: the current answers are shown");
    }
}

#[test]
fn times_requests_and_tag_values_are_no_part_of_an_approval() {
    let saved = world().only_plan();
    let mut now = world();
    now.observed.observed_at = "2026-11-23T09:00:00Z".parse().unwrap();
    now.observed.requests.insert("organizations:ListAccounts".into(), 3);
    now.observed.tags.insert(id(CRM.0), Ok([("team".to_owned(), "sales".to_owned())].into()));
    now.observed.tags.insert(id(SHOP.0), Ok([("x".to_owned(), "y".to_owned())].into()));
    now.observed.unit_names.insert("ou-ab12-workload".into(), "Renamed".into());
    assert_eq!(now.only_plan().digest, saved.digest);
}

#[test]
fn what_apply_finds_inside_beyond_what_the_plan_saw_there_blocks() {
    let approved = Reconciled::of_fresh(&world().only_plan()).approved.remove(0);
    let mut more = world();
    probes(&mut more).shares = shares(&["subnets", "cluster"]);
    let answers = approved.act().unwrap().within_approval(more.only_plan().eligible()[0].gates().to_vec());
    let blocking: Vec<_> = answers.iter().filter(|answer| answer.is_blocking()).collect();
    assert!(
        matches!(&blocking[..], [one] if one.gate == GateName::ResourceShares && one.explanation().contains("cluster of")),
        "{blocking:?}"
    );

    // A gate that plan deferred is decided by apply: the block acknowledges the consequence in any case.
    let mut deferred = world();
    probes(&mut deferred).shares = Probe::NotRun;
    let approved = Reconciled::of_fresh(&deferred.only_plan()).approved.remove(0);
    assert!(
        approved
            .act()
            .unwrap()
            .within_approval(world().only_plan().eligible()[0].gates().to_vec())
            .iter()
            .all(|answer| !answer.is_blocking())
    );
}

#[test]
fn acknowledged_losses_are_told_from_what_is_no_loss() {
    let plan = world().only_plan();
    let gates = plan.eligible()[0].gates();
    let acknowledged: Vec<_> = gates.iter().filter(|result| result.is_acknowledged()).map(|result| result.gate).collect();
    let every: Vec<_> =
        Consequence::ALL.iter().filter(|consequence| !consequence.is_of_joining()).map(|consequence| consequence.gate()).collect();
    assert_eq!(acknowledged, every);
    assert!(gates.iter().all(|result| matches!(result.verdict, Verdict::Pass { .. } | Verdict::Deferred { .. } | Verdict::Unknown { .. })));
}

/// The file with recomputed digest and checksum, which anyone who edits it can do.
fn sealed(mut file: serde_json::Value) -> String {
    let plan: Plan = serde_json::from_value(file["orgroster"].clone()).unwrap();
    file["orgroster"]["digest"] = Approval::of(&plan).digest(plan.eligible()).0.into();
    file.as_object_mut().unwrap().remove("checksum");
    file["checksum"] = Digest::of_json(&file).0.into();
    file.to_string()
}

fn file() -> serde_json::Value {
    let blocks = detached("crm", CRM.0) + &detached("shop", SHOP.0) + ROOM;
    serde_json::from_str(&PlanFile::of(&World::new(&blocks, &[CRM, SHOP]).only_plan()).to_json().unwrap()).unwrap()
}

#[test]
fn an_account_or_a_block_that_stands_twice_in_a_file_is_refused() {
    assert!(PlanFile::parse(sealed(file()).as_bytes()).is_ok());
    let edits: [fn(&mut serde_json::Value); 3] = [
        |plan| {
            let again = plan["accounts"][1].clone();
            plan["accounts"].as_array_mut().unwrap().push(again);
        },
        |plan| plan["unmanaged"] = serde_json::json!([{ "id": plan["accounts"][0]["id"], "name": "crm", "state": "ACTIVE" }]),
        |plan| plan["accounts"][1]["address"] = plan["accounts"][0]["address"].clone(),
    ];
    for edit in edits {
        let mut twice = file();
        edit(&mut twice["orgroster"]);
        let found = PlanFile::parse(sealed(twice).as_bytes());
        assert!(matches!(found, Err(PlanFileError::Duplicate(_))), "{found:?}");
    }
}

#[test]
fn parts_that_programs_read_follow_from_the_plan_or_the_file_is_refused() {
    type Edit = fn(&mut serde_json::Value);
    let edits: [(&str, Edit); 4] = [
        ("resource_changes", |file| file["resource_changes"][0]["change"]["actions"][0] = "no-op".into()),
        ("checks", |file| file["checks"] = serde_json::json!([])),
        ("applyable", |file| file["applyable"] = false.into()),
        ("timestamp", |file| file["timestamp"] = "2026-01-01T00:00:00Z".into()),
    ];
    for (part, edit) in edits {
        let mut edited = file();
        edit(&mut edited);
        assert!(matches!(PlanFile::parse(edited.to_string().as_bytes()), Err(PlanFileError::Edited { .. })), "{part}");
        assert_eq!(PlanFile::parse(sealed(edited).as_bytes()), Err(PlanFileError::Inconsistent(part)));
    }
}

#[test]
fn the_instances_of_a_block_stand_together_in_checks_and_once_in_the_configuration() {
    let blocks = "account \"divested\" {\n  for_each = { crm = \"333333333333\", shop = \"444444444444\" }\n  id = each.value\n  name = each.key\n  \
                  membership = \"detached\"\n  reason = \"Divested\"\n}\n";
    let plan = World::new(&(blocks.to_owned() + &member("lab", LAB.0) + ROOM), &[CRM, SHOP, LAB]).only_plan();
    let file: serde_json::Value = serde_json::from_str(&PlanFile::of(&plan).to_json().unwrap()).unwrap();
    let checks = file["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 1);
    assert_eq!(checks[0]["address"]["to_display"], "orgroster_account.divested");
    let keys: Vec<_> = checks[0]["instances"].as_array().unwrap().iter().map(|instance| &instance["address"]["instance_key"]).collect();
    assert_eq!(keys, ["crm", "shop"]);
    let resources = file["configuration"]["root_module"]["resources"].as_array().unwrap();
    let addresses: Vec<_> = resources.iter().map(|resource| resource["address"].as_str().unwrap()).collect();
    assert_eq!(addresses, ["orgroster_account.divested", "orgroster_account.lab"]);
    assert_eq!(resources[0]["expressions"]["id"], serde_json::json!({}), "it differs between instances");
    assert_eq!(resources[0]["expressions"]["reason"]["constant_value"], "Divested");
    assert!(resources[0].get("for_each_expression").is_some() && resources[1].get("for_each_expression").is_none());
}
