//! The common parts of all handshakes: finding them, changing their state, and their shape in answers.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sandbox::operations::Call;
use crate::sandbox::operations::views::epoch;
use crate::sandbox::state::handshake::{Handshake, HandshakeAction, HandshakeState};
use crate::sandbox::state::words::Word;
use crate::sandbox::state::{World, ids};
use crate::sandbox::wire::{self, Answer, Refusal};

/// Returns the handshake in the input. The caller's policies must allow the operation on it, and the caller's account or organization must
/// be a party to it.
///
/// Policies identify a handshake by its ARN (Service Authorization Reference), which contains the sender's ids. If the handshake does not
/// exist, those ids are unknown, so only a policy with wildcards in their place matches.
pub(super) fn find(call: &Call<'_>) -> Result<Handshake, Refusal> {
    let id = call.input.matching("HandshakeId", 34, ids::is_handshake)?;
    let found = call.world.handshakes.get(id).filter(|handshake| handshake.is_listed(call.circumstances.now));
    let partition = call.world.partition;
    let nobodys = || partition.arn("organizations", call.caller.account, format_args!("handshake/o-unknownsender/invite/{id}"));
    let resource = found.map_or_else(nobodys, |handshake| handshake.arn(partition));
    call.authorize(&call.operation.action(), &resource)?;
    let sender = |handshake: &Handshake| call.organization().is_ok_and(|organization| organization.id == handshake.organization);
    let party = |handshake: &&Handshake| handshake.account == call.caller.account || sender(handshake);
    let not_found = || Refusal::new("HandshakeNotFoundException", "We can't find a handshake with the handshake ID that you specified.");
    found.filter(party).cloned().ok_or_else(not_found)
}

/// Checks that the caller is the account that received the handshake; only it can answer.
pub(super) fn check_recipient(call: &Call<'_>, handshake: &Handshake) -> Result<(), Refusal> {
    if handshake.account == call.caller.account { Ok(()) } else { Err(Refusal::wrong_caller()) }
}

/// Checks that a handshake is open. `wanted` is the state that the operation would set.
pub(super) fn check_open(handshake: &Handshake, wanted: HandshakeState, now: Timestamp) -> Result<(), Refusal> {
    let state = handshake.state_at(now);
    if handshake.waits_for_answer(now) {
        return Ok(());
    }
    if state == wanted {
        let message = "The specified handshake is already in the requested state.";
        return Err(Refusal::new("HandshakeAlreadyInStateException", message));
    }
    let message = format!("You can't bring a handshake that is {} into the state {}.", state.as_str(), wanted.as_str());
    Err(Refusal::new("InvalidHandshakeTransitionException", message))
}

/// Puts an open handshake of the caller into its final state.
pub(super) fn end(call: &mut Call<'_>, handshake: &Handshake, state: HandshakeState) -> Answer {
    let now = call.circumstances.now;
    if let Some(handshake) = call.world.handshakes.get_mut(&handshake.id) {
        (handshake.state, handshake.ended) = (state, Some(now));
    }
    answer(call, &handshake.id)
}

pub(super) fn answer(call: &Call<'_>, id: &str) -> Answer {
    let view = call.world.handshakes.get(id).map(|handshake| view(handshake, call.world, call.circumstances.now));
    wire::json(&json!({ "Handshake": view }))
}

/// `Handshake`.
pub(super) fn view(handshake: &Handshake, world: &World, now: Timestamp) -> Value {
    let (id, kind) = match &handshake.email {
        Some(email) => (email.clone(), "EMAIL"),
        None => (handshake.account.to_string(), "ACCOUNT"),
    };
    let management = world.accounts.get(&handshake.management);
    let about = |kind: &str, value: Option<String>| json!({ "Type": kind, "Value": value.unwrap_or_default() });
    let features = world.organizations.get(&handshake.organization).map(|organization| organization.feature_set.as_str().to_owned());
    let organization = json!({
        "Type": "ORGANIZATION",
        "Value": handshake.organization,
        "Resources": [
            about("MASTER_EMAIL", management.map(|account| account.email.clone())),
            about("MASTER_NAME", management.map(|account| account.name.clone())),
            about("ORGANIZATION_FEATURE_SET", features),
        ],
    });
    let asked = handshake.action != HandshakeAction::EnableAllFeatures;
    let mut resources = vec![organization];
    resources.extend(asked.then(|| json!({ "Type": kind, "Value": id })));
    // An approval contains the id of the handshake that it approves.
    resources.extend(handshake.parent.as_ref().map(|parent| json!({ "Type": "PARENT_HANDSHAKE", "Value": parent })));
    resources.extend(handshake.notes.as_ref().map(|notes| json!({ "Type": "NOTES", "Value": notes })));
    let mut parties = vec![json!({ "Id": handshake.organization, "Type": "ORGANIZATION" })];
    parties.extend(asked.then(|| json!({ "Id": id, "Type": kind })));
    json!({
        "Id": handshake.id,
        "Arn": handshake.arn(world.partition),
        "Parties": parties,
        "State": handshake.state_at(now).as_str(),
        "RequestedTimestamp": epoch(handshake.requested),
        "ExpirationTimestamp": epoch(handshake.expires),
        "Action": handshake.action.as_str(),
        "Resources": resources,
    })
}
