//! Is the account in `protected_accounts`, or does orgroster run with its credentials?

use crate::gate::{Finding, GateFacts};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let id = facts.desired.id;
    if facts.guardrails.protected_accounts.contains(&id) {
        return Finding::blocks(
            "it is in protected_accounts of the guardrails block",
            format!(
                "If it really should {}, remove it from protected_accounts in a reviewed change.",
                facts.departure.action().verbs().infinitive
            ),
        );
    }
    let own = facts.observed.evidence("sts:GetCallerIdentity");
    let finding = if facts.observed.callers.iter().any(|caller| caller.account == id) {
        Finding::blocks("orgroster runs with credentials of this account", "Run with credentials of another account.")
    } else {
        Finding::passes("it is not in protected_accounts, and orgroster does not run with its credentials")
    };
    finding.seen_in(own)
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::Story;
    use crate::org::{Caller, GateName};

    #[test]
    fn a_protected_account_and_the_tools_own_account_block() {
        let mut story = Story::new();
        let id = story.desired.id;
        assert!(!story.blocks(GateName::Protected));
        assert!(Story::new().observed(|seen| seen.callers.push(Caller { account: id, arn: String::new() })).blocks(GateName::Protected));
        story.guardrails.protected_accounts.insert(id);
        assert!(story.blocks(GateName::Protected));
    }
}
