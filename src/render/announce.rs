//! What those who watch CloudTrail will see of a plan's departures and joinings.

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

/// How the sessions are named that an apply makes in members: the run's id follows, or what they are for.
const SESSIONS: &str = "orgroster-";
/// The service's own event of an account that leaves, and that of one that joins.
const DEPARTED: &str = Action::Leave.trail_event();
const JOINED: &str = Action::Join(JoinStep::Accept).trail_event();

/// The events to expect of a plan, with when and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Announcement {
    /// Version of this format.
    #[schemars(with = "FormatVersion")]
    pub format_version: String,
    /// The organization.
    pub organization: OrganizationId,
    /// The plan's digest.
    pub digest: Digest,
    /// From when.
    #[schemars(with = "DateTime")]
    pub from: Timestamp,
    /// Until when.
    #[schemars(with = "DateTime")]
    pub until: Timestamp,
    /// `userAgent` of every call.
    pub user_agent: String,
    /// The events, by account, in the order in which they come.
    pub events: Vec<ExpectedEvent>,
}

/// An event to expect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectedEvent {
    /// `eventName`.
    pub event: String,
    /// `eventSource`.
    pub source: String,
    /// The account in whose event history it stands, `recipientAccountId`.
    pub recipient: AccountId,
    /// `awsRegion`; absent where it is that of the endpoint which the run uses.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub region: Option<String>,
    /// `userIdentity.arn`, or what it begins with where it ends in `*`; absent where it is whoever applies, or the service itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<Arn>")]
    pub principal: Option<String>,
    /// `userIdentity.sessionContext.sourceIdentity`, where the member role takes one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source_identity: Option<String>,
    /// Fields of `requestParameters`, by their names; a value that ends in `*` says what it begins with.
    pub parameters: BTreeMap<String, String>,
    /// The account that it is about.
    pub account: AccountId,
}

impl Announcement {
    /// What the acts that an apply of the plan would carry out leave in CloudTrail (Organizations user guide, "Logging and
    /// monitoring"; IAM user guide, "Track privileged tasks in AWS CloudTrail"). What is read by the same principals and by the reading role
    /// is not among them.
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

/// What the events of an act have in common.
struct Expected<'p> {
    plan: &'p Plan,
    planned: &'p PlannedAccount,
    management: AccountId,
    partition: &'p str,
}

impl<'p> Expected<'p> {
    fn of(plan: &'p Plan, planned: &'p PlannedAccount) -> Self {
        // Who is to join has no ARN yet; other members, and the role that accepts, are in the same partition.
        let known = std::iter::once(planned).chain(&plan.accounts).find_map(|planned| Some(planned.before.as_ref()?.arn.as_str()));
        let role = || planned.joining()?.accept_role.as_ref().map(|role| role.name.as_str());
        let partition = known.or_else(role).and_then(|arn| arn.split(':').nth(1)).filter(|found| !found.is_empty()).unwrap_or("aws");
        Self { plan, planned, management: plan.organization.management_account_id, partition }
    }

