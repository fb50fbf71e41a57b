//! CloudTrail's events about changes of an organization. If CloudTrail has no event for a change, its cause stays unknown.

use jiff::{SignedDuration, Timestamp};

use crate::api::ReadTrail;
use crate::org::{AccountId, ChangeHistory};

/// The maximum number of pages of events per name. At two requests per second (CloudTrail API reference, LookupEvents), a name takes at
/// most 10 seconds.
const PAGES: usize = 20;
/// How long CloudTrail keeps its event history (CloudTrail user guide, "Viewing event history").
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Reads the events with these names since `from`, or since the start of the event history, in the account that calls.
pub async fn change_history(trail: &impl ReadTrail, account: AccountId, names: &[&str], from: Timestamp, now: Timestamp) -> ChangeHistory {
    let since = from.max(now.checked_sub(KEPT).unwrap_or(Timestamp::MIN));
    // A change may be visible before the time of its event.
    let to = now.checked_add(SignedDuration::from_mins(5)).unwrap_or(now);
    let mut history = ChangeHistory { account: Some(account), since, ..ChangeHistory::default() };
    for name in names {
        match trail.changes(name, since, to, PAGES).await {
            Ok(found) => {
                if found.is_cut {
                    let reached = found.events.iter().map(|event| event.at).min().unwrap_or(to);
                    history.cut.insert((*name).to_owned(), reached);
                }
                history.events.extend(found.events);
            }
            // The next name would fail the same way.
            Err(error) => {
                history.unreadable = Some(error.into_read_failure());
                break;
            }
        }
    }
    history
}
