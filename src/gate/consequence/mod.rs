//! Consequences: not whether AWS would refuse, but what the account loses. A block settles one, known or not, with `acknowledge`.

mod integration;
mod loss;

use crate::org::{Consequence, Enforcement};

use super::{Finding, GateFacts, Remedy, Setting, SettledBy, Step, Verdict};

pub(super) fn check(consequence: Consequence, facts: &GateFacts<'_>) -> Finding {
    let finding = match consequence {
        Consequence::Tags => loss::tags(facts),
        Consequence::Policies => loss::policies(facts),
        Consequence::ResidualAccess => loss::residual_access(facts),
        Consequence::Billing => loss::billing(facts),
        Consequence::StackSets
        | Consequence::IdentityCenter
        | Consequence::ResourceShares
        | Consequence::ControlTower
        | Consequence::OrganizationTrail => integration::check(consequence, facts),
    };
    acknowledged(consequence, finding, facts)
}

/// Losses of what people or workloads depend on are mandatory; the others are shown.
pub(super) const fn default_enforcement(consequence: Consequence) -> Enforcement {
    match consequence {
        Consequence::StackSets | Consequence::IdentityCenter | Consequence::ResourceShares | Consequence::ControlTower => {
            Enforcement::Mandatory
        }
        Consequence::Tags | Consequence::Policies | Consequence::ResidualAccess | Consequence::Billing | Consequence::OrganizationTrail => {
            Enforcement::Advisory
        }
    }
}

fn acknowledged(consequence: Consequence, finding: Finding, facts: &GateFacts<'_>) -> Finding {
    if !facts.departure.acknowledge.contains(&consequence) {
        return finding;
    }
    let verdict = match finding.verdict {
        Verdict::Block { reason: what, .. } | Verdict::Unknown { missing: what, .. } => {
            Verdict::Pass { because: format!("acknowledged: {what}"), settled_by: SettledBy::Acknowledgement }
        }
        other => other,
    };
    Finding { verdict, ..finding }
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
