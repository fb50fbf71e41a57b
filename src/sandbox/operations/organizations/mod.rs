//! AWS Organizations (API reference, version 2016-11-28).

mod accounts;
mod attachments;
mod creation;
mod delegation;
mod effective;
mod handshakes;
mod leaving;
mod policies;
mod resource_policy;
mod service_access;
mod tags;
mod tree;
mod units;

use super::Operation;

/// The operations of Organizations.
pub(super) const TABLES: &[&[Operation]] = &[
    accounts::OPERATIONS,
    attachments::OPERATIONS,
    creation::OPERATIONS,
    delegation::OPERATIONS,
    effective::OPERATIONS,
    handshakes::OPERATIONS,
    leaving::OPERATIONS,
    policies::OPERATIONS,
    resource_policy::OPERATIONS,
    service_access::OPERATIONS,
    tags::OPERATIONS,
    tree::OPERATIONS,
    units::OPERATIONS,
];

use crate::org::AccountId;
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::account::{Account, Membership};
use crate::sandbox::state::organization::{Organization, Target};
use crate::sandbox::state::{World, ids};
use crate::sandbox::wire::input::Input;
use crate::sandbox::wire::{Refusal, Service};

/// A member of an organization.
fn member<'w>(organization: &Organization, world: &'w World, id: AccountId) -> Option<(&'w Account, &'w Membership)> {
    let account = world.accounts.get(&id)?;
    let membership = account.membership.as_ref().filter(|membership| membership.organization == organization.id)?;
    Some((account, membership))
}

/// `ParentId`: a root or organizational unit.
fn parent_id<'i>(input: &'i Input, name: &str) -> Result<&'i str, Refusal> {
    input.matching(name, 100, |text| ids::is_root(text) || ids::is_unit(text))
}

fn parent_not_found() -> Refusal {
    Refusal::new("ParentNotFoundException", "You specified a parent that doesn't exist.")
}

/// The callers of operations that only the management account may use.
const MANAGEMENT: Who = Who::Management;
/// The callers of read operations.
const READERS: Who = Who::ManagementOrDelegated;
/// The service of every operation here.
const SERVICE: Service = Service::Organizations;

/// `PolicyTargetId`: a root, organizational unit or account.
fn target_id<'i>(input: &'i Input, name: &str) -> Result<&'i str, Refusal> {
    let text = input.required(name)?;
    if ids::is_root(text) || ids::is_unit(text) || ids::is_account(text) {
        return Ok(text);
    }
    Err(Refusal::invalid("INVALID_PATTERN_TARGET_ID", "You provided a target ID that doesn't match the required pattern."))
}

fn target_not_found() -> Refusal {
    Refusal::new("TargetNotFoundException", "You specified a target that doesn't exist.")
}

/// Finds a policy target.
fn target(organization: &Organization, world: &World, id: &str) -> Result<Target, Refusal> {
    if organization.units.contains_key(id) {
        return Ok(Target::Unit(id.to_owned()));
    }
    let account = id.parse::<AccountId>().ok().filter(|id| member(organization, world, *id).is_some());
    account.map(Target::Account).ok_or_else(target_not_found)
}
