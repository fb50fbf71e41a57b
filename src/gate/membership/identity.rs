//! Do the declared name and email match the live account? An id alone is too easy to mistype for a call that can't be undone.

use crate::gate::{Finding, GateFacts, JoiningFacts, Remedy, Setting, Step};
use crate::org::{Account, DesiredAccount, ObservedOrganization};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    let Some(live) = facts.live else {
        return Finding::unknown("the account is not live", "See known_account.");
    };
    compare(facts.desired, live, facts.observed)
}

/// An account that has joined is compared before it is placed.
pub(in crate::gate) fn check_joining(facts: &JoiningFacts<'_>) -> Finding {
    match facts.live {
        Some(live) => compare(facts.desired, live, facts.observed),
        None => Finding::unknown("the account is not live", "Plan again."),
    }
}

fn compare(desired: &DesiredAccount, live: &Account, observed: &ObservedOrganization) -> Finding {
    let pairs = [("name", &desired.name, &live.name), ("email", &desired.email, &live.email)];
    let differing =
        pairs.iter().filter_map(|(what, declared, live)| Some((*what, declared.as_ref().filter(|declared| declared != live)?, *live)));
    let (differing, corrected): (Vec<_>, Vec<_>) = differing
        .map(|(what, declared, live)| {
            (format!("the block declares {what} {declared:?}, but the live account has {live:?}"), Setting::argument(what, live.as_str()))
        })
        .unzip();
    let equal: Vec<_> =
        pairs.iter().filter(|(_, declared, _)| declared.is_some()).map(|(what, _, live)| format!("{what} {live:?}")).collect();
    let finding = if differing.is_empty() && !equal.is_empty() {
        Finding::passes(format!("{} as declared", equal.join(" and ")))
    } else if differing.is_empty() {
        let name = Setting::argument("name", live.name.as_str());
        let remedy = Remedy::from("If the id belongs to the account you mean, declare its name:").then(Step::in_block(vec![name]));
        Finding::unknown("the block declares neither name nor email", remedy)
    } else {
        let remedy = Remedy::from("Check that the id belongs to the account you mean. If it does, correct the block:")
            .then(Step::in_block(corrected));
        Finding::blocks(differing.join("; "), remedy)
    };
    finding.seen_in(observed.evidence_of_account(desired.id))
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
