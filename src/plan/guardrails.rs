//! Whether the acts of one apply stay within the guardrails.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{Action, Counts, Guardrails, JoinStep};

use super::PlannedAccount;

/// The number of live members from which the percentage applies; below, it is meaningless.
const PERCENT_COUNTS_FROM: u64 = 10;

/// A guardrail that the acts exceed, with the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "guardrail", rename_all = "snake_case")]
pub enum Breach {
    /// More departures than `max_detachments`.
    MaxDetachments {
        /// The number of departures.
        departures: u64,
        /// The limit.
        allowed: u64,
    },
    /// More departures than `max_detachments_percent` of the live members.
    MaxDetachmentsPercent {
        /// The number of departures.
        departures: u64,
        /// The number of live members.
        members: u64,
        /// The limit, in percent.
        allowed: u64,
    },
    /// More invitations are sent or accepted than `max_joins`.
    MaxJoins {
        /// The number of invitations that are sent or accepted.
        joins: u64,
        /// The limit.
        allowed: u64,
    },
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MaxDetachments { departures, allowed } => {
                let are = if *departures == 1 { "departure is" } else { "departures are" };
                write!(formatter, "{departures} {are} more than max_detachments = {allowed}")
            }
            Self::MaxDetachmentsPercent { departures, members, allowed } => {
                let tenths = departures * 1000 / members.max(&1);
                write!(
                    formatter,
                    "{departures} of {members} members ({}.{} %) are more than max_detachments_percent = {allowed}",
                    tenths / 10,
                    tenths % 10
                )
            }
            Self::MaxJoins { joins, allowed } => {
                let are = if *joins == 1 { "invitation is" } else { "invitations are" };
                write!(formatter, "{joins} {are} more than max_joins = {allowed}")
            }
        }
    }
}

/// The guardrails that the acts of these accounts exceed, in an organization of `members` live members.
pub fn breaches<'a>(guardrails: &Guardrails, accounts: impl IntoIterator<Item = &'a PlannedAccount>, members: u64) -> Vec<Breach> {
    exceeded(guardrails, accounts.into_iter().filter_map(|account| Some(account.act()?.action)), members)
}

fn exceeded(guardrails: &Guardrails, actions: impl IntoIterator<Item = Action>, members: u64) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let actions: Vec<_> = actions.into_iter().collect();
    // An account that has already joined is placed regardless of the limit: placing it adds no account.
    let comes_in = |action: &&Action| matches!(action, Action::Join(JoinStep::Invite | JoinStep::Accept));
    let joins = actions.iter().filter(comes_in).count() as u64;
    let departures = actions.into_iter().collect::<Counts>().destroy as u64;
    let allowed = u64::from(guardrails.max_detachments);
    if departures > allowed {
        breaches.push(Breach::MaxDetachments { departures, allowed });
    }
    let allowed = u64::from(guardrails.max_detachments_percent);
    if members >= PERCENT_COUNTS_FROM && departures * 100 > members * allowed {
        breaches.push(Breach::MaxDetachmentsPercent { departures, members, allowed });
    }
    let allowed = u64::from(guardrails.max_joins);
    if joins > allowed {
        breaches.push(Breach::MaxJoins { joins, allowed });
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_inclusive_and_the_percentage_counts_from_ten_members() {
        let limits =
            |max_detachments, max_detachments_percent| Guardrails { max_detachments, max_detachments_percent, ..Guardrails::default() };
        let cases = [
            (limits(1, 10), 1, 10, 0),
            (limits(1, 10), 2, 100, 1),
            (limits(5, 10), 2, 20, 0),
            (limits(5, 10), 3, 20, 1),
            (limits(5, 10), 5, 9, 0),
            (limits(1, 10), 3, 20, 2),
            (limits(0, 100), 1, 5, 1),
            (limits(0, 0), 0, 50, 0),
        ];
        for (guardrails, departures, members, expected) in cases {
            let acts = vec![Action::Leave; departures];
            assert_eq!(exceeded(&guardrails, acts, members).len(), expected, "{guardrails:?} {departures} of {members}");
        }
    }

    #[test]
    fn invitations_sent_and_accepted_count_and_placing_does_not() {
        let steps = |invite, accept, place| {
            let of = |step, count| vec![Action::Join(step); count];
            [of(JoinStep::Invite, invite), of(JoinStep::Accept, accept), of(JoinStep::Place, place), vec![Action::Leave]].concat()
        };
        let guardrails = Guardrails { max_joins: 2, ..Guardrails::default() };
        assert_eq!(exceeded(&guardrails, steps(1, 1, 5), 100), []);
        assert_eq!(exceeded(&guardrails, steps(2, 1, 0), 100), [Breach::MaxJoins { joins: 3, allowed: 2 }]);
        assert_eq!(exceeded(&Guardrails::default(), steps(2, 0, 0), 100)[0].to_string(), "2 invitations are more than max_joins = 1");
    }

    #[test]
    fn a_breach_tells_the_numbers() {
        let breach = Breach::MaxDetachmentsPercent { departures: 3, members: 24, allowed: 10 };
        assert_eq!(breach.to_string(), "3 of 24 members (12.5 %) are more than max_detachments_percent = 10");
    }
}
