//! The CloudTrail events to expect from a plan's departures and joinings, for those who watch CloudTrail.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{Because, Verdict};
use crate::org::{
    AccountId, Action, Arn, DateTime, FormatVersion, GateName, JoinStep, MemberRole, OrganizationId, USER_AGENT, home_region, root_task,
};
use crate::plan::{Digest, Plan, PlannedAccount};

use super::text::{put, putln};
use super::{Style, Text};

/// The beginning of the names of sessions that apply opens in members. The run's id or the session's purpose follows.
const SESSIONS: &str = "orgroster-";
/// The event that the service itself records when an account leaves.
const DEPARTED: &str = Action::Leave.trail_event();
/// The event that the service itself records when an account joins.
const JOINED: &str = Action::Join(JoinStep::Accept).trail_event();

/// The CloudTrail events to expect from a plan, with their time and callers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Announcement {
    /// Version of this format.
    #[schemars(with = "FormatVersion")]
    pub format_version: String,
    /// The organization.
    pub organization: OrganizationId,
    /// The plan's digest.
    pub digest: Digest,
    /// Start of the time in which the events are expected.
    #[schemars(with = "DateTime")]
    pub from: Timestamp,
    /// End of the time in which the events are expected.
    #[schemars(with = "DateTime")]
    pub until: Timestamp,
    /// `userAgent` of every call.
    pub user_agent: String,
    /// The events, by account, in the order in which they will occur.
    pub events: Vec<ExpectedEvent>,
}

/// An event to expect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectedEvent {
    /// `eventName`.
    pub event: String,
    /// `eventSource`.
    pub source: String,
    /// `recipientAccountId`: the account whose event history contains the event.
    pub recipient: AccountId,
    /// `awsRegion`; absent if it is the region of the run's endpoint.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub region: Option<String>,
    /// `userIdentity.arn`, or its beginning followed by `*`; absent for the principal that runs apply and for the service itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<Arn>")]
    pub principal: Option<String>,
    /// `userIdentity.sessionContext.sourceIdentity`, if the member role accepts a source identity.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source_identity: Option<String>,
    /// Fields of `requestParameters` by name. A value that ends in `*` is only the beginning of the field's value.
    pub parameters: BTreeMap<String, String>,
    /// The account that the event is about.
    pub account: AccountId,
}

impl Announcement {
    /// The CloudTrail events of the acts that an apply of the plan would carry out (Organizations user guide, "Logging and monitoring"; IAM
    /// user guide, "Track privileged tasks in AWS CloudTrail"). Reads by the same principals and by the read role are not included.
    #[must_use]
    pub fn of(plan: &Plan, from: Timestamp, until: Timestamp) -> Self {
        let acts = if plan.is_applyable() { plan.acts() } else { Vec::new() };
        Self {
            format_version: "1.0".to_owned(),
            organization: plan.organization.id.clone(),
            digest: plan.digest.clone(),
            from,
            until,
            user_agent: USER_AGENT.to_owned(),
            events: acts.into_iter().flat_map(|planned| Expected::of(plan, planned).events()).collect(),
        }
    }
}

/// The data that the events of an act share.
struct Expected<'p> {
    plan: &'p Plan,
    planned: &'p PlannedAccount,
    management: AccountId,
    partition: &'p str,
}

impl<'p> Expected<'p> {
    fn of(plan: &'p Plan, planned: &'p PlannedAccount) -> Self {
        // An account that should join has no ARN yet. Other members and the role that accepts are in the same partition.
        let known = std::iter::once(planned).chain(&plan.accounts).find_map(|planned| Some(planned.before.as_ref()?.arn.as_str()));
        let role = || planned.joining()?.accept_role.as_ref().map(|role| role.name.as_str());
        let partition = known.or_else(role).and_then(|arn| arn.split(':').nth(1)).filter(|found| !found.is_empty()).unwrap_or("aws");
        Self { plan, planned, management: plan.organization.management_account_id, partition }
    }

