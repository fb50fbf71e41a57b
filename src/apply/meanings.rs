//! What each of AWS's refusals means for each call, and who does what next (API reference: LeaveOrganization,
//! RemoveAccountFromOrganization, AcceptHandshake, InviteAccountToOrganization, TagResource and MoveAccount).

use crate::api::{ApiError, ApiErrorKind};

use Asked::{Accept, AcceptOurs, Invite, Leave, Place};

/// What was asked of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// That an account leaves, or is removed.
    Leave,
    /// That it accepts another organization's invitation.
    Accept,
    /// That it accepts our own.
    AcceptOurs,
    /// That it is invited.
    Invite,
    /// That it is tagged, or moved to a unit. It is a member by then.
    Place,
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// The Reason of a constraint, or the code of an error.
    pub(super) answer: &'static str,
    /// The calls for which it means this.
    pub(super) of: &'static [Asked],
    /// What it means and who does what next.
    pub(super) next_step: &'static str,
    /// Whether it concerns the account alone, so that others may still be tried.
    pub(super) concerns_one_account: bool,
}

const fn alone(answer: &'static str, of: &'static [Asked], next_step: &'static str) -> Known {
    Known { answer, of, next_step, concerns_one_account: true }
}

const fn everybody(answer: &'static str, of: &'static [Asked], next_step: &'static str) -> Known {
    Known { answer, of, next_step, concerns_one_account: false }
}

/// Reasons and codes by their names. Others exist, and new ones appear.
pub(super) const KNOWN: &[Known] = &[
    alone(
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
        &[Leave],
        "The AWS Customer Agreement is not accepted. The account's root user signs in, and completes the sign-up steps that are left.",
    ),
    alone(
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION",
        &[Leave],
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
        &[Leave],
        "The account is a delegated administrator. Deregister it from the management account, then apply again.",
    ),
    alone(
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        &[Accept, AcceptOurs],
        "The account is a delegated administrator. Deregister it from the management account, for each service.",
    ),
    everybody(
        "HANDSHAKE_RATE_LIMIT_EXCEEDED",
        &[Invite],
        "The organization sent as many invitations as it may within 24 hours. Apply again tomorrow.",
    ),
    alone(
        "INVALID_PAYMENT_INSTRUMENT",
        &[Leave],
        "No supported payment method is associated with the account. Its root user replaces it in the Billing console.",
    ),
    everybody(
        "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
        &[Accept, AcceptOurs],
        "The organization that invites is enabling all features. Apply again when it has finished.",
    ),
    everybody(
        "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
        &[Invite],
        "The organization is changing to all features. Apply again when that is over.",
    ),
    everybody(
        "MANAGEMENT_ACCOUNT_EMAIL_NOT_VERIFIED",
        &[Invite],
        "The email address of the management account is not verified. Verify it from the Organizations console.",
    ),
    alone("MAX_TAG_LIMIT_EXCEEDED", &[Place], "The account has too many tags. It stays in the root: correct `tags`, and apply again."),
    alone(
        "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
        &[Leave],
        "The account has no valid payment method. Its root user, or a user with access to billing, adds one in the Billing console.",
    ),
    alone("MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS", &[Place], "The unit is of another organization. Correct `unit`, and apply again."),
    everybody(
        "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD",
        &[Accept, AcceptOurs],
        "The organization that invites is of another partition of AWS. No account can move there.",
    ),
    alone("ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD", &[Invite], "The account is of another partition of AWS, and can't join."),
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
    alone(
        "PAYMENT_INSTRUMENT_REQUIRED",
        &[Accept, AcceptOurs],
        "AWS asks for a payment method in the account. Its root user adds one in the Billing console.",
    ),
    everybody("PAYMENT_INSTRUMENT_REQUIRED", &[Invite], "The management account needs a payment method before it may invite."),
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
        &[Leave, Accept, AcceptOurs],
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
    alone(
        "DestinationParentNotFoundException",
        &[Place],
        "The unit is gone. The account stays in the root: correct `unit`, and apply again.",
    ),
    alone(
        "DuplicateHandshakeException",
        &[Invite],
        "Another invitation to the account is open, which does not name it by its id. `aws organizations \
         list-handshakes-for-organization` shows it: cancel it, and plan again.",
    ),
    everybody("FinalizingOrganizationException", &[Invite], "The organization was created a short while ago. Apply again in an hour."),
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
    alone(
        "MasterCannotLeaveOrganizationException",
        &[Accept, AcceptOurs],
        "The account is the management account of an organization, which can't be moved.",
    ),
];

/// What a refusal means for a call: by its Reason, which says more, and else by its code.
pub(super) fn known(asked: Asked, error: &ApiError) -> Option<&'static Known> {
    // A departure is refused for a Reason by constraints alone; a move is also by what its input is.
    let reason = error.reason.as_deref().filter(|_| asked != Leave || error.kind == ApiErrorKind::Constraint);
    let names = [reason, error.code.as_deref()];
    names.into_iter().flatten().find_map(|name| KNOWN.iter().find(|known| known.answer == name && known.of.contains(&asked)))
}
