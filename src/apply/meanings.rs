//! The meaning of each AWS answer to each call, and who has to do what next (API reference: LeaveOrganization,
//! RemoveAccountFromOrganization, AcceptHandshake, InviteAccountToOrganization, TagResource and MoveAccount).

use crate::api::{ApiError, ApiErrorKind};

use Asked::{Accept, AcceptOurs, Invite, Leave, Place, Remove};

/// What a call requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// An account leaves by its own call.
    Leave,
    /// The management account removes a member.
    Remove,
    /// An account accepts another organization's invitation.
    Accept,
    /// An account accepts this organization's invitation.
    AcceptOurs,
    /// The organization invites an account.
    Invite,
    /// A new member is tagged, or moved to a unit.
    Place,
}

impl Asked {
    /// All kinds of calls.
    pub(super) const ALL: &[Self] = &[Leave, Remove, Accept, AcceptOurs, Invite, Place];

    /// Whether a session of the account itself makes the call.
    pub(super) const fn is_asked_by_account(self) -> bool {
        matches!(self, Leave | Accept | AcceptOurs)
    }
}

/// An answer other than success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// An answer of this kind, whatever its code.
    Kind(ApiErrorKind),
    /// An answer with this Reason or code.
    Named(&'static str),
}

/// The meaning of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// Calls are too frequent.
    Throttled,
    /// Another caller was changing the same object.
    Conflict,
    /// The call had no effect, but a retry may succeed.
    NotSent,
    /// The call may have taken effect although its answer does not show it.
    Lost,
    /// The account already is where the call leads. This is a success only if the account's identity was proven and AWS shows the account
    /// there.
    AlreadyDone,
    /// AWS refused.
    Refused {
        /// What it means, and who does what next.
        next_step: &'static str,
        /// Whether it concerns only this account, so that others may still be tried.
        concerns_one_account: bool,
    },
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// The answer.
    pub(super) answer: Answer,
    /// The calls for which the answer has this meaning.
    pub(super) of: &'static [Asked],
    /// What it means.
    pub(super) sense: Sense,
}

const fn alone(answer: &'static str, of: &'static [Asked], next_step: &'static str) -> Known {
    Known { answer: Answer::Named(answer), of, sense: Sense::Refused { next_step, concerns_one_account: true } }
}

const fn everybody(answer: &'static str, of: &'static [Asked], next_step: &'static str) -> Known {
    Known { answer: Answer::Named(answer), of, sense: Sense::Refused { next_step, concerns_one_account: false } }
}

const fn kind(kind: ApiErrorKind, of: &'static [Asked], sense: Sense) -> Known {
    Known { answer: Answer::Kind(kind), of, sense }
}

const fn refused(next_step: &'static str, concerns_one_account: bool) -> Sense {
    Sense::Refused { next_step, concerns_one_account }
}

/// The next step after a denial.
pub(super) const DENIED: &str = "The role may not make this call. A service control policy, the role's own policies or its permissions boundary denies it; AWS's message says \
                                 which.";
/// The next step after a Reason that is not in the table.
pub(super) const UNKNOWN_REASON: &str = "This Reason is not one that orgroster knows. Look it up in the API reference of the operation.";
const NOT_IN_ORGANIZATION: &str = "The credentials that make this call belong to an account without an organization. Check the profile and `assume_role` of the provider block.";
const MANAGEMENT_ACCOUNT: &str = "AWS says that the account is the management account of its organization, which can't leave it. Check the id in the block and the role.";
const BILLING_TRANSFER: &str = "AWS documents this Reason for billing transfers. The Billing and Cost Management console of the organization's management account, under \
                                billing transfer, shows open transfers; for anything else, ask AWS Support.";
const ENABLING_ALL_FEATURES: &str = "The inviting organization is enabling all features. Apply again when that has finished.";

