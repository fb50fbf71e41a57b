//! Policies of an account that depend on its organization.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Identity and trust policies inside an account that name its organization (iam:GetAccountAuthorizationDetails).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationConditions {
    /// What has a condition on the organization, such as `trust policy of role Deploy`, sorted.
    pub named: Vec<String>,
    /// What has no policy, or one that is not valid, so that nobody knows what it depends on, sorted.
    pub malformed: Vec<String>,
}
