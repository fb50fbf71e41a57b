//! Findings and remedies for reads in an account that were not made, or failed.

use crate::org::{FULL_BUILD, FailedRole, GateName, ObservedOrganization, ReadFailure, authorization_id};

use super::{Caller, Finding, GateFacts, Remedy, RoleAttempt, Setting, Step, role_remedy};

/// The command that makes a read which plan did not make.
pub(super) const LATER: &str = "apply";

/// The remedy if this build lacks the gate's client. A permission or an acknowledgement would not help, because no request was made.
pub(super) fn build_with_every_client() -> Remedy {
    Remedy::from("Use a build that includes every client:").then(Step::Shell { line: FULL_BUILD.to_owned() })
}

/// The finding for a failed read: unknown, with the IAM action to allow or the build to use.
pub(super) fn unknown(unreadable: &ReadFailure, facts: &GateFacts<'_>) -> Finding {
    Finding::unknown(unreadable.to_string(), allow(unreadable, facts))
}

/// The remedy that makes a failed read possible.
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
    let allow = Remedy::from(format!("Grant {} to {role}, or to member_read_role if plan reads with that role.", unreadable.operation));
    allow.and(what_was_evaluated(&unreadable.why))
}

/// The command that prints what AWS evaluated for a denied call, if AWS's message contains the authorization id. Any principal of the
/// organization may run it; the management account still can after the member has left.
pub(super) fn what_was_evaluated(message: &str) -> Remedy {
    let Some(id) = authorization_id(message) else { return Remedy::new() };
    let words = ["iam-toolbox", "get-request-authorization-details", "--authorization-id", id];
    Remedy::from("To see what AWS evaluated and which policy denied the call (kept for at least 24 hours):")
        .then(Step::aws(Caller::ManagementAccount, &words))
}

/// The principal that assumes roles in members.
pub(super) fn caller(observed: &ObservedOrganization) -> String {
    observed.callers.last().map_or_else(|| format!("account {}", observed.called_from), |caller| caller.arn.clone())
}

/// The remedy of making a gate advisory with a `gate` block.
pub(super) fn or_lower(gate: GateName, facts: &GateFacts<'_>) -> Remedy {
    let block = Setting::block("gate", &[gate.as_str()], vec![Setting::argument("enforcement", "advisory")]);
    Remedy::from(format!("Or make this gate advisory, so that the {} can proceed without it:", facts.departure.action().verbs().noun))
        .then(Step::top_level(vec![block]))
}
