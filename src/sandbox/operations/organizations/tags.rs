//! Tags of accounts, organizational units, roots and policies.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::org::AccountId;
use crate::sandbox::operations::views::TagView;
use crate::sandbox::operations::{Call, Operation, page_answer};
use crate::sandbox::rules::context::{of_tag_keys, of_tags};
use crate::sandbox::state::ids;
use crate::sandbox::wire::input::{Input, PAGE, check_length, invalid_pattern};
use crate::sandbox::wire::{Answer, Output, Refusal};

use super::{MANAGEMENT, READERS, SERVICE, target_not_found};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(SERVICE, "TagResource", MANAGEMENT, tag).unchecked(),
    Operation::write(SERVICE, "UntagResource", MANAGEMENT, untag).unchecked(),
    Operation::read(SERVICE, "ListTagsForResource", READERS, list),
];

/// The most tags on one resource (Organizations User Guide, quotas).
const MAX_TAGS: usize = 50;

/// `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`.
fn is_tag_text(text: &str) -> bool {
    text.chars().all(|character| character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character))
}

fn check_key(key: &str) -> Result<(), Refusal> {
    check_length("Key", key, 1, 128)?;
    if key.to_lowercase().starts_with("aws:") {
        return Err(Refusal::invalid("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag."));
    }
    if is_tag_text(key) { Ok(()) } else { Err(invalid_pattern("Key")) }
}

/// Reads the `Tags` of an input.
pub(super) fn read(input: &Input) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags = BTreeMap::new();
    for tag in input.structures("Tags")? {
        let (key, value) = (tag.required("Key")?, tag.required("Value")?);
        check_key(key)?;
        check_length("Value", value, 0, 256)?;
        if !is_tag_text(value) {
            return Err(invalid_pattern("Value"));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Refusal::invalid("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity."));
        }
    }
    check_count(&tags)?;
    Ok(tags)
}

fn check_count(tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if tags.len() <= MAX_TAGS {
        return Ok(());
    }
    Err(Refusal::constraint("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource."))
}

fn resource_id(call: &Call<'_>) -> Result<String, Refusal> {
    let valid = |text: &str| {
        ids::is_root(text) || ids::is_unit(text) || ids::is_account(text) || ids::is_policy(text) || ids::is_resource_policy(text)
    };
    call.input.matching("ResourceId", 130, valid).map(str::to_owned)
}

/// The ARN of a resource in policies.
fn resource_arn(call: &Call<'_>, id: &str) -> Result<String, Refusal> {
    let organization = call.organization()?;
    if let Ok(account) = id.parse::<AccountId>() {
        return Ok(organization.account_arn(account));
    }
    if let Some(policy) = organization.policies.get(id) {
        return Ok(organization.policy_arn(policy));
    }
    let delegation = organization.resource_policy.as_ref().filter(|policy| policy.id == id);
    Ok(delegation.map_or_else(|| organization.unit_arn(id), |policy| organization.resource_policy_arn(policy)))
}

/// The tags of a resource in the caller's organization. AWS managed policies have no tags.
fn tags_of<'c>(call: &'c mut Call<'_>, id: &str) -> Result<&'c mut BTreeMap<String, String>, Refusal> {
    let organization = call.organization()?.id.clone();
    if let Ok(account) = id.parse::<AccountId>() {
        let membership = call.world.accounts.get_mut(&account).and_then(|account| account.membership.as_mut());
        let membership = membership.filter(|membership| membership.organization == organization);
        return membership.map(|membership| &mut membership.tags).ok_or_else(target_not_found);
    }
    let organization = call.organization_mut()?;
    if ids::is_policy(id) {
        let policy = organization.policies.get_mut(id).filter(|policy| !policy.aws_managed);
        return policy.map(|policy| &mut policy.tags).ok_or_else(target_not_found);
    }
    if ids::is_resource_policy(id) {
        let policy = organization.resource_policy.as_mut().filter(|policy| policy.id == id);
        return policy.map(|policy| &mut policy.tags).ok_or_else(target_not_found);
    }
    organization.units.get_mut(id).map(|unit| &mut unit.tags).ok_or_else(target_not_found)
}

fn tag(call: &mut Call<'_>) -> Answer {
    let id = resource_id(call)?;
    call.input.demand("Tags")?;
    let added = read(call.input)?;
    call.authorize_with(&call.operation.action(), &resource_arn(call, &id)?, &of_tags(&added))?;
    let tags = tags_of(call, &id)?;
    let mut changed = tags.clone();
    changed.extend(added);
    check_count(&changed)?;
    *tags = changed;
    Ok(Output::Empty)
}

fn untag(call: &mut Call<'_>) -> Answer {
    let id = resource_id(call)?;
    call.input.demand("TagKeys")?;
    let keys: BTreeSet<String> = call.input.strings("TagKeys")?.into_iter().map(str::to_owned).collect();
    for key in &keys {
        check_key(key)?;
    }
    call.authorize_with(&call.operation.action(), &resource_arn(call, &id)?, &of_tag_keys(&keys))?;
    tags_of(call, &id)?.retain(|key, _| !keys.contains(key));
    Ok(Output::Empty)
}

fn list(call: &mut Call<'_>) -> Answer {
    let id = resource_id(call)?;
    let tags = tags_of(call, &id)?.clone();
    let page = call.page(PAGE, |_, start, wanted| {
        let tags = tags.range((start.bound(), Bound::Unbounded)).take(wanted);
        Ok(tags.map(|(key, value)| (key.clone(), TagView { key: key.clone(), value: value.clone() })).collect())
    })?;
    page_answer("Tags", page)
}
