//! The consequences of joining.

use std::collections::BTreeSet;

use crate::gate::{Basis, Finding, JoiningFacts, Remedy, Setting, Step};
use crate::org::{Consequence, Probe};

use super::join_unit;

/// The policies that allow everything. AWS attaches them to every root, unit and account.
const FULL_ACCESS: &[&str] = &["p-FullAWSAccess", "p-RCPFullAWSAccess"];

/// The policies of the root and the units apply to the account at once.
pub fn joined_policies(facts: &JoiningFacts<'_>) -> Finding {
    let unit = match join_unit(facts) {
        Ok(unit) => unit,
        Err(_) => return Finding::not_applicable("the unit is not known"),
    };
    let policies: Vec<_> = unit.policies.iter().filter(|(id, _)| !FULL_ACCESS.contains(&id.as_str())).collect();
    let finding = if policies.is_empty() {
        Finding::passes(format!("no policy restricts accounts in {}", unit.path))
    } else {
        let named: Vec<_> = policies.iter().map(|(id, kind)| format!("{id} ({kind})")).collect();
        Finding::blocks(
            format!("these policies apply to the account once it has joined: {}", named.join(", ")),
            accept(Consequence::JoinedPolicies, facts),
        )
        .resting_on(Basis::facts(policies))
    };
    acknowledged(Consequence::JoinedPolicies, finding, facts)
}

/// Consolidated billing begins with the membership.
pub fn payer(facts: &JoiningFacts<'_>) -> Finding {
    let management = facts.observed.organization.management_account_id;
    let finding = Finding::blocks(
        format!(
            "management account {management} pays for the account once it has joined, and the account's own payment method is not used"
        ),
        accept(Consequence::Payer, facts),
    );
    acknowledged(Consequence::Payer, finding, facts)
}

/// The free plan ends at once, and its credits expire (AWS Free Tier, questions and answers).
pub fn free_plan(facts: &JoiningFacts<'_>) -> Finding {
    if facts.joining.accept_role.is_none() {
        return Finding::not_applicable("does not apply: a person in the account accepts the invitation, and sees its plan");
    }
    let finding = match facts.account_plan {
        Probe::NotRun => Finding::deferred("apply reads in the account whether it is on the free plan, which joining would end".to_owned())
            .resting_on(Basis::left_to_apply()),
        Probe::Failed(unreadable) => Finding::unknown(
            format!("whether the account is on the free plan, which joining would end, can't be read: {unreadable}"),
            accept(Consequence::FreePlan, facts),
        ),
        Probe::Seen { value, provenance } if value == "FREE" => Finding::blocks(
            "the account is on the free plan: joining ends it, and its credits expire at once",
            accept(Consequence::FreePlan, facts),
        )
        .seen_in(provenance.clone()),
        Probe::Seen { value, provenance } => Finding::passes(format!("the account's plan is {value}")).seen_in(provenance.clone()),
    };
    acknowledged(Consequence::FreePlan, finding, facts)
}

fn acknowledged(consequence: Consequence, finding: Finding, facts: &JoiningFacts<'_>) -> Finding {
    if facts.joining.acknowledge.contains(&consequence) { finding.acknowledged() } else { finding }
}

/// The remedy of accepting a consequence: the `acknowledge` argument, with what the block already accepts.
fn accept(consequence: Consequence, facts: &JoiningFacts<'_>) -> Remedy {
    let accepted: BTreeSet<_> = facts.joining.acknowledge.iter().copied().chain([consequence]).collect();
    let accepted: Vec<_> = accepted.iter().map(|consequence| consequence.as_str()).collect();
    let argument = Setting::argument("acknowledge", accepted);
    Remedy::from("To accept this, acknowledge it in the join block:").then(Step::in_block(vec![Setting::block(
        "join",
        &[],
        vec![argument],
    )]))
}
