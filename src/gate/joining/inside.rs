//! Facts that only the account itself shows: its identity and its organization. Apply reads them with the role that accepts, before it
//! sends anything.

use crate::gate::{Basis, Finding, JoiningFacts, MemberAccess, RoleAttempt, not_probed, role_remedy};

const NOBODY: &str = "does not apply: a person in the account accepts the invitation, so its identity is not verified before that";

/// Checks that the role is in the account of the block, and that the account has the declared name.
pub fn accept_access(facts: &JoiningFacts<'_>) -> Finding {
    let id = facts.desired.id;
    let Some(role) = &facts.joining.accept_role else { return Finding::not_applicable(NOBODY) };
    let arn = role.arn(&facts.observed.organization.partition, id);
    match facts.inside {
        MemberAccess::Deferred => {
            Finding::deferred(format!("apply assumes {arn} and checks which account its session belongs to, before it invites"))
                .resting_on(Basis::left_to_apply())
        }
        MemberAccess::Failed { error, failure, evidence } => {
            let remedy = match failure {
                Some(failure) => {
                    let (with_external_id, caller) = (role.external_id.is_some(), not_probed::caller(facts.observed));
                    role_remedy(*failure, RoleAttempt { arn: &arn, setting: "accept_role", with_external_id, caller: &caller })
                }
                None => format!("Apply again; if it persists, grant {} to the role.", evidence.operation).into(),
            };
            Finding::blocks(format!("{arn} can't be used: {error}"), remedy.and(not_probed::what_was_evaluated(error)))
                .seen_in(evidence.clone())
        }
        MemberAccess::Assumed { account, evidence, .. } => {
            let finding = if *account != id {
                Finding::blocks(
                    format!("the session of {arn} belongs to account {account}, not to {id}"),
                    "Correct accept_role or the id: orgroster invites only the declared account.",
                )
            } else {
                match (facts.own_name, &facts.desired.name) {
                    (Some(own), Some(declared)) if own != declared => Finding::blocks(
                        format!("account {id} reports the name {own:?}, but the block declares {declared:?}"),
                        "Check that the id belongs to the account you mean. If it does, correct the block.",
                    ),
                    (Some(own), _) => Finding::passes(format!("{arn} is in account {id} {own:?}")),
                    (None, _) => Finding::passes(format!("{arn} is in account {id}; its name is compared once it has joined")),
                }
            };
            Finding { evidence: evidence.clone(), ..finding }
        }
    }
}

/// An account may move out of another organization only if the block declares that organization.
pub fn standing(facts: &JoiningFacts<'_>) -> Finding {
    if facts.joining.accept_role.is_none() {
        return Finding::not_applicable(NOBODY);
    }
    let from = facts.joining.from.as_ref();
    match facts.inside {
        MemberAccess::Deferred => Finding::deferred(match from {
            Some(from) => format!("apply reads in the account whether it is in {from} or in no organization"),
            None => "apply reads in the account whether it is in an organization".to_owned(),
        })
        .resting_on(Basis::left_to_apply()),
        MemberAccess::Failed { .. } => Finding::unknown("the account's organization could not be read", "See accept_access."),
        MemberAccess::Assumed { organization, evidence, .. } => {
            let finding = match (organization, from) {
                (None, _) => Finding::passes("it is in no organization"),
                (Some(found), Some(from)) if found == from => Finding::passes(format!("it is in organization {found}, as declared")),
                (Some(found), _) if *found == facts.declared.id => Finding::blocks(
                    "the account reports that it is already a member",
                    "AWS's answers become consistent after a while. Plan again.",
                ),
                (Some(found), Some(from)) => Finding::blocks(
                    format!("the account is in organization {found}, but the block declares that it moves from {from}"),
                    "Agree on the move with that organization, then correct `from`.",
                ),
                (Some(found), None) => Finding::blocks(
                    format!("the account is in organization {found}, but the join block has no `from`"),
                    format!("Agree on the move with that organization, then declare it in the join block: from = \"{found}\"."),
                ),
            };
            Finding { evidence: evidence.clone(), ..finding }
        }
    }
}
