//! Does the organization depend on the account? It depends on the landing zone's log archive and audit accounts, and on accounts to which
//! its resource-based policy delegates Organizations. Nothing in the account's own block resolves this: only a `gate` block does.

use crate::gate::not_probed::{self, or_lower};
use crate::gate::{Basis, Finding, GateFacts, Remedy};
use crate::org::{Consequence, Probe, Probes, Provenance, ReadFailure};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let found = found(facts.probes);
    let reads = [zone(facts), Read::of(&facts.probes.delegation)];
    let failed: Vec<_> =
        reads.iter().filter_map(|read| if let Read::Failed(unreadable) = read { Some(*unreadable) } else { None }).collect();
    let finding = if !found.is_empty() {
        let remedy = Remedy::from("First have another account take over its role. Nothing in the account's own block resolves this.")
            .and(or_lower(crate::org::GateName::ReliedUpon, facts));
        Finding::blocks(format!("the organization relies on the account: it is {}", found.join(", and ")), remedy)
            .resting_on(Basis::names(found))
    } else if let Some(first) = failed.first() {
        let whys: Vec<_> = failed.iter().map(ToString::to_string).collect();
        Finding::unknown(whys.join("; "), allow(first)).resting_on(Basis::unread(&first.operation))
    } else if reads.iter().any(|read| matches!(read, Read::Not)) {
        Finding::unknown("the accounts that the organization relies on were not read", "Plan again.")
            .resting_on(Basis::unread("relied_upon"))
    } else {
        Finding::passes("neither a landing zone nor the organization's delegation policy refers to the account")
    };
    reads.into_iter().filter_map(Read::provenance).fold(finding, Finding::seen_in)
}

/// The state of one read that may refer to the account.
enum Read<'f> {
    Known(Option<Provenance>),
    Failed(&'f ReadFailure),
    Not,
}

impl<'f> Read<'f> {
    fn of<T>(look: &'f Probe<T>) -> Self {
        match look {
            Probe::Seen { provenance, .. } => Self::Known(Some(provenance.clone())),
            Probe::Failed(unreadable) => Self::Failed(unreadable),
            Probe::NotRun => Self::Not,
        }
    }

    fn provenance(self) -> Option<Provenance> {
        if let Self::Known(provenance) = self { provenance } else { None }
    }
}

/// The read of the landing zone. There is none if Control Tower has no trusted access.
fn zone<'f>(facts: &GateFacts<'f>) -> Read<'f> {
    match &facts.observed.service_access {
        Err(unreadable) => Read::Failed(unreadable),
        Ok(enabled) if Consequence::ControlTower.integrated_by(enabled).is_none() => {
            Read::Known(facts.observed.evidence("organizations:ListAWSServiceAccessForOrganization"))
        }
        Ok(_) => Read::of(&facts.probes.landing_zone),
    }
}

/// The purposes for which the organization relies on the account.
pub(in crate::gate) fn found(probes: &Probes) -> Vec<String> {
    let roles = probes.landing_zone.value().into_iter().flatten().map(|role| format!("the landing zone's {role}"));
    let delegated = probes.delegation.value() == Some(&true);
    roles.chain(delegated.then(|| "named by the organization's delegation policy".to_owned())).collect()
}

fn allow(unreadable: &ReadFailure) -> Remedy {
    if unreadable.not_built_in {
        return not_probed::build_with_every_client();
    }
    Remedy::from(format!("Grant {} to the role that plans.", unreadable.operation)).and(not_probed::what_was_evaluated(&unreadable.why))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::gate::Verdict;
    use crate::gate::testing::{Story, seen, unreadable};
    use crate::org::{Consequence, Enforcement, GateName, Probe};

    const GATE: GateName = GateName::ReliedUpon;

    fn with(roles: &[&str], delegated: bool) -> Story {
        let mut story = Story::new().observed(|seen| seen.service_access = Ok(BTreeSet::from(["controltower.amazonaws.com".to_owned()])));
        let value = roles.iter().map(|&role| role.to_owned()).collect();
        story.probes.landing_zone = Probe::Seen { value, provenance: seen("controltower:GetLandingZone") };
        story.probes.delegation = Probe::Seen { value: delegated, provenance: seen("organizations:DescribeResourcePolicy") };
        story
    }

    #[test]
    fn an_account_that_the_organization_relies_on_stays_unless_a_gate_block_lets_it_go() {
        assert!(matches!(with(&[], false).result(GATE).verdict, Verdict::Pass { .. }));
        for (roles, delegated, names) in
            [(vec!["centralizedLogging account"], false, "centralizedLogging"), (vec![], true, "delegation policy")]
        {
            let mut story =
                with(&roles, delegated).departure(|departure| departure.acknowledge = Consequence::ALL.iter().copied().collect());
            let result = story.result(GATE);
            assert!(result.is_blocking() && result.explanation().contains(names), "acknowledging is not enough: {result:?}");
            assert_eq!(result.evidence.len(), 2);
            story.enforcements.insert(GATE, Enforcement::Advisory);
            assert!(!story.blocks(GATE));
        }
        assert_eq!("relied_upon".parse::<Consequence>(), Err(()), "a block can't acknowledge it");
    }

    #[test]
    fn what_can_not_be_read_is_advice_unless_something_else_names_the_account() {
        let mut story = with(&[], false);
        story.probes.landing_zone = unreadable("controltower:GetLandingZone");
        let result = story.result(GATE);
        assert!(matches!(result.verdict, Verdict::Unknown { .. }) && !result.is_blocking(), "{result:?}");
        let mut named = with(&[], true);
        named.probes.landing_zone = unreadable("controltower:GetLandingZone");
        assert!(named.blocks(GATE));
        let evidence: BTreeSet<_> = named.result(GATE).evidence.into_iter().map(|seen| seen.operation).collect();
        assert_eq!(evidence, BTreeSet::from(["organizations:DescribeResourcePolicy".to_owned()]));
    }

    #[test]
    fn that_nobody_read_it_is_no_pass() {
        let mut unread = with(&[], false);
        unread.probes.landing_zone = Probe::NotRun;
        assert!(matches!(unread.result(GATE).verdict, Verdict::Unknown { .. }), "Control Tower has trusted access");
        let elsewhere = unread.observed(|seen| seen.service_access = Ok(BTreeSet::new()));
        assert!(matches!(elsewhere.result(GATE).verdict, Verdict::Pass { .. }), "without trusted access there is no landing zone");
        let Probe::Failed(denied) = unreadable::<bool>("organizations:ListAWSServiceAccessForOrganization") else { unreachable!() };
        let result = elsewhere.observed(|seen| seen.service_access = Err(denied)).result(GATE);
        assert!(matches!(result.verdict, Verdict::Unknown { .. }) && !result.is_blocking(), "{result:?}");
    }
}
