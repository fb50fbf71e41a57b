//! What each of AWS's answers means for each call, and who does what next (API reference: LeaveOrganization,
//! RemoveAccountFromOrganization, AcceptHandshake, InviteAccountToOrganization, TagResource and MoveAccount).

use crate::api::{ApiError, ApiErrorKind};

use Asked::{Accept, AcceptOurs, Invite, Leave, Place, Remove};

/// What was asked of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// That an account leaves, by its own call.
    Leave,
    /// That the management account removes it.
    Remove,
    /// That it accepts another organization's invitation.
    Accept,
    /// That it accepts our own.
    AcceptOurs,
    /// That it is invited.
    Invite,
    /// That it is tagged, or moved to a unit. It is a member by then.
    Place,
}

impl Asked {
    /// Everything that is asked.
    pub(super) const ALL: &[Self] = &[Leave, Remove, Accept, AcceptOurs, Invite, Place];

    /// Whether a session of the account itself asks.
    pub(super) const fn is_asked_by_account(self) -> bool {
        matches!(self, Leave | Accept | AcceptOurs)
    }
}

/// An answer that is no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Of this kind, whatever its code is.
    Kind(ApiErrorKind),
    /// With this Reason, or with this code.
    Named(&'static str),
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// Calls come too fast.
    Throttled,
    /// Somebody else was changing the same thing.
    Conflict,
    /// The call had no effect, and may have one in a moment.
    NotSent,
    /// The call may have taken effect without saying so.
    Lost,
    /// The account already is where the call leads. A success only where its identity was proven, and where AWS shows it.
    AlreadyDone,
    /// AWS refused.
    Refused {
        /// What it means and who does what next.
        next_step: &'static str,
        /// Whether it concerns the account alone, so that others may still be tried.
        concerns_one_account: bool,
    },
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// The answer.
    pub(super) answer: Answer,
    /// The calls for which it means this.
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

/// What is said of a denial.
pub(super) const DENIED: &str = "The role may not make this call. A service control policy, the role's own policies or its permissions boundary denies it; AWS's message names \
                                 which.";
/// What is said of a Reason that no row names.
pub(super) const UNKNOWN_REASON: &str = "This Reason is not one that orgroster knows. Look it up in the API reference of the operation.";
const NOT_IN_ORGANIZATION: &str = "The credentials that make this call belong to an account without an organization. Check the profile and `assume_role` of the provider block.";
const MANAGEMENT_ACCOUNT: &str = "AWS says that the account is the management account of its organization, which can't leave it. Check the id in the block, and the role.";
const BILLING_TRANSFER: &str = "AWS documents this Reason for billing transfers. The Billing and Cost Management console of the organization's management account, under \
                                billing transfer, shows what is open; AWS Support knows the rest.";
const ENABLING_ALL_FEATURES: &str = "The organization that invites is enabling all features. Apply again when it has finished.";

/// Answers by their kinds, then Reasons and codes by their names. Others exist, and new ones appear.
pub(super) const KNOWN: &[Known] = &[
    kind(ApiErrorKind::Throttled, Asked::ALL, Sense::Throttled),
    kind(ApiErrorKind::Concurrent, Asked::ALL, Sense::Conflict),
    kind(ApiErrorKind::Unreachable, Asked::ALL, Sense::NotSent),
    kind(ApiErrorKind::ServiceFailure, Asked::ALL, Sense::Lost),
    kind(ApiErrorKind::NoAnswer, Asked::ALL, Sense::Lost),
    kind(ApiErrorKind::Malformed, Asked::ALL, Sense::Lost),
    // What a role in an account may not do concerns that account alone.
    kind(ApiErrorKind::AccessDenied, &[Accept, AcceptOurs], refused(DENIED, true)),
    kind(ApiErrorKind::AccessDenied, &[Leave, Remove, Invite, Place], refused(DENIED, false)),
    // Only the proven identity makes these a success.
    kind(ApiErrorKind::NotInOrganization, &[Leave, Remove], Sense::AlreadyDone),
    kind(ApiErrorKind::AccountNotFound, &[Leave, Remove], Sense::AlreadyDone),
    kind(ApiErrorKind::NotInOrganization, &[Invite, Place], refused(NOT_IN_ORGANIZATION, false)),
    kind(
        ApiErrorKind::NotInOrganization,
        &[Accept, AcceptOurs],
        refused(
            "AWS declares this answer to an acceptance and documents no meaning of it. Plan again: the plan shows where the account is.",
            true,
        ),
    ),
    // AWS's answers agree only a while after an account joined.
    kind(ApiErrorKind::AccountNotFound, &[Place], Sense::NotSent),
    kind(ApiErrorKind::TargetNotFound, &[Place], Sense::NotSent),
    // Accepted by an earlier call, or by somebody else: a success where the account is seen in the organization.
    kind(ApiErrorKind::AlreadyInState, &[Accept, AcceptOurs], Sense::AlreadyDone),
    everybody("ACCOUNT_CANNOT_LEAVE_ORGANIZATION", &[Leave, Remove], MANAGEMENT_ACCOUNT),
    alone(
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
        &[Leave, Remove],
        "The AWS Customer Agreement is not accepted. The account's root user signs in, and completes the sign-up steps that are left.",
    ),
    alone(
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION",
        &[Leave, Remove],
        "The account's phone number is not verified. Verify it with SendPhoneNumberVerification and VerifyPhoneNumber of Account \
         Management, from the management account or in the account; or its root user signs in, and completes the sign-up steps that are left.",
    ),
    everybody(
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        &[Accept],
        "The organization that invites has as many accounts as its quota allows. It asks AWS for a higher one, or waits an hour if it is new.",
    ),
    everybody(
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        &[Invite],
        "The organization has as many accounts and open invitations as its quota allows. Ask AWS for a higher one, or wait an hour if the \
         organization is new.",
    ),
    everybody(
        "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
        &[AcceptOurs],
        "The organization has as many accounts as its quota allows. Ask AWS for a higher one, or wait an hour if the organization is new.",
    ),
    alone(
        "ALREADY_IN_AN_ORGANIZATION",
        &[Accept],
        "AWS does not let this account move directly. AWS Support says why; else it can leave first, and join as a standalone account.",
    ),
    alone(
        "ALREADY_IN_AN_ORGANIZATION",
        &[Invite],
        "AWS shows the account as a member already, and its lists may lag behind. Plan again in a few minutes.",
    ),
    alone(
        "ALREADY_IN_AN_ORGANIZATION",
        &[AcceptOurs],
        "AWS does not let this account come from its organization directly. AWS Support says why; else it can leave first, and join as a \
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
        "AWS counts more handshakes of the organization that invites than it allows within 24 hours. Apply again tomorrow.",
    ),
    everybody(
        "HANDSHAKE_RATE_LIMIT_EXCEEDED",
        &[Invite],
        "The organization sent as many invitations as it may within 24 hours. Apply again tomorrow.",
    ),
    alone(
        "INVALID_PAYMENT_INSTRUMENT",
        &[Leave, Remove],
        "No supported payment method is associated with the account. Its root user replaces it in the Billing console.",
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
        "The email address of the management account that invites is not verified. It is verified from that account's Organizations console.",
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
        "The account has no valid payment method. Its root user, or a user with access to billing, adds one in the Billing console.",
    ),
    alone("MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS", &[Place], "The unit is of another organization. Correct `unit`, and apply again."),
    everybody(
        "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
        &[Invite, Accept, AcceptOurs],
        "AWS documents this Reason for a change to all features, and no meaning of it here. Plan again; if it persists, ask AWS Support.",
    ),
    everybody(
        "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD",
        &[Accept, AcceptOurs],
        "The organization that invites is of another partition of AWS. No account can move there.",
    ),
    alone("ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD", &[Invite], "The account is of another partition of AWS, and can't join."),
    everybody("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION", &[Accept, AcceptOurs], ENABLING_ALL_FEATURES),
    everybody(
        "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
        &[Invite],
        "The organization is changing to all features. Apply again when that is over.",
    ),
    alone(
        "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED",
        &[Accept, AcceptOurs],
        "The account changed its organization too lately. AWS documents no duration: wait, and apply again.",
    ),
    alone(
        "ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED",
        &[Invite],
        "The account changed its organization too lately. Wait, and apply again.",
    ),
    everybody("PAST_DUE_INVOICE", &[Invite, Accept, AcceptOurs], BILLING_TRANSFER),
    alone(
        "PAYMENT_INSTRUMENT_REQUIRED",
        &[Accept, AcceptOurs],
        "AWS asks for a payment method in the account. Its root user adds one in the Billing console.",
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
        "AWS does not invite this account: it may be closed or suspended. Its owner, or AWS Support, knows.",
    ),
    alone(
        "WAIT_PERIOD_ACTIVE",
        &[Leave, Remove, Accept, AcceptOurs],
        "The account was created less than four days ago. Apply again when they are over.",
    ),
    alone(
        "AccessDeniedForDependencyException",
        &[Accept],
        "The role may not have Organizations make its service-linked role. Allow iam:CreateServiceLinkedRole to it; `orgroster iam-policy \
         member` has the statement.",
    ),
    alone(
        "AccessDeniedForDependencyException",
        &[AcceptOurs],
        "The role that accepts may not have Organizations make its service-linked role. Allow iam:CreateServiceLinkedRole to it; \
         `orgroster iam-policy accept` has the statement.",
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
        "The unit is gone. The account stays in the root: correct `unit`, and apply again.",
    ),
    Known { answer: Answer::Named("DuplicateAccountException"), of: &[Place], sense: Sense::AlreadyDone },
    alone(
        "DuplicateHandshakeException",
        &[Invite],
        "Another invitation to the account is open, which does not name it by its id. `aws organizations \
         list-handshakes-for-organization` shows it: cancel it, and plan again.",
    ),
    everybody("FinalizingOrganizationException", &[Invite], "The organization was created a short while ago. Apply again in an hour."),
    everybody("HandshakeConstraintViolationException", &[Invite, Accept, AcceptOurs], UNKNOWN_REASON),
    alone(
        "HandshakeNotFoundException",
        &[Accept],
        "The invitation is gone. Have the other organization invite the account again, then plan again.",
    ),
    alone("HandshakeNotFoundException", &[AcceptOurs], "The invitation is gone. Plan again."),
    alone(
        "InvalidHandshakeTransitionException",
        &[Accept],
        "The invitation was cancelled or declined, or expired, since it was seen. Have the other organization invite the account again, \
         then plan again.",
    ),
    alone(
        "InvalidHandshakeTransitionException",
        &[AcceptOurs],
        "The invitation was cancelled or declined, or expired, since it was seen. If the account is to be invited again, set `on` to a later day.",
    ),
    everybody(
        "InvalidInputException",
        Asked::ALL,
        "AWS does not take the request as it is, and its Reason says what is wrong with it. Compare the ids in the configuration with those of \
         the organization; if they are right, it is a fault of orgroster.",
    ),
    alone(
        "MasterCannotLeaveOrganizationException",
        &[Accept, AcceptOurs],
        "The account is the management account of an organization, which can't be moved.",
    ),
    everybody("MasterCannotLeaveOrganizationException", &[Leave, Remove], MANAGEMENT_ACCOUNT),
    Known { answer: Answer::Named("SourceParentNotFoundException"), of: &[Place], sense: Sense::NotSent },
];

/// What an answer means for a call: by its kind, by its Reason, which says more, and else by its code.
pub(super) fn known(asked: Asked, error: &ApiError) -> Option<&'static Known> {
    // A departure is refused for a Reason by constraints alone; a move is also by what its input is.
    let has_reason = !matches!(asked, Leave | Remove) || error.kind == ApiErrorKind::Constraint;
    let named = |name: &Option<String>| {
        let name = name.as_deref()?;
        KNOWN.iter().find(|row| row.of.contains(&asked) && matches!(row.answer, Answer::Named(known) if known == name))
    };
    let by_kind = KNOWN.iter().find(|row| row.of.contains(&asked) && row.answer == Answer::Kind(error.kind));
    by_kind.or_else(|| named(&error.reason).filter(|_| has_reason)).or_else(|| named(&error.code))
}
