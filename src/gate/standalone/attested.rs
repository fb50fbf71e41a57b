//! Gates that a person's attestation passes. The plan shows who attested, and until when the attestation counts.

use jiff::civil::Date;

use serde_json::json;

use crate::gate::{Finding, GateFacts, Remedy, Setting, Step, Verdict};
use crate::org::{Attestation, AttestationKind, ReadFailure, Refused, day_of};

/// Why an attestation is needed if no operation of AWS reports the fact.
const NO_API: &str = "no AWS API reports it";
/// Why an attestation is needed if an operation reports the fact, but was not called.
pub(in crate::gate) const UNREAD: &str = "it was not read from AWS";

/// A gate that only an attestation passes.
pub(in crate::gate) fn check(kind: AttestationKind, facts: &GateFacts<'_>) -> Finding {
    word(kind, facts, NO_API)
}

/// The finding from attestations alone. `unreported` is a clause that says why no fact decides.
pub(in crate::gate) fn word(kind: AttestationKind, facts: &GateFacts<'_>, unreported: &str) -> Finding {
    let today = day_of(facts.now);
    let last = facts.departure.attestations.iter().rfind(|attestation| attestation.of.contains(&kind));
    let refused = facts.refused(kind);
    if let Some(attestation) = facts.departure.attestation(kind, facts.now, refused) {
        return Finding::attested(describe(attestation));
    }
    if let Some(refused) = refused {
        return contradicted(refused, last, today).seen_in(refused.provenance.clone());
    }
    let Some(attestation) = last else {
        let remedy = attest(kind, today, "Check it in the account, then attest it in the account's block:");
        return Finding::unknown(format!("not attested, and {unreported}"), remedy);
    };
    let Attestation { by, on, expires, .. } = attestation;
    match expires {
        Some(expires) if *expires < today => Finding::unknown(
            format!("the attestation by {by} expired on {expires}, and {unreported}"),
            attest(kind, today, "Check it again in the account, then replace the expired attestation:"),
        ),
        _ => Finding::unknown(
            format!("the attestation by {by} is dated {on}, which is in the future, and {unreported}"),
            format!("Wait until {on}, or correct the date if it was checked before."),
        ),
    }
}

/// The finding from attestations if the fact could not be read. `readable` is the remedy that makes it readable. It is left out if this
/// build lacks the client, which the reason already says.
pub(in crate::gate) fn unread(kind: AttestationKind, facts: &GateFacts<'_>, unreadable: &ReadFailure, readable: Remedy) -> Finding {
    let finding = word(kind, facts, &unreadable.to_string());
    match finding.verdict {
        Verdict::Unknown { missing, keys, remedy } if !unreadable.not_built_in => {
            Finding { verdict: Verdict::Unknown { missing, keys, remedy: readable.and(remedy) }, ..finding }
        }
        verdict => Finding { verdict, ..finding },
    }
}

/// The remedy of adding an attestation dated `today`.
fn attest(kind: AttestationKind, today: Date, how: &str) -> Remedy {
    let body = vec![
        Setting::argument("of", json!([kind.as_str()])),
        Setting::commented("by", "Your Name", "who checked it"),
        Setting::argument("on", today.to_string()),
    ];
    Remedy::from(how).then(Step::in_block(vec![Setting::block("attestation", &[], body)]))
}

/// The finding if AWS refused the departure after the last attestation, or without one.
fn contradicted(refused: &Refused, attestation: Option<&Attestation>, today: Date) -> Finding {
    let Refused { of, answer, provenance } = refused;
    let against = attestation
        .map_or_else(String::new, |attestation| format!(", which contradicts the attestation by {} on {}", attestation.by, attestation.on));
    let day = day_of(provenance.at);
    // If the attestation is of the same day as the refusal, it is not known which came first. So only a later day counts.
    let first = day.tomorrow().unwrap_or(day).max(today);
    let place = if attestation.is_some() { ", replacing the existing attestation" } else { "" };
    let how = format!("Resolve it in the account, then attest it again{place}. `on` must be after {day}, the day of the refusal:");
    Finding::blocks(format!("AWS refused the departure on {} with {answer}{against}", provenance.at), attest(*of, first, &how))
}

