//! Consequences: gates about what the account loses, not about whether AWS refuses the call. A block accepts a consequence, known or not,
//! with `acknowledge`. By default, a loss that people or workloads depend on is mandatory, and any other is advisory.

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
        Consequence::JoinedPolicies | Consequence::Payer | Consequence::FreePlan => {
            Finding::not_applicable("it concerns only accounts that join")
        }
    };
    acknowledged(consequence, finding, facts)
}

fn acknowledged(consequence: Consequence, finding: Finding, facts: &GateFacts<'_>) -> Finding {
    if facts.departure.acknowledge.contains(&consequence) { finding.acknowledged() } else { finding }
}

/// The remedy of accepting a consequence: the `acknowledge` argument, with what the block already accepts.
fn accept(consequence: Consequence, facts: &GateFacts<'_>) -> Remedy {
    let mut accepted = facts.departure.acknowledge.clone();
    accepted.insert(consequence);
    let accepted: Vec<_> = accepted.iter().map(|consequence| consequence.as_str()).collect();
    Remedy::from("To accept this, acknowledge it in the account's block:")
        .then(Step::in_block(vec![Setting::argument("acknowledge", accepted)]))
}

#[cfg(test)]
mod tests;
