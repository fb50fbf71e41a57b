//! Is there an account with this id in the organization? If not, a typing error is more likely than an unrecorded departure.

use jiff::tz::TimeZone;

use crate::gate::{Finding, GateFacts, Remedy, Setting, Step};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let past = facts.departure.action().verbs().past;
    let today = facts.now.to_zoned_datetime(TimeZone::UTC).date();
    let finding = match facts.live {
        Some(_) => Finding::passes("it is in the organization"),
        None => Finding::blocks(
            "the organization has no account with this id, and there is no departure record for it",
            Remedy::from(format!(
                "Correct the id. If the account {past} in an earlier run, its record is missing here. Restore the copy that \
                 apply -records-to kept:",
            ))
            .then(Step::Orgroster { words: ["history", "restore", "DIR"].map(str::to_owned).into() })
            .and(Remedy::from(format!("If the account was removed outside orgroster, declare the day on which it {past}:")))
            .then(Step::in_block(vec![Setting::commented(
                "departed",
                today.to_string(),
                &format!("the day on which it {past}"),
            )])),
        ),
    };
    finding.seen_in(facts.observed.evidence_of_account(facts.desired.id))
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::Story;
    use crate::org::GateName;

    #[test]
    fn an_id_that_is_not_live_blocks_and_gates_about_the_live_account_are_not_asked() {
        let story = Story::new().observed(|seen| seen.accounts.clear());
        assert!(story.blocks(GateName::KnownAccount));
        let asked: Vec<_> = story.evaluate().iter().map(|result| result.gate).collect();
        assert_eq!(asked, [GateName::Organization, GateName::Protected, GateName::KnownAccount]);
    }
}
