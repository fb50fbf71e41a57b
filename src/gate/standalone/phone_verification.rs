//! Has the phone number been verified? Account Management reports it with the contact information (API reference, GetContactInformation).
//!
//! AWS does not document that it checks this status when it refuses a departure. So VERIFIED passes, and everything else is left to the
//! attestation.

use crate::gate::{Basis, Caller, Finding, GateFacts, Remedy, Step, Verdict, not_probed};
use crate::org::{AttestationKind, ContactInformation, Probe, Provenance};

use super::attested;

const KIND: AttestationKind = AttestationKind::PhoneVerification;
const VERIFIED: &str = "VERIFIED";
/// The service whose trusted access lets the management account call Account Management for members (its API reference).
const ACCOUNT_MANAGEMENT: &str = "account.amazonaws.com";
/// The statuses that the two verification operations can change.
const VERIFIABLE: &[&str] = &["UNVERIFIED", "PENDING"];

pub(in crate::gate) fn check(facts: &GateFacts<'_>) -> Finding {
    match &facts.probes.contact {
        Probe::NotRun => attested::word(KIND, facts, attested::UNREAD).resting_on(Basis::left_to_apply()),
        // contact_information, which rests on the same read, already names the missing permission.
        Probe::Failed(unreadable) => attested::unread(KIND, facts, unreadable, not_probed::what_was_evaluated(&unreadable.why)),
        Probe::Seen { value, provenance } => reported(value, provenance, facts),
    }
}

fn reported(contact: &ContactInformation, provenance: &Provenance, facts: &GateFacts<'_>) -> Finding {
    let Some(status) = contact.verification.as_deref() else {
        return attested::word(KIND, facts, "AWS reports no verification status for the number").seen_in(provenance.clone());
    };
    // A refusal shows what AWS requires. The status does not.
    if status == VERIFIED && facts.refused(KIND).is_none() {
        return Finding::passes("the phone number's verification status is VERIFIED").seen_in(provenance.clone());
    }
    let finding = attested::word(KIND, facts, &format!("its verification status is {status}")).seen_in(provenance.clone());
    let Verdict::Unknown { missing, keys, remedy } = finding.verdict else { return finding };
    let remedy = if VERIFIABLE.contains(&status) { verify(provenance, facts).and(remedy) } else { remedy };
    let not_verified = Basis::names(["a phone number that is not VERIFIED"]);
    Finding { verdict: Verdict::Unknown { missing, keys, remedy }, ..finding }.resting_on(not_verified)
}

