//! What CloudTrail keeps of a departure.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AccountId;

/// An event of CloudTrail that tells of a departure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrailEvent {
    /// The event's id.
    pub id: String,
    /// `AccountDepartedOrganization` in the management account, `LeaveOrganization` in the member.
    pub name: String,
    /// When it happened.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The account that it is about.
    pub account: AccountId,
    /// The organization that was left, where the event says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization: Option<String>,
    /// How it departed: `LEFT`, `REMOVED`, `CLEANED` or what else AWS writes there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<String>,
    /// AWS's id of the request, in the member's event.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
    /// Why the call failed, in the member's event of a call that was refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_code: Option<String>,
    /// The account in whose trail it stands.
    pub recipient: AccountId,
}
