//! The state of joinings that earlier runs began, according to the members and invitations that AWS shows.

use jiff::{SignedDuration, Timestamp};

use crate::journal::OpenIntent;
use crate::org::{Handshake, ObservedOrganization, SentInvitation};

/// If AWS shows no invitation this long after the intent, none was sent. AWS documents no limit for its eventual consistency.
const SHOWN_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// The maximum difference between AWS's clock and the local one.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The state of a joining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It continues: the account joined and must be placed, its answer is awaited, or its state is not known yet.
    GoesOn {
        /// Its invitation, if the journal does not contain it.
        unjournaled: Option<SentInvitation>,
    },
    /// It is over, and the account did not join.
    Over {
        /// Its invitation, if the journal does not contain it.
        unjournaled: Option<SentInvitation>,
        /// How it ended, as a clause.
        how: String,
    },
}

/// Determines the state of an open joining intent.
pub(super) fn fate(intent: &OpenIntent, observed: &ObservedOrganization, now: Timestamp) -> Fate {
    let goes_on = |unjournaled| Fate::GoesOn { unjournaled };
    let Some(sent) = observed.sent_handshakes.value().filter(|_| observed.has_every_account()) else { return goes_on(None) };
    let found = invitation(intent, observed, sent, now);
    let unjournaled =
        found.filter(|_| intent.invited.is_none()).map(|found| SentInvitation { handshake: found.id.clone(), until: found.expires_at });
    if observed.account(intent.planned.id).is_some() {
        return goes_on(unjournaled);
    }
    let over = |unjournaled, how: String| Fate::Over { unjournaled, how };
    match (found, &intent.invited) {
        (Some(found), _) if found.is_open(now) => goes_on(unjournaled),
        // AWS's lists show a new member only after a while.
        (Some(Handshake { state, .. }), _) if state == "ACCEPTED" && now.duration_since(intent.at) < SHOWN_WITHIN => goes_on(unjournaled),
        (Some(Handshake { id, state, .. }), _) if state == "ACCEPTED" => {
            over(unjournaled, format!("invitation {id} was accepted, but the account is not a member"))
        }
        (Some(Handshake { id, state, .. }), _) => {
            let state = if state == "OPEN" || state == "REQUESTED" { "expired".to_owned() } else { state.to_lowercase() };
            over(unjournaled, format!("invitation {id} is {state}"))
        }
        (None, Some(SentInvitation { handshake, until: Some(until) })) if *until <= now => {
            over(None, format!("invitation {handshake} expired at {until}"))
        }
        (None, None) if now.duration_since(intent.at) >= SHOWN_WITHIN => {
            over(None, "AWS shows no invitation long after the call, so the call had no effect".to_owned())
        }
        (None, _) => goes_on(None),
    }
}

/// The invitation of an intent: the journaled one, or else the newest one that can belong to it.
fn invitation<'o>(intent: &OpenIntent, observed: &ObservedOrganization, sent: &'o [Handshake], now: Timestamp) -> Option<&'o Handshake> {
    let organization = &observed.organization;
    let ours = sent.iter().filter(|found| found.invites(intent.planned.id, &organization.id, organization.management_account_id));
    let since = intent.at.checked_sub(TOLERANCE).unwrap_or(intent.at);
    let is_its = |found: &&Handshake| match &intent.invited {
        Some(journaled) => found.id == journaled.handshake,
        None => found.is_open(now) || found.requested_at.is_some_and(|at| at >= since),
    };
    ours.filter(is_its).max_by_key(|found| (found.is_open(now), found.requested_at))
}
