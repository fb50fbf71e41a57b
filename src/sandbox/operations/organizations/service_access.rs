//! Trusted access of AWS services.

use std::ops::Bound;

use serde_json::json;

use crate::sandbox::operations::views::epoch;
use crate::sandbox::operations::{Call, Operation, page_answer};
use crate::sandbox::rules::principals;
use crate::sandbox::state::organization::FeatureSet;
use crate::sandbox::wire::{Answer, Output, Refusal};

use super::delegation::service_principal;
use super::{MANAGEMENT, READERS, SERVICE};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(SERVICE, "EnableAWSServiceAccess", MANAGEMENT, enable),
    Operation::write(SERVICE, "DisableAWSServiceAccess", MANAGEMENT, disable),
    Operation::read(SERVICE, "ListAWSServiceAccessForOrganization", READERS, list),
];

fn enable(call: &mut Call<'_>) -> Answer {
    let service = service_principal(call.input)?.to_owned();
    if !principals::is_known(&service) {
        let message = format!("You specified a service principal that isn't recognized: {service}.");
        return Err(Refusal::invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", message));
    }
    let now = call.circumstances.now;
    let organization = call.organization_mut()?;
    if organization.feature_set != FeatureSet::All {
        let message = "You attempted to perform an operation that requires an organization with all features enabled.";
        return Err(Refusal::constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", message));
    }
    organization.service_access.entry(service).or_insert(now);
    Ok(Output::Empty)
}

fn disable(call: &mut Call<'_>) -> Answer {
    let service = service_principal(call.input)?.to_owned();
    call.organization_mut()?.service_access.remove(&service);
    Ok(Output::Empty)
}

fn list(call: &mut Call<'_>) -> Answer {
    let size = call.input.page_size()?;
    let services = call.organization()?.service_access.clone();
    let page = call.page(size, |_, start, wanted| {
        let services = services.range((start.bound(), Bound::Unbounded)).take(wanted);
        Ok(services.map(|(name, since)| (name.clone(), json!({ "ServicePrincipal": name, "DateEnabled": epoch(*since) }))).collect())
    })?;
    page_answer("EnabledServicePrincipals", page)
}
