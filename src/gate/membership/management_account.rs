//! Is it the management account? AWS answers MasterCannotLeaveOrganizationException (API reference, LeaveOrganization).

use crate::gate::{Finding, GateFacts, JoiningFacts, Remedy, Setting, Step};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let management = facts.observed.organization.management_account_id;
    let finding = if facts.desired.id == management {
        let stays = Step::in_block(vec![Setting::argument("membership", "member")]);
        Finding::blocks("it is the management account, which can never leave", Remedy::from("Declare that it stays:").then(stays))
    } else {
        Finding::passes(format!("the management account is {management}"))
    };
    finding.seen_in(facts.observed.evidence("organizations:DescribeOrganization"))
}

/// The management account is always a member, so it can't join.
pub(in crate::gate) fn check_joining(facts: &JoiningFacts<'_>) -> Finding {
    let management = facts.observed.organization.management_account_id;
    let finding = if facts.desired.id == management {
        Finding::blocks("it is the management account, which is always a member", "Remove the join block.")
    } else {
        Finding::passes(format!("the management account is {management}"))
    };
    finding.seen_in(facts.observed.evidence("organizations:DescribeOrganization"))
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::Story;
    use crate::org::GateName;

    #[test]
    fn the_live_management_account_blocks() {
        assert!(!Story::new().blocks(GateName::ManagementAccount));
        let story = Story::new();
        let id = story.desired.id;
        assert!(story.observed(|seen| seen.organization.management_account_id = id).blocks(GateName::ManagementAccount));
    }
}
