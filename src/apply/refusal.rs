//! What AWS's refusals mean, and who resolves what (API reference, LeaveOrganization and RemoveAccountFromOrganization).

use jiff::Timestamp;

use crate::api::{ApiError, ApiErrorKind};
use crate::org::{AccountId, AttestationKind, Provenance, Refused, authorization_id};
use crate::plan::PlannedAccount;

/// A call that AWS refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Service and operation.
    pub operation: String,
    /// The error code with its Reason, verbatim.
    pub code_and_reason: String,
    /// The Reason alone, verbatim, where there is one.
    pub reason: Option<String>,
    /// AWS's message, verbatim.
    pub message: String,
    /// AWS's request id.
    pub request_id: Option<String>,
    /// What it means and who does what next.
    pub next_step: &'static str,
    /// Whether it concerns this account alone, so that others may still be tried.
    pub concerns_one_account: bool,
}

/// Reasons of a ConstraintViolationException that concern one account, and what resolves each. Other reasons exist and new ones appear.
const REASONS: &[(&str, &str)] = &[
    (
        "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
        "The account has no valid payment method. Its root user, or a user with access to billing, adds one in the Billing console.",
    ),
    (
        "INVALID_PAYMENT_INSTRUMENT",
        "No supported payment method is associated with the account. Its root user replaces it in the Billing console.",
    ),
    (
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION",
        "The account's phone number is not verified. Verify it with SendPhoneNumberVerification and VerifyPhoneNumber of Account Management, \
         from the management account or in the account; or its root user signs in, and completes the sign-up steps that are left.",
    ),
    (
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
        "The AWS Customer Agreement is not accepted. The account's root user signs in, and completes the sign-up steps that are left.",
    ),
    (
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        "The account is a delegated administrator. Deregister it from the management account, then apply again.",
    ),
    ("WAIT_PERIOD_ACTIVE", "The account was created less than four days ago. Apply again when they are over."),
];

impl Refusal {
    /// What AWS finds lacking, where that is what a person can attest.
    #[must_use]
    pub fn lacking(&self) -> Option<AttestationKind> {
        match self.reason.as_deref()? {
            "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED" | "INVALID_PAYMENT_INSTRUMENT" => Some(AttestationKind::PaymentMethod),
            "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION" => Some(AttestationKind::PhoneVerification),
            "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA" => Some(AttestationKind::CustomerAgreement),
            _ => None,
        }
    }

    /// The id under which AWS keeps what it evaluated, where the refusal is a denial that names one.
    #[must_use]
    pub fn authorization_id(&self) -> Option<&str> {
        authorization_id(&self.message)
    }

    /// The attestation that AWS's Reason contradicts, in words.
    #[must_use]
    pub fn contradicted(&self, planned: &PlannedAccount) -> Option<String> {
        let kind = self.lacking()?;
        let attestation = planned.leaving()?.attestations.iter().find(|attestation| attestation.of.contains(&kind))?;
        Some(format!("what {} attested on {}", attestation.by, attestation.on))
    }

    /// What the next plans must know of it, where only a person can say that it is no longer so.
    #[must_use]
    pub fn to_remember(&self, caller: AccountId, at: Timestamp) -> Option<Refused> {
        let provenance = Provenance { operation: self.operation.clone(), account: caller, at };
        Some(Refused { of: self.lacking()?, answer: self.code_and_reason.clone(), provenance })
    }
}

impl Refusal {
    /// The refusal of a call that a session of the account made: a session that ended, or that AWS does not accept, is that account's matter.
    #[must_use]
    pub(super) fn in_account(error: &ApiError) -> Self {
        let refusal = Self::from(error);
        // Assuming the role is the tool's own call.
        if !error.kind.concerns_credentials() || error.role_failure().is_some() {
            return refusal;
        }
        let next_step =
            "AWS did not accept the session that was made in the account, which lasts 15 minutes. Apply again: a new one is made.";
        Self { next_step, concerns_one_account: true, ..refusal }
    }
}

