//! Is it on `protected_accounts`, or an account that the tool itself runs in?

use crate::gate::{Finding, GateFacts};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let id = facts.desired.id;
    if facts.guardrails.protected_accounts.contains(&id) {
        return Finding::blocks(
            "it is on protected_accounts of the guardrails",
            format!(
                "Take it off protected_accounts in a reviewed change, if it really is to {}.",
                facts.departure.action().verbs().infinitive
            ),
        );
    }
    let own = facts.observed.evidence("sts:GetCallerIdentity");
    let finding = if facts.observed.callers.iter().any(|caller| caller.account == id) {
        Finding::blocks("the tool's own credentials belong to it", "Run with credentials of another account.")
    } else {
        Finding::passes("not on protected_accounts, and not the account that the tool runs in")
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
