//! What CloudTrail keeps of departures and joinings.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AccountId, DateTime};

/// An event of CloudTrail that reports a departure or a joining.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TrailEvent {
    /// The event's id.
    pub id: String,
    /// `AccountDepartedOrganization` or `AccountJoinedOrganization` in the management account, `LeaveOrganization` in the member.
    pub name: String,
    /// When it happened.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
    /// The account that it is about.
    pub account: AccountId,
    /// The organization that was left or joined, where the event says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization: Option<String>,
    /// How it departed or joined: `LEFT`, `REMOVED`, `CLEANED`, `INVITED` or what else AWS writes there.
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

/// What CloudTrail reports of accounts that left or were closed, within its event history (90 days). Read only where a plan
/// meets such an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct AccountEnds {
    /// How accounts left.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub departed: BTreeMap<AccountId, SeenDeparture>,
    /// When accounts were closed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    #[schemars(with = "BTreeMap<AccountId, DateTime>")]
    pub closed: BTreeMap<AccountId, Timestamp>,
}

impl AccountEnds {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { departed, closed } = self;
        departed.is_empty() && closed.is_empty()
    }
}

/// A departure that CloudTrail has an event of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeenDeparture {
    /// When.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
    /// `LEFT`, `REMOVED`, `CLEANED` or what else AWS writes there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<String>,
}

impl SeenDeparture {
    /// Whether AWS removed the account for good, because it had been closed for 90 days.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.method.as_deref().is_some_and(|method| method.eq_ignore_ascii_case("CLEANED"))
    }
}
