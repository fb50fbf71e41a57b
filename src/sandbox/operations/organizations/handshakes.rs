//! Handshakes: inviting, answering, taking back, and listing them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::org::AccountId;
use crate::sandbox::clock::shifted;
use crate::sandbox::operations::views::epoch;
use crate::sandbox::operations::{Call, Operation, page_answer};
use crate::sandbox::rules::authorize::Who;
use crate::sandbox::rules::leaving;
use crate::sandbox::state::account::{AccountState, JoinedMethod};
use crate::sandbox::state::handshake::{Handshake, HandshakeAction, HandshakeState, LIFETIME};
use crate::sandbox::state::trail::Departure;
use crate::sandbox::state::words::Word;
use crate::sandbox::state::{World, ids};
use crate::sandbox::wire::input::check_length;
use crate::sandbox::wire::{self, Answer, Refusal};

use super::{MANAGEMENT, READERS, SERVICE, all_features};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::write(SERVICE, "InviteAccountToOrganization", MANAGEMENT, invite),
    Operation::write(SERVICE, "AcceptHandshake", Who::Anyone, accept),
    Operation::write(SERVICE, "DeclineHandshake", Who::Anyone, decline),
    Operation::write(SERVICE, "CancelHandshake", Who::Anyone, cancel),
    Operation::read(SERVICE, "DescribeHandshake", Who::Anyone, describe),
    Operation::read(SERVICE, "ListHandshakesForAccount", Who::Anyone, list_for_account),
    Operation::read(SERVICE, "ListHandshakesForOrganization", READERS, list_for_organization),
];

/// A day, over which invitations are counted.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Who is invited: the account, and the address where the invitation named one.
fn invited(call: &Call<'_>) -> Result<(AccountId, Option<String>), Refusal> {
    let target =
        call.input.structure("Target")?.ok_or_else(|| Refusal::invalid("INPUT_REQUIRED", "You must include a value for Target."))?;
    let id = target.sized("Id", 1, 64)?.to_owned();
    match target.required("Type")? {
        "ACCOUNT" => match id.parse() {
            Ok(account) => Ok((account, None)),
            Err(_) => Err(Refusal::invalid("INVALID_PATTERN", "You provided an account ID that doesn't match the required pattern.")),
        },
        "EMAIL" => {
            let account = call.world.accounts.values().find(|account| account.email.eq_ignore_ascii_case(&id)).map(|account| account.id);
            let unknown =
                || Refusal::invalid("INVALID_EMAIL_ADDRESS_TARGET", "You specified an email address that no account of the sandbox has.");
            account.map(|account| (account, Some(id))).ok_or_else(unknown)
        }
        _ => Err(Refusal::invalid(
            "INVALID_PARTY_TYPE_TARGET",
            "You specified the wrong type of entity (account, organization, or email) as a party.",
        )),
    }
}

fn invite(call: &mut Call<'_>) -> Answer {
    let (account, email) = invited(call)?;
    let notes = call.input.optional("Notes")?.map(str::to_owned);
    if let Some(notes) = &notes {
        check_length("Notes", notes, 0, 1024)?;
    }
    let tags = super::tags::read(call.input)?;
    let now = call.circumstances.now;
    all_features::check_inviting(call)?;
    let organization = call.organization()?;
    if organization.members.contains(&account) {
        return Err(handshake_constraint(
            "ALREADY_IN_AN_ORGANIZATION",
            "The account that you are trying to invite is already in this organization.",
        ));
    }
    let invitations = call.world.handshakes.values().filter(|handshake| handshake.action == HandshakeAction::Invite);
    let sent: Vec<_> = invitations.filter(|handshake| handshake.organization == organization.id).collect();
    if sent.iter().any(|handshake| handshake.account == account && handshake.state_at(now) == HandshakeState::Open) {
        let message = "A handshake with the same action and target already exists.";
        return Err(Refusal::new("DuplicateHandshakeException", message));
    }
    // Invitations that were accepted do not count (Organizations User Guide, quotas).
    let counted =
        sent.iter().filter(|handshake| handshake.state != HandshakeState::Accepted && now.duration_since(handshake.requested) < DAY);
    if counted.count() as u64 >= call.world.settings.invitations_per_day {
        let message = "You attempted to exceed the number of handshakes that you can send in one day.";
        return Err(handshake_constraint("HANDSHAKE_RATE_LIMIT_EXCEEDED", message));
    }
    let (organization, management) = (organization.id.clone(), organization.management);
    let id = format!("h-{}", call.world.invent("handshake", ids::LOWER, 10));
    let handshake = Handshake {
        id: id.clone(),
        action: HandshakeAction::Invite,
        parent: None,
        organization,
        management,
        account,
        email,
        notes,
        tags,
        requested: now,
        expires: shifted(now, LIFETIME),
        state: HandshakeState::Open,
        ended: None,
    };
    let view = view(&handshake, call.world, now);
    call.world.handshakes.insert(id, handshake);
    wire::json(&json!({ "Handshake": view }))
}

