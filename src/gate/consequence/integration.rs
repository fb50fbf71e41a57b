//! What the account loses from services that are integrated with the organization. `ListAWSServiceAccessForOrganization` reports which
//! services are integrated. Each service reports what it manages in the account.

use crate::gate::not_probed::{self, LATER};
use crate::gate::{Basis, Finding, GateFacts, Remedy};
use crate::org::{Consequence, Held, Probe, ReadFailure, ResourceShare, ResourceShares};

use super::accept;

pub fn check(consequence: Consequence, facts: &GateFacts<'_>) -> Finding {
    let finding = match &facts.observed.service_access {
        Err(unreadable) => unknown(consequence, unreadable, facts),
        Ok(enabled) if consequence.integrated_by(enabled).is_none() => {
            let principals = consequence.service_principals().join(" and ");
            Finding::not_applicable(format!("trusted access is not enabled for {principals} in the organization"))
        }
        Ok(_) => integrated(consequence, facts),
    };
    finding.seen_in(facts.observed.evidence("organizations:ListAWSServiceAccessForOrganization"))
}

fn integrated(consequence: Consequence, facts: &GateFacts<'_>) -> Finding {
    let probes = facts.observed.probes.get(&facts.desired.id).unwrap_or(facts.probes);
    match consequence {
        Consequence::StackSets => held(consequence, facts, &probes.stack_sets, |held| stack_sets(facts, held)),
        Consequence::IdentityCenter => held(consequence, facts, &probes.permission_sets, permission_sets),
        Consequence::ControlTower => held(consequence, facts, &probes.baselines, |held| control_tower(facts, held)),
        Consequence::OrganizationTrail => held(consequence, facts, &probes.organization_trails, organization_trails),
        Consequence::ResourceShares => resource_shares(facts),
        Consequence::Protections
        | Consequence::OrganizationConditions
        | Consequence::Tags
        | Consequence::Policies
        | Consequence::ResidualAccess
        | Consequence::Billing
        | Consequence::JoinedPolicies
        | Consequence::Payer
        | Consequence::FreePlan => Finding::passes("it depends on no integrated service"),
    }
}

/// The finding about one service. Everything that the service manages in the account is lost.
fn held(consequence: Consequence, facts: &GateFacts<'_>, look: &Probe<Held>, lost: impl Fn(&Held) -> Loss) -> Finding {
    match look {
        Probe::NotRun => Finding::unknown("what the service manages in this account was not read", accept(consequence, facts))
            .resting_on(Basis::unread(consequence.as_str())),
        Probe::Failed(unreadable) => unknown(consequence, unreadable, facts),
        Probe::Seen { value, provenance } => {
            let Loss { nothing, what, keep } = lost(value);
            let finding = if value.items.is_empty() {
                Finding::passes(nothing)
            } else {
                Finding::blocks(what, Remedy::from(keep).and(accept(consequence, facts)))
            };
            finding.resting_on(Basis::names(value.items.iter().cloned()).in_regions(&value.regions)).seen_in(provenance.clone())
        }
    }
}

/// The texts about a loss.
struct Loss {
    /// If nothing is lost.
    nothing: String,
    what: String,
    /// How to prevent the loss, in a sentence.
    keep: String,
}

fn stack_sets(facts: &GateFacts<'_>, held: &Held) -> Loss {
    let verb = facts.departure.action().verbs().present;
    Loss {
        nothing: format!("no stack set in {} deletes stacks in the account when it {verb}", held.regions.join(", ")),
        what: format!("stack sets delete their stacks in the account, with the resources in them: {}", held.items.join(", ")),
        keep: "To keep them, configure each stack set to retain stacks on account removal (in its automatic deployment options)."
            .to_owned(),
    }
}

/// Another kind of access through Identity Center, for which orgroster has no client.
const NOT_READ: &str = "account access manager entitlements were not read";

