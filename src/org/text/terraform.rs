//! How orgroster and its accounts appear in formats that tools for Terraform read: the plan representation, the UI events, and
//! `version -json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The Terraform version whose output formats these are; it is not a version of orgroster. Tools refuse a version that they don't know.
pub const TERRAFORM_VERSION: &str = "1.11.4";

/// The address of the provider: the value of `provider_name`.
pub const PROVIDER_ADDRESS: &str = "orgroster.dev/orgroster/aws";

/// The part of [`RESOURCE_TYPE`] before its underscore, by which Terraform finds the provider of a type.
pub const IMPLIED_PROVIDER: &str = "orgroster";

/// The resource type of an account. Like Terraform's types it begins with a provider's name and an underscore: tools split it there.
pub const RESOURCE_TYPE: &str = "orgroster_account";

/// Why an action is planned: `action_reason` of a change, and `reason` of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionReason {
    /// The account's block has `membership = "detached"`.
    DeleteBecauseDetached,
    /// The account is invited, and has not accepted yet.
    Invited,
}