/// What AWS's refusals of an acceptance mean, by Reason and by code (API reference, AcceptHandshake): what to do, and whether it concerns the
/// account alone.
const ACCEPTING: &[(&str, &str, bool)] = &[
    (
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        "The account is a delegated administrator. Deregister it from the management account, for each service.",
        true,
    ),
    ("WAIT_PERIOD_ACTIVE", "The account was created less than four days ago. Apply again when they are over.", true),
    (
        "ALREADY_IN_AN_ORGANIZATION",
        "AWS does not let this account move directly. AWS Support says why; else it can leave first, and join as a standalone account.",
        true,
    ),
    (
        "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED",
        "The account changed its organization too lately. AWS documents no duration: wait, and apply again.",
        true,
    ),
    ("PAYMENT_INSTRUMENT_REQUIRED", "AWS asks for a payment method in the account. Its root user adds one in the Billing console.", true),
    (
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        "The organization that invites has as many accounts as its quota allows. It asks AWS for a higher one, or waits an hour if it is new.",
        false,
    ),
    (
        "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD",
        "The organization that invites is of another partition of AWS. No account can move there.",
        false,
    ),
    (
        "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
        "The organization that invites is enabling all features. Apply again when it has finished.",
        false,
    ),
    ("HandshakeNotFoundException", "The invitation is gone. Have the other organization invite the account again, then plan again.", true),
    (
        "InvalidHandshakeTransitionException",
        "The invitation was cancelled or declined, or expired, since it was seen. Have the other organization invite the account again, then plan \
         again.",
        true,
    ),
    (
        "AccessDeniedForDependencyException",
        "The role may not have Organizations make its service-linked role. Allow iam:CreateServiceLinkedRole to it; `orgroster iam-policy member` \
         has the statement.",
        true,
    ),
    ("MasterCannotLeaveOrganizationException", "The account is the management account of an organization, which can't be moved.", true),
];

/// What AWS's refusals of an invitation mean, by Reason and by code (API reference, InviteAccountToOrganization): what to do, and whether it
/// concerns the account alone.
const INVITING: &[(&str, &str, bool)] = &[
    (
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        "The organization has as many accounts and open invitations as its quota allows. Ask AWS for a higher one, or wait an hour if the \
         organization is new.",
        false,
    ),
    ("HANDSHAKE_RATE_LIMIT_EXCEEDED", "The organization sent as many invitations as it may within 24 hours. Apply again tomorrow.", false),
    (
        "ALREADY_IN_AN_ORGANIZATION",
        "AWS shows the account as a member already, and its lists may lag behind. Plan again in a few minutes.",
        true,
    ),
    (
        "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
        "The organization is changing to all features. Apply again when that is over.",
        false,
    ),
    ("INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES", "The organization is changing to all features. Apply again when that is over.", false),
    ("PAYMENT_INSTRUMENT_REQUIRED", "The management account needs a payment method before it may invite.", false),
    ("ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD", "The account is of another partition of AWS, and can't join.", true),
    ("ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED", "The account changed its organization too lately. Wait, and apply again.", true),
    (
        "MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED",
        "The email address of the management account is not verified. Verify it from the Organizations console.",
        false,
    ),
    (
        "AccountOwnerNotVerifiedException",
        "The email address of the management account is not verified. Verify it from the Organizations console.",
        false,
    ),
    ("FinalizingOrganizationException", "The organization was created a short while ago. Apply again in an hour.", false),
    (
        "DuplicateHandshakeException",
        "Another invitation to the account is open, which does not name it by its id. \
         `aws organizations list-handshakes-for-organization` shows it: cancel it, and plan again.",
        true,
    ),
    ("TARGET_NOT_SUPPORTED", "AWS does not invite this account: it may be closed or suspended. Its owner, or AWS Support, knows.", true),
];

/// What is said otherwise where the invitation that is accepted is our own.
const ACCEPTING_OURS: &[(&str, &str, bool)] = &[
    ("HandshakeNotFoundException", "The invitation is gone. Plan again.", true),
    (
        "InvalidHandshakeTransitionException",
        "The invitation was cancelled or declined, or expired, since it was seen. If the account is to be invited again, set `on` to a later day.",
        true,
    ),
    (
        "AccessDeniedForDependencyException",
        "The role that accepts may not have Organizations make its service-linked role. Allow iam:CreateServiceLinkedRole to it; \
         `orgroster iam-policy accept` has the statement.",
        true,
    ),
    (
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        "The organization has as many accounts as its quota allows. Ask AWS for a higher one, or wait an hour if the organization is new.",
        false,
    ),
    (
        "ALREADY_IN_AN_ORGANIZATION",
        "AWS does not let this account come from its organization directly. AWS Support says why; else it can leave first, and join as a standalone \
         account.",
        true,
    ),
];

/// What AWS's refusals of tags and of a move mean (API reference, TagResource and MoveAccount). The account is a member by then.
const PLACING: &[(&str, &str, bool)] = &[
    ("DestinationParentNotFoundException", "The unit is gone. The account stays in the root: correct `unit`, and apply again.", true),
    (
        "TAG_POLICY_VIOLATION",
        "A tag policy does not allow these tags. The account stays in the root: correct `tags`, and apply again.",
        true,
    ),
    ("MAX_TAG_LIMIT_EXCEEDED", "The account has too many tags. It stays in the root: correct `tags`, and apply again.", true),
    ("MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS", "The unit is of another organization. Correct `unit`, and apply again.", true),
];

