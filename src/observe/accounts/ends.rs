//! CloudTrail's events about members that are missing or closed, read only if there are such members. If CloudTrail has no event, the cause
//! stays unknown.

use jiff::SignedDuration;

use crate::api::{CLOSE, DEPARTED, ReadTrail};
use crate::org::{AccountEnds, AccountState, Address, DesiredRoster, ObservedOrganization, SeenDeparture};

/// How long CloudTrail keeps its event history (CloudTrail user guide, "Viewing event history").
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Reads how missing members left, and when closed members were closed.
pub async fn account_ends(
    trail: &impl ReadTrail,
    roster: &DesiredRoster,
    observed: &ObservedOrganization,
    is_compared: impl Fn(&Address) -> bool,
) -> AccountEnds {
    let mut ends = AccountEnds::default();
    let members = || roster.accounts.iter().filter(|account| account.leaving().is_none() && is_compared(&account.address));
    let is_missing = members().any(|account| account.joining().is_none() && observed.account(account.id).is_none());
    let is_ending = |state: &AccountState| matches!(state, AccountState::Closed | AccountState::PendingClosure);
    let is_closed = members().any(|account| observed.account(account.id).is_some_and(|live| is_ending(&live.state)));
    let Ok(from) = observed.observed_at.checked_sub(KEPT) else { return ends };
    if is_missing && let Ok(events) = trail.lookup(DEPARTED, from, observed.observed_at).await {
        let ours = events.into_iter().filter(|event| event.organization.as_ref().is_none_or(|id| *id == observed.organization.id.as_str()));
        for event in ours {
            let seen = SeenDeparture { at: event.at, method: event.method };
            // An account may have left, rejoined and left again.
            let last = ends.departed.entry(event.account).or_insert_with(|| seen.clone());
            if seen.at > last.at {
                *last = seen;
            }
        }
    }
    if is_closed && let Ok(events) = trail.lookup(CLOSE, from, observed.observed_at).await {
        for event in events.into_iter().filter(|event| event.error_code.is_none()) {
            let last = ends.closed.entry(event.account).or_insert(event.at);
            *last = event.at.max(*last);
        }
    }
    ends
}
