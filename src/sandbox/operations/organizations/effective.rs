//! Effective policies: the combined result of an account's management policies of one type.

use std::ops::Bound;

use serde_json::{Value, json};

use crate::org::AccountId;
use crate::sandbox::operations::views::{AccountView, epoch};
use crate::sandbox::operations::{Call, Operation};
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::rules::management;
use crate::sandbox::state::ids;
use crate::sandbox::state::organization::PolicyType;
use crate::sandbox::wire::{self, Answer, Refusal};

use super::policies::policy_type;
use super::{READERS, SERVICE};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read(SERVICE, "DescribeEffectivePolicy", Who::AnyMember, describe),
    Operation::read(SERVICE, "ListAccountsWithInvalidEffectivePolicy", READERS, list_invalid),
    Operation::read(SERVICE, "ListEffectivePolicyValidationErrors", READERS, list_errors),
];

/// `EffectivePolicyType`: authorization policies have no effective policy.
fn kind(call: &Call<'_>) -> Result<PolicyType, Refusal> {
    let kind = policy_type(call, "PolicyType")?;
    if kind.is_authorization() {
        return Err(Refusal::invalid("INVALID_ENUM_POLICY_TYPE", "You specified an invalid value for PolicyType."));
    }
    Ok(kind)
}

fn not_found() -> Refusal {
    let message = "The policy type isn't enabled in the organization, or the account has no effective policy of this type.";
    Refusal::new("EffectivePolicyNotFoundException", message)
}

/// The account of the request: the caller's own, unless the caller may read others.
fn subject(call: &Call<'_>) -> Result<AccountId, Refusal> {
    let Some(target) = call.input.optional("TargetId")? else { return Ok(call.caller.account) };
    if ids::is_root(target) || ids::is_unit(target) {
        return Err(Refusal::invalid("TARGET_NOT_SUPPORTED", "You can't perform the operation on a root or organizational unit."));
    }
    let id = super::target_id(call.input, "TargetId")?.parse().map_err(|_| super::target_not_found())?;
    if id != call.caller.account {
        READERS.check(call.caller, call.world)?;
    }
    Ok(id)
}

fn describe(call: &mut Call<'_>) -> Answer {
    let kind = kind(call)?;
    let id = subject(call)?;
    let organization = call.organization()?;
    let (_, membership) = super::member(organization, call.world, id).ok_or_else(super::target_not_found)?;
    let effective = management::effective(&kind, membership, organization).ok_or_else(not_found)?;
    wire::json(&json!({
        "EffectivePolicy": {
            "PolicyContent": effective.to_string(),
            "LastUpdatedTimestamp": epoch(call.circumstances.now),
            "TargetId": id.to_string(),
            "PolicyType": kind.as_str(),
        }
    }))
}

/// Checks that the policy type is enabled in the caller's organization.
fn enabled(call: &Call<'_>, kind: &PolicyType) -> Result<(), Refusal> {
    if call.organization()?.enforces(kind) { Ok(()) } else { Err(not_found()) }
}

fn list_invalid(call: &mut Call<'_>) -> Answer {
    let kind = kind(call)?;
    let size = call.input.page_size()?;
    enabled(call, &kind)?;
    let id = call.organization()?.id.clone();
    let page = call.page(size, |world, start, wanted| {
        let organization = world.organizations.get(&id).ok_or_else(Refusal::not_in_use)?;
        let from = (start.account_bound(), Bound::Unbounded);
        let members = organization.members.range(from).filter(|id| management::error_of(&kind, **id, organization, world).is_some());
        let views = members.filter_map(|id| {
            let (account, membership) = super::member(organization, world, *id)?;
            Some((id.to_string(), AccountView::of(account, membership, organization)))
        });
        Ok(views.take(wanted).collect())
    })?;
    let mut answer = json!({ "Accounts": page.items, "PolicyType": kind.as_str() });
    add_token(&mut answer, page.next);
    wire::json(&answer)
}

fn list_errors(call: &mut Call<'_>) -> Answer {
    let id = call.input.account_id("AccountId")?;
    let kind = kind(call)?;
    let size = call.input.page_size()?;
    enabled(call, &kind)?;
    let organization = call.organization()?;
    let (_, membership) = super::member(organization, call.world, id).ok_or_else(Refusal::account_not_found)?;
    let path = format!("{}{id}/", organization.path(&membership.parent));
    let error = management::error_of(&kind, id, organization, call.world);
    let errors: Vec<_> = error.into_iter().map(|(code, message)| json!({ "ErrorCode": code, "ErrorMessage": message })).collect();
    let page = call.page(size, |_, _, _| Ok(errors.into_iter().map(|error| (String::new(), error)).collect()))?;
    let mut answer = json!({
        "AccountId": id.to_string(),
        "PolicyType": kind.as_str(),
        "Path": path,
        "EvaluationTimestamp": epoch(call.circumstances.now),
        "EffectivePolicyValidationErrors": page.items,
    });
    add_token(&mut answer, page.next);
    wire::json(&answer)
}

fn add_token(answer: &mut Value, next: Option<String>) {
    if let (Value::Object(members), Some(next)) = (answer, next) {
        members.insert("NextToken".to_owned(), next.into());
    }
}
