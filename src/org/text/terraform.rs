//! What stands for orgroster and its accounts where readers of Terraform's outputs expect it: its plan representation, its UI events, and its
//! `version -json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The Terraform version whose outputs these are; it is not a version of orgroster. Readers refuse one that they don't know.
pub const TERRAFORM_VERSION: &str = "1.11.4";

/// The address of the provider, as `provider_name` has it.
pub const PROVIDER_ADDRESS: &str = "orgroster.dev/orgroster/aws";

/// What comes before the underscore of [`RESOURCE_TYPE`], which is how Terraform finds the provider of a type.
pub const IMPLIED_PROVIDER: &str = "orgroster";

/// The type of an account. Like Terraform's types it begins with a provider's name and an underscore, since readers split it there.
pub const RESOURCE_TYPE: &str = "orgroster_account";

/// Why an action is planned: `action_reason` of a change, and `reason` of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionReason {
    /// The block says `membership = "detached"`.
    DeleteBecauseDetached,
    /// It is invited, and the account's own answer is waited for.
    Invited,
}
