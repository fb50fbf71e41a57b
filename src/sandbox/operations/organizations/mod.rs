//! AWS Organizations (API reference, version 2016-11-28).

mod accounts;
mod delegation;
mod leaving;
mod tree;

use super::Operation;

/// The operations of Organizations.
pub(super) const TABLES: &[&[Operation]] = &[accounts::OPERATIONS, delegation::OPERATIONS, leaving::OPERATIONS, tree::OPERATIONS];

use crate::org::AccountId;
use crate::sandbox::state::account::{Account, Membership};
use crate::sandbox::state::organization::Organization;
use crate::sandbox::state::{World, ids};
use crate::sandbox::wire::Refusal;
use crate::sandbox::wire::input::Input;

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
