//! What only the account itself shows: who it is, and where it is. Apply asks with the role that accepts, before anything is sent.

use crate::gate::{Basis, Finding, JoiningFacts, MemberAccess, RoleAttempt, not_probed, role_remedy};

const NOBODY: &str = "does not apply: a person in the account accepts, and its identity is not verified before";

/// The role is in the account that the block names, and the account has the declared name.
pub fn accept_access(facts: &JoiningFacts<'_>) -> Finding {
    let id = facts.desired.id;
    let Some(role) = &facts.joining.accept_role else { return Finding::not_applicable(NOBODY) };
    let arn = role.arn(&facts.observed.organization.partition, id);
    match facts.inside {
        MemberAccess::Deferred => {
            Finding::deferred(format!("apply assumes {arn} and asks it who it is, before it invites")).resting_on(Basis::left_to_apply())
        }
        MemberAccess::Failed { error, failure, evidence } => {
            let remedy = match failure {
                Some(failure) => {
                    let (with_external_id, caller) = (role.external_id.is_some(), not_probed::caller(facts.observed));
                    role_remedy(*failure, RoleAttempt { arn: &arn, setting: "accept_role", with_external_id, caller: &caller })
                }
                None => format!("Apply again; if it persists, allow {} to the role.", evidence.operation).into(),
            };
            Finding::blocks(format!("{arn} can't be used: {error}"), remedy.and(not_probed::what_was_evaluated(error)))
                .seen_in(evidence.clone())
        }
        MemberAccess::Assumed { account, evidence, .. } => {
            let finding = if *account != id {
                Finding::blocks(
                    format!("the session of {arn} belongs to account {account}, and not to {id}"),
                    "Correct accept_role or the id: nothing is sent to an account that is not the declared one.",
                )
            } else {
                match (facts.own_name, &facts.desired.name) {
                    (Some(own), Some(declared)) if own != declared => Finding::blocks(
                        format!("account {id} says that its name is {own:?}, and {declared:?} is declared"),
                        "Check that the id is the account you mean. If it is, correct the block.",
                    ),
                    (Some(own), _) => Finding::passes(format!("{arn} is in account {id} {own:?}")),
                    (None, _) => Finding::passes(format!("{arn} is in account {id}; its name is compared once it has joined")),
                }
            };
            Finding { evidence: evidence.clone(), ..finding }
        }
    }
}

/// An account is taken out of another organization only where the block names that organization.
pub fn standing(facts: &JoiningFacts<'_>) -> Finding {
    if facts.joining.accept_role.is_none() {
        return Finding::not_applicable(NOBODY);
    }
    let from = facts.joining.from.as_ref();
    match facts.inside {
        MemberAccess::Deferred => Finding::deferred(match from {
            Some(from) => format!("apply asks the account whether it is in {from} or in none"),
            None => "apply asks the account whether it is in no organization".to_owned(),
        })
        .resting_on(Basis::left_to_apply()),
        MemberAccess::Failed { .. } => Finding::unknown("the account could not be asked where it is", "See accept_access."),
        MemberAccess::Assumed { organization, evidence, .. } => {
            let finding = match (organization, from) {
                (None, _) => Finding::passes("it is in no organization"),
                (Some(found), Some(from)) if found == from => Finding::passes(format!("it is in organization {found}, as declared")),
                (Some(found), _) if *found == facts.declared.id => {
                    Finding::blocks("the account says that it is a member already", "AWS's answers agree after a while. Plan again.")
                }
                (Some(found), Some(from)) => Finding::blocks(
                    format!("the account is in organization {found}, and the block takes it out of {from} only"),
                    "Agree on it with that organization, and correct `from`.",
                ),
                (Some(found), None) => Finding::blocks(
                    format!("the account is in organization {found}, and the block takes it out of none"),
                    format!("Agree on it with that organization, and declare it in the join block: from = \"{found}\"."),
                ),
            };
            Finding { evidence: evidence.clone(), ..finding }
        }
    }
}