fn permission_sets(held: &Held) -> Loss {
    let count = held.items.len();
    let (noun, verb) = if count == 1 { ("permission set", "is") } else { ("permission sets", "are") };
    Loss {
        nothing: format!("Identity Center has provisioned no permission set to the account; {NOT_READ}"),
        what: format!(
            "people lose their Identity Center access: {count} {noun} {verb} provisioned to the account ({}); {NOT_READ}",
            held.items.join(", ")
        ),
        keep: "First give people who still need the account another way to sign in.".to_owned(),
    }
}

fn control_tower(facts: &GateFacts<'_>, held: &Held) -> Loss {
    let verb = facts.departure.action().verbs().present;
    Loss {
        nothing: "Control Tower has no baseline enabled on the account".to_owned(),
        what: format!("Control Tower manages the account, and the landing zone drifts when the account {verb}: {}", held.items.join(", ")),
        keep: format!(
            "First unmanage the account: in the Control Tower console, choose Organization, account {}, Unmanage.",
            facts.desired.id
        ),
    }
}

fn organization_trails(held: &Held) -> Loss {
    Loss {
        nothing: format!("there is no organization trail in {}", held.regions.join(", ")),
        what: format!("organization trails stop recording the account: {}", held.items.join(", ")),
        keep: "The new owner needs a trail of its own.".to_owned(),
    }
}

/// Only the account itself sees what is shared with it.
fn resource_shares(facts: &GateFacts<'_>) -> Finding {
    let consequence = Consequence::ResourceShares;
    match &facts.probes.shares {
        Probe::NotRun if !facts.departure.action().is_called_by_member() => Finding::unknown(
            "resource shares can be read only in the account, and orgroster reads nothing in an account that the management account \
             removes",
            accept(consequence, facts),
        )
        .resting_on(Basis::unread(consequence.as_str())),
        Probe::NotRun => Finding::deferred(format!("{LATER} reads the resource shares in the account")).resting_on(Basis::left_to_apply()),
        Probe::Failed(unreadable) if unreadable.not_built_in => unknown(consequence, unreadable, facts),
        Probe::Failed(unreadable) => {
            let remedy = not_probed::allow(unreadable, facts).and(accept(consequence, facts));
            Finding::unknown(unreadable.to_string(), remedy).resting_on(Basis::unread(&unreadable.operation))
        }
        Probe::Seen { value, provenance } => shares(facts, value).seen_in(provenance.clone()),
    }
}

fn shares(facts: &GateFacts<'_>, found: &ResourceShares) -> Finding {
    let name = |share: &ResourceShare| format!("{} of {} ({})", share.name, share.owner, share.region);
    let is_ours = |share: &&ResourceShare| share.owner == facts.desired.id;
    // Shares from accounts outside the organization were accepted by invitation, and stay.
    let is_outside = |owner| facts.observed.has_every_account() && facts.observed.account(owner).is_none();
    let is_lost = |share: &&ResourceShare| !is_ours(share) && !share.retained && !is_outside(share.owner);
    let received: Vec<_> = found.shares.iter().filter(is_lost).map(name).collect();
    let given: Vec<_> = found.shares.iter().filter(|share| is_ours(share) && share.shared_inside).map(name).collect();
    let mut parts = Vec::new();
    if !received.is_empty() {
        parts.push(format!("the account loses resources that are shared with it: {}", received.join(", ")));
    }
    if !given.is_empty() {
        parts.push(format!("it shares resources with the organization, of which it is then no longer a member: {}", given.join(", ")));
    }
    let keep = "To keep them, have the owner of each share configure it to retain sharing when an account leaves the organization.";
    let finding = if parts.is_empty() {
        Finding::passes(format!("no resource share in {} depends on the organization", found.regions.join(", ")))
    } else {
        Finding::blocks(parts.join("; "), Remedy::from(keep).and(accept(Consequence::ResourceShares, facts)))
    };
    finding.resting_on(Basis::names(received.into_iter().chain(given)).in_regions(&found.regions))
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
