//! Policies and policy types.

use std::collections::BTreeSet;
use std::ops::Bound;

use serde_json::json;

use crate::sandbox::operations::views::{PolicySummaryView, PolicyView, RootView};
use crate::sandbox::operations::{Call, Operation, page_answer};
use crate::sandbox::rules::policy;
use crate::sandbox::state::ids;
use crate::sandbox::state::organization::{FeatureSet, Organization, Policy, PolicyType};
use crate::sandbox::wire::input::check_length;
use crate::sandbox::wire::{self, Answer, Output, Refusal};

use super::{MANAGEMENT, READERS, SERVICE};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(SERVICE, "CreatePolicy", MANAGEMENT, create),
    Operation::read(SERVICE, "DescribePolicy", READERS, describe),
    Operation::write(SERVICE, "UpdatePolicy", MANAGEMENT, update),
    Operation::write(SERVICE, "DeletePolicy", MANAGEMENT, delete),
    Operation::read(SERVICE, "ListPolicies", READERS, list),
    Operation::write(SERVICE, "EnablePolicyType", MANAGEMENT, enable_type),
    Operation::write(SERVICE, "DisablePolicyType", MANAGEMENT, disable_type),
];

/// The most characters in a policy (Organizations User Guide, quotas). Other types have their own limits, none of them larger.
const MAX_SERVICE_CONTROL: usize = 10_240;
const MAX_RESOURCE_CONTROL: usize = 5_120;
const MAX_OTHER: usize = 10_000;

pub(super) fn policy_id(call: &Call<'_>) -> Result<String, Refusal> {
    call.input.matching("PolicyId", 130, ids::is_policy).map(str::to_owned)
}

pub(super) fn find<'o>(organization: &'o Organization, id: &str) -> Result<&'o Policy, Refusal> {
    let not_found = || Refusal::new("PolicyNotFoundException", "You specified a policy that doesn't exist.");
    organization.policies.get(id).ok_or_else(not_found)
}

/// The policy type in the input: one that AWS documents, or an additional one of the caller's organization.
pub(super) fn policy_type(call: &Call<'_>, name: &str) -> Result<PolicyType, Refusal> {
    let word = call.input.required(name)?;
    let own = call.organization().ok().and_then(|organization| organization.policy_type(word));
    own.map_or_else(|| call.input.one_of(name, PolicyType::DOCUMENTED).cloned(), Ok)
}

/// A policy that the caller may change: AWS's own are immutable.
fn find_own<'o>(organization: &'o Organization, id: &str) -> Result<&'o Policy, Refusal> {
    let policy = find(organization, id)?;
    if policy.aws_managed {
        return Err(Refusal::invalid(
            "IMMUTABLE_POLICY",
            "You specified a policy that is managed by Amazon Web Services and can't be modified.",
        ));
    }
    Ok(policy)
}

fn check_content(kind: &PolicyType, content: &str) -> Result<(), Refusal> {
    let limit = match kind {
        PolicyType::ServiceControl => MAX_SERVICE_CONTROL,
        PolicyType::ResourceControl => MAX_RESOURCE_CONTROL,
        _ => MAX_OTHER,
    };
    if content.chars().count() > limit {
        let message = format!("You have exceeded the maximum size of a policy of this type, {limit} characters.");
        return Err(Refusal::constraint("POLICY_CONTENT_LIMIT_EXCEEDED", message));
    }
    policy::check_content(kind, content).map_err(|mistake| {
        let message = format!("The provided policy document does not meet the requirements: {mistake}.");
        Refusal::new("MalformedPolicyDocumentException", message)
    })
}

fn check_name(organization: &Organization, kind: &PolicyType, name: &str, except: Option<&str>) -> Result<(), Refusal> {
    let taken =
        organization.policies.values().any(|policy| policy.kind == *kind && policy.name == name && Some(policy.id.as_str()) != except);
    if taken { Err(Refusal::new("DuplicatePolicyException", "A policy with the same name already exists.")) } else { Ok(()) }
}

fn create(call: &mut Call<'_>) -> Answer {
    let content = call.input.sized("Content", 1, usize::MAX)?.to_owned();
    let description = call.input.sized("Description", 0, 512)?.to_owned();
    let name = call.input.sized("Name", 1, 128)?.to_owned();
    let kind = policy_type(call, "Type")?;
    let tags = super::tags::read(call.input)?;
    let organization = call.organization()?;
    if organization.feature_set != FeatureSet::All {
        let message = "You can't use the specified policy type with the feature set currently enabled for this organization.";
        return Err(Refusal::new("PolicyTypeNotAvailableForOrganizationException", message));
    }
    check_content(&kind, &content)?;
    check_name(organization, &kind, &name, None)?;
    let id = format!("p-{}", call.world.invent("policy", ids::LOWER, 10));
    let policy = Policy { id: id.clone(), name, description, kind, content, aws_managed: false, tags, targets: BTreeSet::new() };
    call.organization_mut()?.policies.insert(id.clone(), policy);
    answer(call, &id)
}

