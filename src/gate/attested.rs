//! What no API tells: a person attests it, and the plan says who did and until when that counts.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::org::{Attestation, AttestationKind};

use super::{Finding, GateFacts};

pub(super) fn check(kind: AttestationKind, facts: &GateFacts<'_>) -> Finding {
    let today = facts.now.to_zoned(TimeZone::UTC).date();
    let of_kind: Vec<_> = facts.departure.attestations.iter().filter(|attestation| attestation.of.contains(&kind)).collect();
    if let Some(attestation) = of_kind.iter().find(|attestation| counts_on(attestation, today)) {
        return Finding::passes(describe(attestation));
    }
    let Some(attestation) = of_kind.last() else {
        return Finding::unknown("nobody attested it, and no API tells", "Check it in the account, then name it in an attestation block.");
    };
    let flaw = match attestation.expires {
        Some(expires) if expires < today => format!("expired on {expires}"),
        _ => format!("is dated {}, which has not come", attestation.on),
    };
    Finding::unknown(
        format!("the attestation by {} {flaw}, and no API tells", attestation.by),
        "Check it again in the account, then renew the attestation.",
    )
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
}
