//! The organization itself and the accounts in it.

use serde_json::json;

use crate::org::AccountId;
use crate::sandbox::operations::views::{AccountView, OrganizationView};
use crate::sandbox::operations::{Call, Operation, page_answer};
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::World;
use crate::sandbox::state::organization::Organization;
use crate::sandbox::wire::{self, Answer, Refusal, Service};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read(Service::Organizations, "DescribeOrganization", Who::AnyMember, describe_organization),
    Operation::read(Service::Organizations, "ListAccounts", Who::ManagementOrDelegated, list_accounts),
    Operation::read(Service::Organizations, "ListAccountsForParent", Who::ManagementOrDelegated, list_accounts_for_parent),
    Operation::read(Service::Organizations, "DescribeAccount", Who::ManagementOrDelegated, describe_account),
];

fn describe_organization(call: &mut Call<'_>) -> Answer {
    let view = OrganizationView::of(call.organization()?, call.world);
    wire::json(&json!({ "Organization": view }))
}

fn list_accounts(call: &mut Call<'_>) -> Answer {
    let size = call.input.page_size()?;
    let id = call.organization()?.id.clone();
    let page = call.page(size, |world, start, wanted| {
        let organization = world.organizations.get(&id).ok_or_else(Refusal::not_in_use)?;
        let members = organization.members.range((start.account_bound(), std::ops::Bound::Unbounded));
        Ok(views(members.take(wanted), organization, world))
    })?;
    page_answer("Accounts", page)
}

fn list_accounts_for_parent(call: &mut Call<'_>) -> Answer {
    let parent = super::parent_id(call.input, "ParentId")?.to_owned();
    let size = call.input.page_size()?;
    let id = call.organization()?.id.clone();
    let page = call.page(size, |world, start, wanted| {
        let organization = world.organizations.get(&id).ok_or_else(Refusal::not_in_use)?;
        let unit = organization.units.get(&parent).ok_or_else(super::parent_not_found)?;
        let accounts = unit.accounts.range((start.account_bound(), std::ops::Bound::Unbounded));
        Ok(views(accounts.take(wanted), organization, world))
    })?;
    page_answer("Accounts", page)
}

fn views<'w>(ids: impl Iterator<Item = &'w AccountId>, organization: &Organization, world: &World) -> Vec<(String, AccountView)> {
    let accounts = ids.filter_map(|id| world.accounts.get(id));
    accounts
        .filter_map(|account| {
            let membership = account.membership.as_ref()?;
            Some((account.id.to_string(), AccountView::of(account, membership, organization)))
        })
        .collect()
}

fn describe_account(call: &mut Call<'_>) -> Answer {
    let id = call.input.account_id("AccountId")?;
    let organization = call.organization()?;
    let (account, membership) = super::member(organization, call.world, id).ok_or_else(Refusal::account_not_found)?;
    wire::json(&json!({ "Account": AccountView::of(account, membership, organization) }))
}
