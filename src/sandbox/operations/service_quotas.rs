//! Service Quotas (API reference, version 2019-06-24): the adjustable quota of AWS Organizations, as its management account sees it in the
//! partition's home region.

use serde_json::{Value, json};

use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::organization::DEFAULT_ACCOUNT_QUOTA;
use crate::sandbox::wire::{self, Answer, Refusal, Service};

use super::{Call, Operation};

/// The operations of Service Quotas.
pub(super) const TABLES: &[&[Operation]] = &[&[
    Operation::read(Service::Quotas, "GetServiceQuota", Who::Anyone, get_service_quota),
    Operation::read(Service::Quotas, "ListServiceQuotas", Who::Anyone, list_service_quotas),
]];

/// The code of the service, then of the quota.
const ORGANIZATIONS: &str = "organizations";
const ACCOUNTS: &str = "L-E619E033";

fn get_service_quota(call: &mut Call<'_>) -> Answer {
    check_service(call)?;
    if call.input.required("QuotaCode")? != ACCOUNTS {
        return Err(unknown());
    }
    wire::json(&json!({ "Quota": account_quota(call) }))
}

fn list_service_quotas(call: &mut Call<'_>) -> Answer {
    check_service(call)?;
    let wanted = call.input.optional("QuotaCode")?.is_none_or(|code| code == ACCOUNTS);
    let quotas: Vec<_> = wanted.then(|| account_quota(call)).into_iter().collect();
    wire::json(&json!({ "Quotas": quotas }))
}

/// The sandbox has only quotas of Organizations, and only in the region that keeps those of global services.
fn check_service(call: &Call<'_>) -> Result<(), Refusal> {
    let known = call.input.required("ServiceCode")? == ORGANIZATIONS && call.caller.region == call.world.partition.home_region();
    if known { Ok(()) } else { Err(unknown()) }
}

fn unknown() -> Refusal {
    Refusal::new("NoSuchResourceException", "The specified resource does not exist.")
}

/// `ServiceQuota` for the accounts of the organization that the caller manages; for any other account, AWS's default.
fn account_quota(call: &Call<'_>) -> Value {
    let managed = call.world.organization_of(call.caller.account).filter(|organization| organization.management == call.caller.account);
    let quota = managed.map_or(DEFAULT_ACCOUNT_QUOTA, |organization| organization.account_quota);
    json!({
        "ServiceCode": ORGANIZATIONS,
        "ServiceName": "AWS Organizations",
        "QuotaArn": call.world.partition.arn("servicequotas", call.caller.account, format_args!("{ORGANIZATIONS}/{ACCOUNTS}")),
        "QuotaCode": ACCOUNTS,
        "QuotaName": "Default maximum number of accounts",
        "Value": quota as f64,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": true,
    })
}