pub(super) fn handshake_constraint(reason: &'static str, message: &str) -> Refusal {
    Refusal::new("HandshakeConstraintViolationException", message).because(reason)
}

/// The handshake of the input.
fn find(call: &Call<'_>) -> Result<Handshake, Refusal> {
    let id = call.input.matching("HandshakeId", 34, ids::is_handshake)?;
    let not_found = || Refusal::new("HandshakeNotFoundException", "We can't find a handshake with the handshake ID that you specified.");
    call.world.handshakes.get(id).cloned().ok_or_else(not_found)
}

/// Brings an open handshake of the caller into its final state.
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

pub(super) fn check_open(handshake: &Handshake, wanted: HandshakeState, now: Timestamp) -> Result<(), Refusal> {
    let state = handshake.state_at(now);
    if state == HandshakeState::Open {
        return Ok(());
    }
    if state == wanted {
        let message = "The specified handshake is already in the requested state.";
        return Err(Refusal::new("HandshakeAlreadyInStateException", message));
    }
    let message = format!("You can't bring a handshake that is {} into the state {}.", state.as_str(), wanted.as_str());
    Err(Refusal::new("InvalidHandshakeTransitionException", message))
}

fn accept(call: &mut Call<'_>) -> Answer {
    let handshake = find(call)?;
    if handshake.account != call.caller.account {
        return Err(Refusal::wrong_caller());
    }
    match handshake.action {
        HandshakeAction::Invite => join(call, &handshake),
        HandshakeAction::EnableAllFeatures => all_features::finalize(call, &handshake),
        HandshakeAction::ApproveAllFeatures => all_features::approve(call, &handshake),
    }
}

fn join(call: &mut Call<'_>, handshake: &Handshake) -> Answer {
    let now = call.circumstances.now;
    check_open(handshake, HandshakeState::Accepted, now)?;
    let Some(organization) = call.world.organizations.get(&handshake.organization) else {
        return Err(Refusal::new("HandshakeNotFoundException", "The organization that invited the account doesn't exist any more."));
    };
    let (root, management) = (organization.root.clone(), organization.management);
    check_joining(call, now)?;
    leave_for_transfer(call, now)?;
    call.world.join(handshake.account, &handshake.organization, &root, JoinedMethod::Invited, now);
    if let Some(membership) = call.world.accounts.get_mut(&handshake.account).and_then(|account| account.membership.as_mut()) {
        membership.tags.clone_from(&handshake.tags);
    }
    call.world.note_arrival(handshake.account, management, &handshake.organization, JoinedMethod::Invited.as_str(), now);
    end(call, handshake, HandshakeState::Accepted)
}

/// What keeps an account from joining.
fn check_joining(call: &Call<'_>, now: Timestamp) -> Result<(), Refusal> {
    let Some(account) = call.world.accounts.get(&call.caller.account) else { return Ok(()) };
    if account.state != AccountState::Active {
        return Err(Refusal::wrong_caller());
    }
    let minutes = i64::try_from(call.world.settings.rejoin_wait_minutes).unwrap_or(i64::MAX / 60);
    let wait = SignedDuration::from_secs(minutes.saturating_mul(60));
    if account.departed.is_some_and(|departed| now.duration_since(departed) < wait) {
        let message = "You attempted to change the membership of your account faster than the quota allows. Try again later.";
        return Err(handshake_constraint("ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED", message));
    }
    Ok(())
}

