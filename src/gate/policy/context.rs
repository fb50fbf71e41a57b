//! The condition keys of the call that orgroster will make.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::gate::{GateFacts, MemberAccess};
use crate::org::{
    AccountId, Assumptions, ContextEntry, EntryKind, Leaving, ObservedOrganization, SessionIdentity, USER_AGENT, home_region,
};
use crate::scp::{AssumedRole, Context, KeyValue};

/// Beyond this many combinations of declared alternatives, the keys concerned count as unknowable.
const MAX_ALTERNATIVES: usize = 64;

/// The observed context with the keys that the configuration declares: one context for each combination of declared alternatives.
pub fn alternatives(facts: &GateFacts<'_>) -> Vec<Context> {
    let mut contexts = vec![observed(facts)];
    for (key, values) in &facts.assumptions.context {
        let choices: Vec<KeyValue> = if values.is_empty() {
            vec![KeyValue::Absent]
        } else if Context::is_multivalued(key) {
            vec![KeyValue::Known(values.iter().cloned().collect())]
        } else {
            values.iter().map(KeyValue::known).collect()
        };
        if contexts.len() * choices.len() > MAX_ALTERNATIVES {
            contexts.iter_mut().for_each(|context| context.declare(key, KeyValue::Unknowable));
            continue;
        }
        let with = |context: &Context, choice: &KeyValue| {
            let mut context = context.clone();
            context.declare(key, choice.clone());
            context
        };
        contexts = contexts.iter().flat_map(|context| choices.iter().map(move |choice| with(context, choice))).collect();
    }
    contexts
}

/// A call that an account will make, as it is known without a session in the account.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The live organization.
    pub observed: &'a ObservedOrganization,
    /// What the configuration declares about policies that facts alone can't decide.
    pub assumptions: &'a Assumptions,
    /// The departure that the block declares.
    pub departure: &'a Leaving,
    /// The account.
    pub id: AccountId,
    /// The run's time.
    pub now: Timestamp,
}

/// What is known of a role and its session.
#[derive(Default)]
struct Seen {
    role_tags: Option<BTreeMap<String, String>>,
    session: Option<SessionIdentity>,
}

/// The context of the call, without the keys that the configuration declares.
pub fn observed(facts: &GateFacts<'_>) -> Context {
    let session = match facts.inside {
        MemberAccess::Assumed { session, .. } => Some(session.clone()),
        MemberAccess::Deferred | MemberAccess::Failed { .. } => None,
    };
    let seen = Seen { role_tags: facts.role_tags().cloned(), session };
    let GateFacts { observed, assumptions, departure, now, .. } = *facts;
    of_call(Call { observed, assumptions, departure, id: facts.desired.id, now }, seen)
}

/// Whether a role session assumes the role that makes the call. Its session tags may then override the role's own tags.
pub fn is_chained(observed: &ObservedOrganization) -> bool {
    observed.callers.last().is_none_or(|caller| caller.arn.contains(":assumed-role/"))
}

fn of_call(call: Call<'_>, seen: Seen) -> Context {
    let Call { observed, departure, id, now, assumptions: _ } = call;
    let organization = &observed.organization;
    let chained = is_chained(observed);
    let region = home_region(&organization.partition);
    let mut context = Context::for_assumed_role(&AssumedRole {
        role_arn: Some(departure.member_role.arn(&organization.partition, id)),
        account: id,
        organization: organization.id.clone(),
        organization_path: observed.account(id).and_then(|live| live.path.clone()),
        // Session tags that pass through a chain of roles override the role's own tags, and can't be read.
        role_tags: seen.role_tags.filter(|_| !chained),
        session_tags: BTreeMap::new(),
        source_identity: seen.session.as_ref().and_then(|session| session.source_identity.clone()),
        user_id: seen.session.as_ref().and_then(|session| session.user_id.clone()),
        requested_region: region.unwrap_or_default().to_owned(),
        current_time: Some(now),
        token_issue_time: Some(now),
        user_agent: Some(USER_AGENT.to_owned()),
        multi_factor: Some(false),
    });
    if seen.session.is_none() && (chained || departure.member_role.source_identity) {
        // A source identity that was set earlier in the chain persists (STS API reference, AssumeRole). Our own is the digest of a plan
        // that is not made yet.
        context.insert("aws:SourceIdentity", KeyValue::Unknowable);
    }
    if region.is_none() {
        context.insert("aws:RequestedRegion", KeyValue::Unknowable);
    }
    context
}

/// The condition keys of a call whose values are certain, for IAM's policy simulator: the observed keys, and those that the configuration
/// declares with a certain value.
#[must_use]
pub fn known_keys(call: Call<'_>) -> Vec<ContextEntry> {
    let mut context = of_call(call, Seen::default());
    for (key, values) in &call.assumptions.context {
        let value = match values.len() {
            0 => KeyValue::Absent,
            1 => KeyValue::Known(values.iter().cloned().collect()),
            _ if Context::is_multivalued(key) => KeyValue::Known(values.iter().cloned().collect()),
            _ => KeyValue::Unknowable,
        };
        context.declare(key, value);
    }
    let entry = |(key, values): (&str, &[String])| ContextEntry { key: key.to_owned(), kind: kind_of(key), values: values.to_vec() };
    context.known().map(entry).collect()
}

/// The data type of the values of a global key (IAM user guide, "AWS global condition context keys", data types).
fn kind_of(lower_case_key: &str) -> EntryKind {
    match lower_case_key {
        "aws:currenttime" | "aws:tokenissuetime" => EntryKind::Date,
        "aws:epochtime" | "aws:multifactorauthage" => EntryKind::Number,
        "aws:securetransport" | "aws:viaawsservice" | "aws:principalisawsservice" | "aws:multifactorauthpresent" => EntryKind::Boolean,
        "aws:sourceip" | "aws:vpcsourceip" => EntryKind::Address,
        key if Context::is_multivalued(key) => EntryKind::TextList,
        _ => EntryKind::Text,
    }
}
