//! What those who watch CloudTrail will see of a plan's departures.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Action, DateTime, FormatVersion, OrganizationId, USER_AGENT};
use crate::plan::{Digest, Plan, PlannedAccount};

use super::text::{put, putln, text};
use super::{Style, Text};

/// Where Organizations' events are recorded, in AWS's own partition and in the others (its endpoint rule set).
const HOME_REGIONS: &[(&str, &str)] = &[("aws-cn", "cn-northwest-1"), ("aws-us-gov", "us-gov-west-1")];
const HOME_REGION: &str = "us-east-1";
/// How the sessions are named that an apply makes in members.
const SESSIONS: &str = "orgroster-*";

/// The events to expect of a plan, with when and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Announcement {
    /// Version of this format.
    #[schemars(with = "FormatVersion")]
    pub format_version: String,
    /// The organization.
    pub organization: OrganizationId,
    /// The plan's digest, which is the source identity of the sessions where the member role sets one.
    pub digest: Digest,
    /// From when.
    #[schemars(with = "DateTime")]
    pub from: Timestamp,
    /// Until when.
    #[schemars(with = "DateTime")]
    pub until: Timestamp,
    /// `userAgent` of every call.
    pub user_agent: String,
    /// The events, by account.
    pub events: Vec<ExpectedEvent>,
}

/// An event to expect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectedEvent {
    /// `eventName`.
    pub event: String,
    /// `eventSource`.
    pub source: String,
    /// The account in whose event history it stands.
    pub recipient: AccountId,
    /// `awsRegion`.
    pub region: String,
    /// The ARN of who calls; absent for an event of the service itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub principal: Option<String>,
    /// The account that it is about.
    pub account: AccountId,
}

impl Announcement {
    /// What the departures of a plan that would be carried out will leave in CloudTrail (Organizations user guide, "Logging and monitoring").
    #[must_use]
    pub fn of(plan: &Plan, from: Timestamp, until: Timestamp) -> Self {
        let events = plan.eligible().into_iter().flat_map(|planned| events(plan, planned)).collect();
        Self {
            format_version: "1.0".to_owned(),
            organization: plan.organization.id.clone(),
            digest: plan.digest.clone(),
            from,
            until,
            user_agent: USER_AGENT.to_owned(),
            events,
        }
    }
}

fn events(plan: &Plan, planned: &PlannedAccount) -> Vec<ExpectedEvent> {
    let (Some(act), Some(leaving)) = (planned.act(), planned.leaving()) else { return Vec::new() };
    let management = plan.organization.management_account_id;
    let partition = planned.before.as_ref().and_then(|account| account.arn.split(':').nth(1)).unwrap_or("aws");
    let role = leaving.member_role.arn(partition, planned.id);
    let region = HOME_REGIONS.iter().find(|(name, _)| *name == partition).map_or(HOME_REGION, |(_, region)| *region);
    let event = |event: &str, service: &str, recipient: AccountId, principal: Option<String>| ExpectedEvent {
        event: event.to_owned(),
        source: format!("{service}.amazonaws.com"),
        recipient,
        region: region.to_owned(),
        principal,
        account: planned.id,
    };
    let departed = event("AccountDepartedOrganization", "organizations", management, None);
    match act.action {
        Action::Leave => {
            let name = role.rsplit('/').next().unwrap_or(&role);
            let session = format!("arn:{partition}:sts::{}:assumed-role/{name}/{SESSIONS}", planned.id);
            vec![
                event("AssumeRole", "sts", planned.id, Some(format!("whoever applies, for {role}"))),
                event("LeaveOrganization", "organizations", planned.id, Some(session)),
                departed,
            ]
        }
        Action::Remove => {
            let caller = Some("whoever applies, in the management account".to_owned());
            vec![event("RemoveAccountFromOrganization", "organizations", management, caller), departed]
        }
    }
}

/// For people.
#[must_use]
pub fn announcement(announcement: &Announcement, style: Style) -> Text {
    let Announcement { organization, digest, from, until, user_agent, events, .. } = announcement;
    let mut text = Text::default();
    if events.is_empty() {
        putln!(text, "Nothing of this plan would be carried out, so that CloudTrail will show nothing of it.");
        return text;
    }
    putln!(text, "Between {} and {} CloudTrail will show these events of organization {}.", from, until, organization);
    putln!(text, "Calls carry the user agent {}; plan {}.\n", user_agent, digest);
    for event in events {
        putln!(text, "{} of account {}, in account {}, {}", style.bold(&event.event), event.account, event.recipient, event.region);
        put!(text, "    {}", event.source);
        match &event.principal {
            Some(principal) => putln!(text, " by {}", principal),
            None => putln!(text, ", an event of the service itself"),
        }
    }
    text
}

/// As a rule of Sigma (SigmaHQ, "Rules"): what is expected, for a filter in front of an alarm. Its values are ids and words of AWS alone.
#[must_use]
pub fn sigma(announcement: &Announcement) -> Text {
    let Announcement { organization, digest, from, until, user_agent, events, .. } = announcement;
    let mut text = text!("title: Expected departures from {}\n", organization);
    putln!(text, "description: Plan {} of orgroster, from {} until {}", digest, from, until);
    putln!(text, "status: experimental\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:");
    let named = |wanted: fn(&ExpectedEvent) -> String| {
        let mut all: Vec<_> = events.iter().map(wanted).collect();
        all.sort();
        all.dedup();
        all
    };
    putln!(text, "  expected:");
    putln!(text, "    eventName:");
    named(|event| event.event.clone()).iter().for_each(|name| putln!(text, "      - {}", name));
    putln!(text, "    recipientAccountId:");
    named(|event| event.recipient.to_string()).iter().for_each(|id| putln!(text, "      - '{}'", id));
    putln!(text, "  ours:\n    userAgent: '{}'", user_agent);
    putln!(text, "  service:\n    eventName: AccountDepartedOrganization");
    putln!(text, "  condition: expected and (ours or service)\nlevel: informational");
    text
}
