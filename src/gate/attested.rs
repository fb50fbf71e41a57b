//! What no API tells: a person attests it, and the plan says who did and until when that counts.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use serde_json::json;

use crate::org::{Attestation, AttestationKind};

use super::{Finding, GateFacts, Remedy, Setting, Step};

pub(super) fn check(kind: AttestationKind, facts: &GateFacts<'_>) -> Finding {
    let today = facts.now.to_zoned(TimeZone::UTC).date();
    let of_kind: Vec<_> = facts.departure.attestations.iter().filter(|attestation| attestation.of.contains(&kind)).collect();
    if let Some(attestation) = of_kind.iter().find(|attestation| counts_on(attestation, today)) {
        return Finding::passes(describe(attestation));
    }
    let Some(attestation) = of_kind.last() else {
        let remedy = attest(kind, today, "Check it in the account, then attest it in the account's block:");
        return Finding::unknown("not attested, and no AWS API reports it", remedy);
    };
    let Attestation { by, on, expires, .. } = attestation;
    match expires {
        Some(expires) if *expires < today => Finding::unknown(
            format!("the attestation by {by} expired on {expires}, and no AWS API reports it"),
            attest(kind, today, "Check it again in the account, then attest it anew, in place of the expired one:"),
        ),
        _ => Finding::unknown(
            format!("the attestation by {by} is dated {on}, which has not come, and no AWS API reports it"),
            format!("Wait until {on}, or correct the date if it was checked before."),
        ),
    }
}

/// The block that attests it as of today.
fn attest(kind: AttestationKind, today: Date, how: &str) -> Remedy {
    let body = vec![
        Setting::argument("of", json!([kind.as_str()])),
        Setting::commented("by", "Your Name", "who checked it"),
        Setting::argument("on", today.to_string()),
    ];
    Remedy::from(how).then(Step::in_block(vec![Setting::block("attestation", &[], body)]))
}

/// An attestation counts from its day through its last day, in UTC.
fn counts_on(attestation: &Attestation, today: Date) -> bool {
    attestation.on <= today && attestation.expires.is_none_or(|expires| today <= expires)
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

    use crate::gate::testing::Story;
    use crate::org::{Attestation, AttestationKind, GateName};

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
            assert!(story.blocks(GateName::PhoneVerification), "another kind is not settled by it");
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
