//! Departures, joinings and other changes in CloudTrail.

use std::collections::BTreeSet;
use std::future::Future;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::org::{AccountId, ChangeEvent, TrailEvent};

use super::ApiError;

/// The service event for a departure in the management account's event history.
pub const DEPARTED: &str = "AccountDepartedOrganization";
/// The service event for an account that joined, in the same history.
pub const JOINED: &str = "AccountJoinedOrganization";
/// The management account's call that closes a member, in its own event history (Organizations API reference, CloseAccount).
pub const CLOSE: &str = "CloseAccount";

/// Reads one account's event history.
pub trait ReadTrail {
    /// The events with one name, in any order (cloudtrail:LookupEvents, which AWS answers for 90 days, at two requests per second).
    fn lookup(&self, event: &str, from: Timestamp, to: Timestamp) -> impl Future<Output = Result<Vec<TrailEvent>, ApiError>>;
    /// The latest events with one name, whatever they changed, newest first: at most `pages` pages of 50. Several services share names such
    /// as `TagResource` (cloudtrail:LookupEvents).
    fn changes(&self, event: &str, from: Timestamp, to: Timestamp, pages: usize) -> impl Future<Output = Result<LatestChanges, ApiError>>;
}

/// The latest events with one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestChanges {
    /// The events, newest first.
    pub events: Vec<ChangeEvent>,
    /// Whether older events were not read.
    pub is_cut: bool,
}

/// Reads an event in CloudTrail's format, from a call or a service. `None` if the text is not an event with a name and a time.
///
/// The members are those of the CloudTrail user guide ("CloudTrail record contents", "CloudTrail userIdentity element").
#[must_use]
pub fn read_change(text: &str) -> Option<ChangeEvent> {
    let event: Value = serde_json::from_str(text).ok()?;
    let own = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut words = BTreeSet::new();
    for part in DETAILS.iter().filter_map(|part| event.get(*part)) {
        collect(part, &mut words);
    }
    // A service event identifies the service as its caller, which says nothing about who caused it.
    let is_of_service = own("/eventType").is_some_and(|kind| kind == "AwsServiceEvent");
    let by = || own("/userIdentity/arn").or_else(|| own("/userIdentity/invokedBy")).or_else(|| own("/userIdentity/principalId"));
    Some(ChangeEvent {
        id: own("/eventID").unwrap_or_default(),
        name: own("/eventName")?,
        at: own("/eventTime")?.parse().ok()?,
        by: if is_of_service { None } else { by() },
        source_identity: own("/userIdentity/sessionContext/sourceIdentity"),
        method: DETAILS.iter().filter_map(|part| event.get(*part)).find_map(|part| search(part, METHODS)).map(str::to_owned),
        error_code: own("/errorCode"),
        words,
    })
}

/// Collects every text in a value.
fn collect(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(words.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Value::Object(members) => members.values().for_each(|member| collect(member, words)),
        _ => {}
    }
}

/// The members of an event that say what it is about.
const DETAILS: &[&str] = &["serviceEventDetails", "additionalEventData", "requestParameters", "responseElements"];
/// The members that say how an account departed or joined.
const METHODS: &[&str] = &["departureMethod", "departedMethod", "joinedMethod"];

/// Reads an event in CloudTrail's format, if it is about a departure.
///
/// AWS documents the words `departureMethod` and, in an older edition, `departedMethod`, but shows no whole event. So account, organization
/// and method are searched for at any depth, ignoring case.
#[must_use]
pub fn read_event(text: &str) -> Option<TrailEvent> {
    let event: Value = serde_json::from_str(text).ok()?;
    let Value::Object(fields) = &event else { return None };
    let own = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = own("eventName")?;
    let recipient: AccountId = own("recipientAccountId")
        .or_else(|| event.pointer("/userIdentity/accountId").and_then(Value::as_str).map(str::to_owned))?
        .parse()
        .ok()?;
    let details: Vec<&Value> = DETAILS.iter().filter_map(|part| fields.get(*part)).filter(|part| !part.is_null()).collect();
    let find = |names: &[&str]| details.iter().find_map(|part| search(part, names)).map(str::to_owned);
    // The member's event is about the calling account, whose history contains it.
    let account = match name.as_str() {
        DEPARTED | JOINED => find(&["accountId", "departedAccountId", "account"])?.parse().ok()?,
        CLOSE => find(&["accountId"])?.parse().ok()?,
        _ => recipient,
    };
    Some(TrailEvent {
        id: own("eventID").unwrap_or_default(),
        at: own("eventTime")?.parse().ok()?,
        account,
        organization: find(&["organizationId", "orgId"]),
        method: find(METHODS),
        request_id: own("requestID"),
        error_code: own("errorCode"),
        recipient,
        name,
    })
}

/// The text of the first field with one of these names, at any depth, ignoring case.
fn search<'v>(value: &'v Value, names: &[&str]) -> Option<&'v str> {
    match value {
        Value::Object(fields) => here(fields, names).or_else(|| fields.values().find_map(|inner| search(inner, names))),
        Value::Array(items) => items.iter().find_map(|inner| search(inner, names)),
        _ => None,
    }
}

