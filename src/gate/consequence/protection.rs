//! Policies of the organization that protect what is in the account: they stop, and nothing says so (Organizations user guide, "Management
//! policies"). And policies in the account that let others in, or it out, because of the organization.

use std::collections::BTreeMap;

use crate::gate::not_probed::{self, LATER};
use crate::gate::{Basis, Finding, GateFacts, Remedy};
use crate::org::{Consequence, OrganizationConditions, Probe, ReadFailure, is_protective};

use super::accept;

pub fn protections(facts: &GateFacts<'_>) -> Finding {
    let mut enabled = facts.observed.root.policy_types.iter().filter(|(_, status)| *status == "ENABLED");
    if !enabled.any(|(kind, _)| is_protective(kind)) {
        let none = "no policy type that protects is enabled: none for backups, S3 or declarative policies";
        return Finding::not_applicable(none).seen_in(facts.observed.evidence("organizations:ListRoots"));
    }
    match &facts.probes.protections {
        Probe::NotRun => Finding::unknown("effective policies of the account were not read", accept(Consequence::Protections, facts))
            .resting_on(Basis::unread("organizations:DescribeEffectivePolicy")),
        Probe::Failed(unreadable) => unknown(Consequence::Protections, unreadable, facts),
        Probe::Seen { value, provenance } => lost(value, facts).seen_in(provenance.clone()),
    }
}

fn lost(effective: &BTreeMap<String, Vec<String>>, facts: &GateFacts<'_>) -> Finding {
    if effective.is_empty() {
        return Finding::passes("no policy of the organization that protects is in effect in the account");
    }
    let shown = |(kind, names): (&String, &Vec<String>)| match names.as_slice() {
        [] => kind.clone(),
        names => format!("{kind} ({})", names.join(", ")),
    };
    let all: Vec<_> = effective.iter().map(shown).collect();
    let keep = "To keep them, have the account set the same for itself first: backup plans, public access blocks, EC2 account attributes.";
    Finding::blocks(
        format!("these policies stop protecting the account, and nothing will say so: {}", all.join("; ")),
        Remedy::from(keep).and(accept(Consequence::Protections, facts)),
    )
    .resting_on(Basis::names(effective.iter().flat_map(by_name)))
}

/// What a policy sets, one by one, so that one more of them is seen to be new and one less is not.
fn by_name((kind, names): (&String, &Vec<String>)) -> Vec<String> {
    match names.as_slice() {
        [] => vec![kind.clone()],
        names => names.iter().map(|name| format!("{kind} {name}")).collect(),
    }
}

pub fn organization_conditions(facts: &GateFacts<'_>) -> Finding {
    let consequence = Consequence::OrganizationConditions;
    match &facts.probes.conditions {
        Probe::NotRun if !facts.departure.action().is_called_by_member() => {
            Finding::unknown("policies of the account can be read in it only, which a removal does not enter", accept(consequence, facts))
                .resting_on(Basis::unread(consequence.as_str()))
        }
        Probe::NotRun => {
            Finding::deferred(format!("{LATER} reads the account's identity and trust policies")).resting_on(Basis::left_to_apply())
        }
        Probe::Failed(unreadable) => unknown(consequence, unreadable, facts),
        Probe::Seen { value, provenance } => named(value, facts).seen_in(provenance.clone()),
    }
}

fn named(conditions: &OrganizationConditions, facts: &GateFacts<'_>) -> Finding {
    let OrganizationConditions { named, malformed } = conditions;
    let unread = "policies of other kinds (keys, buckets, queues, endpoints) were not read";
    let finding = match (named.as_slice(), malformed.as_slice()) {
        ([], []) => return Finding::passes(format!("no identity or trust policy in the account names the organization; {unread}")),
        ([], malformed) => Finding::unknown(
            format!("could not be read, because they are not valid policies: {}", malformed.join(", ")),
            Remedy::from("Correct these policies.").and(accept(Consequence::OrganizationConditions, facts)),
        ),
        (named, malformed) => {
            let also = if malformed.is_empty() { String::new() } else { format!("; could not be read: {}", malformed.join(", ")) };
            Finding::blocks(
                format!("these depend on the organization and stop matching: {}{also}; {unread}", named.join(", ")),
                Remedy::from("Replace the condition by one on accounts first.").and(accept(Consequence::OrganizationConditions, facts)),
            )
        }
    };
    finding.resting_on(Basis::names(named.iter().chain(malformed).cloned()))
}

fn unknown(consequence: Consequence, unreadable: &ReadFailure, facts: &GateFacts<'_>) -> Finding {
    let remedy = if unreadable.not_built_in {
        not_probed::build_with_every_client()
    } else {
        Remedy::from(format!("The gate decides once {} can be read.", unreadable.operation))
            .and(not_probed::what_was_evaluated(&unreadable.why))
            .and(accept(consequence, facts))
    };
    Finding::unknown(unreadable.to_string(), remedy).resting_on(Basis::unread(&unreadable.operation))
}
