//! The condition keys of the call that the tool will make.

use std::collections::BTreeMap;

use crate::gate::GateFacts;
use crate::scp::{AssumedRole, Context, KeyValue};

/// Beyond this many combinations of declared alternatives, the keys concerned count as unknowable.
const MOST_ALTERNATIVES: usize = 64;

/// The context as observed, with what the configuration declares over it: one for each combination of declared alternatives.
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
        if contexts.len() * choices.len() > MOST_ALTERNATIVES {
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

/// What is known of the call without the configuration's word.
pub fn observed(facts: &GateFacts<'_>) -> Context {
    let organization = &facts.observed.organization;
    let chained = facts.observed.callers.last().is_none_or(|caller| caller.arn.contains(":assumed-role/"));
    let region = signing_region(&organization.partition);
    let mut context = Context::for_assumed_role(&AssumedRole {
        role_arn: Some(facts.departure.member_role.arn(&organization.partition, facts.desired.id)),
        account: facts.desired.id,
        organization: organization.id.clone(),
        organization_path: facts.live.and_then(|live| live.path.clone()),
        // Session tags that pass through a chain of roles win over the role's own, and nobody can read them.
        role_tags: facts.role_tags().filter(|_| !chained).cloned(),
        session_tags: BTreeMap::new(),
        source_identity: None,
        user_id: None,
        requested_region: region.unwrap_or_default().to_owned(),
        current_time: Some(facts.now),
        token_issue_time: Some(facts.now),
        user_agent: None,
        multi_factor: Some(false),
    });
    if chained {
        // A source identity set earlier in the chain persists (STS API reference, AssumeRole).
        context.insert("aws:SourceIdentity", KeyValue::Unknowable);
    }
    if region.is_none() {
        context.insert("aws:RequestedRegion", KeyValue::Unknowable);
    }
    context
}

/// Where Organizations is signed for (its endpoint rule set).
fn signing_region(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("us-east-1"),
        "aws-cn" => Some("cn-northwest-1"),
        "aws-us-gov" => Some("us-gov-west-1"),
        _ => None,
    }
}
