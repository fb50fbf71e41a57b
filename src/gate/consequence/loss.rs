//! What an account loses by leaving itself (Organizations user guide, "Remove a member account").

use std::collections::{BTreeMap, BTreeSet};

use crate::gate::{Basis, Finding, GateFacts, Remedy, not_probed};
use crate::org::{Consequence, SERVICE_CONTROL_POLICY, is_protective};

use super::accept;

/// The policy that AWS attaches to every root, unit and account. It restricts nothing.
const FULL_ACCESS: &str = "p-FullAWSAccess";

pub fn tags(facts: &GateFacts<'_>) -> Finding {
    let finding = match facts.observed.tags.get(&facts.desired.id) {
        Some(Ok(tags)) if tags.is_empty() => Finding::passes("the account object has no tags"),
        Some(Ok(tags)) => {
            let keys: Vec<_> = tags.keys().map(String::as_str).collect();
            let (noun, verb, them) = if keys.len() == 1 { ("tag", "is", "it") } else { ("tags", "are", "them") };
            Finding::blocks(
                format!("the account object's {noun} {} {verb} deleted; the departure record keeps {them}", keys.join(", ")),
                accept(Consequence::Tags, facts),
            )
            .resting_on(Basis::names(keys))
        }
        Some(Err(unreadable)) => {
            let allow = Remedy::from(format!("Grant {} to the role that plans.", unreadable.operation));
            Finding::unknown(unreadable.to_string(), allow.and(not_probed::what_was_evaluated(&unreadable.why)))
                .resting_on(Basis::unread(&unreadable.operation))
        }
        None => Finding::unknown("the tags of the account object were not read", accept(Consequence::Tags, facts))
            .resting_on(Basis::unread("organizations:ListTagsForResource")),
    };
    finding.seen_in(facts.observed.evidence_about("organizations:ListTagsForResource", facts.desired.id))
}

pub fn policies(facts: &GateFacts<'_>) -> Finding {
    let enabled = facts.observed.root.policy_types.iter().filter(|(_, status)| *status == "ENABLED").map(|(kind, _)| kind.as_str());
    let others: Vec<_> = enabled.filter(|kind| *kind != SERVICE_CONTROL_POLICY && !is_protective(kind)).collect();
    let (mut parts, mut lost) = (Vec::new(), BTreeMap::new());
    match &facts.observed.policies {
        Err(unreadable) => {
            return Finding::unknown(unreadable.to_string(), accept(Consequence::Policies, facts))
                .resting_on(Basis::unread(&unreadable.operation));
        }
        Ok(_) if !facts.departure.action().is_called_by_member() => parts.push("every service control policy on its path".to_owned()),
        Ok(attached) => {
            let levels = facts
                .live
                .into_iter()
                .flat_map(|live| live.path.iter().flat_map(|path| path.0.iter().cloned()).chain([live.id.to_string()]).collect::<Vec<_>>());
            let ids: BTreeSet<_> = levels.filter_map(|level| attached.at.get(&level)).flatten().filter(|id| *id != FULL_ACCESS).collect();
            let name = |id: &&String| attached.texts.get(*id).map_or_else(|| (*id).clone(), |policy| format!("{} ({id})", policy.name));
            parts.extend(ids.iter().map(name));
            lost.extend(ids.into_iter().map(|id| (id.clone(), attached.texts.get(id).map_or("", |policy| policy.name.as_str()))));
        }
    }
    if !others.is_empty() {
        lost.extend(others.iter().map(|kind| (format!("policies of the type {kind}"), "")));
        parts.push(format!("inherited policies of the types {}", others.join(", ")));
    }
    let finding = if parts.is_empty() {
        Finding::passes("no policy of the organization restricts the account")
    } else {
        Finding::blocks(format!("these policies stop applying: {}", parts.join(", ")), accept(Consequence::Policies, facts))
    };
    finding.resting_on(Basis::facts(lost)).seen_in(facts.observed.evidence("organizations:ListRoots"))
}

pub fn residual_access(facts: &GateFacts<'_>) -> Finding {
    let management = facts.observed.organization.management_account_id;
    let role = facts.departure.member_role.arn(&facts.observed.organization.partition, facts.desired.id);
    let trusted = if facts.departure.action().is_called_by_member() {
        format!("{role} stays in the account, and principals that can assume it today still can")
    } else {
        format!("roles that trust management account {management} stay in the account")
    };
    Finding::blocks(
        format!("{trusted}; {} deletes no role", facts.departure.action().verbs().gerund),
        Remedy::from("The new owner should delete or change such roles, including AWSControlTowerExecution.")
            .and(accept(Consequence::ResidualAccess, facts)),
    )
}

pub fn billing(facts: &GateFacts<'_>) -> Finding {
    let payer = facts.departure.transfer().map_or_else(
        || "the account pays for itself after it leaves".to_owned(),
        |transfer| format!("organization {} pays for the account after the move", transfer.to),
    );
    Finding::blocks(
        format!("{payer}; the account loses the cost history of its membership, and no longer shares reservations and Savings Plans"),
        Remedy::from("Export cost reports first.").and(accept(Consequence::Billing, facts)),
    )
}