fn describe(attestation: &Attestation) -> String {
    let Attestation { of: _, by, on, evidence, expires } = attestation;
    let until = expires.map_or_else(String::new, |expires| format!(", expires {expires}"));
    let evidence = evidence.as_ref().map_or_else(String::new, |evidence| format!(", {evidence}"));
    format!("attested by {by} on {on}{until}{evidence}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;

    use crate::gate::testing::{NOW, Story, seen};
    use crate::org::{Attestation, AttestationKind, Enforcement, GateName, JoinedMethod, Refused};

    fn attested(on: &str, expires: Option<&str>) -> Attestation {
        Attestation {
            of: BTreeSet::from([AttestationKind::PaymentMethod]),
            by: "finance@example.com".into(),
            on: on.parse().unwrap(),
            evidence: None,
            expires: expires.map(|day| day.parse().unwrap()),
        }
    }

    #[test]
    fn an_attestation_counts_from_its_day_through_its_last() {
        // The story's day is 2026-11-22.
        let cases = [
            (vec![], true),
            (vec![attested("2026-11-20", None)], false),
            (vec![attested("2026-11-22", Some("2026-11-22"))], false),
            (vec![attested("2026-11-20", Some("2026-11-21"))], true),
            (vec![attested("2026-11-23", None)], true),
            (vec![attested("2026-11-01", Some("2026-11-02")), attested("2026-11-20", None)], false),
        ];
        for (attestations, blocks) in cases {
            let story = Story::new().departure(|departure| departure.attestations.clone_from(&attestations));
            assert_eq!(story.blocks(GateName::PaymentMethod), blocks, "{attestations:?}");
            assert!(story.blocks(GateName::PhoneVerification), "it does not cover another kind");
        }
    }

    #[test]
    fn a_refusal_blocks_until_an_attestation_of_a_later_day_even_where_the_gate_is_advice() {
        // Hours before the story's time, which is 2026-11-22T09:00:00Z, and the days of attestations.
        let cases: [(i64, &[&str], bool); 5] = [
            (48, &[], true),
            (48, &["2026-11-19"], true),
            (48, &["2026-11-20"], true),
            (48, &["2026-11-19", "2026-11-21"], false),
            (1, &["2026-11-22"], true),
        ];
        for method in [JoinedMethod::Created, JoinedMethod::Invited] {
            for (hours, days, blocks) in &cases {
                let at = NOW.checked_sub(SignedDuration::from_hours(*hours)).unwrap();
                let provenance = crate::org::Provenance { at, ..seen("organizations:LeaveOrganization") };
                let refused = Refused { of: AttestationKind::PaymentMethod, answer: "ConstraintViolationException (X)".into(), provenance };
                let mut story = Story::new()
                    .live(|account| account.joined_method = method.clone())
                    .departure(|departure| departure.attestations = days.iter().map(|day| attested(day, None)).collect());
                story = story.observed(|seen| drop(seen.refused.insert("333333333333".parse().unwrap(), vec![refused])));
                assert_eq!(story.blocks(GateName::PaymentMethod), *blocks, "{method} {hours} {days:?}");
                let result = story.result(GateName::PaymentMethod);
                assert_eq!(result.explanation().contains("ConstraintViolationException (X)"), *blocks, "{}", result.explanation());
                story.enforcements.insert(GateName::PaymentMethod, Enforcement::Advisory);
                assert_eq!(story.blocks(GateName::PaymentMethod), *blocks, "a refusal by AWS blocks even if the gate is advisory");
                // A refusal of another membership does not concern this one.
                let rejoined = story.live(|account| account.joined_at = Some(NOW));
                assert!(!rejoined.result(GateName::PaymentMethod).explanation().contains("refused"));
            }
        }
    }

    #[test]
    fn a_refusal_is_answered_by_the_attestation_of_the_first_day_that_counts() {
        // Hours before the story's time, which is 2026-11-22T09:00:00Z.
        for (hours, day) in [(1, "2026-11-23"), (24, "2026-11-22"), (240, "2026-11-22")] {
            let at = NOW.checked_sub(SignedDuration::from_hours(hours)).unwrap();
            let provenance = crate::org::Provenance { at, ..seen("organizations:LeaveOrganization") };
            let refused = Refused { of: AttestationKind::PaymentMethod, answer: "ConstraintViolationException (X)".into(), provenance };
            let story = Story::new()
                .departure(|departure| departure.attestations = vec![attested("2026-11-01", None)])
                .observed(|seen| drop(seen.refused.insert("333333333333".parse().unwrap(), vec![refused])));
            let remedy = serde_json::to_string(story.result(GateName::PaymentMethod).remedy().unwrap()).unwrap();
            assert!(remedy.contains("\"of\",\"value\":[\"payment_method\"]"), "{remedy}");
            assert!(
                remedy.contains(&format!("\"on\",\"value\":\"{day}\"")) && remedy.contains("replacing the existing attestation"),
                "{hours}: {remedy}"
            );
            // The attestation of the remedy passes on that day.
            let mut later = story.departure(|departure| departure.attestations = vec![attested(day, None)]);
            later.now = format!("{day}T12:00:00Z").parse().unwrap();
            assert!(!later.blocks(GateName::PaymentMethod), "{day}");
        }
    }

    #[test]
    fn what_is_missing_is_attested_as_of_today_and_what_is_dated_in_the_future_is_not_renewed() {
        let remedy = |attestations: Vec<Attestation>| {
            let story = Story::new().departure(|departure| departure.attestations = attestations);
            serde_json::to_string(story.result(GateName::PaymentMethod).remedy().unwrap()).unwrap()
        };
        for attestations in [vec![], vec![attested("2026-11-20", Some("2026-11-21"))]] {
            let remedy = remedy(attestations);
            assert!(remedy.contains("\"of\",\"value\":[\"payment_method\"]") && remedy.contains("2026-11-22"), "{remedy}");
        }
        let remedy = remedy(vec![attested("2026-11-23", None)]);
        assert!(remedy.contains("Wait until 2026-11-23") && !remedy.contains("attestation"), "{remedy}");
    }
}