/// A member that accepts moves directly: it leaves its organization on the same conditions, except those about standing alone (Organizations User
/// Guide, migrating an account).
fn leave_for_transfer(call: &mut Call<'_>, now: Timestamp) -> Result<(), Refusal> {
    let id = call.caller.account;
    let Some(organization) = call.world.organization_of(id) else { return Ok(()) };
    let Some((account, membership)) = super::member(organization, call.world, id) else { return Ok(()) };
    leaving::check_transfer(account, membership, organization, now)?;
    let (organization, management) = (organization.id.clone(), organization.management);
    call.world.depart(id, now);
    call.world.note_departure(id, management, &organization, Departure::Left, now);
    Ok(())
}

fn decline(call: &mut Call<'_>) -> Answer {
    let handshake = find(call)?;
    // What the management account began itself it cancels.
    if handshake.account != call.caller.account || handshake.action == HandshakeAction::EnableAllFeatures {
        return Err(Refusal::wrong_caller());
    }
    check_open(&handshake, HandshakeState::Declined, call.circumstances.now)?;
    end(call, &handshake, HandshakeState::Declined)
}

/// Declares no error for an account without organization: such a caller is simply not the sender.
fn cancel(call: &mut Call<'_>) -> Answer {
    let handshake = find(call)?;
    let sender = call.organization().is_ok_and(|organization| organization.id == handshake.organization);
    if !sender || Who::Management.check(call.caller, call.world).is_err() {
        return Err(Refusal::wrong_caller());
    }
    if handshake.state_at(call.circumstances.now) != HandshakeState::Requested {
        check_open(&handshake, HandshakeState::Canceled, call.circumstances.now)?;
    }
    all_features::withdraw(call, &handshake);
    end(call, &handshake, HandshakeState::Canceled)
}

fn describe(call: &mut Call<'_>) -> Answer {
    let handshake = find(call)?;
    let inviter = call.organization().is_ok_and(|organization| organization.id == handshake.organization);
    if handshake.account != call.caller.account && !(inviter && Who::ManagementOrDelegated.check(call.caller, call.world).is_ok()) {
        return Err(Refusal::wrong_caller());
    }
    answer(call, &handshake.id)
}

/// What the `Filter` of an input lets through.
struct Filter {
    /// The action that is asked for, where one is; none of ours for the actions that the sandbox has no handshakes of.
    action: Option<Option<HandshakeAction>>,
    parent: Option<String>,
}

impl Filter {
    fn read(call: &Call<'_>) -> Result<Self, Refusal> {
        let Some(filter) = call.input.structure("Filter")? else { return Ok(Self { action: None, parent: None }) };
        let others = ["ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE", "TRANSFER_RESPONSIBILITY"].map(|word| (word, None));
        let own = HandshakeAction::WORDS.iter().map(|(word, action)| (*word, Some(*action)));
        let words: Vec<_> = own.chain(others).collect();
        let action = filter.optional_of("ActionType", &words)?;
        Ok(Self { action, parent: filter.optional("ParentHandshakeId")?.map(str::to_owned) })
    }

    fn lets(&self, handshake: &Handshake) -> bool {
        self.action.is_none_or(|action| action == Some(handshake.action))
            && self.parent.as_ref().is_none_or(|parent| handshake.parent.as_ref() == Some(parent))
    }
}

fn list_for_account(call: &mut Call<'_>) -> Answer {
    let account = call.caller.account;
    list(call, |handshake| handshake.account == account)
}

fn list_for_organization(call: &mut Call<'_>) -> Answer {
    let organization = call.organization()?.id.clone();
    list(call, |handshake| handshake.organization == organization)
}

fn list(call: &mut Call<'_>, wanted: impl Fn(&Handshake) -> bool) -> Answer {
    let filter = Filter::read(call)?;
    let size = call.input.page_size()?;
    let now = call.circumstances.now;
    let page = call.page(size, |world, start, count| {
        let handshakes = world.handshakes.range((start.bound(), std::ops::Bound::Unbounded)).map(|(_, handshake)| handshake);
        let handshakes = handshakes.filter(|handshake| filter.lets(handshake) && handshake.is_listed(now) && wanted(handshake)).take(count);
        Ok(handshakes.map(|handshake| (handshake.id.clone(), view(handshake, world, now))).collect())
    })?;
    page_answer("Handshakes", page)
}

/// `Handshake`.
fn view(handshake: &Handshake, world: &World, now: Timestamp) -> Value {
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
    resources.extend(all_features::parent_resource(handshake));
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
