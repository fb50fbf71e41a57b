//! What CloudTrail has of changes of an organization. What it can't show stays unknown: a change is there, whoever made it.

use jiff::{SignedDuration, Timestamp};

use crate::api::ReadTrail;
use crate::org::{AccountId, ChangeHistory};

/// Pages of events of one name. At two requests a second (CloudTrail API reference, LookupEvents) a name costs 10 seconds at most.
const PAGES: usize = 20;
/// How long CloudTrail keeps its event history (CloudTrail user guide, "Viewing event history").
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The events of these names since `from` in the history of the account that calls, as far as the event history goes back.
pub async fn change_history(trail: &impl ReadTrail, account: AccountId, names: &[&str], from: Timestamp, now: Timestamp) -> ChangeHistory {
    let since = from.max(now.checked_sub(KEPT).unwrap_or(Timestamp::MIN));
    // What a call changes is there before its event has a time.
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
            // The next name would fail alike.
            Err(error) => {
                history.unreadable = Some(error.into_read_failure());
                break;
            }
        }
    }
    history
}
