//! The one translation of failures into diagnostics.

use jiff::SignedDuration;

use crate::api::{ApiError, ApiErrorKind, ClockReading};
use crate::apply::ResolveError;
use crate::cli::build;
use crate::diag::{Code, Diagnostic};
use crate::journal::{JournalError, LockHolder, StoreError};
use crate::observe::ObserveError;
use crate::org::{AccountId, DeclaredOrganization, Message, Organization, Unserializable, authorization_id};
use crate::render::text::shell_word;

/// How far AWS's clock and the local one may differ.
const TOLERATED_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A failed call.
pub fn api(error: &ApiError) -> Diagnostic {
    let (code, remedy) = match error.kind {
        ApiErrorKind::NotBuiltIn => (Code::MissingFeature, build::USE_FULL_BUILD),
        ApiErrorKind::NoCredentials => (
            Code::NoCredentials,
            "Set AWS_PROFILE or `profile` in the provider block, export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in:",
        ),
        ApiErrorKind::ExpiredCredentials => (Code::ExpiredCredentials, "Sign in again, for example:"),
        ApiErrorKind::InvalidCredentials => {
            (Code::InvalidCredentials, "Check the access key, and that it belongs to the partition and account you mean:")
        }
        ApiErrorKind::AccessDenied => (
            Code::AccessDenied,
            "Allow the role to make this call. Organizations can be read from the management account or from a delegated administrator.",
        ),
        ApiErrorKind::Unreachable => (Code::Unreachable, "Check the network, proxies, and the AWS_ENDPOINT_URL variables."),
        ApiErrorKind::NoAnswer => (Code::Unreachable, "Try again."),
        ApiErrorKind::Throttled => (Code::Throttled, "Others use the same quota. Wait, or lower api_share in the provider block."),
        ApiErrorKind::NotInOrganization => (
            Code::NoOrganization,
            "The credentials belong to an account without an organization. Use those of the declared management account.",
        ),
        ApiErrorKind::Malformed => (
            Code::ApiError,
            "Something between here and AWS may have answered in its place: check proxies (HTTPS_PROXY), whether the network asks to sign in, \
             and the AWS_ENDPOINT_URL variables.",
        ),
        ApiErrorKind::Concurrent
        | ApiErrorKind::ServiceFailure
        | ApiErrorKind::AccountNotFound
        | ApiErrorKind::TargetNotFound
        | ApiErrorKind::Constraint
        | ApiErrorKind::AlreadyInState
        | ApiErrorKind::Other => (Code::ApiError, "Retry. If it persists, give AWS Support the request ID."),
    };
    let command = match error.kind {
        ApiErrorKind::NoCredentials | ApiErrorKind::ExpiredCredentials => Some("aws sso login"),
        ApiErrorKind::InvalidCredentials => Some("aws sts get-caller-identity"),
        _ => None,
    };
    let detail = command.into_iter().fold(Message::new(&format!("{error}. {remedy}")), Message::command);
    Diagnostic::error(code, authorization_id(&error.message).into_iter().fold(detail, evaluated))
}

/// A message about a denial, with the command that prints what AWS evaluated.
pub fn evaluated(message: Message, authorization_id: &str) -> Message {
    message
        .line("What AWS evaluated, and which policy denied it, kept for at least 24 hours; from the management account:")
        .command(&format!("aws iam-toolbox get-request-authorization-details --authorization-id {authorization_id}"))
}

/// A failed observation.
pub fn observe(error: &ObserveError, declared: &DeclaredOrganization) -> Diagnostic {
    match error {
        ObserveError::Api(error) => api(error),
        ObserveError::WrongOrganization { found, called_from } => wrong_organization(found, *called_from, declared),
    }
}

fn wrong_organization(found: &Organization, called_from: AccountId, declared: &DeclaredOrganization) -> Diagnostic {
    let detail = format!(
        "The credentials, of account {called_from}, belong to organization {} of management account {}. The configuration declares {} of {}. \
         Use the profile of the declared organization, or correct the organization block.",
        found.id, found.management_account_id, declared.id, declared.management_account_id
    );
    Diagnostic::error(Code::WrongOrganization, detail).labelled(declared.span.clone(), "declared here")
}

