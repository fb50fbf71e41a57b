//! Facts that may not be readable.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fact, or why there is none. As JSON it is an object with the key `Ok` or `Err`.
pub type Reading<T> = Result<T, Unreadable>;

/// Why a fact could not be read. Gates that need it do not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unreadable {
    /// The operation, which is the IAM action that it needs as well, such as `organizations:ListPoliciesForTarget`.
    pub operation: String,
    /// AWS's code and message, or what stands in the way.
    pub why: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} could not be read: {}", self.operation, self.why)
    }
}