    fn event(&self, service: &str, event: &str, recipient: AccountId, parameters: &[(&str, String)]) -> ExpectedEvent {
        // Organizations records its events in its home region, whichever endpoint is used.
        let region = home_region(self.partition).filter(|_| service == "organizations");
        ExpectedEvent {
            event: event.to_owned(),
            source: format!("{service}.amazonaws.com"),
            recipient,
            region: region.map(str::to_owned),
            principal: None,
            source_identity: None,
            parameters: parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            account: self.planned.id,
        }
    }

    fn events(&self) -> Vec<ExpectedEvent> {
        let Some(act) = self.planned.act() else { return Vec::new() };
        if let Action::Join(step) = act.action {
            return if self.planned.is_eligible() { self.joining(step) } else { Vec::new() };
        }
        // Apply reads every account that should leave again, even if it is blocked. It reads deferred facts only in eligible accounts.
        let mut events = self.visit(act.action);
        let (at_once, later) = match self.audited() {
            Audited::Never => (Vec::new(), Vec::new()),
            Audited::AtOnce => (self.audit(), Vec::new()),
            Audited::BeforeTheCall => (Vec::new(), self.audit()),
        };
        events.extend(at_once);
        if !self.planned.is_eligible() {
            return events;
        }
        if act.action == Action::Remove {
            events.extend(later);
            let account = [("accountId", self.planned.id.to_string())];
            events.push(self.event("organizations", "RemoveAccountFromOrganization", self.management, &account));
        } else if let Some(leaving) = self.planned.leaving() {
            events.extend(self.call(&leaving.member_role, act.action, later));
        }
        events.push(self.event("organizations", DEPARTED, self.management, &[]));
        events
    }

    /// The events of the management account, which invites and places, and those of the account's own role, if a role accepts.
    fn joining(&self, step: JoinStep) -> Vec<ExpectedEvent> {
        let Some(joining) = self.planned.joining() else { return Vec::new() };
        let (id, management) = (self.planned.id, self.management);
        let own = |event: &str, parameters: &[(&str, String)]| self.event("organizations", event, management, parameters);
        let mut events = Vec::new();
        if step == JoinStep::Invite {
            events.push(own("InviteAccountToOrganization", &[("target.id", id.to_string())]));
        }
        if let Some(role) = joining.accept_role.as_ref().filter(|_| step != JoinStep::Place) {
            events.extend(self.call(role, Action::Join(JoinStep::Accept), Vec::new()));
            events.push(own(JOINED, &[]));
        }
        if step == JoinStep::Place || joining.accept_role.is_some() {
            if self.planned.placement().is_some_and(|placement| !placement.tags.is_empty()) {
                events.push(own("TagResource", &[("resourceId", id.to_string())]));
            }
            events.push(own("MoveAccount", &[("accountId", id.to_string())]));
        }
        events
    }

    /// When apply opens a root session: never if the gate is off, an attestation counts, root users are not managed centrally, or the
    /// account is not in the organization.
    fn audited(&self) -> Audited {
        let asked = self.planned.gates().iter().find(|result| result.gate == GateName::RootCredentials);
        match asked.filter(|_| self.planned.before.is_some()).map(|result| &result.verdict) {
            None | Some(Verdict::Pass { because: Because::Attested | Because::NotApplicable, .. }) => Audited::Never,
            Some(Verdict::Deferred { .. }) => Audited::BeforeTheCall,
            Some(_) => Audited::AtOnce,
        }
    }

    /// The read role is assumed in every account of the organization that should leave by its own call.
    fn visit(&self, action: Action) -> Vec<ExpectedEvent> {
        let Some(name) = self.plan.member_read_role.as_ref().filter(|_| action.is_called_by_member() && self.planned.before.is_some())
        else {
            return Vec::new();
        };
        self.assumed(&MemberRole { name: name.clone(), ..MemberRole::default() }, None).into()
    }