    fn event(&self, service: &str, event: &str, recipient: AccountId, parameters: &[(&str, String)]) -> ExpectedEvent {
        // Events of Organizations stand in its home region, whichever endpoint is used.
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
        // Apply reads every account again that is to leave, those that stay blocked as well; what plan left to it, of the eligible ones alone.
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

    /// The invitation and the placing by the management account, and what the account's own role does where one accepts.
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

    /// When apply opens a root session: never where the gate is off, somebody's word counts, root users are not managed centrally, or the
    /// organization has no such account.
    fn audited(&self) -> Audited {
        let asked = self.planned.gates().iter().find(|result| result.gate == GateName::RootCredentials);
        match asked.filter(|_| self.planned.before.is_some()).map(|result| &result.verdict) {
            None | Some(Verdict::Pass { because: Because::Attested | Because::NotApplicable, .. }) => Audited::Never,
            Some(Verdict::Deferred { .. }) => Audited::BeforeTheCall,
            Some(_) => Audited::AtOnce,
        }
    }

    /// The role that only reads is assumed in every account of the organization that is to leave by its own call.
    fn visit(&self, action: Action) -> Vec<ExpectedEvent> {
        let Some(name) = self.plan.member_read_role.as_ref().filter(|_| action.is_called_by_member() && self.planned.before.is_some())
        else {
            return Vec::new();
        };
        self.assumed(&MemberRole { name: name.clone(), ..MemberRole::default() }, None).into()
    }

    /// A role of the account is assumed, which the caller's history shows and the account's.
    fn assumed(&self, role: &MemberRole, source_identity: Option<&str>) -> [ExpectedEvent; 2] {
        let id = self.planned.id;
        let mut parameters = vec![("roleArn", role.arn(self.partition, id)), ("roleSessionName", format!("{SESSIONS}*"))];
        parameters.extend(source_identity.map(|identity| ("sourceIdentity", identity.to_owned())));
        [self.management, id].map(|recipient| self.event("sts", "AssumeRole", recipient, &parameters))
    }

    /// The audit of the root user. Its reads are the root user's own, which is what alarms watch for.
    fn audit(&self) -> Vec<ExpectedEvent> {
        let id = self.planned.id;
        let task = root_task(self.partition, "IAMAuditRootUserCredentials");
        let opened = [("targetPrincipal", id.to_string()), ("taskPolicyArn.arn", task)];
        let root = Some(format!("arn:{}:iam::{id}:root", self.partition));
        let read = |event| ExpectedEvent { principal: root.clone(), ..self.event("iam", event, id, &[]) };
        vec![self.event("sts", "AssumeRoot", self.management, &opened), read("GetLoginProfile"), read("ListMFADevices")]
    }

    /// The role is assumed, the root user audited where that was left, and the session makes the call.
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
    /// It does not.
    Never,
    /// While it observes, as plan did.
    AtOnce,
    /// After it entered the account, because plan left it to apply.
    BeforeTheCall,
}

/// For people.
#[must_use]
pub fn announcement(announcement: &Announcement, style: Style) -> Text {
    let Announcement { organization, digest, from, until, user_agent, events, .. } = announcement;
    let mut text = Text::default();
    if events.is_empty() {
        putln!(text, "Nothing of this plan would be carried out: CloudTrail will show nothing of it.");
        return text;
    }
    putln!(text, "Between {} and {} CloudTrail will show these events of organization {}.", from, until, organization);
    putln!(text, "Calls carry the user agent {}; plan {}.", user_agent, digest);
    putln!(
        text,
        "The same principals also read, and so does member_read_role in every account that is to leave; regions that are not named are those of the run's endpoints."
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
            None => putln!(text, ", by whoever applies"),
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

/// The service's own events, and what Sigma's filter calls them and their accounts.
const SERVICE_EVENTS: &[(&str, &str, &str)] = &[(DEPARTED, "departed", "accounts"), (JOINED, "joined", "joined_accounts")];

/// Events that only a joining has.
const JOINING_EVENTS: &[&str] = &["InviteAccountToOrganization", "MoveAccount", JOINED];

/// As a filter of Sigma (SigmaHQ, "Sigma Filters Specification" 2.0), which takes the expected events out of what rules about CloudTrail
/// find. It names each event with its account, so that one which is not expected still alarms.
#[must_use]
pub fn sigma(announcement: &Announcement) -> Text {
    let Announcement { organization, digest, from, until, user_agent, events, .. } = announcement;
    let mut text = Text::default();
    if events.is_empty() {
        putln!(text, "# Nothing of plan {} would be carried out: there is nothing to filter.", digest);
        return text;
    }
    let departs = events.iter().any(|event| event.event == DEPARTED);
    let joins = events.iter().any(|event| JOINING_EVENTS.contains(&event.event.as_str()));
    let expected = match (departs, joins) {
        (true, true) => "departures from and joinings of",
        (false, true) => "joinings of",
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
    // AWS documents no layout of the service's own event, so that its account is looked for in all of it.
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

/// A text in YAML's single quotes, with Sigma's wildcards taken as what they are.
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
