//! Roles that can't be assumed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::Arn;

/// Why a role can't be assumed, by what fixes it (STS API reference, errors of AssumeRole).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleFailure {
    /// AccessDenied. AWS does not say which of several causes it is.
    Denied,
    /// AccessDenied, because nothing allows the caller to assume roles there.
    CallerNotAllowed,
    /// AccessDenied, by an explicit deny that AWS's message names.
    ExplicitlyDenied,
    /// RegionDisabledException: STS is not active in the region for this account.
    RegionDisabled,
    /// Throttled.
    Throttled,
    /// STS failed, or gave no answer.
    Unavailable,
    /// ValidationError: the ARN, external id or session name has a form that STS does not take.
    Invalid,
    /// The session belongs to another account.
    OtherAccount,
    /// Any other answer.
    Other,
}

/// A role that could not be assumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailedRole {
    /// Its ARN.
    #[schemars(with = "Arn")]
    pub arn: String,
    /// Whether the configuration gives an external id for it.
    pub with_external_id: bool,
    /// Why.
    pub failure: RoleFailure,
}
