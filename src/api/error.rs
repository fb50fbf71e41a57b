//! What can come back from AWS instead of an answer.

use std::fmt;

use crate::org::{ReadFailure, RoleFailure};

use super::Operation;

/// A call that did not succeed, in the caller's terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ApiError {
    /// Service and operation, such as `organizations:ListAccounts`.
    pub operation: String,
    /// What kind of failure it is.
    pub kind: ApiErrorKind,
    /// AWS's error code, verbatim.
    pub code: Option<String>,
    /// `Reason` of a ConstraintViolationException, a HandshakeConstraintViolationException or an InvalidInputException, verbatim. An open list: new reasons appear.
    pub reason: Option<String>,
    /// AWS's message, or what went wrong on the way.
    pub message: String,
    /// AWS's request id.
    pub request_id: Option<String>,
}

/// Kinds of failures, by what a caller does about them.
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
    /// No connection was made, so that nothing was sent.
    Unreachable,
    /// The request was sent, and no answer came: whether it took effect is not known.
    NoAnswer,
    /// Too many requests (TooManyRequestsException, with HTTP status 400).
    Throttled,
    /// Somebody else is changing the same thing (ConcurrentModificationException).
    Concurrent,
    /// AWS failed (ServiceException or a 5xx status): whether the request took effect is not known.
    ServiceFailure,
    /// A success that is not an answer of AWS: empty, of something in between, or without what AWS always answers. Whether the request
    /// took effect is not known.
    Malformed,
    /// The caller's account is in no organization (AWSOrganizationsNotInUseException).
    NotInOrganization,
    /// The account is not in the organization (AccountNotFoundException).
    AccountNotFound,
    /// What the request names is not there (TargetNotFoundException, ChildNotFoundException).
    TargetNotFound,
    /// A condition of AWS is not met (ConstraintViolationException, HandshakeConstraintViolationException).
    Constraint,
    /// A handshake is in the state that it was to come to (HandshakeAlreadyInStateException).
    AlreadyInState,
    /// This build has no client of the service: nothing was sent.
    NotBuiltIn,
    /// Any other answer.
    Other,
}

impl ApiErrorKind {
    /// Whether asking again can help, and nothing else will.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Unreachable | Self::NoAnswer | Self::Throttled | Self::Concurrent | Self::ServiceFailure | Self::Malformed)
    }

    /// Whether the tool's own credentials are at fault, so that no account's call can succeed.
    #[must_use]
    pub const fn concerns_credentials(self) -> bool {
        matches!(self, Self::NoCredentials | Self::ExpiredCredentials | Self::InvalidCredentials)
    }
}

impl ApiError {
    /// An answer of `operation` that AWS does not give, and why it is not a valid one.
    pub fn malformed(operation: impl AsRef<str>, why: impl Into<String>) -> Self {
        let kind = ApiErrorKind::Malformed;
        Self { operation: operation.as_ref().to_owned(), kind, code: None, reason: None, message: why.into(), request_id: None }
    }

    /// The error as the reason why a fact is missing.
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

    /// Why a role could not be assumed, if that is what this is.
    #[must_use]
    pub fn role_failure(&self) -> Option<RoleFailure> {
        if self.operation != Operation::AssumeRole.action() {
            return None;
        }
        // AWS names the kind of policy in its message (IAM user guide, "Troubleshoot access denied error messages").
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

    /// The reason why a fact is missing, where AWS denies the call or does not have it. Other failures are passed on: the next try may
    /// succeed, and a plan made without the fact would mislead.
    ///
    /// # Errors
    ///
    /// The error itself.
    pub fn denied(self) -> Result<ReadFailure, Self> {
        if self.kind == ApiErrorKind::AccessDenied { Ok(self.into_read_failure()) } else { Err(self) }
    }

    /// The code with its reason, as AWS writes them: `ConstraintViolationException (WAIT_PERIOD_ACTIVE)`.
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
