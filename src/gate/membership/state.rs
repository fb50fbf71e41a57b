//! Is the account's state ACTIVE? (Organizations user guide, "Account states".)

use crate::gate::{Finding, GateFacts};
use crate::org::AccountState;

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let Some(live) = facts.live else {
        return Finding::unknown("the account is not live", "See known_account.");
    };
    let finding = match &live.state {
        AccountState::Active => Finding::passes("the state is ACTIVE"),
        AccountState::PendingActivation => Finding::blocks(
            "the state is PENDING_ACTIVATION: its sign-up is not finished",
            "Have the account's root user finish the sign-up.",
        ),
        AccountState::Suspended => {
            Finding::blocks("the state is SUSPENDED: AWS suspended it", "Ask AWS Support why, and have it reinstated.")
        }
        AccountState::PendingClosure | AccountState::Closed => {
            let closed_at = facts.observed.ends.closed.get(&live.id).copied();
            let by = live.state.removed_by(closed_at, facts.now).map_or_else(String::new, |day| format!(" by {day} at the latest"));
            let verb = facts.departure.action().verbs().infinitive;
            Finding::blocks(
                format!("the state is {}: a closed account can't {verb}, and AWS removes it for good{by}", live.state),
                "Wait until AWS removes it, or have AWS Support reopen it first.",
            )
        }
        AccountState::Other(state) => Finding::unknown(
            format!("this version of orgroster does not know the state {state:?}"),
            "Look up the state in AWS's documentation; a newer version of orgroster may know it.",
        ),
    };
    finding.seen_in(facts.observed.evidence_of_account(facts.desired.id))
}

#[cfg(test)]
mod tests {
    use crate::gate::Verdict;
    use crate::gate::testing::Story;
    use crate::org::{AccountState, GateName};

    #[test]
    fn only_an_active_account_passes_and_a_new_state_is_unknown() {
        let blocked = [AccountState::PendingActivation, AccountState::Suspended, AccountState::PendingClosure, AccountState::Closed];
        for state in blocked {
            assert!(Story::new().live(|account| account.state = state.clone()).blocks(GateName::State), "{state}");
        }
        assert!(!Story::new().blocks(GateName::State));
        let story = Story::new().live(|account| account.state = AccountState::Other("FROZEN".into()));
        assert!(matches!(story.result(GateName::State).verdict, Verdict::Unknown { .. }));
    }
}
