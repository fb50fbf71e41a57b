//! Has a support plan been chosen? The Support API is open to paid plans only, so that it proves one; whether the free plan was chosen or
//! none at all, no AWS API reports (Support API reference, DescribeSeverityLevels).

use crate::org::{AttestationKind, Look, SupportEvidence};

use super::{Finding, GateFacts, attested};

pub(super) fn check(facts: &GateFacts<'_>) -> Finding {
    let word = attested::check(AttestationKind::SupportPlan, facts);
    match &facts.looks.support {
        Look::Seen { value: SupportEvidence::PaidPlan, provenance } => {
            Finding::passes("the account has a paid support plan").seen_in(provenance.clone())
        }
        Look::Seen { value: SupportEvidence::FreePlanOrNone, provenance } => word.seen_in(provenance.clone()),
        Look::NotTaken | Look::Unreadable(_) => word,
    }
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::{Story, seen};
    use crate::org::{GateName, Look, SupportEvidence};

    #[test]
    fn a_paid_plan_is_proof_and_its_absence_leaves_the_attestation() {
        let with = |value| {
            let mut story = Story::new();
            story.looks.support = Look::Seen { value, provenance: seen("support:DescribeSeverityLevels") };
            story
        };
        assert!(!with(SupportEvidence::PaidPlan).blocks(GateName::SupportPlan));
        assert!(with(SupportEvidence::FreePlanOrNone).blocks(GateName::SupportPlan));
        assert!(Story::new().blocks(GateName::SupportPlan));
    }
}
