//! Do the declared name and email equal the live ones? An id alone is too easily mistyped for a call that can't be undone.

use super::{Finding, GateFacts};

pub(super) fn check(facts: &GateFacts<'_>) -> Finding {
    let Some(live) = facts.live else {
        return Finding::unknown("the account is not live", "See known_account.");
    };
    let pairs = [("name", &facts.desired.name, &live.name), ("email", &facts.desired.email, &live.email)];
    let differing: Vec<_> = pairs
        .iter()
        .filter_map(|(what, declared, live)| declared.as_ref().filter(|declared| declared != live).map(|declared| (what, declared, live)))
        .map(|(what, declared, live)| format!("{what} {declared:?} is declared, the live one is {live:?}"))
        .collect();
    let equal: Vec<_> =
        pairs.iter().filter(|(_, declared, _)| declared.is_some()).map(|(what, _, live)| format!("{what} {live:?}")).collect();
    let finding = if differing.is_empty() && !equal.is_empty() {
        Finding::passes(format!("{} as declared", equal.join(" and ")))
    } else if differing.is_empty() {
        Finding::unknown("the block declares neither name nor email", "Declare the account's name or email.")
    } else {
        Finding::blocks(differing.join("; "), "Check that the id is the account you mean, then correct the block.")
    };
    finding.seen_in(facts.observed.evidence_of_account(facts.desired.id))
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::Story;
    use crate::org::GateName;

    #[test]
    fn every_declared_part_of_the_identity_must_be_equal() {
        let cases = [
            (Some("legacy-crm"), None, false),
            (None, Some("legacy-crm@example.com"), false),
            (Some("legacy-crm"), Some("legacy-crm@example.com"), false),
            (Some("Legacy-CRM"), None, true),
            (Some("legacy-crm"), Some("other@example.com"), true),
            (None, None, true),
        ];
        for (name, email, blocks) in cases {
            let mut story = Story::new();
            story.desired.name = name.map(str::to_owned);
            story.desired.email = email.map(str::to_owned);
            assert_eq!(story.blocks(GateName::Identity), blocks, "{name:?} {email:?}");
        }
    }
}
