//! Has a support plan been chosen? The Support API answers only accounts with a paid plan, so an answer proves one. No AWS API reports
//! whether the free plan was chosen or none at all (Support API reference, DescribeSeverityLevels).

use crate::gate::{Finding, GateFacts, not_probed};
use crate::org::{AttestationKind, Probe, SupportEvidence};

use super::attested;

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    const KIND: AttestationKind = AttestationKind::SupportPlan;
    let word = attested::check(KIND, facts);
    match &facts.probes.support {
        Probe::Seen { value: SupportEvidence::PaidPlan, provenance } => {
            Finding::passes("the account has a paid support plan").seen_in(provenance.clone())
        }
        Probe::Seen { value: SupportEvidence::FreePlanOrNone, provenance } => word.seen_in(provenance.clone()),
        // A build without the client needs no other remedy: most accounts need the attestation anyway.
        Probe::Failed(unreadable) if !unreadable.not_built_in => {
            attested::unread(KIND, facts, unreadable, not_probed::allow(unreadable, facts))
        }
        Probe::NotRun | Probe::Failed(_) => word,
    }
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::{Story, seen, unreadable};
    use crate::org::{GateName, Probe, SupportEvidence};

    #[test]
    fn a_paid_plan_is_proof_and_its_absence_leaves_the_attestation() {
        let with = |value| {
            let mut story = Story::new();
            story.probes.support = Probe::Seen { value, provenance: seen("support:DescribeSeverityLevels") };
            story
        };
        assert!(!with(SupportEvidence::PaidPlan).blocks(GateName::SupportPlan));
        assert!(with(SupportEvidence::FreePlanOrNone).blocks(GateName::SupportPlan));
        assert!(Story::new().blocks(GateName::SupportPlan));
    }

    #[test]
    fn a_denial_is_named_with_what_allows_the_read_and_the_attestation() {
        let mut story = Story::new();
        story.probes.support = unreadable("support:DescribeSeverityLevels");
        let result = story.result(GateName::SupportPlan);
        assert!(result.is_blocking() && result.explanation().contains("support:DescribeSeverityLevels could not be read"));
        let remedy = serde_json::to_string(result.remedy().unwrap()).unwrap();
        assert!(remedy.contains("Grant support:DescribeSeverityLevels") && remedy.contains("support_plan"), "{remedy}");
    }
}
