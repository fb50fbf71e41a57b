//! Delegated administrators.

use std::ops::Bound;

use serde_json::json;

use crate::sandbox::operations::views::{DelegatedAdministratorView, epoch};
use crate::sandbox::operations::{Call, Operation, page_answer};
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::wire::input::Input;
use crate::sandbox::wire::{Answer, Refusal, Service};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read(Service::Organizations, "ListDelegatedAdministrators", Who::ManagementOrDelegated, list_administrators),
    Operation::read(Service::Organizations, "ListDelegatedServicesForAccount", Who::ManagementOrDelegated, list_services),
];

/// `ServicePrincipal`: `[\w+=,.@-]*`, 1 to 128.
fn service_principal(input: &Input) -> Result<&str, Refusal> {
    input.sized("ServicePrincipal", 1, 128)?;
    input.matching("ServicePrincipal", 128, |text| {
        text.chars().all(|character| character.is_alphanumeric() || "_+=,.@-".contains(character))
    })
}

fn list_administrators(call: &mut Call<'_>) -> Answer {
    let service = match call.input.optional("ServicePrincipal")? {
        Some(_) => Some(service_principal(call.input)?.to_owned()),
        None => None,
    };
    let size = call.input.page_size()?;
    let id = call.organization()?.id.clone();
    let page = call.page(size, |world, start, wanted| {
        let organization = world.organizations.get(&id).ok_or_else(Refusal::not_in_use)?;
        let ids = organization.delegated_administrators.range((start.account_bound(), Bound::Unbounded));
        let members = ids.filter_map(|id| super::member(organization, world, *id));
        let wanted_service =
            |services: &std::collections::BTreeMap<String, _>| service.as_ref().is_none_or(|name| services.contains_key(name));
        let members = members.filter(|(_, membership)| wanted_service(&membership.delegated)).take(wanted);
        Ok(members
            .map(|(account, membership)| (account.id.to_string(), DelegatedAdministratorView::of(account, membership, organization)))
            .collect())
    })?;
    page_answer("DelegatedAdministrators", page)
}

fn list_services(call: &mut Call<'_>) -> Answer {
    let account = call.input.account_id("AccountId")?;
    let size = call.input.page_size()?;
    let organization = call.organization()?;
    let (_, membership) = super::member(organization, call.world, account).ok_or_else(Refusal::account_not_found)?;
    if membership.delegated.is_empty() {
        let message = "The specified account is not a delegated administrator for this Amazon Web Services service.";
        return Err(Refusal::new("AccountNotRegisteredException", message));
    }
    let services = membership.delegated.clone();
    let page = call.page(size, |_, start, wanted| {
        let services = services.range((start.bound(), Bound::Unbounded)).take(wanted);
        let view = |(name, since): (&String, &jiff::Timestamp)| {
            (name.clone(), json!({ "ServicePrincipal": name, "DelegationEnabledDate": epoch(*since) }))
        };
        Ok(services.map(view).collect())
    })?;
    page_answer("DelegatedServices", page)
}
