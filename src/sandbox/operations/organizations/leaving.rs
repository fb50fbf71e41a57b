//! LeaveOrganization and RemoveAccountFromOrganization.

use crate::org::AccountId;
use crate::sandbox::operations::{Call, Operation};
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::rules::leaving;
use crate::sandbox::state::trail::Departure;
use crate::sandbox::wire::{Answer, Output, Refusal, Service};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(Service::Organizations, "LeaveOrganization", Who::AnyMember, leave),
    Operation::write(Service::Organizations, "RemoveAccountFromOrganization", Who::Management, remove),
];

/// Acts on the account of the credentials; the request contains no account.
fn leave(call: &mut Call<'_>) -> Answer {
    let account = call.caller.account;
    check(call, account)?;
    depart(call, account, Departure::Left)
}

fn remove(call: &mut Call<'_>) -> Answer {
    let account = call.input.account_id("AccountId")?;
    check(call, account)?;
    depart(call, account, Departure::Removed)
}

fn check(call: &Call<'_>, account: AccountId) -> Result<(), Refusal> {
    let organization = call.organization()?;
    let (account, membership) = super::member(organization, call.world, account).ok_or_else(Refusal::account_not_found)?;
    leaving::check(account, membership, organization, call.circumstances.now)
}

fn depart(call: &mut Call<'_>, account: AccountId, how: Departure) -> Answer {
    let now = call.circumstances.now;
    let organization = call.organization()?.id.clone();
    let management = call.organization()?.management;
    call.world.depart(account, now);
    call.world.note_departure(account, management, &organization, how, now);
    Ok(Output::Empty)
}
