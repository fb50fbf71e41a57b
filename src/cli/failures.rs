//! Translates all failures into diagnostics.

use jiff::SignedDuration;

use crate::api::{ApiError, ApiErrorKind, ClockReading};
use crate::apply::ResolveError;
use crate::cli::build;
use crate::diag::{Code, Diagnostic};
use crate::journal::{JournalError, LockHolder, StoreError};
use crate::observe::ObserveError;
use crate::org::{AccountId, DeclaredOrganization, Message, Organization, Unserializable, authorization_id};
use crate::render::text::shell_word;

/// The maximum difference between AWS's clock and the local one.
const TOLERATED_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Describes a failed call.
pub fn api(error: &ApiError) -> Diagnostic {
    let (code, remedy) = match error.kind {
        ApiErrorKind::NotBuiltIn => (Code::MissingFeature, build::USE_FULL_BUILD),
        ApiErrorKind::NoCredentials => (
            Code::NoCredentials,
            "Set AWS_PROFILE or `profile` in the provider block, export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in:",
        ),
        ApiErrorKind::ExpiredCredentials => (Code::ExpiredCredentials, "Sign in again, for example:"),
        ApiErrorKind::InvalidCredentials => {
            (Code::InvalidCredentials, "Check the access key, and that it belongs to the intended partition and account:")
        }
        ApiErrorKind::AccessDenied => (
            Code::AccessDenied,
            "Allow the role to make this call. Organizations can be read from the management account or from a delegated administrator.",
        ),
        ApiErrorKind::Unreachable => (Code::Unreachable, "Check the network, proxies, and the AWS_ENDPOINT_URL variables."),
        ApiErrorKind::NoAnswer => (Code::Unreachable, "Retry."),
        ApiErrorKind::Throttled => (Code::Throttled, "Other callers share the quota. Wait, or lower api_share in the provider block."),
        ApiErrorKind::NotInOrganization => (
            Code::NoOrganization,
            "The credentials belong to an account without an organization. Use those of the declared management account.",
        ),
        ApiErrorKind::Malformed => (
            Code::ApiError,
            "Another server may have answered in AWS's place: check proxies (HTTPS_PROXY), whether the network requires you to sign in, \
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

/// Adds to a message about a denial the command that prints what AWS evaluated.
pub fn evaluated(message: Message, authorization_id: &str) -> Message {
    message
        .line("To see what AWS evaluated and which policy denied the call, run this in the management account. AWS keeps the data for at least 24 hours:")
        .command(&format!("aws iam-toolbox get-request-authorization-details --authorization-id {authorization_id}"))
}

/// Describes a failed observation.
pub fn observe(error: &ObserveError, declared: &DeclaredOrganization) -> Diagnostic {
    match error {
        ObserveError::Api(error) => api(error),
        ObserveError::WrongOrganization { found, called_from } => wrong_organization(found, *called_from, declared),
    }
}

fn wrong_organization(found: &Organization, called_from: AccountId, declared: &DeclaredOrganization) -> Diagnostic {
    let detail = format!(
        "The credentials are of account {called_from} in organization {}, whose management account is {}. The configuration declares {} of {}. \
         Use the profile of the declared organization, or correct the organization block.",
        found.id, found.management_account_id, declared.id, declared.management_account_id
    );
    Diagnostic::error(Code::WrongOrganization, detail).labelled(declared.span.clone(), "declared here")
}

/// Compares the local clock with AWS's. With a wrong clock, waiting periods and dates would be judged wrongly.
///
/// A loopback endpoint is not AWS. It is most likely a sandbox whose clock is frozen, and the local clock is right.
pub fn clock(reading: Option<ClockReading>, endpoint: Option<&str>) -> Option<Diagnostic> {
    let ClockReading { aws, local } = reading?;
    let skew = local.duration_since(aws);
    (skew.abs() > TOLERATED_SKEW).then(|| {
        let judged = "Waiting periods and dates would be judged wrongly.";
        let detail = match endpoint.filter(|endpoint| is_loopback(endpoint)) {
            Some(endpoint) => {
                let why = format!(
                    "The clock of {endpoint} shows {aws}, the local clock {local}. {judged} The endpoint is on loopback, so it is probably a \
                     sandbox whose clock is frozen. Start its clock, which then shows real time, or remove `clock` from its fixture:"
                );
                let control = format!("{}/_sandbox/clock", endpoint.trim_end_matches('/'));
                Message::new(&why).command(&format!("curl -X POST -d '{{\"running\": true}}' {}", shell_word(&control)))
            }
            None => Message::new(&format!("The local clock shows {local}, AWS's shows {aws}. {judged} Set the local clock.")),
        };
        Diagnostic::error(Code::ClockSkew, detail)
    })
}

/// Whether an endpoint such as `http://127.0.0.1:4566` is on this machine.
fn is_loopback(endpoint: &str) -> bool {
    let authority = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Describes a result that can't be written as JSON. Nothing of it was written.
pub fn unserializable(error: &Unserializable) -> Diagnostic {
    Diagnostic::error(Code::OutputError, format!("The result was not written: {error}."))
}

/// Describes a failure of the backend.
pub fn journal(error: &JournalError) -> Diagnostic {
    match error {
        JournalError::Store(StoreError::Locked(holder)) => {
            let by = holder.as_ref().map_or_else(|| "another process holds it".to_owned(), ToString::to_string);
            let detail =
                Message::new(&format!("Only one apply can run at a time: {by}. Wait for it to end, or use -lock-timeout=3m to wait here."));
            let force = |detail: Message, holder: &LockHolder| {
                detail.and("If its process no longer exists:").command(&format!("orgroster force-unlock {}", shell_word(&holder.id)))
            };
            Diagnostic::error(Code::Locked, holder.iter().fold(detail, force))
        }
        JournalError::Damaged { .. } => {
            let detail = Message::new(&format!(
                "{error}. Nothing was done. Restore it from a copy, such as one made by -records-to; to see all damage, run:"
            ))
            .command("orgroster verify")
            .and("If there is no copy:")
            .command("orgroster history repair");
            Diagnostic::error(Code::DamagedJournal, detail)
        }
        JournalError::AnotherOrganization { .. } => {
            let detail = format!(
                "{error}. Nothing was done. A backend keeps the lock, journal and records of one organization: give this organization its own `path` or \
                 `prefix` in the backend block, or correct the organization block."
            );
            Diagnostic::error(Code::AnotherOrganizationsBackend, detail)
        }
        other => Diagnostic::error(Code::BackendError, format!("{}.", other.to_string().trim_end_matches('.'))),
    }
}

/// Describes why `-records-to` can't start its copy.
pub fn records_to(error: &JournalError) -> Diagnostic {
    match error {
        JournalError::Ahead { place, .. } => {
            let detail = Message::new(&format!(
                "{error}: it is a copy of other runs, which this one would overwrite. Nothing was done. Use an empty directory, or first restore the copy \
                 to the backend:"
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

/// Describes why open intents of earlier runs could not be resolved.
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
