//! Stories about what an account loses.

use std::collections::{BTreeMap, BTreeSet};

use crate::gate::testing::{Story, attach, seen, unreadable};
use crate::gate::{GateResult, Verdict};
use crate::org::{
    Consequence, Enforcement, GateName, Held, OrganizationConditions, Probe, Probes, ReadFailure, ResourceShare, ResourceShares, Via,
};

/// The remedy as readers get it.
fn said(result: &GateResult) -> String {
    serde_json::to_string(result.remedy().unwrap()).unwrap()
}

fn with_access(services: &[&str]) -> Story {
    let services = services.iter().map(|&service| service.to_owned()).collect();
    Story::new().observed(|seen| seen.service_access = Ok(services))
}

fn held(items: &[&str]) -> Probe<Held> {
    let items = items.iter().map(|&item| item.to_owned()).collect();
    Probe::Seen { value: Held { items, regions: vec!["us-east-1".into()] }, provenance: seen("service:List") }
}

/// Integrations, each with the setter of its read in a story.
type Case = (&'static str, Consequence, fn(&mut Probes, Probe<Held>));
const INTEGRATIONS: &[Case] = &[
    ("member.org.stacksets.cloudformation.amazonaws.com", Consequence::StackSets, |probes, look| probes.stack_sets = look),
    ("sso.amazonaws.com", Consequence::IdentityCenter, |probes, look| probes.permission_sets = look),
    ("controltower.amazonaws.com", Consequence::ControlTower, |probes, look| probes.baselines = look),
    ("cloudtrail.amazonaws.com", Consequence::OrganizationTrail, |probes, look| probes.organization_trails = look),
];

#[test]
fn an_integration_matters_only_where_it_is_enabled_and_holds_something_of_the_account() {
    for (service, consequence, put) in INTEGRATIONS {
        let gate = consequence.gate();
        let story = |services: &[&str], look: Probe<Held>| {
            let mut story = with_access(services);
            put(&mut story.probes, look);
            story
        };
        let verdict = |services: &[&str], look| story(services, look).result(gate).verdict;
        assert!(matches!(verdict(&[], held(&["baseline"])), Verdict::Pass { .. }), "{gate}");
        assert!(matches!(verdict(&[service], held(&[])), Verdict::Pass { .. }), "{gate}");
        assert!(matches!(verdict(&[service], Probe::NotRun), Verdict::Unknown { .. }), "{gate}");
        let lost = story(&[service], held(&["baseline"])).result(gate);
        assert!(matches!(lost.verdict, Verdict::Block { .. }) && lost.explanation().contains("baseline"), "{gate}");
        assert_eq!(lost.is_blocking(), *consequence != Consequence::OrganizationTrail, "{gate}");
        assert!(said(&lost).contains(&format!("\"acknowledge\",\"value\":[\"{gate}\"]")), "{}", said(&lost));
        assert!(lost.evidence.iter().any(|provenance| provenance.operation == "service:List"), "{gate}");
        let denied = story(&[service], unreadable("service:List")).result(gate);
        assert!(matches!(denied.verdict, Verdict::Unknown { .. }) && said(&denied).contains("service:List"), "{gate}");
        for look in [held(&["baseline"]), unreadable("service:List")] {
            let story = story(&[service], look).departure(|departure| departure.acknowledge = BTreeSet::from([*consequence]));
            assert!(story.result(gate).is_acknowledged(), "{gate}");
        }
    }
}

#[test]
fn shares_of_the_organization_are_lost_unless_they_are_retained() {
    let gate = GateName::ResourceShares;
    let account = "333333333333";
    // The owner of the share, whether it is retained, whether it is shared with the organization, and whether that blocks.
    let cases = [
        ("111111111111", false, false, true),
        ("111111111111", true, false, false),
        ("999999999999", false, false, false),
        (account, false, true, true),
        (account, false, false, false),
    ];
    for (owner, retained, shared_inside, blocks) in cases {
        let mut story = with_access(&["ram.amazonaws.com"]).observed(|seen| {
            let mut owner = seen.accounts[0].clone();
            owner.id = "111111111111".parse().unwrap();
            seen.accounts.insert(0, owner);
        });
        assert!(story.result(gate).is_deferred(), "only the account can read its shares");
        let share =
            ResourceShare { name: "subnets".into(), region: "us-east-1".into(), owner: owner.parse().unwrap(), retained, shared_inside };
        let value = ResourceShares { shares: vec![share], regions: vec!["us-east-1".into()] };
        story.probes.shares = Probe::Seen { value, provenance: seen("ram:GetResourceShares") };
        assert_eq!(story.blocks(gate), blocks, "{owner} {retained} {shared_inside}");
        story.probes.shares = unreadable("ram:GetResourceShares");
        let denied = story.result(gate);
        assert!(denied.is_blocking() && said(&denied).contains("ram:GetResourceShares"));
        story = story.departure(|departure| departure.via = Via::Remove);
        story.probes.shares = Probe::NotRun;
        assert!(matches!(story.result(gate).verdict, Verdict::Unknown { .. }), "nothing is read in it when it is removed");
    }
}

#[test]
fn what_may_not_be_read_is_unknown_and_names_the_missing_action() {
    let operation = "organizations:ListAWSServiceAccessForOrganization";
    let story = Story::new().observed(|seen| {
        seen.service_access = Err(ReadFailure { operation: operation.into(), why: "AccessDenied".into(), role: None, not_built_in: false })
    });
    let result = story.result(GateName::IdentityCenter);
    assert!(result.is_blocking() && said(&result).contains(operation));
}

#[test]
fn tags_and_policies_are_named_and_advice() {
    let tagged = Story::new().observed(|seen| {
        let tags = BTreeMap::from([("team".to_owned(), "crm".to_owned())]);
        seen.tags.insert("333333333333".parse().unwrap(), Ok(tags));
        attach(seen.policies.as_mut().unwrap(), "r-ab12", "Baseline", r#"{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#);
    });
    let tags = tagged.result(GateName::Tags);
    assert!(tags.explanation().contains("team") && !tags.explanation().contains("crm"), "{}", tags.explanation());
    assert_eq!((tags.enforcement, tags.is_blocking()), (Enforcement::Advisory, false));
    assert!(tagged.result(GateName::Policies).explanation().contains("Baseline (p-Baseline)"));
    assert!(matches!(Story::new().result(GateName::Policies).verdict, Verdict::Pass { .. }));
}

#[test]
fn every_consequence_can_be_acknowledged() {
    let all: BTreeSet<_> = Consequence::ALL.iter().copied().collect();
    let story =
        with_access(&["sso.amazonaws.com", "cloudtrail.amazonaws.com"]).departure(|departure| departure.acknowledge.clone_from(&all));
    // organization_conditions is off by default.
    let mut story = story;
    story.enforcements.insert(GateName::OrganizationConditions, Enforcement::Mandatory);
    let conditions = OrganizationConditions { named: vec!["trust policy of role Deploy".into()], malformed: vec![] };
    story.probes.conditions = Probe::Seen { value: conditions, provenance: seen("iam:GetAccountAuthorizationDetails") };
    for consequence in Consequence::ALL.iter().filter(|consequence| !consequence.is_of_joining()) {
        assert!(matches!(story.result(consequence.gate()).verdict, Verdict::Pass { .. }), "{consequence}");
    }
}

#[test]
fn what_the_block_accepts_already_stays_accepted() {
    let story = with_access(&["sso.amazonaws.com"]).departure(|departure| departure.acknowledge = BTreeSet::from([Consequence::StackSets]));
    let remedy = said(&story.result(GateName::IdentityCenter));
    assert!(remedy.contains("\"value\":[\"stack_sets\",\"identity_center\"]"), "{remedy}");
}

#[test]
fn a_policy_type_that_nobody_knows_yet_is_carried_and_shown() {
    let story = Story::new().observed(|seen| drop(seen.root.policy_types.insert("TIME_TRAVEL_POLICY".into(), "ENABLED".into())));
    let policies = story.result(GateName::Policies);
    assert!(policies.explanation().contains("TIME_TRAVEL_POLICY"), "{}", policies.explanation());
    let protections = story.result(GateName::Protections);
    assert!(matches!(protections.verdict, Verdict::Pass { .. }), "{protections:?}");
}
