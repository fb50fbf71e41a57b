//! AWS Free Tier (API reference, version 2023-09-07): whether the caller's account is on the free plan.

use serde_json::json;

use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::account::AccountPlan;
use crate::sandbox::state::words::Word;
use crate::sandbox::wire::{self, Answer, Service};

use super::{Call, Operation};

/// The operations of Free Tier.
pub(super) const TABLES: &[&[Operation]] =
    &[&[Operation::read(Service::FreeTier, "GetAccountPlanState", Who::Anyone, get_account_plan_state)]];

fn get_account_plan_state(call: &mut Call<'_>) -> Answer {
    let id = call.caller.account;
    // The sign-up of an undeclared account is complete.
    let plan = call.world.accounts.get(&id).map_or(AccountPlan::Paid, |account| account.plan);
    wire::json(&json!({ "accountId": id.to_string(), "accountPlanType": plan.as_str(), "accountPlanStatus": "ACTIVE" }))
}
