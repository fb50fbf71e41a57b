//! Calls that AWS refused.

use jiff::Timestamp;

use crate::api::{ApiError, ApiErrorKind};
use crate::org::{AccountId, AttestationKind, Provenance, Refused, authorization_id};
use crate::plan::PlannedAccount;

use super::meanings::{Asked, DENIED, Known, Sense, UNKNOWN_REASON, known};

/// A call that AWS refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Service and operation.
    pub operation: String,
    /// The error code with its Reason, verbatim.
    pub code_and_reason: String,
    /// The Reason alone, verbatim. `None` if there is none.
    pub reason: Option<String>,
    /// AWS's message, verbatim.
    pub message: String,
    /// AWS's request id.
    pub request_id: Option<String>,
    /// What it means, and who does what next.
    pub next_step: &'static str,
    /// Whether it concerns only this account, so that others may still be tried.
    pub concerns_one_account: bool,
}

impl Refusal {
    /// What AWS finds missing, if a person can attest it.
    #[must_use]
    pub fn lacking(&self) -> Option<AttestationKind> {
        match self.reason.as_deref()? {
            "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED" | "INVALID_PAYMENT_INSTRUMENT" => Some(AttestationKind::PaymentMethod),
            "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION" => Some(AttestationKind::PhoneVerification),
            "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA" => Some(AttestationKind::CustomerAgreement),
            _ => None,
        }
    }

    /// The id under which AWS keeps what it evaluated, if the refusal is a denial that contains one.
    #[must_use]
    pub fn authorization_id(&self) -> Option<&str> {
        authorization_id(&self.message)
    }

    /// The attestation that AWS's Reason contradicts, as a clause.
    #[must_use]
    pub fn contradicted(&self, planned: &PlannedAccount) -> Option<String> {
        let kind = self.lacking()?;
        let attestation = planned.leaving()?.attestations.iter().find(|attestation| attestation.of.contains(&kind))?;
        Some(format!("what {} attested on {}", attestation.by, attestation.on))
    }

    /// What later plans must know about the refusal, if only a person can say that it no longer applies.
    #[must_use]
    pub fn to_remember(&self, caller: AccountId, at: Timestamp) -> Option<Refused> {
        let provenance = Provenance { operation: self.operation.clone(), account: caller, at };
        Some(Refused { of: self.lacking()?, answer: self.code_and_reason.clone(), provenance })
    }
}

impl Refusal {
    /// The refusal of a call from a session in the account. A session that expired, or that AWS does not accept, concerns only that
    /// account.
    #[must_use]
    pub(super) fn in_account(error: &ApiError) -> Self {
        let refusal = Self::from(error);
        // Assuming the role is orgroster's own call.
        if !error.kind.concerns_credentials() || error.role_failure().is_some() {
            return refusal;
        }
        let next_step =
            "AWS did not accept the session that was made in the account, which lasts 15 minutes. Apply again with a new session.";
        Self { next_step, concerns_one_account: true, ..refusal }
    }
}

impl Refusal {
    /// The refusal of a call, with what the table says about it.
    #[must_use]
    pub(super) fn of(asked: Asked, error: &ApiError) -> Self {
        let refusal = if asked.is_asked_by_account() { Self::in_account(error) } else { Self::from(error) };
        match known(asked, error) {
            Some(Known { sense: Sense::Refused { next_step, concerns_one_account }, .. }) => {
                Self { next_step, concerns_one_account: *concerns_one_account, ..refusal }
            }
            _ => refusal,
        }
    }
}

/// The refusal of a call that is not part of an act, such as assuming a role in an account.
impl From<&ApiError> for Refusal {
    fn from(error: &ApiError) -> Self {
        Self {
            operation: error.operation.clone(),
            code_and_reason: error.code_and_reason(),
            reason: error.reason.clone(),
            message: error.message.clone(),
            request_id: error.request_id.clone(),
            next_step: general_next_step(error.kind),
            concerns_one_account: false,
        }
    }
}

