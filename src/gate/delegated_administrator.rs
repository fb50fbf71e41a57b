//! Is it a delegated administrator, and for which services? (API reference, LeaveOrganization:
//! CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG.)

use crate::org::escaped;

use super::{Finding, GateFacts};

pub(super) fn check(facts: &GateFacts<'_>) -> Finding {
    let id = facts.desired.id;
    let seen = facts.observed.evidence("organizations:ListDelegatedAdministrators");
    let Some(services) = facts.observed.delegated_administrators.get(&id) else {
        return Finding::passes("it is not a delegated administrator").seen_in(seen);
    };
    let finding = if services.is_empty() {
        Finding::blocks(
            "it is a delegated administrator; AWS names no service",
            format!("See `aws organizations list-delegated-services-for-account --account-id {id}`, then deregister it for each."),
        )
    } else {
        let commands: Vec<_> = services
            .iter()
            .map(|service| {
                format!(
                    "    aws organizations deregister-delegated-administrator --account-id {id} --service-principal {}",
                    escaped(service)
                )
            })
            .collect();
        Finding::blocks(
            format!("it is the delegated administrator of {}", services.join(", ")),
            format!("Name another administrator, then deregister this one from the management account:\n{}", commands.join("\n")),
        )
    };
    finding.seen_in(seen).seen_in(facts.observed.evidence_about("organizations:ListDelegatedServicesForAccount", id))
}

#[cfg(test)]
mod tests {
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
        assert_eq!(result.remedy().unwrap().matches("deregister-delegated-administrator").count(), 2);
        assert!(
            Story::new().observed(|seen| drop(seen.delegated_administrators.insert(id, vec![]))).blocks(GateName::DelegatedAdministrator)
        );
    }
}
