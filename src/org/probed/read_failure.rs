//! Facts that may not be readable.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{FailedRole, OperationName};

/// The command that installs a build with every client. `version` prints it, and so do gates whose client is missing.
pub const FULL_BUILD: &str = "cargo install --locked --path . --features full";

/// A fact, or the reason that it could not be read. In JSON, an object with the key `Ok` or `Err`.
pub type Observed<T> = Result<T, ReadFailure>;

/// The reason that a fact could not be read. Gates that need the fact are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadFailure {
    /// The operation, such as `organizations:ListPoliciesForTarget`; also the IAM action that it needs.
    #[schemars(with = "OperationName")]
    pub operation: String,
    /// AWS's error code and message, or another reason.
    pub why: String,
    /// The role that could not be assumed to call the operation; absent if the reason is another.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<FailedRole>,
    /// Whether the operation was not called because this build has no client of the service.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_built_in: bool,
}

impl fmt::Display for ReadFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.role {
            Some(role) => write!(formatter, "{} could not be read, because {} can't be used: {}", self.operation, role.arn, self.why),
            None => write!(formatter, "{} could not be read: {}", self.operation, self.why),
        }
    }
}