/// The local clock against AWS's: a wrong one would make waiting periods and dates end at the wrong time.
///
/// On loopback no AWS answers: there it is most likely a sandbox whose clock is frozen, and the local clock is right.
pub fn clock(reading: Option<ClockReading>, endpoint: Option<&str>) -> Option<Diagnostic> {
    let ClockReading { aws, local } = reading?;
    let skew = local.duration_since(aws);
    (skew.abs() > TOLERATED_SKEW).then(|| {
        let judged = "Waiting periods and dates would be judged wrongly.";
        let detail = match endpoint.filter(|endpoint| is_loopback(endpoint)) {
            Some(endpoint) => {
                let why = format!(
                    "{endpoint} says that it is {aws}, and the local clock {local}. {judged} The endpoint is on loopback, so that it is probably a \
                     sandbox whose clock is frozen. Start its clock, which then shows real time, or remove `clock` from its fixture:"
                );
                let control = format!("{}/_sandbox/clock", endpoint.trim_end_matches('/'));
                Message::new(&why).command(&format!("curl -X POST -d '{{\"running\": true}}' {}", shell_word(&control)))
            }
            None => Message::new(&format!("The local clock says {local}, AWS's says {aws}. {judged} Set the local clock.")),
        };
        Diagnostic::error(Code::ClockSkew, detail)
    })
}

/// Whether an address such as `http://127.0.0.1:4566` is of this machine.
fn is_loopback(endpoint: &str) -> bool {
    let authority = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A result that has no form in JSON: nothing of it is written.
pub fn unserializable(error: &Unserializable) -> Diagnostic {
    Diagnostic::error(Code::OutputError, format!("Of the result nothing is written: {error}."))
}

/// A failed backend.
pub fn journal(error: &JournalError) -> Diagnostic {
    match error {
        JournalError::Store(StoreError::Locked(holder)) => {
            let by = holder.as_ref().map_or_else(|| "another process holds it".to_owned(), ToString::to_string);
            let detail = Message::new(&format!("Only one apply runs at a time: {by}. Wait for it, or give -lock-timeout=3m to wait here."));
            let force = |detail: Message, holder: &LockHolder| {
                detail.and("If its process is gone for good:").command(&format!("orgroster force-unlock {}", shell_word(&holder.id)))
            };
            Diagnostic::error(Code::Locked, holder.iter().fold(detail, force))
        }
        JournalError::Damaged { .. } => {
            let detail = Message::new(&format!(
                "{error}. Nothing was done. Restore it from a copy, such as -records-to keeps; to see everything that is wrong, run:"
            ))
            .command("orgroster verify")
            .and("If there is no copy:")
            .command("orgroster history repair");
            Diagnostic::error(Code::DamagedJournal, detail)
        }
        JournalError::AnotherOrganization { .. } => {
            let detail = format!(
                "{error}. Nothing was done. A backend keeps the lock, journal and records of one organization: give this one a `path` or \
                 `prefix` of its own in the backend block, or correct the organization block."
            );
            Diagnostic::error(Code::AnotherOrganizationsBackend, detail)
        }
        other => Diagnostic::error(Code::BackendError, format!("{}.", other.to_string().trim_end_matches('.'))),
    }
}

/// A copy that `-records-to` can't begin.
pub fn records_to(error: &JournalError) -> Diagnostic {
    match error {
        JournalError::Ahead { place, .. } => {
            let detail = Message::new(&format!(
                "{error}: a copy of other runs, which this one would overwrite. Nothing was done. Name an empty directory, or take the copy back \
                 into the backend first:"
            ))
            .command(&format!("orgroster history restore {}", shell_word(place)));
            Diagnostic::error(Code::RecordsWouldBeLost, detail)
        }
        JournalError::Store(error) => {
            Diagnostic::error(Code::OutputError, format!("{}. Nothing was done.", error.to_string().trim_end_matches('.')))
        }
        other => journal(other),
    }
}

/// What earlier runs left open could not be resolved.
pub fn resolve_intents(error: &ResolveError) -> Diagnostic {
    match error {
        ResolveError::Api(error) => api(error),
        ResolveError::Journal(error) => journal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clocks_may_differ_by_five_minutes() {
        let reading = |local: &str| Some(ClockReading { aws: "2026-11-22T09:00:00Z".parse().unwrap(), local: local.parse().unwrap() });
        assert!(clock(reading("2026-11-22T09:05:00Z"), None).is_none());
        assert!(clock(reading("2026-11-22T09:05:01Z"), None).is_some());
        assert!(clock(reading("2026-11-22T08:54:59Z"), None).is_some());
        assert!(clock(None, None).is_none());
    }

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for endpoint in ["http://127.0.0.1:4566", "http://127.8.8.8/", "http://localhost:1/x", "http://[::1]:4566"] {
            assert!(is_loopback(endpoint), "{endpoint}");
        }
        for endpoint in [
            "https://organizations.us-east-1.amazonaws.com",
            "http://10.0.0.1:4566",
            "http://localhost.example.com",
            "http://[fd00::1]:1",
            "",
        ] {
            assert!(!is_loopback(endpoint), "{endpoint}");
        }
    }
}
