//! Creating, renaming and deleting organizational units; moving accounts between them.

use serde_json::json;

use crate::sandbox::operations::views::UnitView;
use crate::sandbox::operations::{Call, Operation};
use crate::sandbox::state::ids;
use crate::sandbox::state::organization::{Target, Unit};
use crate::sandbox::wire::{self, Answer, Output, Refusal};

use super::{MANAGEMENT, SERVICE, tree};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(SERVICE, "CreateOrganizationalUnit", MANAGEMENT, create),
    Operation::write(SERVICE, "UpdateOrganizationalUnit", MANAGEMENT, update),
    Operation::write(SERVICE, "DeleteOrganizationalUnit", MANAGEMENT, delete),
    Operation::write(SERVICE, "MoveAccount", MANAGEMENT, move_account).unchecked(),
];

/// The most organizational units in an organization, then the deepest nesting (Organizations User Guide, quotas).
const MAX_UNITS: usize = 2000;
const MAX_DEPTH: usize = 5;

fn duplicate() -> Refusal {
    Refusal::new("DuplicateOrganizationalUnitException", "An organizational unit with the same name already exists.")
}

fn name_is_taken(call: &Call<'_>, parent: &str, name: &str) -> Result<bool, Refusal> {
    let organization = call.organization()?;
    let siblings = organization.units.get(parent).map(|unit| &unit.units);
    Ok(siblings.into_iter().flatten().filter_map(|id| organization.units.get(id)).any(|unit| unit.name == name))
}

fn create(call: &mut Call<'_>) -> Answer {
    let parent = super::parent_id(call.input, "ParentId")?.to_owned();
    let name = call.input.sized("Name", 1, 128)?.to_owned();
    let tags = super::tags::read(call.input)?;
    let organization = call.organization()?;
    let depth = organization.chain(&parent).len();
    if depth == 0 {
        return Err(super::parent_not_found());
    }
    if depth > MAX_DEPTH {
        let message = "You attempted to create an organizational unit that would be too many levels deep.";
        return Err(Refusal::constraint("OU_DEPTH_LIMIT_EXCEEDED", message));
    }
    // The root is not an organizational unit.
    if organization.units.len() > MAX_UNITS {
        let message = "You attempted to exceed the number of organizational units that you can have in an organization.";
        return Err(Refusal::constraint("OU_NUMBER_LIMIT_EXCEEDED", message));
    }
    if name_is_taken(call, &parent, &name)? {
        return Err(duplicate());
    }
    let suffix = call.organization()?.root.trim_start_matches("r-").to_owned();
    let id = format!("ou-{suffix}-{}", call.world.invent("unit", ids::LOWER, 8));
    let organization = call.organization_mut()?;
    let mut unit = Unit::new(id.clone(), name, Some(parent.clone()));
    unit.policies = organization.default_policies();
    unit.tags = tags;
    for policy in &unit.policies {
        if let Some(policy) = organization.policies.get_mut(policy) {
            policy.targets.insert(Target::Unit(id.clone()));
        }
    }
    organization.units.insert(id.clone(), unit);
    if let Some(parent) = organization.units.get_mut(&parent) {
        parent.units.insert(id.clone());
    }
    answer(call, &id)
}

fn answer(call: &Call<'_>, id: &str) -> Answer {
    let organization = call.organization()?;
    let unit = tree::find_unit(organization, id)?;
    wire::json(&json!({ "OrganizationalUnit": UnitView::of(unit, organization) }))
}

fn update(call: &mut Call<'_>) -> Answer {
    let id = tree::unit_id(call)?;
    let unit = tree::find_unit(call.organization()?, &id)?;
    let parent = unit.parent.clone().unwrap_or_default();
    let unchanged = call.input.optional("Name")?.is_none_or(|name| name == unit.name);
    if !unchanged {
        let name = call.input.sized("Name", 1, 128)?.to_owned();
        if name_is_taken(call, &parent, &name)? {
            return Err(duplicate());
        }
        if let Some(unit) = call.organization_mut()?.units.get_mut(&id) {
            unit.name = name;
        }
    }
    answer(call, &id)
}

fn delete(call: &mut Call<'_>) -> Answer {
    let id = tree::unit_id(call)?;
    let unit = tree::find_unit(call.organization()?, &id)?;
    if !unit.units.is_empty() || !unit.accounts.is_empty() {
        let message = "The specified organizational unit is not empty. Move all accounts to another root or organizational unit, remove all child units, and try again.";
        return Err(Refusal::new("OrganizationalUnitNotEmptyException", message));
    }
    let (parent, policies) = (unit.parent.clone().unwrap_or_default(), unit.policies.clone());
    let organization = call.organization_mut()?;
    for policy in &policies {
        organization.forget_attachment(policy, &Target::Unit(id.clone()));
    }
    organization.units.remove(&id);
    if let Some(parent) = organization.units.get_mut(&parent) {
        parent.units.remove(&id);
    }
    Ok(Output::Empty)
}

fn move_account(call: &mut Call<'_>) -> Answer {
    let id = call.input.account_id("AccountId")?;
    let source = super::parent_id(call.input, "SourceParentId")?.to_owned();
    let destination = super::parent_id(call.input, "DestinationParentId")?.to_owned();
    let organization = call.organization()?;
    // All three are resources of the request (Service Authorization Reference).
    for resource in [organization.account_arn(id), organization.unit_arn(&source), organization.unit_arn(&destination)] {
        call.authorize(&call.operation.action(), &resource)?;
    }
    let (_, membership) = super::member(organization, call.world, id).ok_or_else(Refusal::account_not_found)?;
    if membership.parent != source {
        let message = "The specified source parent is not the account's parent, or doesn't exist.";
        return Err(Refusal::new("SourceParentNotFoundException", message));
    }
    if !organization.units.contains_key(&destination) {
        let message = "The destination container (a root or organizational unit) with the specified ID doesn't exist.";
        return Err(Refusal::new("DestinationParentNotFoundException", message));
    }
    if source == destination {
        return Err(Refusal::new("DuplicateAccountException", "The account is already in the specified destination."));
    }
    let organization = call.organization_mut()?;
    if let Some(unit) = organization.units.get_mut(&source) {
        unit.accounts.remove(&id);
    }
    if let Some(unit) = organization.units.get_mut(&destination) {
        unit.accounts.insert(id);
    }
    if let Some(membership) = call.world.accounts.get_mut(&id).and_then(|account| account.membership.as_mut()) {
        membership.parent = destination;
    }
    Ok(Output::Empty)
}
