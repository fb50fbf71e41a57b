//! Facts that may not be readable.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{FailedRole, OperationName};

/// The command that installs a build with every client. A gate whose client is missing, and `version`, name it.
pub const FULL_BUILD: &str = "cargo install --locked --path . --features full";

/// A fact, or why there is none. As JSON it is an object with the key `Ok` or `Err`.
pub type Observed<T> = Result<T, ReadFailure>;

/// Why a fact could not be read. Gates that need it do not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadFailure {
    /// The operation, which is the IAM action that it needs as well, such as `organizations:ListPoliciesForTarget`.
    #[schemars(with = "OperationName")]
    pub operation: String,
    /// AWS's code and message, or what stands in the way.
    pub why: String,
    /// The role without which the operation can't be called, where that is what stands in the way.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<FailedRole>,
    /// This build has no client of the service, so that nothing was asked.
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