    /// A role of the account is assumed. The event appears in the history of the caller and in that of the account.
    fn assumed(&self, role: &MemberRole, source_identity: Option<&str>) -> [ExpectedEvent; 2] {
        let id = self.planned.id;
        let mut parameters = vec![("roleArn", role.arn(self.partition, id)), ("roleSessionName", format!("{SESSIONS}*"))];
        parameters.extend(source_identity.map(|identity| ("sourceIdentity", identity.to_owned())));
        [self.management, id].map(|recipient| self.event("sts", "AssumeRole", recipient, &parameters))
    }

    /// The audit of the root user. Its reads are calls of the root user, which alarms watch for.
    fn audit(&self) -> Vec<ExpectedEvent> {
        let id = self.planned.id;
        let task = root_task(self.partition, "IAMAuditRootUserCredentials");
        let opened = [("targetPrincipal", id.to_string()), ("taskPolicyArn.arn", task)];
        let root = Some(format!("arn:{}:iam::{id}:root", self.partition));
        let read = |event| ExpectedEvent { principal: root.clone(), ..self.event("iam", event, id, &[]) };
        vec![self.event("sts", "AssumeRoot", self.management, &opened), read("GetLoginProfile"), read("ListMFADevices")]
    }

    /// The role is assumed, the root user is audited if that was deferred, and the session makes the call.
    fn call(&self, role: &MemberRole, action: Action, audit: Vec<ExpectedEvent>) -> Vec<ExpectedEvent> {
        let id = self.planned.id;
        let arn = role.arn(self.partition, id);
        let source_identity = role.source_identity.then(|| self.plan.digest.hex().to_owned());
        let name = arn.rsplit('/').next().unwrap_or(&arn);
        let session = format!("arn:{}:sts::{id}:assumed-role/{name}/{SESSIONS}*", self.partition);
        let assumed = self.assumed(role, source_identity.as_deref());
        let called = self.event("organizations", action.operation(), id, &[]);
        let called = ExpectedEvent { principal: Some(session), source_identity, ..called };
        assumed.into_iter().chain(audit).chain([called]).collect()
    }
}

/// When apply audits a root user.
enum Audited {
    /// Apply does not audit it.
    Never,
    /// While apply observes, as plan did.
    AtOnce,
    /// After apply has entered the account, because plan deferred the audit.
    BeforeTheCall,
}

/// The announcement as text for people.
#[must_use]
pub fn announcement(announcement: &Announcement, style: Style) -> Text {
    let Announcement { organization, digest, from, until, user_agent, events, .. } = announcement;
    let mut text = Text::default();
    if events.is_empty() {
        putln!(text, "Nothing in this plan would be carried out. CloudTrail will show no events from it.");
        return text;
    }
    putln!(text, "Between {} and {}, CloudTrail will show these events of organization {}.", from, until, organization);
    putln!(text, "The calls have the user agent {}. They belong to plan {}.", user_agent, digest);
    putln!(
        text,
        "The same principals also make read-only calls, and so does member_read_role in every account that should leave. If no region is shown, it is the region of the run's endpoint."
    );
    for event in events {
        putln!(text, "\n{} of account {}", style.bold(&event.event), event.account);
        put!(text, "    {} in account {}", event.source, event.recipient);
        if let Some(region) = &event.region {
            put!(text, ", {}", region);
        }
        match &event.principal {
            Some(principal) => putln!(text, "\n    by {}", principal),
            None if event.event == DEPARTED || event.event == JOINED => putln!(text, ", an event of the service itself"),
            None => putln!(text, ", by the principal that runs apply"),
        }
        for (name, value) in event.source_identity.iter().map(|identity| ("sourceIdentity", identity)).chain(named(&event.parameters)) {
            putln!(text, "    {} = {}", name, value);
        }
    }
    text
}

fn named(parameters: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &String)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value))
}

/// The events that the service itself records, with the names in the Sigma filter for each event and for its accounts.
const SERVICE_EVENTS: &[(&str, &str, &str)] = &[(DEPARTED, "departed", "accounts"), (JOINED, "joined", "joined_accounts")];

