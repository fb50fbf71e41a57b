//! What gates say about looks that were not taken or failed.

use crate::org::{GateName, Unreadable};

use super::{Finding, GateFacts};

/// Who takes a look that plan did not take.
pub(super) const LATER: &str = "apply";

/// A look that failed: unknown, with the IAM action that it needs.
pub(super) fn unknown(unreadable: &Unreadable, facts: &GateFacts<'_>) -> Finding {
    let role = facts.departure.member_role.arn(&facts.observed.organization.partition, facts.desired.id);
    Finding::unknown(
        unreadable.to_string(),
        format!("Allow {} to {role}, or to member_read_role where plan looks with that one.", unreadable.operation),
    )
}

/// Advice for gates that a block may lower.
pub(super) fn or_lower(gate: GateName) -> String {
    format!("gate \"{gate}\" {{ enforcement = \"advisory\" }}")
}
