//! The root user of a member account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a session that may only audit the root user's credentials sees of them (sts:AssumeRoot with IAMAuditRootUserCredentials).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RootUser {
    /// Whether it has a password (iam:GetLoginProfile).
    pub password: bool,
    /// How many devices for multi-factor authentication it has (iam:ListMFADevices).
    pub mfa_devices: u32,
}

/// The ARN of a policy of AWS that says what a root session may do, such as `IAMAuditRootUserCredentials` (STS API reference, AssumeRoot).
#[must_use]
pub fn root_task(partition: &str, task: &str) -> String {
    format!("arn:{partition}:iam::aws:policy/root-task/{task}")
}
