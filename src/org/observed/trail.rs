//! CloudTrail's events about departures, joinings and other changes of an organization.

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
    /// The event's name: `AccountDepartedOrganization` or `AccountJoinedOrganization` in the management account, `LeaveOrganization` in the
    /// member.
    pub name: String,
    /// The time of the event.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
    /// The account that left or joined.
    pub account: AccountId,
    /// The organization that was left or joined; absent if the event does not contain it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization: Option<String>,
    /// How the account departed or joined: `LEFT`, `REMOVED`, `CLEANED`, `INVITED` or another value, verbatim.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<String>,
    /// AWS's request id; only in the member's event.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
    /// AWS's error code; only in the member's event of a refused call.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_code: Option<String>,
    /// The account whose trail contains the event.
    pub recipient: AccountId,
}

/// An event of CloudTrail that may explain a change of an organization: a call, or the service event about its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEvent {
    /// The event's id.
    pub id: String,
    /// The operation, such as `MoveAccount`, or the name of the service event.
    pub name: String,
    /// The time of the event.
    pub at: Timestamp,
    /// The caller: an ARN or an AWS service. `None` for a service event.
    pub by: Option<String>,
    /// The source identity of the session that made the call.
    pub source_identity: Option<String>,
    /// How an account departed or joined, if the event is about that.
    pub method: Option<String>,
    /// AWS's error code, if the call failed.
    pub error_code: Option<String>,
    /// Every string in the event's request, response and details, among them the ids that it is about.
    pub words: BTreeSet<String>,
}

/// The events with certain names that could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeHistory {
    /// The events, in any order.
    pub events: Vec<ChangeEvent>,
    /// The account whose event history was read; `None` if none was.
    pub account: Option<AccountId>,
    /// The start of the period that was read.
    pub since: Timestamp,
    /// Names with more events than were read, each with the time of the oldest event that was read.
    pub cut: BTreeMap<String, Timestamp>,
    /// Why the events of some names could not be read.
    pub unreadable: Option<ReadFailure>,
}

/// Accounts that left or were closed, according to CloudTrail's event history of 90 days. Read only if a plan needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct AccountEnds {
    /// Accounts that left, each with its departure.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub departed: BTreeMap<AccountId, SeenDeparture>,
    /// Accounts that were closed, each with the time of its closure.
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

/// A departure for which CloudTrail has an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeenDeparture {
    /// The time of the departure.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
    /// How the account departed: `LEFT`, `REMOVED`, `CLEANED` or another value, verbatim.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<String>,
}

impl SeenDeparture {
    /// Whether AWS removed the account for good because it had been closed for 90 days.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.method.as_deref().is_some_and(|method| method.eq_ignore_ascii_case("CLEANED"))
    }
}