const fn general_next_step(kind: ApiErrorKind) -> &'static str {
    match kind {
        ApiErrorKind::AccessDenied => DENIED,
        ApiErrorKind::Constraint => UNKNOWN_REASON,
        kind if kind.concerns_credentials() => "orgroster's own credentials were rejected. Renew them, then apply again.",
        _ => "Look up the error code in the API reference of the operation.",
    }
}

#[cfg(test)]
mod tests {
    use super::super::meanings::{Answer, KNOWN};
    use super::*;

    fn refusal(kind: ApiErrorKind, code: &str, reason: Option<&str>) -> Refusal {
        let error = ApiError {
            operation: "organizations:LeaveOrganization".into(),
            kind,
            code: Some(code.into()),
            reason: reason.map(str::to_owned),
            message: String::new(),
            request_id: None,
        };
        Refusal::of(Asked::Leave, &error)
    }

    #[test]
    fn every_known_answer_has_its_meaning_for_each_call_that_it_is_an_answer_to() {
        for row in KNOWN {
            let error = match row.answer {
                Answer::Kind(kind) => api_error(kind, "X"),
                Answer::Named(name) if name.ends_with("Exception") => api_error(ApiErrorKind::Other, name),
                Answer::Named(name) => ApiError {
                    reason: Some(name.to_owned()),
                    ..api_error(ApiErrorKind::Constraint, "HandshakeConstraintViolationException")
                },
            };
            for asked in row.of {
                assert_eq!(known(*asked, &error), Some(row), "{asked:?}");
                if let Sense::Refused { next_step, concerns_one_account } = row.sense {
                    let found = Refusal::of(*asked, &error);
                    assert_eq!((found.next_step, found.concerns_one_account), (next_step, concerns_one_account), "{asked:?}");
                }
            }
        }
        // Each answer has exactly one meaning for each call.
        let mut pairs: Vec<_> = KNOWN.iter().flat_map(|row| row.of.iter().map(|asked| format!("{:?} {asked:?}", row.answer))).collect();
        let all = pairs.len();
        pairs.sort();
        pairs.dedup();
        assert_eq!(pairs.len(), all);
        assert!(Refusal::of(Asked::Accept, &api_error(ApiErrorKind::AccessDenied, "AccessDeniedException")).concerns_one_account);
        assert!(!Refusal::of(Asked::Accept, &api_error(ApiErrorKind::Constraint, "ConstraintViolationException")).concerns_one_account);
    }

    fn api_error(kind: ApiErrorKind, code: &str) -> ApiError {
        ApiError {
            operation: "organizations:AcceptHandshake".into(),
            kind,
            code: Some(code.into()),
            reason: None,
            message: String::new(),
            request_id: None,
        }
    }

    #[test]
    fn refusals_of_one_account_are_the_listed_reasons_and_nothing_else() {
        let is_reason = |name: &str| !name.ends_with("Exception");
        for row in KNOWN.iter().filter(|row| row.of.contains(&Asked::Leave)) {
            let (Answer::Named(reason), Sense::Refused { next_step, concerns_one_account }) = (row.answer, row.sense) else { continue };
            if is_reason(reason) {
                let found = refusal(ApiErrorKind::Constraint, "ConstraintViolationException", Some(reason));
                assert_eq!((found.concerns_one_account, found.next_step), (concerns_one_account, next_step));
                assert_eq!(concerns_one_account, reason != "ACCOUNT_CANNOT_LEAVE_ORGANIZATION", "{reason}");
                assert_eq!(found.code_and_reason, format!("ConstraintViolationException ({reason})"));
            }
        }
        let general = [
            refusal(ApiErrorKind::Constraint, "ConstraintViolationException", Some("SOMETHING_NEW")),
            refusal(ApiErrorKind::Constraint, "ConstraintViolationException", None),
            refusal(ApiErrorKind::AccessDenied, "AccessDeniedException", None),
            refusal(ApiErrorKind::Other, "MasterCannotLeaveOrganizationException", None),
        ];
        assert!(general.iter().all(|found| !found.concerns_one_account));
    }
}
