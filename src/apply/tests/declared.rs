//! Every answer that AWS declares for an act's call has a row in the table, and every row is for an answer that AWS declares.

use std::collections::BTreeMap;

use crate::api::{ApiError, ApiErrorKind};
use crate::apply::meanings::{Answer, Asked, KNOWN, Known, known};

/// The errors of each operation, and the Reasons of each error that has any.
const DECLARED: &str = include_str!("declared.txt");

fn declared() -> BTreeMap<&'static str, Vec<&'static str>> {
    let lists = DECLARED.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "));
    lists.map(|(of, names)| (of, names.split(' ').collect())).collect()
}

const fn operations(asked: Asked) -> &'static [&'static str] {
    match asked {
        Asked::Leave => &["LeaveOrganization"],
        Asked::Remove => &["RemoveAccountFromOrganization"],
        Asked::Accept | Asked::AcceptOurs => &["AcceptHandshake"],
        Asked::Invite => &["InviteAccountToOrganization"],
        Asked::Place => &["MoveAccount", "TagResource"],
    }
}

/// The error that the AWS client makes from a code.
fn error(code: &str, reason: Option<&str>) -> ApiError {
    let kind = match code {
        "AccessDeniedException" => ApiErrorKind::AccessDenied,
        "TooManyRequestsException" => ApiErrorKind::Throttled,
        "ConcurrentModificationException" => ApiErrorKind::Concurrent,
        "ServiceException" => ApiErrorKind::ServiceFailure,
        "AWSOrganizationsNotInUseException" => ApiErrorKind::NotInOrganization,
        "AccountNotFoundException" => ApiErrorKind::AccountNotFound,
        "TargetNotFoundException" => ApiErrorKind::TargetNotFound,
        "HandshakeAlreadyInStateException" => ApiErrorKind::AlreadyInState,
        "ConstraintViolationException" | "HandshakeConstraintViolationException" => ApiErrorKind::Constraint,
        _ => ApiErrorKind::Other,
    };
    super::error(kind, code, reason)
}

/// The row for a Reason itself, not the row for its error in general.
fn own_row(asked: Asked, code: &str, reason: &str) -> Option<&'static Known> {
    known(asked, &error(code, Some(reason))).filter(|row| matches!(row.answer, Answer::Named(name) if name == reason))
}

#[test]
fn every_error_that_aws_declares_for_a_call_has_a_row() {
    let declared = declared();
    for asked in Asked::ALL {
        for operation in operations(*asked) {
            let codes = &declared[operation];
            assert!(codes.len() >= 8, "{operation}");
            for code in codes {
                assert!(known(*asked, &error(code, None)).is_some(), "{operation} {code}");
            }
        }
    }
}

#[test]
fn every_reason_that_a_call_may_be_refused_for_has_a_row_of_its_own() {
    let declared = declared();
    let handshake = "HandshakeConstraintViolationException";
    assert_eq!(declared[handshake].len(), 16);
    for asked in [Asked::Invite, Asked::Accept, Asked::AcceptOurs] {
        for reason in &declared[handshake] {
            assert!(own_row(asked, handshake, reason).is_some(), "{asked:?} {reason}");
        }
    }
    let leaving: &[&str] = &[
        "ACCOUNT_CANNOT_LEAVE_ORGANIZATION",
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA",
        "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION",
        "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        "INVALID_PAYMENT_INSTRUMENT",
        "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
        "WAIT_PERIOD_ACTIVE",
    ];
    let moving: &[&str] = &["CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", "WAIT_PERIOD_ACTIVE"];
    let cases: [(Asked, &str, &[&str]); 7] = [
        (Asked::Leave, "ConstraintViolationException", leaving),
        (Asked::Remove, "ConstraintViolationException", leaving),
        (Asked::Accept, "ConstraintViolationException", moving),
        (Asked::AcceptOurs, "ConstraintViolationException", moving),
        (Asked::Place, "ConstraintViolationException", &["MAX_TAG_LIMIT_EXCEEDED", "TAG_POLICY_VIOLATION"]),
        (Asked::Place, "InvalidInputException", &["MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS"]),
        (Asked::Invite, "InvalidInputException", &["TARGET_NOT_SUPPORTED"]),
    ];
    for (asked, code, reasons) in cases {
        for reason in reasons {
            assert!(declared[code].contains(reason), "{code} {reason}");
            assert!(own_row(asked, code, reason).is_some(), "{asked:?} {reason}");
        }
    }
}

#[test]
fn every_row_with_a_name_is_of_an_answer_that_aws_declares_for_its_call() {
    let declared = declared();
    let is_declared = |asked: Asked, name: &str| {
        let mut codes = operations(asked).iter().flat_map(|operation| &declared[operation]);
        codes.any(|code| *code == name || declared.get(code).is_some_and(|reasons| reasons.contains(&name)))
    };
    for row in KNOWN {
        if let Answer::Named(name) = row.answer {
            for asked in row.of {
                assert!(is_declared(*asked, name), "{asked:?} {name}");
            }
        }
    }
    assert!(is_declared(Asked::Invite, "DuplicateHandshakeException") && !is_declared(Asked::Place, "DuplicateHandshakeException"));
}
