//! The root user of a member account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The root user's credentials, read in a session that may only audit them (sts:AssumeRoot with IAMAuditRootUserCredentials).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RootUser {
    /// Whether the root user has a password (iam:GetLoginProfile).
    pub password: bool,
    /// The number of the root user's multi-factor authentication devices (iam:ListMFADevices).
    pub mfa_devices: u32,
}

/// The ARN of the AWS managed policy for a root session's task, such as `IAMAuditRootUserCredentials` (STS API reference, AssumeRoot).
#[must_use]
pub fn root_task(partition: &str, task: &str) -> String {
    format!("arn:{partition}:iam::aws:policy/root-task/{task}")
}
