//! Handshakes: what an organization requests of an account, and how it is answered or canceled.

mod all_features;
mod invitations;
mod lifecycle;
mod lists;

use crate::sandbox::operations::{Call, Operation};
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::state::handshake::{HandshakeAction, HandshakeState};
use crate::sandbox::wire::{Answer, Refusal};

use super::{MANAGEMENT, READERS, SERVICE};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(SERVICE, "EnableAllFeatures", MANAGEMENT, all_features::enable),
    Operation::write(SERVICE, "InviteAccountToOrganization", MANAGEMENT, invitations::invite).unchecked(),
    Operation::write(SERVICE, "AcceptHandshake", Who::Anyone, accept).unchecked(),
    Operation::write(SERVICE, "DeclineHandshake", Who::Anyone, decline).unchecked(),
    Operation::write(SERVICE, "CancelHandshake", Who::Anyone, cancel).unchecked(),
    Operation::read(SERVICE, "DescribeHandshake", Who::Anyone, describe).unchecked(),
    Operation::read(SERVICE, "ListHandshakesForAccount", Who::Anyone, lists::for_account),
    Operation::read(SERVICE, "ListHandshakesForOrganization", READERS, lists::for_organization),
];

fn accept(call: &mut Call<'_>) -> Answer {
    let handshake = lifecycle::find(call)?;
    lifecycle::check_recipient(call, &handshake)?;
    match handshake.action {
        HandshakeAction::Invite => invitations::accept(call, &handshake),
        HandshakeAction::EnableAllFeatures => all_features::finalize(call, &handshake),
        HandshakeAction::ApproveAllFeatures => all_features::approve(call, &handshake),
    }
}

fn decline(call: &mut Call<'_>) -> Answer {
    let handshake = lifecycle::find(call)?;
    lifecycle::check_recipient(call, &handshake)?;
    // The management account can't decline its own handshake, but cancels it.
    if handshake.action == HandshakeAction::EnableAllFeatures {
        return Err(Refusal::wrong_caller());
    }
    lifecycle::check_open(&handshake, HandshakeState::Declined, call.circumstances.now)?;
    lifecycle::end(call, &handshake, HandshakeState::Declined)
}

/// The API documents no error for an account without an organization: such a caller is simply not the sender.
fn cancel(call: &mut Call<'_>) -> Answer {
    let handshake = lifecycle::find(call)?;
    let sender = call.organization().is_ok_and(|organization| organization.id == handshake.organization);
    if !sender || Who::Management.check(call.caller, call.world).is_err() {
        return Err(Refusal::wrong_caller());
    }
    if handshake.state_at(call.circumstances.now) != HandshakeState::Requested {
        lifecycle::check_open(&handshake, HandshakeState::Canceled, call.circumstances.now)?;
    }
    all_features::withdraw(call, &handshake);
    lifecycle::end(call, &handshake, HandshakeState::Canceled)
}

fn describe(call: &mut Call<'_>) -> Answer {
    let handshake = lifecycle::find(call)?;
    lifecycle::answer(call, &handshake.id)
}
