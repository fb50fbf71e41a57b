//! What CloudTrail keeps of departures, joinings and other changes of an organization.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, DateTime, ReadFailure};

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

/// An event of CloudTrail that may explain a change of an organization: a call, or the service event of what came of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEvent {
    /// The event's id.
    pub id: String,
    /// The operation, such as `MoveAccount`, or the name of the service event.
    pub name: String,
    /// When it happened.
    pub at: Timestamp,
    /// Who made the call: an ARN, or an AWS service. A service event has none.
    pub by: Option<String>,
    /// The source identity of the session that made the call.
    pub source_identity: Option<String>,
    /// How an account departed or joined, where it is such an event.
    pub method: Option<String>,
    /// Why the call failed, where it did.
    pub error_code: Option<String>,
    /// Every text of its request, response and details: the ids that it is about among them.
    pub words: BTreeSet<String>,
}

/// Events of some names, as far as they could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeHistory {
    /// The events, in any order.
    pub events: Vec<ChangeEvent>,
    /// The account in whose event history they stand; `None` if none was read.
    pub account: Option<AccountId>,
    /// Since when there may be events.
    pub since: Timestamp,
    /// Names that have more events than were read, each with the time of the oldest one that was.
    pub cut: BTreeMap<String, Timestamp>,
    /// Why the events of some names could not be read.
    pub unreadable: Option<ReadFailure>,
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