/// Answers by their kind, then by their Reason or code. AWS has other answers, and adds new ones.
pub(super) const KNOWN: &[Known] = &[
    kind(ApiErrorKind::Throttled, Asked::ALL, Sense::Throttled),
    kind(ApiErrorKind::Concurrent, Asked::ALL, Sense::Conflict),
    kind(ApiErrorKind::Unreachable, Asked::ALL, Sense::NotSent),
    kind(ApiErrorKind::ServiceFailure, Asked::ALL, Sense::Lost),
    kind(ApiErrorKind::NoAnswer, Asked::ALL, Sense::Lost),
    kind(ApiErrorKind::Malformed, Asked::ALL, Sense::Lost),
    // A denial to a role in an account concerns only that account.
    kind(ApiErrorKind::AccessDenied, &[Accept, AcceptOurs], refused(DENIED, true)),
    kind(ApiErrorKind::AccessDenied, &[Leave, Remove, Invite, Place], refused(DENIED, false)),
    // Only a proven identity makes these a success.
    kind(ApiErrorKind::NotInOrganization, &[Leave, Remove], Sense::AlreadyDone),
    kind(ApiErrorKind::AccountNotFound, &[Leave, Remove], Sense::AlreadyDone),
    kind(ApiErrorKind::NotInOrganization, &[Invite, Place], refused(NOT_IN_ORGANIZATION, false)),
    kind(
        ApiErrorKind::NotInOrganization,
        &[Accept, AcceptOurs],
        refused(
            "AWS lists this answer for an acceptance but does not document its meaning. Plan again: the plan shows where the account is.",
            true,
        ),
    ),
    // AWS's answers become consistent only a while after an account joined.
    kind(ApiErrorKind::AccountNotFound, &[Place], Sense::NotSent),
    kind(ApiErrorKind::TargetNotFound, &[Place], Sense::NotSent),
    // An earlier call or another caller accepted the invitation. This is a success if the account is seen in the organization.
    kind(ApiErrorKind::AlreadyInState, &[Accept, AcceptOurs], Sense::AlreadyDone),
    everybody("ACCOUNT_CANNOT_LEAVE_ORGANIZATION", &[Leave, Remove], MANAGEMENT_ACCOUNT),
    alone(
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
        &[Leave, Remove],
        "The AWS Customer Agreement is not accepted. The account's root user must sign in and complete the remaining sign-up steps.",
    ),
    alone(
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION",
        &[Leave, Remove],
        "The account's phone number is not verified. Verify it with the Account Management operations SendPhoneNumberVerification and VerifyPhoneNumber, \
         from the management account or in the account; or its root user must sign in and complete the remaining sign-up steps.",
    ),
    everybody(
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        &[Accept],
        "The inviting organization has reached its account quota. It must request a quota increase, or wait an hour if it is new.",
    ),
    everybody(
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        &[Invite],
        "The organization's accounts and open invitations have reached its quota. Request a quota increase, or wait an hour if the \
         organization is new.",
    ),
    everybody(
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        &[AcceptOurs],
        "The organization has reached its account quota. Request a quota increase, or wait an hour if the organization is new.",
    ),
    alone(
        "ALREADY_IN_AN_ORGANIZATION",
        &[Accept],
        "AWS does not let this account move directly. Ask AWS Support why, or let it leave first and join as a standalone account.",
    ),
    alone(
        "ALREADY_IN_AN_ORGANIZATION",
        &[Invite],
        "The account is already a member, and AWS's lists may not show it yet. Plan again in a few minutes.",
    ),
    alone(
        "ALREADY_IN_AN_ORGANIZATION",
        &[AcceptOurs],
        "AWS does not let this account join directly from its organization. Ask AWS Support why, or let it leave first and join as a \
         standalone account.",
    ),
    alone(
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        &[Leave, Remove],
        "The account is a delegated administrator. Deregister it from the management account, then apply again.",
    ),
    alone(
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        &[Accept, AcceptOurs],
        "The account is a delegated administrator. Deregister it from the management account, for each service.",
    ),
    everybody(
        "HANDSHAKE_RATE_LIMIT_EXCEEDED",
        &[Accept, AcceptOurs],
        "The inviting organization exceeded AWS's limit of handshakes within 24 hours. Apply again tomorrow.",
    ),
    everybody(
        "HANDSHAKE_RATE_LIMIT_EXCEEDED",
        &[Invite],
        "The organization reached AWS's limit of invitations within 24 hours. Apply again tomorrow.",
    ),
    alone(
        "INVALID_PAYMENT_INSTRUMENT",
        &[Leave, Remove],
        "The account has no supported payment method. Its root user must replace it in the Billing console.",
    ),
    everybody("INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES", &[Accept, AcceptOurs], ENABLING_ALL_FEATURES),
    everybody(
        "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
        &[Invite],
        "The organization is changing to all features. Apply again when that is over.",
    ),
    everybody("LEGACY_PERMISSIONS_STILL_IN_USE", &[Invite, Accept, AcceptOurs], BILLING_TRANSFER),
    everybody(
        "MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED",
        &[Accept, AcceptOurs],
        "The email address of the inviting management account is not verified. Verify it in that account's Organizations console.",
    ),
    everybody(
        "MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED",
        &[Invite],
        "The email address of the management account is not verified. Verify it from the Organizations console.",
    ),
    alone("MAX_TAG_LIMIT_EXCEEDED", &[Place], "The account has too many tags. It stays in the root: correct `tags`, and apply again."),
    alone(
        "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
        &[Leave, Remove],
        "The account has no valid payment method. Its root user, or a user with access to billing, must add one in the Billing console.",
    ),
    alone("MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS", &[Place], "The unit belongs to another organization. Correct `unit`, and apply again."),
    everybody(
        "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
        &[Invite, Accept, AcceptOurs],
        "AWS documents this Reason only for enabling all features. Plan again; if it persists, ask AWS Support.",
    ),
    everybody(
        "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD",
        &[Accept, AcceptOurs],
        "The inviting organization is in another AWS partition. Accounts can't move there.",
    ),
    alone("ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD", &[Invite], "The account is in another AWS partition, and can't join."),
    everybody("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION", &[Accept, AcceptOurs], ENABLING_ALL_FEATURES),
    everybody(
        "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
        &[Invite],
        "The organization is changing to all features. Apply again when that is over.",
    ),
    alone(
        "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED",
        &[Accept, AcceptOurs],
        "The account changed its organization too recently. AWS documents no waiting time: wait, and apply again.",
    ),
    alone(
        "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED",
        &[Invite],
        "The account changed its organization too recently. Wait, and apply again.",
    ),
    everybody("PAST_DUE_INVOICE", &[Invite, Accept, AcceptOurs], BILLING_TRANSFER),
    alone(
        "PAYMENT_INSTRUMENT_REQUIRED",
        &[Accept, AcceptOurs],
        "AWS requires a payment method in the account. Its root user must add one in the Billing console.",
    ),
    everybody("PAYMENT_INSTRUMENT_REQUIRED", &[Invite], "The management account needs a payment method before it may invite."),
    everybody("RESPONSIBILITY_TRANSFER_ALREADY_EXISTS", &[Invite, Accept, AcceptOurs], BILLING_TRANSFER),
    everybody("SOURCE_AND_TARGET_CANNOT_MATCH", &[Invite, Accept, AcceptOurs], BILLING_TRANSFER),
    everybody("TARGET_ACCOUNT_VALIDATION_FAILURE", &[Invite, Accept, AcceptOurs], BILLING_TRANSFER),
    everybody("UNUSED_PREPAYMENT_BALANCE", &[Invite, Accept, AcceptOurs], BILLING_TRANSFER),
    alone(
        "TAG_POLICY_VIOLATION",
        &[Place],
        "A tag policy does not allow these tags. The account stays in the root: correct `tags`, and apply again.",
    ),
    alone(
        "TARGET_NOT_SUPPORTED",
        &[Invite],
        "AWS does not invite this account: it may be closed or suspended. Ask its owner or AWS Support.",
    ),
    alone(
        "WAIT_PERIOD_ACTIVE",
        &[Leave, Remove, Accept, AcceptOurs],
        "The account was created less than four days ago. Apply again when four days have passed.",
    ),
    alone(
        "AccessDeniedForDependencyException",
        &[Accept],
        "The role is not allowed to let Organizations create its service-linked role. Allow iam:CreateServiceLinkedRole for it; `orgroster iam-policy \
         member` prints the statement.",
    ),
    alone(
        "AccessDeniedForDependencyException",
        &[AcceptOurs],
        "The role that accepts is not allowed to let Organizations create its service-linked role. Allow iam:CreateServiceLinkedRole for it; \
         `orgroster iam-policy accept` prints the statement.",
    ),
    everybody(
        "AccountOwnerNotVerifiedException",
        &[Invite],
        "The email address of the management account is not verified. Verify it from the Organizations console.",
    ),
    everybody("ConstraintViolationException", Asked::ALL, UNKNOWN_REASON),
    alone(
        "DestinationParentNotFoundException",
        &[Place],
        "The unit no longer exists. The account stays in the root: correct `unit`, and apply again.",
    ),
    Known { answer: Answer::Named("DuplicateAccountException"), of: &[Place], sense: Sense::AlreadyDone },
    alone(
        "DuplicateHandshakeException",
        &[Invite],
        "Another invitation to the account is open that does not use its id. `aws organizations \
         list-handshakes-for-organization` shows it: cancel it, and plan again.",
    ),
    everybody("FinalizingOrganizationException", &[Invite], "The organization was created recently. Apply again in an hour."),
    everybody("HandshakeConstraintViolationException", &[Invite, Accept, AcceptOurs], UNKNOWN_REASON),
    alone(
        "HandshakeNotFoundException",
        &[Accept],
        "The invitation no longer exists. Have the other organization invite the account again, then plan again.",
    ),
    alone("HandshakeNotFoundException", &[AcceptOurs], "The invitation no longer exists. Plan again."),
    alone(
        "InvalidHandshakeTransitionException",
        &[Accept],
        "The invitation has been canceled or declined, or has expired. Have the other organization invite the account again, \
         then plan again.",
    ),
    alone(
        "InvalidHandshakeTransitionException",
        &[AcceptOurs],
        "The invitation has been canceled or declined, or has expired. To invite the account again, set `on` to a later day.",
    ),
    everybody(
        "InvalidInputException",
        Asked::ALL,
        "AWS rejects the request's input, and its Reason says why. Compare the ids in the configuration with those of \
         the organization; if they are correct, this is a bug in orgroster.",
    ),
    alone(
        "MasterCannotLeaveOrganizationException",
        &[Accept, AcceptOurs],
        "The account is the management account of an organization, and can't be moved.",
    ),
    everybody("MasterCannotLeaveOrganizationException", &[Leave, Remove], MANAGEMENT_ACCOUNT),
    Known { answer: Answer::Named("SourceParentNotFoundException"), of: &[Place], sense: Sense::NotSent },
];

/// The meaning of an answer to a call: by its kind, then by its Reason, which is more specific, then by its code.
pub(super) fn known(asked: Asked, error: &ApiError) -> Option<&'static Known> {
    // For a departure, only constraint errors have a Reason; for a move, input errors have one too.
    let has_reason = !matches!(asked, Leave | Remove) || error.kind == ApiErrorKind::Constraint;
    let named = |name: &Option<String>| {
        let name = name.as_deref()?;
        KNOWN.iter().find(|row| row.of.contains(&asked) && matches!(row.answer, Answer::Named(known) if known == name))
    };
    let by_kind = KNOWN.iter().find(|row| row.of.contains(&asked) && row.answer == Answer::Kind(error.kind));
    by_kind.or_else(|| named(&error.reason).filter(|_| has_reason)).or_else(|| named(&error.code))
}