/// The commands that verify the number, for the caller that could read its status. None of them needs the root user.
fn verify(provenance: &Provenance, facts: &GateFacts<'_>) -> Remedy {
    let id = facts.desired.id.to_string();
    // With trusted access, the management account can verify the number even if the member read the status.
    let is_trusted = facts.observed.service_access.as_ref().is_ok_and(|services| services.contains(ACCOUNT_MANAGEMENT));
    let from_management = is_trusted || provenance.account != facts.desired.id;
    let (caller, account): (_, &[&str]) =
        if from_management { (Caller::ManagementAccount, &["--account-id", &id]) } else { (Caller::Member, &[]) };
    let command = |words: &[&str]| Step::aws(caller, &[&["account"], words, account].concat());
    Remedy::from(
        "Have AWS send a code to the phone number in the contact information, then enter the code. If that is not possible, continue \
         below:",
    )
    .then(command(&["send-phone-number-verification"]))
    .then(command(&["verify-phone-number", "--otp", "CODE"]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;

    use crate::gate::testing::{NOW, Story, seen, unreadable};
    use crate::gate::{Because, GateResult, Verdict};
    use crate::org::{Attestation, AttestationKind, ContactInformation, GateName, Probe, Provenance, Refused};

    const GATE: GateName = GateName::PhoneVerification;

    fn contact(status: Option<&str>, account: &str) -> Probe<ContactInformation> {
        Probe::Seen {
            value: ContactInformation { missing: vec![], verification: status.map(str::to_owned) },
            provenance: Provenance { account: account.parse().unwrap(), ..seen("account:GetContactInformation") },
        }
    }

    fn with(contact: Probe<ContactInformation>, attested: bool) -> Story {
        let attestation = Attestation {
            of: BTreeSet::from([AttestationKind::PhoneVerification]),
            by: "finance@example.com".into(),
            on: "2026-11-21".parse().unwrap(),
            evidence: None,
            expires: None,
        };
        let mut story = Story::new().departure(|departure| departure.attestations.extend(attested.then_some(attestation)));
        story.probes.contact = contact;
        story
    }

    fn remedy(result: &GateResult) -> String {
        serde_json::to_string(result.remedy().unwrap()).unwrap()
    }

    #[test]
    fn a_verified_number_needs_no_attestation_and_everything_else_leaves_it() {
        let management = "111111111111";
        let verified = with(contact(Some("VERIFIED"), management), true).result(GATE);
        assert!(matches!(verified.verdict, Verdict::Pass { because: Because::Fact, .. }) && verified.evidence.len() == 1);
        let others = ["UNVERIFIED", "PENDING", "NOT_SUPPORTED", "VERIFIED_BY_PIGEON"].map(|status| contact(Some(status), management));
        for look in others.into_iter().chain([contact(None, management), unreadable("account:GetContactInformation"), Probe::NotRun]) {
            let open = with(look.clone(), false);
            assert!(open.blocks(GATE) && matches!(open.result(GATE).verdict, Verdict::Unknown { .. }), "{look:?}");
            let attested = with(look, true).result(GATE);
            assert!(matches!(attested.verdict, Verdict::Pass { because: Because::Attested, .. }), "{attested:?}");
        }
    }

    #[test]
    fn the_status_is_shown_verbatim_and_the_commands_are_those_of_whoever_read_it() {
        let unknown = with(contact(Some("VERIFIED_BY_PIGEON"), "111111111111"), false).result(GATE);
        assert!(unknown.explanation().contains("VERIFIED_BY_PIGEON") && !remedy(&unknown).contains("verify-phone-number"));
        for status in ["UNVERIFIED", "PENDING"] {
            let management = remedy(&with(contact(Some(status), "111111111111"), false).result(GATE));
            assert!(
                management.contains(r#"["account","send-phone-number-verification","--account-id","333333333333"]"#)
                    && management.contains(r#"["account","verify-phone-number","--otp","CODE","--account-id","333333333333"]"#),
                "{management}"
            );
            let member = remedy(&with(contact(Some(status), "333333333333"), false).result(GATE));
            assert!(member.contains(r#""member","words":["account","verify-phone-number","--otp","CODE"]"#), "{member}");
            assert!(member.contains("attestation"), "{member}");
            let trusted = with(contact(Some(status), "333333333333"), false)
                .observed(|seen| seen.service_access = Ok(BTreeSet::from([super::ACCOUNT_MANAGEMENT.to_owned()])));
            assert!(remedy(&trusted.result(GATE)).contains("--account-id"), "the management account can do it too");
        }
    }

    #[test]
    fn aws_own_refusal_outweighs_the_status() {
        let provenance =
            Provenance { at: NOW.checked_sub(SignedDuration::from_hours(48)).unwrap(), ..seen("organizations:LeaveOrganization") };
        let refused = Refused { of: AttestationKind::PhoneVerification, answer: "ConstraintViolationException (X)".into(), provenance };
        for (attested, blocks) in [(false, true), (true, false)] {
            let story = with(contact(Some("VERIFIED"), "111111111111"), attested);
            let story = story.observed(|seen| drop(seen.refused.insert("333333333333".parse().unwrap(), vec![refused.clone()])));
            assert_eq!(story.blocks(GATE), blocks, "attested after it: {attested}");
        }
    }
}
