//! Is the contact information complete? A standalone account needs it (Organizations user guide, "Remove a member account"). AWS does not
//! document which error missing information raises, so this gate can be made advisory.

use crate::gate::not_probed::{self, LATER};
use crate::gate::{Basis, Caller, Finding, GateFacts, Remedy, Step};
use crate::org::{GateName, Probe};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    match &facts.probes.contact {
        Probe::NotRun if !facts.departure.action().is_called_by_member() => Finding::unknown(
            "orgroster reads nothing in an account that the management account removes, and the management account can't read the contact \
             information",
            Remedy::from("Enable trusted access for AWS Account Management, so that the management account can read it:")
                .then(Step::aws(
                    Caller::ManagementAccount,
                    &["organizations", "enable-aws-service-access", "--service-principal", "account.amazonaws.com"],
                ))
                .and(not_probed::or_lower(GateName::ContactInformation, facts)),
        ),
        Probe::NotRun => {
            Finding::deferred(format!("{LATER} reads the contact information in the account")).resting_on(Basis::left_to_apply())
        }
        Probe::Failed(unreadable) => not_probed::unknown(unreadable, facts),
        Probe::Seen { value, provenance } => {
            let finding = if value.missing.is_empty() {
                Finding::passes("the contact information is complete")
            } else {
                Finding::blocks(
                    format!("the contact information lacks {}", value.missing.join(", ")),
                    "Have the account's root user, or a principal in it that may call account:PutContactInformation, complete it.",
                )
            };
            finding.resting_on(Basis::names(value.missing.iter().cloned())).seen_in(provenance.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::{Story, seen};
    use crate::org::{ContactInformation, GateName, Probe, Via};

    const GATE: GateName = GateName::ContactInformation;

    #[test]
    fn missing_parts_block_and_are_named() {
        let mut story = Story::new();
        assert!(story.result(GATE).is_deferred());
        let missing = |missing: &[&str]| Probe::Seen {
            value: ContactInformation { missing: missing.iter().map(|&part| part.to_owned()).collect(), verification: None },
            provenance: seen("account:GetContactInformation"),
        };
        story.probes.contact = missing(&[]);
        assert!(!story.blocks(GATE));
        story.probes.contact = missing(&["PhoneNumber"]);
        assert!(story.blocks(GATE) && story.result(GATE).explanation().contains("PhoneNumber"));
    }

    #[test]
    fn an_account_that_is_removed_is_not_looked_into_and_stays_unknown() {
        assert!(Story::new().departure(|departure| departure.via = Via::Remove).blocks(GATE));
    }
}