fn answer(call: &Call<'_>, id: &str) -> Answer {
    let organization = call.organization()?;
    wire::json(&json!({ "Policy": PolicyView::of(find(organization, id)?, organization) }))
}

fn describe(call: &mut Call<'_>) -> Answer {
    let id = policy_id(call)?;
    answer(call, &id)
}

fn update(call: &mut Call<'_>) -> Answer {
    let id = policy_id(call)?;
    let name = call.input.optional("Name")?.map(str::to_owned);
    let description = call.input.optional("Description")?.map(str::to_owned);
    let content = call.input.optional("Content")?.map(str::to_owned);
    let organization = call.organization()?;
    let policy = find_own(organization, &id)?;
    if let Some(name) = &name {
        check_length("Name", name, 1, 128)?;
        check_name(organization, &policy.kind, name, Some(&id))?;
    }
    if let Some(description) = &description {
        check_length("Description", description, 0, 512)?;
    }
    if let Some(content) = &content {
        check_length("Content", content, 1, usize::MAX)?;
        check_content(&policy.kind, content)?;
    }
    if let Some(policy) = call.organization_mut()?.policies.get_mut(&id) {
        policy.name = name.unwrap_or_else(|| policy.name.clone());
        policy.description = description.unwrap_or_else(|| policy.description.clone());
        policy.content = content.unwrap_or_else(|| policy.content.clone());
    }
    answer(call, &id)
}

fn delete(call: &mut Call<'_>) -> Answer {
    let id = policy_id(call)?;
    if !find_own(call.organization()?, &id)?.targets.is_empty() {
        let message = "The policy is attached to one or more entities. Detach it from all roots, organizational units and accounts first.";
        return Err(Refusal::new("PolicyInUseException", message));
    }
    call.organization_mut()?.policies.remove(&id);
    Ok(Output::Empty)
}

fn list(call: &mut Call<'_>) -> Answer {
    let kind = policy_type(call, "Filter")?;
    let size = call.input.page_size()?;
    let id = call.organization()?.id.clone();
    let page = call.page(size, |world, start, wanted| {
        let organization = world.organizations.get(&id).ok_or_else(Refusal::not_in_use)?;
        let policies = organization.policies.range((start.bound(), Bound::Unbounded)).map(|(_, policy)| policy);
        let policies = policies.filter(|policy| policy.kind == kind && organization.feature_set == FeatureSet::All).take(wanted);
        Ok(policies.map(|policy| (policy.id.clone(), PolicySummaryView::of(policy, organization))).collect())
    })?;
    page_answer("Policies", page)
}

fn type_of_root(call: &Call<'_>) -> Result<PolicyType, Refusal> {
    let root = call.input.matching("RootId", 34, ids::is_root)?;
    let kind = policy_type(call, "PolicyType")?;
    let organization = call.organization()?;
    if root != organization.root {
        return Err(Refusal::new("RootNotFoundException", "You specified a root that doesn't exist."));
    }
    Ok(kind)
}

/// AWS enables and disables a type asynchronously; here the answer already shows the result.
fn enable_type(call: &mut Call<'_>) -> Answer {
    let kind = type_of_root(call)?;
    let organization = call.organization()?;
    if organization.feature_set != FeatureSet::All {
        let message = "You can't use the specified policy type with the feature set currently enabled for this organization.";
        return Err(Refusal::new("PolicyTypeNotAvailableForOrganizationException", message));
    }
    if organization.policy_types.contains(&kind) {
        return Err(Refusal::new(
            "PolicyTypeAlreadyEnabledException",
            "The specified policy type is already enabled in the specified root.",
        ));
    }
    let id = organization.id.clone();
    call.world.enable_policy_type(&id, kind);
    wire::json(&json!({ "Root": RootView::of(call.organization()?) }))
}

/// The API documents no error for the feature set. Without all features, no type is enabled.
fn disable_type(call: &mut Call<'_>) -> Answer {
    let kind = type_of_root(call)?;
    let organization = call.organization()?;
    if !organization.policy_types.contains(&kind) {
        return Err(not_enabled());
    }
    let id = organization.id.clone();
    call.world.disable_policy_type(&id, &kind);
    wire::json(&json!({ "Root": RootView::of(call.organization()?) }))
}

pub(super) fn not_enabled() -> Refusal {
    Refusal::new("PolicyTypeNotEnabledException", "The specified policy type isn't currently enabled in this root.")
}
