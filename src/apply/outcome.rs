//! What became of each approved departure.

use crate::api::{ApiError, ApiErrorKind};
use crate::gate::GateResult;
use crate::journal::{Head, Proof};
use crate::plan::Detachment;

/// What became of one approved departure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is out, proven, and recorded.
    Departed {
        /// The record's name in the backend.
        record: String,
        /// AWS's request id, where the answer of the call arrived.
        request_id: Option<String>,
        /// How it is known to be out.
        proof: Proof,
    },
    /// A gate turned when it was asked from inside the account. No call was made.
    HeldBack(Box<GateResult>),
    /// AWS refused the call, and nothing changed.
    Refused(ApiError),
    /// Whether it is out is not known. The intent stays open, and the next run asks first.
    Unknown(String),
    /// It is out, and the record could not be written. The intent stays open, and the next run writes it.
    Unrecorded(String),
    /// No call was made.
    NotStarted(String),
}

/// Reasons of a ConstraintViolationException that concern one account alone (API reference, LeaveOrganization).
const REASONS_OF_ONE_ACCOUNT: &[&str] = &[
    "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
    "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION",
    "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
    "INVALID_PAYMENT_INSTRUMENT",
    "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
    "WAIT_PERIOD_ACTIVE",
];

impl Outcome {
    /// Whether the account is out.
    #[must_use]
    pub const fn is_departed(&self) -> bool {
        matches!(self, Self::Departed { .. } | Self::Unrecorded(_))
    }

    /// Why no further departure may begin, where this outcome says something about more than its own account.
    #[must_use]
    pub fn stops_the_run(&self) -> Option<String> {
        match self {
            Self::Departed { .. } | Self::HeldBack(_) | Self::NotStarted(_) => None,
            Self::Refused(error) if error.kind == ApiErrorKind::Constraint && is_of_one_account(error) => None,
            Self::Refused(error) => Some(format!("AWS answered {}, which may concern every account", error.code_and_reason())),
            Self::Unknown(what) => Some(what.clone()),
            Self::Unrecorded(what) => Some(format!("the backend failed: {what}")),
        }
    }
}

fn is_of_one_account(error: &ApiError) -> bool {
    error.reason.as_deref().is_some_and(|reason| REASONS_OF_ONE_ACCOUNT.contains(&reason))
}

/// What one apply did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyReport {
    /// Every approved departure with its outcome, in the order of the plan.
    pub outcomes: Vec<(Detachment, Outcome)>,
    /// The end of the chain of records.
    pub head: Option<Head>,
}

impl ApplyReport {
    /// How many accounts are out.
    #[must_use]
    pub fn departed(&self) -> usize {
        self.outcomes.iter().filter(|(_, outcome)| outcome.is_departed()).count()
    }

    /// Whether every approved departure is done and recorded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Departed { .. }))
    }

    /// Whether what is not done was only held back by a gate.
    #[must_use]
    pub fn is_only_held_back(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Departed { .. } | Outcome::HeldBack(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_one_account_let_the_run_go_on_and_all_others_stop_it() {
        let refused = |kind, code: &str, reason: Option<&str>| {
            Outcome::Refused(ApiError {
                operation: "organizations:LeaveOrganization".into(),
                kind,
                code: Some(code.into()),
                reason: reason.map(str::to_owned),
                message: String::new(),
                request_id: None,
            })
        };
        for reason in REASONS_OF_ONE_ACCOUNT {
            assert_eq!(refused(ApiErrorKind::Constraint, "ConstraintViolationException", Some(reason)).stops_the_run(), None);
        }
        let stopping = [
            refused(ApiErrorKind::Constraint, "ConstraintViolationException", Some("SOMETHING_NEW")),
            refused(ApiErrorKind::Constraint, "ConstraintViolationException", None),
            refused(ApiErrorKind::AccessDenied, "AccessDeniedException", None),
            refused(ApiErrorKind::Other, "MasterCannotLeaveOrganizationException", None),
        ];
        for outcome in stopping {
            assert!(outcome.stops_the_run().is_some(), "{outcome:?}");
        }
    }
}
