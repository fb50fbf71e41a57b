//! Roles that can't be assumed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::Arn;

/// The reason that a role can't be assumed; each has its own fix (STS API reference, errors of AssumeRole).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleFailure {
    /// AccessDenied, without a cause: there are several.
    Denied,
    /// AccessDenied, because no policy allows the caller to assume the role.
    CallerNotAllowed,
    /// AccessDenied, because of an explicit deny that AWS's message reports.
    ExplicitlyDenied,
    /// RegionDisabledException: STS is not active in the region for this account.
    RegionDisabled,
    /// STS throttled the request.
    Throttled,
    /// STS failed or did not answer.
    Unavailable,
    /// ValidationError: STS does not accept the form of the ARN, external id or session name.
    Invalid,
    /// The session belongs to another account.
    OtherAccount,
    /// Any other answer.
    Other,
}

/// A role that could not be assumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailedRole {
    /// The role's ARN.
    #[schemars(with = "Arn")]
    pub arn: String,
    /// Whether the configuration has an external id for the role.
    pub with_external_id: bool,
    /// The reason.
    pub failure: RoleFailure,
}
