//! Do the credentials belong to the declared organization and management account?

use crate::gate::{Finding, GateFacts, JoiningFacts};
use crate::org::{DeclaredOrganization, ObservedOrganization};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    compare(facts.declared, facts.observed)
}

pub(in crate::gate) fn check_joining(facts: &JoiningFacts<'_>) -> Finding {
    compare(facts.declared, facts.observed)
}

fn compare(declared: &DeclaredOrganization, observed: &ObservedOrganization) -> Finding {
    let live = &observed.organization;
    let finding = if declared.id != live.id || declared.management_account_id != live.management_account_id {
        Finding::blocks(
            format!(
                "the credentials belong to organization {} (management account {}), but the configuration declares {} ({})",
                live.id, live.management_account_id, declared.id, declared.management_account_id
            ),
            "Use credentials of the declared organization, or correct the organization block.",
        )
    } else {
        Finding::passes(format!("organization {} with management account {}", live.id, live.management_account_id))
    };
    finding.seen_in(observed.evidence("organizations:DescribeOrganization"))
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::Story;
    use crate::org::GateName;

    #[test]
    fn another_organization_or_management_account_blocks() {
        assert!(!Story::new().blocks(GateName::Organization));
        assert!(Story::new().observed(|seen| seen.organization.id = "o-anotherorgid".parse().unwrap()).blocks(GateName::Organization));
        let other = Story::new().observed(|seen| seen.organization.management_account_id = "999999999999".parse().unwrap());
        assert!(other.blocks(GateName::Organization));
    }
}
