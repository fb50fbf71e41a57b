//! Failures of calls to AWS.

use std::fmt;

use crate::org::{ReadFailure, RoleFailure};

use super::Operation;

/// A failed call, in terms that callers use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ApiError {
    /// Service and operation, such as `organizations:ListAccounts`.
    pub operation: String,
    /// What kind of failure it is.
    pub kind: ApiErrorKind,
    /// AWS's error code, verbatim.
    pub code: Option<String>,
    /// The `Reason` of a ConstraintViolationException, a HandshakeConstraintViolationException or an InvalidInputException, verbatim. The
    /// list is open: AWS adds reasons.
    pub reason: Option<String>,
    /// AWS's message, or what failed on the way.
    pub message: String,
    /// AWS's request id.
    pub request_id: Option<String>,
}

/// Kinds of failures, by what a caller should do about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiErrorKind {
    /// There are no credentials.
    NoCredentials,
    /// The credentials have expired.
    ExpiredCredentials,
    /// AWS does not know the credentials, or their signature is wrong.
    InvalidCredentials,
    /// Not authorized.
    AccessDenied,
    /// No connection was made, so nothing was sent.
    Unreachable,
    /// The request was sent, but no answer arrived: it is unknown whether it took effect.
    NoAnswer,
    /// Too many requests (TooManyRequestsException, with HTTP status 400).
    Throttled,
    /// Another caller is changing the same object (ConcurrentModificationException).
    Concurrent,
    /// AWS failed (ServiceException or a 5xx status): it is unknown whether the request took effect.
    ServiceFailure,
    /// A success that is not a valid AWS answer: empty, from a server in between, or without what AWS always returns. It is unknown whether
    /// the request took effect.
    Malformed,
    /// The caller's account is in no organization (AWSOrganizationsNotInUseException).
    NotInOrganization,
    /// The account is not in the organization (AccountNotFoundException).
    AccountNotFound,
    /// The request's target does not exist (TargetNotFoundException, ChildNotFoundException).
    TargetNotFound,
    /// One of AWS's conditions is not met (ConstraintViolationException, HandshakeConstraintViolationException).
    Constraint,
    /// A handshake is already in the requested state (HandshakeAlreadyInStateException).
    AlreadyInState,
    /// This build has no client for the service: nothing was sent.
    NotBuiltIn,
    /// Any other answer.
    Other,
}

impl ApiErrorKind {
    /// Whether only a retry can help.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Unreachable | Self::NoAnswer | Self::Throttled | Self::Concurrent | Self::ServiceFailure | Self::Malformed)
    }

    /// Whether orgroster's own credentials are at fault, so that no account's call can succeed.
    #[must_use]
    pub const fn concerns_credentials(self) -> bool {
        matches!(self, Self::NoCredentials | Self::ExpiredCredentials | Self::InvalidCredentials)
    }
}

impl ApiError {
    /// The error for an answer to `operation` that AWS does not give, and why it is not valid.
    pub fn malformed(operation: impl AsRef<str>, why: impl Into<String>) -> Self {
        let kind = ApiErrorKind::Malformed;
        Self { operation: operation.as_ref().to_owned(), kind, code: None, reason: None, message: why.into(), request_id: None }
    }

    /// Converts the error to the reason why a fact is missing.
    #[must_use]
    pub fn into_read_failure(self) -> ReadFailure {
        let code = if self.code.is_some() { format!("{}: ", self.code_and_reason()) } else { String::new() };
        ReadFailure {
            why: format!("{code}{}", self.message.trim_end_matches('.')),
            operation: self.operation,
            role: None,
            not_built_in: self.kind == ApiErrorKind::NotBuiltIn,
        }
    }

    /// Why a role could not be assumed, if the error is about that.
    #[must_use]
    pub fn role_failure(&self) -> Option<RoleFailure> {
        if self.operation != Operation::AssumeRole.action() {
            return None;
        }
        // AWS identifies the kind of policy in its message (IAM user guide, "Troubleshoot access denied error messages").
        let says = |words: &str| self.message.contains(words);
        Some(match (self.kind, self.code.as_deref()) {
            (_, Some("RegionDisabledException")) => RoleFailure::RegionDisabled,
            (_, Some("ValidationError")) => RoleFailure::Invalid,
            (ApiErrorKind::AccessDenied, _) if says("with an explicit deny") => RoleFailure::ExplicitlyDenied,
            (ApiErrorKind::AccessDenied, _) if says("no identity-based policy allows") => RoleFailure::CallerNotAllowed,
            (ApiErrorKind::AccessDenied, _) => RoleFailure::Denied,
            (ApiErrorKind::Throttled, _) => RoleFailure::Throttled,
            (kind, _) if kind.is_transient() => RoleFailure::Unavailable,
            _ => RoleFailure::Other,
        })
    }

    /// The reason why a fact is missing, if AWS denies the call or does not have the fact. Other failures are returned as errors: a retry
    /// may succeed, and a plan without the fact would mislead.
    ///
    /// # Errors
    ///
    /// Returns the error itself.
    pub fn denied(self) -> Result<ReadFailure, Self> {
        if self.kind == ApiErrorKind::AccessDenied { Ok(self.into_read_failure()) } else { Err(self) }
    }

    /// The code with its reason, in the form `ConstraintViolationException (WAIT_PERIOD_ACTIVE)`.
    #[must_use]
    pub fn code_and_reason(&self) -> String {
        let code = self.code.as_deref().unwrap_or("no error code");
        self.reason.as_ref().map_or_else(|| code.to_owned(), |reason| format!("{code} ({reason})"))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.operation)?;
        if self.code.is_some() {
            write!(formatter, "{}: ", self.code_and_reason())?;
        }
        formatter.write_str(self.message.trim_end_matches('.'))?;
        match &self.request_id {
            Some(id) => write!(formatter, " (request id {id})"),
            None => Ok(()),
        }
    }
}
