//! Errors that the sandbox returns in AWS's form.

use std::borrow::Cow;

/// An error of an AWS service, before it is written in the protocol of that service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error code, such as `AccessDeniedException`.
    pub code: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// The error message.
    pub message: String,
    /// The `Reason`, if the error has one.
    pub reason: Option<Cow<'static, str>>,
}

impl Refusal {
    /// Creates a refusal that the caller caused, with status 400.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), status: 400, message: message.into(), reason: None }
    }

    /// Sets another status.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets a reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// The caller may not call this; `message` is a policy's denial.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new("AccessDeniedException", message)
    }

    /// The operation requires another account of the organization, such as the management account.
    #[must_use]
    pub fn wrong_caller() -> Self {
        Self::denied("You don't have permissions to access this resource.")
    }

    /// The caller's account is not in an organization.
    #[must_use]
    pub fn not_in_use() -> Self {
        Self::new("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    }

    /// `InvalidInputException`; the Organizations API reference lists the reasons.
    pub fn invalid(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new("InvalidInputException", message).because(reason)
    }

    /// `ConstraintViolationException`; the Organizations API reference lists the reasons.
    pub fn constraint(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new("ConstraintViolationException", message).because(reason)
    }

    /// `HandshakeConstraintViolationException`; the Organizations API reference lists the reasons.
    pub fn handshake_constraint(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new("HandshakeConstraintViolationException", message).because(reason)
    }

    /// The account does not exist, or is not in the caller's organization.
    #[must_use]
    pub fn account_not_found() -> Self {
        Self::new("AccountNotFoundException", "You specified an account that doesn't exist.")
    }

    /// An internal error of the service.
    pub fn service(message: impl Into<String>) -> Self {
        Self::new("ServiceException", message).with_status(500)
    }

    /// Too many requests. Organizations answers this with status 400, not 429.
    #[must_use]
    pub fn too_many_requests() -> Self {
        Self::new("TooManyRequestsException", "You have sent too many requests in too short a period of time. Try again later.")
    }

    /// The body does not have the form that the protocol requires.
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }
}
