//! Consequences: not whether AWS would refuse, but what the account loses. A block resolves one, known or not, with `acknowledge`. By default
//! losses of what people or workloads depend on are mandatory, and the others are shown.

mod integration;
mod loss;
mod protection;
pub(super) mod relied_upon;
pub(super) mod root_credentials;

use crate::org::Consequence;

use super::{Finding, GateFacts, Remedy, Setting, Step};

pub(super) fn check(consequence: Consequence, facts: &GateFacts<'_>) -> Finding {
    let finding = match consequence {
        Consequence::Tags => loss::tags(facts),
        Consequence::Policies => loss::policies(facts),
        Consequence::ResidualAccess => loss::residual_access(facts),
        Consequence::Billing => loss::billing(facts),
        Consequence::Protections => protection::protections(facts),
        Consequence::OrganizationConditions => protection::organization_conditions(facts),
        Consequence::StackSets
        | Consequence::IdentityCenter
        | Consequence::ResourceShares
        | Consequence::ControlTower
        | Consequence::OrganizationTrail => integration::check(consequence, facts),
        Consequence::JoinedPolicies | Consequence::Payer | Consequence::FreePlan => Finding::not_applicable("it is about joining"),
    };
    acknowledged(consequence, finding, facts)
}

fn acknowledged(consequence: Consequence, finding: Finding, facts: &GateFacts<'_>) -> Finding {
    if facts.departure.acknowledge.contains(&consequence) { finding.acknowledged() } else { finding }
}

/// The argument that accepts a consequence, together with what the block accepts already.
fn accept(consequence: Consequence, facts: &GateFacts<'_>) -> Remedy {
    let mut accepted = facts.departure.acknowledge.clone();
    accepted.insert(consequence);
    let accepted: Vec<_> = accepted.iter().map(|consequence| consequence.as_str()).collect();
    Remedy::from("If that is accepted, say so in the account's block:")
        .then(Step::in_block(vec![Setting::argument("acknowledge", accepted)]))
}

#[cfg(test)]
mod tests;
