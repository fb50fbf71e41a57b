//! AWS CloudTrail (API reference, version 2013-11-01).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::sandbox::clock::shifted;
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::World;
use crate::sandbox::state::trail::Event;
use crate::sandbox::wire::{self, Answer, Refusal, Service};

use super::integrations::at_home;
use super::views::epoch;
use super::{Call, Operation, page_answer};

/// The operations of CloudTrail.
pub(super) const TABLES: &[&[Operation]] = &[&[
    Operation::read(Service::CloudTrail, "LookupEvents", Who::Anyone, lookup_events),
    Operation::read(Service::CloudTrail, "DescribeTrails", Who::Anyone, describe_trails),
]];

/// The organization trail; accounts have no trails of their own here.
fn describe_trails(call: &mut Call<'_>) -> Answer {
    let held = at_home(call, "cloudtrail.amazonaws.com");
    let trail = held.and_then(|held| held.organization_trail.as_ref().map(|name| (name, held)));
    let view = trail
        .map(|(name, held)| json!({ "Name": name, "HomeRegion": held.region, "IsOrganizationTrail": true, "IsMultiRegionTrail": true }));
    wire::json(&json!({ "trailList": view.into_iter().collect::<Vec<_>>() }))
}

/// Event history keeps 90 days (CloudTrail User Guide).
const HISTORY: SignedDuration = SignedDuration::from_hours(24 * 90);
const PAGE: i64 = 50;

/// The attributes of a search.
struct Lookup {
    attribute: Option<(String, String)>,
    from: Timestamp,
    to: Timestamp,
}

fn lookup_events(call: &mut Call<'_>) -> Answer {
    let lookup = read(call)?;
    let size = call
        .input
        .number("MaxResults", 1, PAGE)
        .map_err(|_| Refusal::new("InvalidMaxResultsException", "MaxResults must be from 1 to 50."))?;
    let size = usize::try_from(size.unwrap_or(PAGE)).unwrap_or(1);
    // The only category that a request can name; the sandbox has no insight events.
    let insights = match call.input.optional("EventCategory")? {
        None => false,
        Some("insight") => true,
        Some(_) => return Err(Refusal::new("InvalidEventCategoryException", "The event category must be insight.")),
    };
    let (account, region) = (call.caller.account, call.caller.region.clone());
    let page = call.page(size, |world, start, wanted| {
        // Newest first. An event's index in the history never changes, so it can serve as the key.
        let before = start.after.parse().unwrap_or(world.trail.len());
        let events = world.trail.iter().enumerate().take(before).rev();
        // The history of a region contains the calls made there; for global services, that is the home region.
        let is_here = |event: &Event| !insights && event.record["awsRegion"] == region.as_str();
        let events = events.filter(|(_, event)| is_here(event) && event.recipient == account && lookup.wants(event, world)).take(wanted);
        Ok(events.map(|(index, event)| (index.to_string(), view(event))).collect())
    });
    let page = page.map_err(|refusal| match refusal.reason.as_deref() {
        Some("INVALID_NEXT_TOKEN") => Refusal::new("InvalidNextTokenException", "The token is not valid."),
        _ => refusal,
    })?;
    page_answer("Events", page)
}

fn read(call: &Call<'_>) -> Result<Lookup, Refusal> {
    let attributes = call.input.structures("LookupAttributes")?;
    if attributes.len() > 1 {
        return Err(Refusal::new("InvalidLookupAttributesException", "You can specify only one lookup attribute."));
    }
    let attribute = attributes
        .first()
        .map(|attribute| Ok((attribute.required("AttributeKey")?.to_owned(), attribute.required("AttributeValue")?.to_owned())));
    let attribute = attribute.transpose().map_err(|_: Refusal| invalid_attribute())?;
    if attribute.as_ref().is_some_and(|(key, value)| !KEYS.contains(&key.as_str()) || value.is_empty()) {
        return Err(invalid_attribute());
    }
    let now = call.circumstances.now;
    let oldest = shifted(now, -HISTORY);
    let from = call.input.timestamp("StartTime")?.map_or(oldest, |from| from.max(oldest));
    let to = call.input.timestamp("EndTime")?.unwrap_or(now);
    if from > to {
        return Err(Refusal::new("InvalidTimeRangeException", "The start time must not be after the end time."));
    }
    Ok(Lookup { attribute, from, to })
}

const KEYS: &[&str] = &["EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"];

fn invalid_attribute() -> Refusal {
    Refusal::new("InvalidLookupAttributesException", "The lookup attribute is not valid.")
}

impl Lookup {
    fn wants(&self, event: &Event, world: &World) -> bool {
        let delay = SignedDuration::from_secs(i64::try_from(world.settings.trail_delay_seconds).unwrap_or(i64::MAX));
        let shown = shifted(event.time, delay) <= world.now();
        shown && (self.from..=self.to).contains(&event.time) && self.attribute.as_ref().is_none_or(|(key, value)| has(event, key, value))
    }
}

fn has(event: &Event, key: &str, value: &str) -> bool {
    match key {
        "EventId" => event.id == value,
        "EventName" => event.name == value,
        "EventSource" => event.source == value,
        "ReadOnly" => read_only(event) == value,
        "Username" => event.username.as_deref() == Some(value),
        "AccessKeyId" => event.access_key.as_deref() == Some(value),
        "ResourceName" => event.resources.iter().any(|account| account.to_string() == value),
        "ResourceType" => value == "AWS::Organizations::Account" && !event.resources.is_empty(),
        _ => false,
    }
}

/// `ReadOnly`, a boolean that LookupEvents returns as text.
fn read_only(event: &Event) -> String {
    event.record["readOnly"].to_string()
}

/// `Event`.
fn view(event: &Event) -> Value {
    let resources: Vec<_> = event
        .resources
        .iter()
        .map(|account| json!({ "ResourceType": "AWS::Organizations::Account", "ResourceName": account.to_string() }))
        .collect();
    let mut view = json!({
        "EventId": event.id,
        "EventName": event.name,
        "ReadOnly": read_only(event),
        "EventTime": epoch(event.time),
        "EventSource": event.source,
        "Resources": resources,
        "CloudTrailEvent": event.record.to_string(),
    });
    let Value::Object(members) = &mut view else { return view };
    for (name, value) in [("Username", &event.username), ("AccessKeyId", &event.access_key)] {
        members.extend(value.as_ref().map(|value| (name.to_owned(), Value::from(value.as_str()))));
    }
    view
}