/// Events that occur only if an account joins.
const JOINING_EVENTS: &[&str] = &["InviteAccountToOrganization", "MoveAccount", JOINED];

/// The announcement as a Sigma filter (SigmaHQ, "Sigma Filters Specification" 2.0), which removes the expected events from the matches of
/// rules about CloudTrail. It lists each event with its account, so that an unexpected event still raises an alarm.
#[must_use]
pub fn sigma(announcement: &Announcement) -> Text {
    let Announcement { organization, digest, from, until, user_agent, events, .. } = announcement;
    let mut text = Text::default();
    if events.is_empty() {
        putln!(text, "# Nothing in plan {} would be carried out, so there is nothing to filter.", digest);
        return text;
    }
    let departs = events.iter().any(|event| event.event == DEPARTED);
    let joins = events.iter().any(|event| JOINING_EVENTS.contains(&event.event.as_str()));
    let expected = match (departs, joins) {
        (true, true) => "departures from and joinings to",
        (false, true) => "joinings to",
        _ => "departures from",
    };
    putln!(text, "title: Expected {} organization {}", expected, organization);
    putln!(text, "description: Plan {} of orgroster, from {} until {}. Remove this filter afterwards.", digest, from, until);
    putln!(text, "logsource:\n  product: aws\n  service: cloudtrail\nfilter:\n  rules: any\n  selection:");
    for event in events.iter().filter(|event| event.event != DEPARTED && event.event != JOINED) {
        putln!(text, "    - eventSource: {}\n      eventName: {}", event.source, event.event);
        putln!(text, "      recipientAccountId: '{}'\n      userAgent: '{}'", event.recipient, user_agent);
        let field = |name: &str, value: &str| match value.strip_suffix('*') {
            Some(begin) => (format!("{name}|startswith"), quoted(begin)),
            None => (name.to_owned(), quoted(value)),
        };
        let identity = [
            event.principal.as_deref().map(|principal| field("userIdentity.arn", principal)),
            event.source_identity.as_deref().map(|identity| field("userIdentity.sessionContext.sourceIdentity", identity)),
        ];
        let parameters = named(&event.parameters).map(|(name, value)| field(&format!("requestParameters.{name}"), value));
        identity.into_iter().flatten().chain(parameters).for_each(|(name, value)| putln!(text, "      {}: {}", name, value));
    }
    // AWS does not document the layout of the service's own event, so the filter searches the whole event for the account.
    let mut condition = "not selection".to_owned();
    for (name, selection, accounts) in SERVICE_EVENTS {
        let events: Vec<_> = events.iter().filter(|event| event.event == *name).collect();
        let Some(first) = events.first() else { continue };
        putln!(text, "  {}:\n    eventSource: {}\n    eventName: {}", selection, first.source, first.event);
        putln!(text, "    recipientAccountId: '{}'\n  {}:", first.recipient, accounts);
        events.iter().for_each(|event| putln!(text, "    - '{}'", event.account));
        condition.push_str(&format!(" and not ({selection} and {accounts})"));
    }
    putln!(text, "  condition: {}", condition);
    text
}

/// A text in YAML's single quotes, with Sigma's wildcards escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for character in text.chars() {
        match character {
            '\'' => quoted.push('\''),
            '*' | '?' | '\\' => quoted.push('\\'),
            _ => {}
        }
        quoted.push(character);
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_role_may_be_called_stays_one_text_without_wildcards() {
        for (text, wanted) in [
            ("arn:aws:iam::1:role/a+b=c,d.e@f-g", "'arn:aws:iam::1:role/a+b=c,d.e@f-g'"),
            ("it's", "'it''s'"),
            ("/p*th/?", r"'/p\*th/\?'"),
            (r"\", r"'\\'"),
        ] {
            assert_eq!(quoted(text), wanted);
        }
    }
}
