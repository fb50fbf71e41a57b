//! AWS Support (API reference, version 2013-04-15).

use serde_json::json;

use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::account::SupportPlan;
use crate::sandbox::wire::{self, Answer, Refusal, Service};

use super::{Call, Operation};

/// The operations of Support.
pub(super) const TABLES: &[&[Operation]] =
    &[&[Operation::read(Service::Support, "DescribeSeverityLevels", Who::Anyone, describe_severity_levels)]];

const LEVELS: &[(&str, &str)] = &[("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent"), ("critical", "Critical")];

/// The API requires a Business or Enterprise plan; critical cases require Enterprise.
fn describe_severity_levels(call: &mut Call<'_>) -> Answer {
    let account = call.world.accounts.get(&call.caller.account);
    let levels = match account.map_or(SupportPlan::Basic, |account| account.support_plan) {
        SupportPlan::Enterprise => LEVELS,
        SupportPlan::Business => LEVELS.get(..4).unwrap_or(LEVELS),
        SupportPlan::None | SupportPlan::Basic | SupportPlan::Developer => {
            return Err(Refusal::new("SubscriptionRequiredException", "AWS Premium Support Subscription is required to use this service."));
        }
    };
    if call.input.boolean("dryRun")?.unwrap_or_default() {
        let message = "The request would have succeeded, but dryRun is set.";
        return Err(Refusal::new("DryRunOperationException", message));
    }
    let levels: Vec<_> = levels.iter().map(|(code, name)| json!({ "code": code, "name": name })).collect();
    wire::json(&json!({ "severityLevels": levels }))
}
