//! Policies of the organization that protect resources in the account and stop applying without any notice (Organizations user guide,
//! "Management policies"); and policies in the account that grant access, to it or from it, because of the organization.

use std::collections::BTreeMap;

use crate::gate::not_probed::{self, LATER};
use crate::gate::{Basis, Finding, GateFacts, Remedy};
use crate::org::{Consequence, OrganizationConditions, Probe, ReadFailure, is_protective};

use super::accept;

pub fn protections(facts: &GateFacts<'_>) -> Finding {
    let mut enabled = facts.observed.root.policy_types.iter().filter(|(_, status)| *status == "ENABLED");
    if !enabled.any(|(kind, _)| is_protective(kind)) {
        let none = "no protective policy type (backup, S3 or declarative) is enabled";
        return Finding::not_applicable(none).seen_in(facts.observed.evidence("organizations:ListRoots"));
    }
    match &facts.probes.protections {
        Probe::NotRun => Finding::unknown("the account's effective policies were not read", accept(Consequence::Protections, facts))
            .resting_on(Basis::unread("organizations:DescribeEffectivePolicy")),
        Probe::Failed(unreadable) => unknown(Consequence::Protections, unreadable, facts),
        Probe::Seen { value, provenance } => lost(value, facts).seen_in(provenance.clone()),
    }
}

fn lost(effective: &BTreeMap<String, Vec<String>>, facts: &GateFacts<'_>) -> Finding {
    if effective.is_empty() {
        return Finding::passes("no protective policy of the organization is in effect in the account");
    }
    let shown = |(kind, names): (&String, &Vec<String>)| match names.as_slice() {
        [] => kind.clone(),
        names => format!("{kind} ({})", names.join(", ")),
    };
    let all: Vec<_> = effective.iter().map(shown).collect();
    let keep =
        "To keep the protection, first set the same in the account itself: backup plans, public access blocks, EC2 account attributes.";
    Finding::blocks(
        format!("these policies stop protecting the account, without any notice: {}", all.join("; ")),
        Remedy::from(keep).and(accept(Consequence::Protections, facts)),
    )
    .resting_on(Basis::names(effective.iter().flat_map(by_name)))
}

/// The names in the basis, one for each item that a policy sets, so that an added item is seen as new and a removed one is not.
fn by_name((kind, names): (&String, &Vec<String>)) -> Vec<String> {
    match names.as_slice() {
        [] => vec![kind.clone()],
        names => names.iter().map(|name| format!("{kind} {name}")).collect(),
    }
}

pub fn organization_conditions(facts: &GateFacts<'_>) -> Finding {
    let consequence = Consequence::OrganizationConditions;
    match &facts.probes.conditions {
        Probe::NotRun if !facts.departure.action().is_called_by_member() => Finding::unknown(
            "the account's policies can be read only in it, and orgroster reads nothing in an account that the management account removes",
            accept(consequence, facts),
        )
        .resting_on(Basis::unread(consequence.as_str())),
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
            format!("these are not valid policies and could not be evaluated: {}", malformed.join(", ")),
            Remedy::from("Correct these policies.").and(accept(Consequence::OrganizationConditions, facts)),
        ),
        (named, malformed) => {
            let also = if malformed.is_empty() {
                String::new()
            } else {
                format!("; these are not valid policies and could not be evaluated: {}", malformed.join(", "))
            };
            Finding::blocks(
                format!("these policies depend on the organization and stop matching: {}{also}; {unread}", named.join(", ")),
                Remedy::from("First replace the conditions on the organization with conditions on accounts.")
                    .and(accept(Consequence::OrganizationConditions, facts)),
            )
        }
    };
    finding.resting_on(Basis::names(named.iter().chain(malformed).cloned()))
}

fn unknown(consequence: Consequence, unreadable: &ReadFailure, facts: &GateFacts<'_>) -> Finding {
    let remedy = if unreadable.not_built_in {
        not_probed::build_with_every_client()
    } else {
        Remedy::from(format!("The gate decides once {} succeeds.", unreadable.operation))
            .and(not_probed::what_was_evaluated(&unreadable.why))
            .and(accept(consequence, facts))
    };
    Finding::unknown(unreadable.to_string(), remedy).resting_on(Basis::unread(&unreadable.operation))
}
