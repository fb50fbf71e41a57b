//! What CloudTrail tells of members that are missing or closed. Asked only where a plan meets one: what it can't tell stays unknown.

use crate::aws::Aws;
#[cfg(feature = "cloudtrail")]
use crate::org::AccountState;
use crate::org::{AccountEnds, Address, DesiredRoster, ObservedOrganization};

/// How missing members left, and when closed ones were closed.
#[cfg(feature = "cloudtrail")]
pub async fn read(
    aws: &Aws,
    roster: &DesiredRoster,
    observed: &ObservedOrganization,
    is_compared: impl Fn(&Address) -> bool,
) -> AccountEnds {
    use jiff::SignedDuration;

    use crate::api::{CLOSE, DEPARTED, ReadTrail};
    use crate::org::SeenDeparture;

    /// How long CloudTrail keeps its event history (CloudTrail user guide, "Viewing event history").
    const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

    let mut ends = AccountEnds::default();
    let members = || roster.accounts.iter().filter(|account| account.leaving().is_none() && is_compared(&account.address));
    let is_missing = members().any(|account| observed.account(account.id).is_none());
    let is_ending = |state: &AccountState| matches!(state, AccountState::Closed | AccountState::PendingClosure);
    let is_closed = members().any(|account| observed.account(account.id).is_some_and(|live| is_ending(&live.state)));
    let Ok(from) = observed.observed_at.checked_sub(KEPT) else { return ends };
    let trail = aws.trail(&observed.organization.partition);
    if is_missing && let Ok(events) = trail.lookup(DEPARTED, from, observed.observed_at).await {
        let ours = events.into_iter().filter(|event| event.organization.as_ref().is_none_or(|id| *id == observed.organization.id.as_str()));
        for event in ours {
            let seen = SeenDeparture { at: event.at, method: event.method };
            // An account may have left, come back and left again.
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

/// Without CloudTrail's client nothing is known.
#[cfg(not(feature = "cloudtrail"))]
#[allow(clippy::unused_async)]
pub async fn read(_: &Aws, _: &DesiredRoster, _: &ObservedOrganization, _: impl Fn(&Address) -> bool) -> AccountEnds {
    AccountEnds::default()
}
