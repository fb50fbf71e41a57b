//! Compares a recorded act with CloudTrail's events.

use jiff::{SignedDuration, Timestamp};

use crate::org::{Action, JoinStep, MemberRole, TrailEvent};

use super::{Record, Verification};

/// How much clocks and event times may differ.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// How long CloudTrail's event history keeps events (API reference, LookupEvents).
pub const HISTORY: SignedDuration = SignedDuration::from_hours(24 * 90);

impl Record {
    /// The period in which the act must have happened: its first and its last instant.
    #[must_use]
    pub fn window(&self) -> (Timestamp, Timestamp) {
        let from = self.intended_at.checked_sub(TOLERANCE).unwrap_or(Timestamp::MIN);
        (from, self.effective_at.checked_add(TOLERANCE).unwrap_or(Timestamp::MAX))
    }

    /// Whether the act is too old for CloudTrail's event history.
    #[must_use]
    pub fn is_beyond_event_history(&self, now: Timestamp) -> bool {
        self.window().1.checked_add(HISTORY).is_ok_and(|forgotten| forgotten < now)
    }

    /// Whether the events prove or contradict the act, and the events that do so. `None` if there are none: CloudTrail shows events after a
    /// few minutes, and for 90 days.
    ///
    /// `member` contains the events of the account's own history if it was read. A call without an error must be among them.
    #[must_use]
    pub fn match_events(&self, management: &[TrailEvent], member: Option<&[TrailEvent]>) -> Option<(Verification, Vec<TrailEvent>)> {
        let (from, to) = self.window();
        let ours = |event: &&TrailEvent| event.account == self.planned.id && (from..=to).contains(&event.at);
        let event = self.action.trail_event();
        let departed: Vec<_> = management.iter().filter(ours).filter(|found| found.name == event).cloned().collect();
        let called: Vec<_> = member.unwrap_or_default().iter().filter(ours).filter(|event| event.error_code.is_none()).cloned().collect();
        if departed.is_empty() || (member.is_some() && self.own_role().is_some() && called.is_empty()) {
            return None;
        }
        let fits = departed.iter().any(|event| self.is_shown_by(event));
        let verification = if fits { Verification::Proven } else { Verification::Contradicted };
        Some((verification, departed.into_iter().chain(called).collect()))
    }

    /// The role with which to read the account's own history, which must show the call. `None` if the account made no call, or if a person
    /// in the account made it.
    #[must_use]
    pub fn own_role(&self) -> Option<&MemberRole> {
        let leaving = self.planned.leaving().filter(|_| self.action.is_called_by_member()).map(|leaving| &leaving.member_role);
        leaving.or_else(|| self.planned.joining()?.accept_role.as_ref())
    }

    /// The operation that the account called.
    #[must_use]
    pub const fn own_operation(&self) -> &'static str {
        match self.action {
            Action::Join(_) => Action::Join(JoinStep::Accept).operation(),
            action => action.operation(),
        }
    }

    fn is_shown_by(&self, event: &TrailEvent) -> bool {
        let same_method = event.method.as_ref().is_none_or(|found| found.eq_ignore_ascii_case(self.action.trail_method()));
        let same_organization = event.organization.as_ref().is_none_or(|found| *found == self.organization.id.to_string());
        same_method && same_organization && event.recipient == self.organization.management_account_id
    }
}
