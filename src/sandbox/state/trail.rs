//! The events that CloudTrail records.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::org::AccountId;

use super::{World, ids};

/// One event in the history of one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The event id, a UUID.
    pub id: String,
    /// The time of the event.
    pub time: Timestamp,
    /// The account whose history contains it.
    pub recipient: AccountId,
    /// `LeaveOrganization`, `AccountDepartedOrganization`, …
    pub name: String,
    /// The service, such as `organizations.amazonaws.com`.
    pub source: String,
    /// The user name that LookupEvents can search for.
    pub username: Option<String>,
    /// The access key of the call; `None` for a service event.
    pub access_key: Option<String>,
    /// The accounts in the event's resources.
    pub resources: Vec<AccountId>,
    /// The whole event in CloudTrail's format.
    pub record: Value,
}

/// How an account left, as a value of `departureMethod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// By LeaveOrganization, DeleteOrganization or a transfer.
    Left,
    /// By RemoveAccountFromOrganization.
    Removed,
    /// By AWS, 90 days after the account was closed.
    Cleaned,
}

impl Departure {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "LEFT",
            Self::Removed => "REMOVED",
            Self::Cleaned => "CLEANED",
        }
    }
}

const ORGANIZATIONS: &str = "organizations.amazonaws.com";

impl World {
    /// Records the service event `AccountDepartedOrganization` in the management account's history.
    ///
    /// AWS documents the names `departureMethod` and `departureTime`, but no complete event; the layout follows the service events that AWS
    /// does show.
    pub fn note_departure(&mut self, account: AccountId, management: AccountId, organization: &str, how: Departure, now: Timestamp) {
        let details = json!({
            "accountDepartedOrganization": {
                "accountId": account.to_string(),
                "organizationId": organization,
                "departureMethod": how.as_str(),
                "departureTime": now.to_string(),
            }
        });
        self.note_service_event("AccountDepartedOrganization", management, account, &details, now);
    }

    /// Records the service event `AccountJoinedOrganization` in the management account's history.
    pub fn note_arrival(&mut self, account: AccountId, management: AccountId, organization: &str, method: &str, now: Timestamp) {
        let details = json!({
            "accountJoinedOrganization": {
                "accountId": account.to_string(),
                "organizationId": organization,
                "joinedMethod": method,
                "joinedTime": now.to_string(),
            }
        });
        self.note_service_event("AccountJoinedOrganization", management, account, &details, now);
    }

    /// Records the service event `CloseAccountResult` in the management account's history.
    pub fn note_closure(&mut self, account: AccountId, management: AccountId, now: Timestamp) {
        let status = json!({ "accountId": account.to_string(), "state": "SUCCEEDED", "completedTimestamp": now.to_string() });
        self.note_service_event("CloseAccountResult", management, account, &json!({ "closeAccountStatus": status }), now);
    }

    pub(super) fn note_service_event(&mut self, name: &str, recipient: AccountId, about: AccountId, details: &Value, now: Timestamp) {
        self.sequence += 1;
        let id = ids::uuid(&["event", &self.seed.to_string(), &self.sequence.to_string()]);
        let record = json!({
            "eventVersion": "1.11",
            "userIdentity": { "accountId": recipient.to_string(), "invokedBy": ORGANIZATIONS },
            "eventTime": now.to_string(),
            "eventSource": ORGANIZATIONS,
            "eventName": name,
            "awsRegion": self.partition.home_region(),
            "sourceIPAddress": ORGANIZATIONS,
            "userAgent": ORGANIZATIONS,
            "requestParameters": null,
            "responseElements": null,
            "eventID": id,
            "readOnly": false,
            "eventType": "AwsServiceEvent",
            "managementEvent": true,
            "recipientAccountId": recipient.to_string(),
            "serviceEventDetails": details,
            "eventCategory": "Management",
        });
        self.trail.push(Event {
            id,
            time: now,
            recipient,
            name: name.to_owned(),
            source: ORGANIZATIONS.to_owned(),
            username: None,
            access_key: None,
            resources: vec![about],
            record,
        });
    }
}
