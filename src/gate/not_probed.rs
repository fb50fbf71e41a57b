//! What gates say about reads in an account that were not made or failed.

use crate::org::{FULL_BUILD, FailedRole, GateName, ObservedOrganization, ReadFailure, authorization_id};

use super::{Caller, Finding, GateFacts, Remedy, RoleAttempt, Setting, Step, role_remedy};

/// Who makes a read that plan did not make.
pub(super) const LATER: &str = "apply";

/// What resolves a gate whose client this build lacks. Neither a permission nor an acknowledgement would: nothing was asked.
pub(super) fn build_with_every_client() -> Remedy {
    Remedy::from("Use a build with every client:").then(Step::Shell { line: FULL_BUILD.to_owned() })
}

/// A read that failed: unknown, with the IAM action that it needs, or with the build that can ask.
pub(super) fn unknown(unreadable: &ReadFailure, facts: &GateFacts<'_>) -> Finding {
    Finding::unknown(unreadable.to_string(), allow(unreadable, facts))
}

/// What makes a read possible.
pub(super) fn allow(unreadable: &ReadFailure, facts: &GateFacts<'_>) -> Remedy {
    if unreadable.not_built_in {
        return build_with_every_client();
    }
    if let Some(FailedRole { arn, with_external_id, failure }) = &unreadable.role {
        let setting = "member_read_role";
        let attempt = RoleAttempt { arn, setting, with_external_id: *with_external_id, caller: &caller(facts.observed) };
        return role_remedy(*failure, attempt).and(what_was_evaluated(&unreadable.why));
    }
    let role = facts.departure.member_role.arn(&facts.observed.organization.partition, facts.desired.id);
    let allow = Remedy::from(format!("Allow {} to {role}, or to member_read_role where plan reads with that one.", unreadable.operation));
    allow.and(what_was_evaluated(&unreadable.why))
}

/// The command that prints what AWS evaluated for a denial, where its message names the id under which AWS keeps that. A principal of the
/// organization may ask, and the management account still does when the member has left.
pub(super) fn what_was_evaluated(message: &str) -> Remedy {
    let Some(id) = authorization_id(message) else { return Remedy::new() };
    let words = ["iam-toolbox", "get-request-authorization-details", "--authorization-id", id];
    Remedy::from("What AWS evaluated, and which policy denied it (kept for at least 24 hours):")
        .then(Step::aws(Caller::ManagementAccount, &words))
}

/// Who assumes roles in members.
pub(super) fn caller(observed: &ObservedOrganization) -> String {
    observed.callers.last().map_or_else(|| format!("account {}", observed.called_from), |caller| caller.arn.clone())
}

/// Advice for gates that a block may lower.
pub(super) fn or_lower(gate: GateName, facts: &GateFacts<'_>) -> Remedy {
    let block = Setting::block("gate", &[gate.as_str()], vec![Setting::argument("enforcement", "advisory")]);
    Remedy::from(format!("Or let the {} go on without it:", facts.departure.action().verbs().noun)).then(Step::top_level(vec![block]))
}
