//! If the organization created the account, is it at least four days old? (API reference, LeaveOrganization: WAIT_PERIOD_ACTIVE; quotas
//! page, "Minimum age for removal of created accounts".) Invited accounts are exempt.

use jiff::{SignedDuration, Timestamp};

use crate::gate::{Finding, GateFacts};
use crate::org::{JoinedMethod, Probe};

/// The minimum age at which a created account can leave.
const WAITING_PERIOD: SignedDuration = SignedDuration::from_hours(4 * 24);

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let Some(live) = facts.live else {
        return Finding::unknown("the account is not live", "See known_account.");
    };
    // An account that moved between organizations joined later than it was created. Its age is what counts.
    let created = facts.probes.created.value().copied().or(live.joined_at);
    let finding = match (&live.joined_method, created) {
        (JoinedMethod::Invited, _) => Finding::passes("invited accounts have no waiting period"),
        (JoinedMethod::Created, Some(created)) => by_age(created, facts, &unread(facts)),
        (JoinedMethod::Created, None) => Finding::unknown(
            "AWS returned no JoinedTimestamp, so the account's age is not known",
            "Plan again. If it persists, ask AWS Support.",
        ),
        (JoinedMethod::Other(method), _) => Finding::unknown(
            format!("this version of orgroster does not know the joined method {method:?}"),
            "Look it up in AWS's documentation; a newer version of orgroster may know it.",
        ),
    };
    let finding = finding.seen_in(facts.observed.evidence_of_account(facts.desired.id));
    match &facts.probes.created {
        Probe::Seen { provenance, .. } => finding.seen_in(provenance.clone()),
        Probe::NotRun | Probe::Failed(_) => finding,
    }
}

/// Why the day on which the account joined is used instead of the creation date, if the latter could not be read.
fn unread(facts: &GateFacts<'_>) -> String {
    match &facts.probes.created {
        Probe::Failed(unreadable) if !unreadable.not_built_in => format!(" ({unreadable}; the day on which it joined counts instead)"),
        _ => String::new(),
    }
}

fn by_age(created: Timestamp, facts: &GateFacts<'_>, unread: &str) -> Finding {
    let Ok(eligible_at) = created.checked_add(WAITING_PERIOD) else {
        return Finding::unknown(format!("the creation date {created} is out of range"), "Plan again.");
    };
    if facts.now < eligible_at {
        let verb = facts.departure.action().verbs().infinitive;
        Finding::blocks_until(
            eligible_at,
            format!("it was created on {created}{unread}, and a created account can {verb} only after 4 days"),
            format!("Wait until {eligible_at}."),
        )
    } else {
        Finding::passes(format!("it was created on {created}{unread}, at least 4 days ago"))
    }
}

#[cfg(test)]
mod tests {
    use crate::gate::Verdict;
    use crate::gate::testing::{NOW, Story, seen, unreadable};
    use crate::org::{GateName, JoinedMethod, Probe};
    use jiff::SignedDuration;

    #[test]
    fn a_created_account_waits_four_days_and_an_invited_one_does_not() {
        let aged = |hours: i64, method: JoinedMethod| {
            let joined = NOW.checked_sub(SignedDuration::from_hours(hours)).unwrap();
            let story = Story::new().live(|account| {
                account.joined_at = Some(joined);
                account.joined_method = method.clone();
            });
            story.result(GateName::WaitingPeriod)
        };
        assert_eq!(aged(95, JoinedMethod::Created).eligible_at(), Some(NOW.checked_add(SignedDuration::from_hours(1)).unwrap()));
        assert!(!aged(96, JoinedMethod::Created).is_blocking());
        assert!(!aged(1, JoinedMethod::Invited).is_blocking());
        assert!(matches!(aged(1, JoinedMethod::Other("TRANSFERRED".into())).verdict, Verdict::Unknown { .. }));
    }

    #[test]
    fn a_creation_date_that_can_not_be_read_is_said_with_what_counts_instead() {
        let mut story = Story::new();
        story.probes.created = unreadable("account:GetAccountInformation");
        let result = story.result(GateName::WaitingPeriod);
        let said = result.explanation();
        assert!(!result.is_blocking() && said.contains("account:GetAccountInformation could not be read"), "{said}");
        assert!(said.contains("the day on which it joined counts"), "{said}");
    }

    #[test]
    fn the_creation_date_counts_where_it_can_be_read() {
        let mut story = Story::new();
        let created = NOW.checked_sub(SignedDuration::from_hours(95)).unwrap();
        story.probes.created = Probe::Seen { value: created, provenance: seen("account:GetAccountInformation") };
        assert!(story.blocks(GateName::WaitingPeriod), "joined long ago, created lately");
    }

    #[test]
    fn a_created_account_without_a_date_is_unknown() {
        let story = Story::new().live(|account| account.joined_at = None);
        assert!(matches!(story.result(GateName::WaitingPeriod).verdict, Verdict::Unknown { .. }));
    }
}
