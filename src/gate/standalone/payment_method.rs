//! Is there a valid payment method? An active payment instrument passes (Payments API reference, ListPaymentInstruments). AWS says that
//! ACTIVE does not confirm a payment, and documents nowhere that it refuses an account without an active instrument. So everything else is
//! left to the attestation.

use crate::gate::{Basis, Finding, GateFacts, not_probed};
use crate::org::{AttestationKind, PaymentInstrument, Probe, Provenance};

use super::attested;

const KIND: AttestationKind = AttestationKind::PaymentMethod;

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    match &facts.probes.payment {
        Probe::NotRun => attested::word(KIND, facts, attested::UNREAD).resting_on(Basis::left_to_apply()),
        Probe::Failed(unreadable) => attested::unread(KIND, facts, unreadable, not_probed::allow(unreadable, facts)),
        Probe::Seen { value, provenance } => listed(value, provenance, facts),
    }
}

fn listed(instruments: &[PaymentInstrument], provenance: &Provenance, facts: &GateFacts<'_>) -> Finding {
    // A refusal shows whether AWS can charge the account. The status does not.
    let finding = match instruments.iter().find(|instrument| instrument.is_active()) {
        Some(active) if facts.refused(KIND).is_none() => {
            Finding::passes(format!("the account has an active payment instrument: {}", active.method))
        }
        Some(active) => attested::word(KIND, facts, &format!("the account lists {active}")),
        None if instruments.is_empty() => attested::word(KIND, facts, "the account lists no payment instrument"),
        None => {
            let all: Vec<_> = instruments.iter().map(ToString::to_string).collect();
            attested::word(KIND, facts, &format!("no payment instrument of the account is active: {}", all.join(", ")))
        }
    };
    let basis = if finding.is_pass() { Basis::default() } else { Basis::names(["no active payment instrument"]) };
    finding.resting_on(basis).seen_in(provenance.clone())
}

#[cfg(test)]
mod tests {
    use crate::gate::testing::{Story, seen, unreadable};
    use crate::gate::{Because, Verdict};
    use crate::org::{GateName, PaymentInstrument, Probe};

    const GATE: GateName = GateName::PaymentMethod;

    fn with(instruments: &[(&str, &str)]) -> Story {
        let instrument = |(method, status): &(&str, &str)| PaymentInstrument { method: (*method).to_owned(), status: (*status).to_owned() };
        let mut story = Story::new();
        story.probes.payment =
            Probe::Seen { value: instruments.iter().map(instrument).collect(), provenance: seen("payments:ListPaymentInstruments") };
        story
    }

    #[test]
    fn one_active_instrument_passes_and_names_its_kind() {
        let result = with(&[("CARD", "INVALID"), ("SEPA_BANK_ACCOUNT", "ACTIVE")]).result(GATE);
        assert!(matches!(result.verdict, Verdict::Pass { because: Because::Fact, .. }));
        assert!(result.explanation().ends_with(": SEPA_BANK_ACCOUNT") && result.evidence.len() == 1, "{}", result.explanation());
    }

    #[test]
    fn everything_else_leaves_the_attestation_and_says_what_was_seen() {
        for (instruments, seen) in [
            (vec![], "lists no payment instrument"),
            (vec![("CARD", "INVALID"), ("UPI", "PENDING_SETUP")], "CARD (INVALID), UPI (PENDING_SETUP)"),
            (vec![("BARTER", "active")], "BARTER (active)"),
        ] {
            let result = with(&instruments).result(GATE);
            assert!(result.is_blocking() && result.explanation().contains(seen), "{}", result.explanation());
            assert!(serde_json::to_string(result.remedy().unwrap()).unwrap().contains("attestation"));
        }
        let mut denied = Story::new();
        denied.probes.payment = unreadable("payments:ListPaymentInstruments");
        let denied = denied.result(GATE);
        assert!(denied.is_blocking() && denied.explanation().contains("payments:ListPaymentInstruments"), "{}", denied.explanation());
        let remedy = serde_json::to_string(denied.remedy().unwrap()).unwrap();
        assert!(remedy.contains("Grant payments:ListPaymentInstruments") && remedy.contains("attestation"), "{remedy}");
    }
}