fn here<'v>(fields: &'v Map<String, Value>, names: &[&str]) -> Option<&'v str> {
    fields.iter().find(|(field, _)| names.iter().any(|name| field.eq_ignore_ascii_case(name))).and_then(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(details: &str) -> Option<TrailEvent> {
        read_event(&format!(
            r#"{{"eventID":"e-1","eventName":"AccountDepartedOrganization","eventTime":"2026-11-22T09:00:00Z","eventType":"AwsServiceEvent",
            "userIdentity":{{"accountId":"111111111111","invokedBy":"organizations.amazonaws.com"}},"recipientAccountId":"111111111111",
            "requestParameters":null,"serviceEventDetails":{details}}}"#
        ))
    }

    #[test]
    fn either_spelling_at_any_depth_and_in_any_case_is_read() {
        for details in [
            r#"{"accountDepartedOrganization":{"accountId":"333333333333","organizationId":"o-a","departureMethod":"LEFT"}}"#,
            r#"{"accountId":"333333333333","organizationId":"o-a","departedMethod":"LEFT","departedTime":"2026-11-22T09:00:00Z"}"#,
            r#"{"outer":[{"AccountID":"333333333333","OrganizationId":"o-a"},{"DepartedMethod":"LEFT"}]}"#,
        ] {
            let found = event(details).unwrap();
            let method = found.method.as_deref();
            assert_eq!(
                (found.account.to_string().as_str(), found.organization.as_deref(), method),
                ("333333333333", Some("o-a"), Some("LEFT"))
            );
            assert_eq!(found.recipient.to_string(), "111111111111");
        }
    }

    #[test]
    fn an_event_that_names_no_account_is_none_and_hostile_text_neither() {
        assert_eq!(event(r#"{"departureMethod":"LEFT"}"#), None);
        for text in ["", "{", "[]", "null", r#"{"eventName":3}"#, r#"{"eventName":"x","recipientAccountId":"1"}"#] {
            assert_eq!(read_event(text), None, "{text}");
        }
    }

    #[test]
    fn an_arrival_is_about_the_account_that_came_in() {
        let text = r#"{"eventID":"e-4","eventName":"AccountJoinedOrganization","eventTime":"2026-11-22T09:00:00Z",
            "recipientAccountId":"111111111111","serviceEventDetails":{"accountJoinedOrganization":{"accountId":"333333333333",
            "organizationId":"o-a","joinedMethod":"INVITED"}}}"#;
        let found = read_event(text).unwrap();
        assert_eq!((found.account.to_string().as_str(), found.method.as_deref()), ("333333333333", Some("INVITED")));
    }

    #[test]
    fn a_closing_is_about_the_account_that_is_closed() {
        let text = r#"{"eventID":"e-3","eventName":"CloseAccount","eventTime":"2026-11-01T09:00:00Z","recipientAccountId":"111111111111",
            "requestParameters":{"accountId":"333333333333"},"responseElements":null}"#;
        let found = read_event(text).unwrap();
        assert_eq!((found.account.to_string().as_str(), found.recipient.to_string().as_str()), ("333333333333", "111111111111"));
    }

    #[test]
    fn a_call_has_its_maker_and_its_words_and_a_service_event_has_no_maker() {
        let call = r#"{"eventID":"e-5","eventName":"MoveAccount","eventTime":"2026-11-22T09:00:00Z","eventType":"AwsApiCall",
            "userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111111111111:assumed-role/Admin/alice","sessionContext":{"sourceIdentity":"alice"}},
            "requestParameters":{"accountId":"333333333333","destinationParentId":"r-ab12"},"responseElements":null}"#;
        let found = read_change(call).unwrap();
        assert_eq!(found.by.as_deref(), Some("arn:aws:sts::111111111111:assumed-role/Admin/alice"));
        assert_eq!(found.source_identity.as_deref(), Some("alice"));
        assert!(found.words.contains("333333333333") && found.words.contains("r-ab12"), "{:?}", found.words);
        let service = r#"{"eventName":"AccountDepartedOrganization","eventTime":"2026-11-22T09:00:00Z","eventType":"AwsServiceEvent",
            "userIdentity":{"invokedBy":"organizations.amazonaws.com"},"serviceEventDetails":{"a":[{"accountId":"333333333333"}],"departureMethod":"LEFT"}}"#;
        let found = read_change(service).unwrap();
        assert_eq!((found.by.as_deref(), found.method.as_deref()), (None, Some("LEFT")));
        assert!(found.words.contains("333333333333"));
        // A service that acts for someone else.
        let invoked = call.replace(r#""arn":"arn:aws:sts::111111111111:assumed-role/Admin/alice""#, r#""invokedBy":"ram.amazonaws.com""#);
        assert_eq!(read_change(&invoked).unwrap().by.as_deref(), Some("ram.amazonaws.com"));
        for text in ["", "{", "[]", "null", r#"{"eventName":3}"#, r#"{"eventName":"x"}"#, r#"{"eventName":"x","eventTime":"yesterday"}"#] {
            assert_eq!(read_change(text), None, "{text}");
        }
    }

    #[test]
    fn the_members_event_is_about_the_member() {
        let text = r#"{"eventID":"e-2","eventName":"LeaveOrganization","eventTime":"2026-11-22T09:00:00Z","recipientAccountId":"333333333333",
            "requestParameters":null,"responseElements":null,"requestID":"r-1"}"#;
        let found = read_event(text).unwrap();
        assert_eq!((found.account, found.request_id.as_deref(), found.error_code), (found.recipient, Some("r-1"), None));
    }
}
