//! Policies of an account that depend on its organization.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Identity and trust policies in an account that depend on its organization (iam:GetAccountAuthorizationDetails).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationConditions {
    /// Policies with a condition on the organization, such as `trust policy of role Deploy`, sorted.
    pub named: Vec<String>,
    /// Policies that are missing or not valid, so that their conditions are not known, sorted.
    pub malformed: Vec<String>,
}
