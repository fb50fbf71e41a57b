//! Is it a delegated administrator, and for which services? (API reference, LeaveOrganization:
//! CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG.)

use crate::gate::{Caller, Finding, GateFacts, Remedy, Step};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let id = facts.desired.id.to_string();
    let seen = facts.observed.evidence("organizations:ListDelegatedAdministrators");
    let Some(services) = facts.observed.delegated_administrators.get(&facts.desired.id) else {
        return Finding::passes("it is not a delegated administrator").seen_in(seen);
    };
    let finding = if services.is_empty() {
        Finding::blocks(
            "it is a delegated administrator, but AWS lists no service for it",
            Remedy::from("List its services, then deregister it for each:")
                .then(Step::aws(Caller::ManagementAccount, &["organizations", "list-delegated-services-for-account", "--account-id", &id])),
        )
    } else {
        let first = Remedy::from("Choose another delegated administrator, then deregister this one from the management account:");
        let deregister = |service: &String| {
            let words = ["organizations", "deregister-delegated-administrator", "--account-id", &id, "--service-principal", service];
            Step::aws(Caller::ManagementAccount, &words)
        };
        let remedy = services.iter().map(deregister).fold(first, Remedy::then);
        Finding::blocks(format!("it is the delegated administrator of {}", services.join(", ")), remedy)
    };
    finding.seen_in(seen).seen_in(facts.observed.evidence_about("organizations:ListDelegatedServicesForAccount", facts.desired.id))
}

#[cfg(test)]
mod tests {
    use crate::gate::Step;
    use crate::gate::testing::Story;
    use crate::org::GateName;

    #[test]
    fn a_delegated_administrator_blocks_and_its_services_are_named() {
        let story = Story::new();
        let id = story.desired.id;
        assert!(!story.blocks(GateName::DelegatedAdministrator));
        let services = vec!["guardduty.amazonaws.com".to_owned(), "config.amazonaws.com".to_owned()];
        let result =
            story.observed(|seen| drop(seen.delegated_administrators.insert(id, services))).result(GateName::DelegatedAdministrator);
        assert!(result.is_blocking());
        assert!(result.explanation().contains("guardduty.amazonaws.com, config.amazonaws.com"));
        let commands = result.remedy().unwrap().steps().iter().filter(|step| matches!(step, Step::Aws { .. }));
        assert_eq!(commands.count(), 2);
        assert!(
            Story::new().observed(|seen| drop(seen.delegated_administrators.insert(id, vec![]))).blocks(GateName::DelegatedAdministrator)
        );
    }
}
