//! Has the `not_before` date been reached?

use crate::gate::{Finding, GateFacts};

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    match facts.departure.not_before {
        None => Finding::passes("no not_before is declared"),
        Some(date) if facts.now < date => Finding::blocks_until(date, format!("not_before is {date}"), format!("Wait until {date}.")),
        Some(date) => Finding::passes(format!("not_before {date} has been reached")),
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use crate::gate::testing::{NOW, Story};
    use crate::org::GateName;

    #[test]
    fn blocks_until_the_declared_instant_and_not_at_it() {
        let at = |date| Story::new().departure(|departure| departure.not_before = date).result(GateName::NotBefore);
        let later = NOW.checked_add(1.second()).unwrap();
        assert_eq!(at(Some(later)).eligible_at(), Some(later));
        assert!(!at(Some(NOW)).is_blocking());
        assert!(!at(None).is_blocking());
    }
}
