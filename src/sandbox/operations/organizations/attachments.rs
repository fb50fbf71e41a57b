//! Attaching policies.

use std::ops::Bound;

use serde::Serialize;

use crate::sandbox::operations::views::PolicySummaryView;
use crate::sandbox::operations::{Call, Operation, page_answer};
use crate::sandbox::state::World;
use crate::sandbox::state::organization::{Organization, PolicyType, Target};
use crate::sandbox::wire::{Answer, Output, Refusal};

use super::policies::{find, not_enabled, policy_id, policy_type};
use super::{MANAGEMENT, READERS, SERVICE, target, target_id};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(SERVICE, "AttachPolicy", MANAGEMENT, attach),
    Operation::write(SERVICE, "DetachPolicy", MANAGEMENT, detach),
    Operation::read(SERVICE, "ListPoliciesForTarget", READERS, list_for_target),
    Operation::read(SERVICE, "ListTargetsForPolicy", READERS, list_targets),
];

/// The most policies of one type on one entity (Organizations User Guide, quotas).
const MAX_SERVICE_CONTROL: usize = 10;
const MAX_OTHER: usize = 5;

/// The policies of one type on an entity.
fn of_type<'w>(world: &'w World, organization: &'w Organization, target: &Target, kind: &PolicyType) -> Vec<&'w str> {
    let attached = world.attached(organization, target).iter().map(String::as_str);
    attached.filter(|id| organization.policies.get(*id).is_some_and(|policy| policy.kind == *kind)).collect()
}

fn attach(call: &mut Call<'_>) -> Answer {
    let id = policy_id(call)?;
    let target_id = target_id(call.input, "TargetId")?;
    let organization = call.organization()?;
    let kind = &find(organization, &id)?.kind;
    if !organization.enforces(kind) {
        return Err(not_enabled());
    }
    let target = target(organization, call.world, target_id)?;
    let attached = of_type(call.world, organization, &target, kind);
    if attached.contains(&id.as_str()) {
        return Err(Refusal::new("DuplicatePolicyAttachmentException", "The selected policy is already attached to the specified target."));
    }
    let most = if *kind == PolicyType::ServiceControl { MAX_SERVICE_CONTROL } else { MAX_OTHER };
    if attached.len() >= most {
        let message = "You attempted to exceed the number of policies of a certain type that can be attached to an entity at one time.";
        return Err(Refusal::constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message));
    }
    let organization = organization.id.clone();
    call.world.attach(&organization, &id, target);
    Ok(Output::Empty)
}

fn detach(call: &mut Call<'_>) -> Answer {
    let id = policy_id(call)?;
    let target_id = target_id(call.input, "TargetId")?;
    let organization = call.organization()?;
    let policy = find(organization, &id)?;
    let target = target(organization, call.world, target_id)?;
    let attached = of_type(call.world, organization, &target, &policy.kind);
    if !attached.contains(&id.as_str()) {
        return Err(Refusal::new("PolicyNotAttachedException", "The policy isn't attached to the specified target in the specified root."));
    }
    if policy.kind == PolicyType::ResourceControl && policy.aws_managed {
        return Err(Refusal::invalid("NON_DETACHABLE_POLICY", "You can't detach this Amazon Web Services managed policy."));
    }
    if policy.kind == PolicyType::ServiceControl && attached.len() == 1 {
        let message = "You attempted to detach a policy from an entity that would leave it with fewer than the minimum number of policies of that type.";
        return Err(Refusal::constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", message));
    }
    let organization = organization.id.clone();
    call.world.detach(&organization, &id, &target);
    Ok(Output::Empty)
}

fn list_for_target(call: &mut Call<'_>) -> Answer {
    let target_id = target_id(call.input, "TargetId")?;
    let kind = policy_type(call, "Filter")?;
    let size = call.input.page_size()?;
    let organization = call.organization()?;
    let target = target(organization, call.world, target_id)?;
    let id = organization.id.clone();
    let page = call.page(size, |world, start, wanted| {
        let organization = world.organizations.get(&id).ok_or_else(Refusal::not_in_use)?;
        let mut ids = of_type(world, organization, &target, &kind);
        ids.sort_unstable();
        let policies = ids.into_iter().filter(|id| *id > start.after.as_str()).filter_map(|id| organization.policies.get(id)).take(wanted);
        Ok(policies.map(|policy| (policy.id.clone(), PolicySummaryView::of(policy, organization))).collect())
    })?;
    page_answer("Policies", page)
}

/// `PolicyTargetSummary`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TargetView {
    target_id: String,
    arn: String,
    name: String,
    r#type: &'static str,
}

fn target_view(target: &Target, organization: &Organization, world: &World) -> Option<TargetView> {
    match target {
        Target::Unit(id) => {
            let name = organization.units.get(id)?.name.clone();
            let kind = if *id == organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
            Some(TargetView { target_id: id.clone(), arn: organization.unit_arn(id), name, r#type: kind })
        }
        Target::Account(id) => {
            let name = world.accounts.get(id)?.name.clone();
            Some(TargetView { target_id: id.to_string(), arn: organization.account_arn(*id), name, r#type: "ACCOUNT" })
        }
    }
}

fn list_targets(call: &mut Call<'_>) -> Answer {
    let policy = policy_id(call)?;
    let size = call.input.page_size()?;
    let organization = call.organization()?;
    find(organization, &policy)?;
    let id = organization.id.clone();
    let page = call.page(size, |world, start, wanted| {
        let organization = world.organizations.get(&id).ok_or_else(Refusal::not_in_use)?;
        let after = match start.after.parse() {
            _ if start.after.is_empty() => Bound::Unbounded,
            Ok(account) => Bound::Excluded(Target::Account(account)),
            Err(_) => Bound::Excluded(Target::Unit(start.after.clone())),
        };
        let targets = find(organization, &policy)?.targets.range((after, Bound::Unbounded)).take(wanted);
        let views = targets.filter_map(|target| target_view(target, organization, world));
        Ok(views.map(|view| (view.target_id.clone(), view)).collect())
    })?;
    page_answer("Targets", page)
}
