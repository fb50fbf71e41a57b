//! The resource-based policy of an organization, with which its management account delegates operations of Organizations to members.

use serde_json::{Value, json};

use crate::sandbox::operations::{Call, Operation};
use crate::sandbox::rules::delegation::can_be_delegated;
use crate::sandbox::rules::document::{self, Grammar};
use crate::sandbox::state::ids;
use crate::sandbox::state::organization::{FeatureSet, Organization, ResourcePolicy};
use crate::sandbox::wire::{self, Answer, Output, Refusal};

use super::{MANAGEMENT, READERS, SERVICE};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read(SERVICE, "DescribeResourcePolicy", READERS, describe),
    Operation::write(SERVICE, "PutResourcePolicy", MANAGEMENT, put),
    Operation::write(SERVICE, "DeleteResourcePolicy", MANAGEMENT, delete),
];

/// `ResourcePolicyContent`: 1 to 40,000 characters.
const MAX_CONTENT: usize = 40_000;

fn not_found() -> Refusal {
    Refusal::new("ResourcePolicyNotFoundException", "We can't find a resource policy in this organization.")
}

/// `ResourcePolicy`.
fn view(policy: &ResourcePolicy, organization: &Organization) -> Value {
    json!({
        "ResourcePolicySummary": { "Id": policy.id, "Arn": organization.resource_policy_arn(policy) },
        "Content": policy.content,
    })
}

fn describe(call: &mut Call<'_>) -> Answer {
    let organization = call.organization()?;
    let policy = organization.resource_policy.as_ref().ok_or_else(not_found)?;
    wire::json(&json!({ "ResourcePolicy": view(policy, organization) }))
}

fn put(call: &mut Call<'_>) -> Answer {
    let content = call.input.sized("Content", 1, MAX_CONTENT)?.to_owned();
    let tags = super::tags::read(call.input)?;
    let organization = call.organization()?;
    if organization.feature_set != FeatureSet::All {
        let message = "You attempted to perform an operation that requires an organization with all features enabled.";
        return Err(Refusal::constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", message));
    }
    document::check(&content, Grammar::Delegation)
        .map_err(|mistake| Refusal::invalid("INVALID_RESOURCE_POLICY_JSON", format!("The resource policy is not valid: {mistake}.")))?;
    let delegable = |action: &String| {
        let name = action.strip_prefix("organizations:");
        name.is_some_and(|name| name.contains(['*', '?']) || can_be_delegated(name))
    };
    if let Some(action) = document::actions(&content).into_iter().find(|action| !delegable(action)) {
        let message = format!("You specified the action {action}, which can't be delegated by a resource policy of an organization.");
        return Err(Refusal::invalid("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY", message));
    }
    let known = organization.resource_policy.clone();
    let id = match &known {
        Some(policy) => policy.id.clone(),
        None => format!("rp-{}", call.world.invent("resource policy", ids::LOWER, 8)),
    };
    // Tags are only accepted for a new policy; TagResource changes them later.
    let tags = known.map_or(tags, |policy| policy.tags);
    call.organization_mut()?.resource_policy = Some(ResourcePolicy { id, content, tags });
    let organization = call.organization()?;
    wire::json(&json!({ "ResourcePolicy": organization.resource_policy.as_ref().map(|policy| view(policy, organization)) }))
}

fn delete(call: &mut Call<'_>) -> Answer {
    call.organization_mut()?.resource_policy.take().ok_or_else(not_found)?;
    Ok(Output::Empty)
}