impl Refusal {
    /// The refusal with what a table says of it, by Reason first.
    fn by(table: &[(&str, &'static str, bool)], error: &ApiError) -> Option<Self> {
        let names = [error.reason.as_deref(), error.code.as_deref()];
        let row = names.into_iter().flatten().find_map(|name| table.iter().find(|(known, ..)| *known == name));
        row.map(|(_, next_step, concerns_one_account)| Self { next_step, concerns_one_account: *concerns_one_account, ..Self::from(error) })
    }

    /// The refusal of an invitation.
    #[must_use]
    pub(super) fn of_invitation(error: &ApiError) -> Self {
        Self::by(INVITING, error).unwrap_or_else(|| Self::from(error))
    }

    /// The refusal of tags, or of the move to a unit.
    #[must_use]
    pub(super) fn of_placing(error: &ApiError) -> Self {
        Self::by(PLACING, error).unwrap_or_else(|| Self::from(error))
    }

    /// The refusal of an acceptance of our own invitation.
    #[must_use]
    pub(super) fn of_own_acceptance(error: &ApiError) -> Self {
        Self::by(ACCEPTING_OURS, error).unwrap_or_else(|| Self::of_acceptance(error))
    }

    /// The refusal of an acceptance. What the role in the account may not do concerns that account alone.
    #[must_use]
    pub(super) fn of_acceptance(error: &ApiError) -> Self {
        let refusal = Self::in_account(error);
        let names = [error.reason.as_deref(), error.code.as_deref()];
        match ACCEPTING.iter().find(|(name, ..)| names.contains(&Some(*name))) {
            Some((_, next_step, concerns_one_account)) => Self { next_step, concerns_one_account: *concerns_one_account, ..refusal },
            None => Self { concerns_one_account: refusal.concerns_one_account || error.kind == ApiErrorKind::AccessDenied, ..refusal },
        }
    }
}

impl From<&ApiError> for Refusal {
    fn from(error: &ApiError) -> Self {
        let known = REASONS.iter().find(|(reason, _)| error.kind == ApiErrorKind::Constraint && error.reason.as_deref() == Some(*reason));
        Self {
            operation: error.operation.clone(),
            code_and_reason: error.code_and_reason(),
            reason: error.reason.clone(),
            message: error.message.clone(),
            request_id: error.request_id.clone(),
            next_step: known.map_or_else(|| general_next_step(error.kind), |(_, step)| *step),
            concerns_one_account: known.is_some(),
        }
    }
}

const fn general_next_step(kind: ApiErrorKind) -> &'static str {
    match kind {
        ApiErrorKind::AccessDenied => {
            "The role may not make this call. A service control policy, the role's own policies or its permissions boundary denies it; AWS's message names which."
        }
        ApiErrorKind::Constraint => "This Reason is not one that orgroster knows. Look it up in the API reference of the operation.",
        kind if kind.concerns_credentials() => "The tool's own credentials are at fault. Renew them, then apply again.",
        _ => "Look the code up in the API reference of the operation.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(kind: ApiErrorKind, code: &str, reason: Option<&str>) -> Refusal {
        Refusal::from(&ApiError {
            operation: "organizations:LeaveOrganization".into(),
            kind,
            code: Some(code.into()),
            reason: reason.map(str::to_owned),
            message: String::new(),
            request_id: None,
        })
    }

    #[test]
    fn refusals_of_an_acceptance_have_their_own_meanings() {
        for (name, step, own) in ACCEPTING {
            let reason = name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_').then_some(*name);
            let (kind, code) = match reason {
                Some(_) => (ApiErrorKind::Constraint, "HandshakeConstraintViolationException"),
                None => (ApiErrorKind::Other, *name),
            };
            let error = ApiError { reason: reason.map(str::to_owned), ..api_error(kind, code) };
            let found = Refusal::of_acceptance(&error);
            assert_eq!((found.next_step, found.concerns_one_account), (*step, *own), "{name}");
        }
        assert!(Refusal::of_acceptance(&api_error(ApiErrorKind::AccessDenied, "AccessDeniedException")).concerns_one_account);
        assert!(!Refusal::of_acceptance(&api_error(ApiErrorKind::Constraint, "ConstraintViolationException")).concerns_one_account);
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
        for (reason, step) in REASONS {
            let found = refusal(ApiErrorKind::Constraint, "ConstraintViolationException", Some(reason));
            assert_eq!((found.concerns_one_account, found.next_step), (true, *step));
            assert_eq!(found.code_and_reason, format!("ConstraintViolationException ({reason})"));
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
