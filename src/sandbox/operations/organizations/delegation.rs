//! Delegated administrators.

use std::ops::Bound;

use serde_json::json;

use crate::sandbox::operations::views::{DelegatedAdministratorView, epoch};
use crate::sandbox::operations::{Call, Operation, page_answer};
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::rules::principals;
use crate::sandbox::state::account::AccountState;
use crate::sandbox::wire::input::Input;
use crate::sandbox::wire::{Answer, Output, Refusal, Service};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read(Service::Organizations, "ListDelegatedAdministrators", Who::ManagementOrDelegated, list_administrators),
    Operation::read(Service::Organizations, "ListDelegatedServicesForAccount", Who::ManagementOrDelegated, list_services),
    Operation::write(Service::Organizations, "RegisterDelegatedAdministrator", Who::Management, register),
    Operation::write(Service::Organizations, "DeregisterDelegatedAdministrator", Who::Management, deregister),
];

/// `ServicePrincipal`: `[\w+=,.@-]*`, 1 to 128.
pub(super) fn service_principal(input: &Input) -> Result<&str, Refusal> {
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
        return Err(not_registered());
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

fn not_registered() -> Refusal {
    let message = "The specified account is not a delegated administrator for this Amazon Web Services service.";
    Refusal::new("AccountNotRegisteredException", message)
}

fn register(call: &mut Call<'_>) -> Answer {
    let id = call.input.account_id("AccountId")?;
    let service = service_principal(call.input)?.to_owned();
    let organization = call.organization()?;
    let (account, membership) = super::member(organization, call.world, id).ok_or_else(Refusal::account_not_found)?;
    if id == organization.management {
        let message = "You attempted to register the management account of the organization as a delegated administrator.";
        return Err(Refusal::constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", message));
    }
    if account.state != AccountState::Active {
        let message = "You attempted to register a suspended account as a delegated administrator.";
        return Err(Refusal::constraint("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR", message));
    }
    if !organization.service_access.contains_key(&service) {
        let message = "You attempted to register a delegated administrator before you enabled service access.";
        return Err(Refusal::constraint("SERVICE_ACCESS_NOT_ENABLED", message));
    }
    if membership.delegated.contains_key(&service) {
        let message = "The specified account is already a delegated administrator for this Amazon Web Services service.";
        return Err(Refusal::new("AccountAlreadyRegisteredException", message));
    }
    let members = organization.delegated_administrators.iter().filter_map(|id| super::member(organization, call.world, *id));
    let administrators = members.filter(|(_, membership)| membership.delegated.contains_key(&service)).count();
    if principals::administrators(&service).is_some_and(|most| administrators >= most) {
        let message = "You attempted to register more delegated administrators than allowed for the service principal.";
        return Err(Refusal::constraint("MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED", message));
    }
    let now = call.circumstances.now;
    if let Some(membership) = call.world.accounts.get_mut(&id).and_then(|account| account.membership.as_mut()) {
        membership.delegated.insert(service, now);
    }
    call.organization_mut()?.delegated_administrators.insert(id);
    Ok(Output::Empty)
}

fn deregister(call: &mut Call<'_>) -> Answer {
    let id = call.input.account_id("AccountId")?;
    let service = service_principal(call.input)?.to_owned();
    let organization = call.organization()?;
    super::member(organization, call.world, id).ok_or_else(Refusal::account_not_found)?;
    let membership = call.world.accounts.get_mut(&id).and_then(|account| account.membership.as_mut());
    let membership = membership.ok_or_else(Refusal::account_not_found)?;
    if membership.delegated.remove(&service).is_none() {
        return Err(not_registered());
    }
    if membership.delegated.is_empty() {
        call.organization_mut()?.delegated_administrators.remove(&id);
    }
    Ok(Output::Empty)
}
