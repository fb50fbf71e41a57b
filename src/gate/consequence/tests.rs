//! Stories about what an account loses.

use std::collections::{BTreeMap, BTreeSet};

use crate::gate::Verdict;
use crate::gate::testing::{Story, attach};
use crate::org::{Consequence, Enforcement, GateName, Unreadable};

fn with_access(services: &[&str]) -> Story {
    let services = services.iter().map(|&service| service.to_owned()).collect();
    Story::new().observed(|seen| seen.service_access = Ok(services))
}

#[test]
fn an_integration_matters_only_where_it_is_enabled_and_then_it_is_unknown_until_acknowledged() {
    let cases = [
        ("sso.amazonaws.com", Consequence::IdentityCenter),
        ("ram.amazonaws.com", Consequence::ResourceShares),
        ("controltower.amazonaws.com", Consequence::ControlTower),
        ("member.org.stacksets.cloudformation.amazonaws.com", Consequence::StackSets),
    ];
    for (service, consequence) in cases {
        let gate = consequence.gate();
        assert!(!with_access(&[]).blocks(gate), "{gate}");
        let enabled = with_access(&[service]).result(gate);
        assert!(enabled.is_blocking() && matches!(enabled.verdict, Verdict::Unknown { .. }), "{gate}");
        assert!(enabled.remedy().unwrap().contains(&format!("acknowledge = [\"{gate}\"]")));
        let accepted = with_access(&[service]).departure(|departure| departure.acknowledge = BTreeSet::from([consequence])).result(gate);
        assert!(accepted.explanation().starts_with("acknowledged: "), "{gate}");
    }
}

#[test]
fn what_may_not_be_read_is_unknown_and_names_the_missing_action() {
    let operation = "organizations:ListAWSServiceAccessForOrganization";
    let story =
        Story::new().observed(|seen| seen.service_access = Err(Unreadable { operation: operation.into(), why: "AccessDenied".into() }));
    let result = story.result(GateName::IdentityCenter);
    assert!(result.is_blocking() && result.remedy().unwrap().contains(operation));
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
    for consequence in Consequence::ALL {
        assert!(matches!(story.result(consequence.gate()).verdict, Verdict::Pass { .. }), "{consequence}");
    }
}
