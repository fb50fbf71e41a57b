//! Roots, organizational units, parents and children.

use std::ops::Bound;

use serde_json::json;

use crate::org::AccountId;
use crate::sandbox::operations::views::{RelativeView, RootView, UnitView};
use crate::sandbox::operations::{Call, Operation, page_answer};
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::ids;
use crate::sandbox::state::organization::Organization;
use crate::sandbox::wire::{self, Answer, Refusal, Service};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read(Service::Organizations, "ListRoots", Who::ManagementOrDelegated, list_roots),
    Operation::read(Service::Organizations, "ListParents", Who::ManagementOrDelegated, list_parents),
    Operation::read(Service::Organizations, "ListChildren", Who::ManagementOrDelegated, list_children),
    Operation::read(Service::Organizations, "DescribeOrganizationalUnit", Who::ManagementOrDelegated, describe_unit),
    Operation::read(Service::Organizations, "ListOrganizationalUnitsForParent", Who::ManagementOrDelegated, list_units),
];

fn list_roots(call: &mut Call<'_>) -> Answer {
    let size = call.input.page_size()?;
    let root = RootView::of(call.organization()?);
    let page = call.page(size, |_, _, _| Ok(vec![(String::new(), root)]))?;
    page_answer("Roots", page)
}

fn list_parents(call: &mut Call<'_>) -> Answer {
    let child = call.input.matching("ChildId", 100, |text| ids::is_account(text) || ids::is_unit(text))?.to_owned();
    let size = call.input.page_size()?;
    let organization = call.organization()?;
    let parent = match child.parse::<AccountId>() {
        Ok(id) => super::member(organization, call.world, id).map(|(_, membership)| membership.parent.clone()),
        Err(_) => organization.units.get(&child).and_then(|unit| unit.parent.clone()),
    };
    let not_found = || Refusal::new("ChildNotFoundException", "You specified an organizational unit or account that doesn't exist.");
    let parent = parent.ok_or_else(not_found)?;
    let kind = if parent == organization.root { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    let page = call.page(size, |_, _, _| Ok(vec![(String::new(), RelativeView { id: parent, r#type: kind })]))?;
    page_answer("Parents", page)
}

fn list_children(call: &mut Call<'_>) -> Answer {
    let parent = super::parent_id(call.input, "ParentId")?.to_owned();
    let accounts = call.input.one_of("ChildType", &[("ACCOUNT", true), ("ORGANIZATIONAL_UNIT", false)])?;
    let size = call.input.page_size()?;
    let id = call.organization()?.id.clone();
    let page = call.page(size, |world, start, wanted| {
        let organization = world.organizations.get(&id).ok_or_else(Refusal::not_in_use)?;
        let unit = organization.units.get(&parent).ok_or_else(super::parent_not_found)?;
        let ids: Vec<String> = if accounts {
            unit.accounts.range((start.account_bound(), Bound::Unbounded)).take(wanted).map(ToString::to_string).collect()
        } else {
            unit.units.range((start.bound(), Bound::Unbounded)).take(wanted).cloned().collect()
        };
        let kind = if accounts { "ACCOUNT" } else { "ORGANIZATIONAL_UNIT" };
        Ok(ids.into_iter().map(|id| (id.clone(), RelativeView { id, r#type: kind })).collect())
    })?;
    page_answer("Children", page)
}

fn list_units(call: &mut Call<'_>) -> Answer {
    let parent = super::parent_id(call.input, "ParentId")?.to_owned();
    let size = call.input.page_size()?;
    let id = call.organization()?.id.clone();
    let page = call.page(size, |world, start, wanted| {
        let organization = world.organizations.get(&id).ok_or_else(Refusal::not_in_use)?;
        let unit = organization.units.get(&parent).ok_or_else(super::parent_not_found)?;
        let units = unit.units.range((start.bound(), Bound::Unbounded)).take(wanted);
        let units = units.filter_map(|id| organization.units.get(id));
        Ok(units.map(|unit| (unit.id.clone(), UnitView::of(unit, organization))).collect())
    })?;
    page_answer("OrganizationalUnits", page)
}

fn describe_unit(call: &mut Call<'_>) -> Answer {
    let id = unit_id(call)?;
    let organization = call.organization()?;
    let unit = find_unit(organization, &id)?;
    wire::json(&json!({ "OrganizationalUnit": UnitView::of(unit, organization) }))
}

pub(super) fn unit_id(call: &Call<'_>) -> Result<String, Refusal> {
    call.input.matching("OrganizationalUnitId", 68, ids::is_unit).map(str::to_owned)
}

pub(super) fn find_unit<'o>(organization: &'o Organization, id: &str) -> Result<&'o crate::sandbox::state::organization::Unit, Refusal> {
    let not_found = || Refusal::new("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.");
    organization.units.get(id).ok_or_else(not_found)
}
