//! The findings about a plan.

use jiff::tz::TimeZone;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::{
    AccountId, AccountState, Address, Attestation, AttestationKind, Backend, GateName, Message, SeenDeparture, UnmanagedPolicy,
};

mod invitations;

use super::{Drift, Plan, PlanInput, PlannedAccount, idle};

/// All findings about a plan, such as drift, unmanaged accounts and exceeded guardrails.
pub fn of(plan: &Plan, input: &PlanInput<'_>) -> Diagnostics {
    let mut findings = Diagnostics::default();
    findings.extend(drift(plan, input));
    findings.extend(plan.acts().into_iter().flat_map(|pending| attestations(pending, input)));
    findings.extend(missing_records(plan, input));
    findings.extend(invitations::of(plan, input));
    findings.extend(unmanaged(plan));
    findings.extend(exceeded(plan));
    findings.extend(idle::of(plan, input));
    findings
}

/// A warning if accounts are missing from the organization and the backend has no records, as on a machine that never applied. There is
/// none for the sandbox: it stores its records with its organization, so that both are lost together.
fn missing_records(plan: &Plan, input: &PlanInput<'_>) -> Option<Diagnostic> {
    let is_unknown =
        |pending: &&PlannedAccount| pending.gates().iter().any(|result| result.gate == GateName::KnownAccount && result.is_blocking());
    let unknown: Vec<_> = plan.blocked().into_iter().filter(is_unknown).collect();
    let first = unknown.first().filter(|_| input.records.is_empty() && !input.sandbox)?;
    let (backend, accounts) = (&input.roster.backend, unknown.len());
    let are = if accounts == 1 { "account that should be detached is" } else { "accounts that should be detached are" };
    let kept = match backend {
        Backend::Local { path } => format!("the directory {} on this machine", path.display()),
        Backend::S3 { .. } => backend.to_string(),
    };
    let detail = Message::new(&format!(
        "{accounts} {are} not in the organization ({}), and there are no departure records in {kept}, where this configuration stores \
         them. If a run on another machine detached them, restore the copy that `apply -records-to DIR` made there:",
        first.address
    ))
    .command("orgroster history restore DIR");
    Some(Diagnostic::warning(Code::RecordsMissing, detail))
}

/// Warnings about members that differ from their blocks, each with its remedy.
fn drift(plan: &Plan, input: &PlanInput<'_>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let warning = |drifted: &PlannedAccount, code, detail: Message| {
        let span = input.roster.account(&drifted.address).map(|account| account.span.clone());
        let finding = Diagnostic::warning(code, detail).about(&drifted.address);
        span.map_or(finding.clone(), |span| finding.at(span))
    };
    for drifted in plan.drifted() {
        let PlannedAccount { address, id, drift, .. } = drifted;
        let mut differences = Vec::new();
        for drift in drift {
            match drift {
                Drift::Missing { departed } => {
                    findings.push(warning(drifted, Code::MemberMissing, missing(address, *id, departed.as_ref())));
                }
                Drift::State { .. } => {}
                Drift::Name { declared, live } => differences.push(format!("the declared name is {declared:?}, the live name is {live:?}")),
                Drift::Email { declared, live } => {
                    differences.push(format!("the declared email is {declared:?}, the live email is {live:?}"))
                }
            }
        }
        if !differences.is_empty() {
            let detail = format!("{address}: {}. Correct the block.", differences.join("; "));
            findings.push(warning(drifted, Code::MemberDiffers, detail.into()));
        }
    }
    findings.extend(not_active(plan).map(|(drifted, detail)| warning(drifted, Code::MemberNotActive, detail.into())));
    findings
}

/// One finding for all members that are not ACTIVE: an organization may have hundreds of closed accounts. The plan lists each of them.
fn not_active(plan: &Plan) -> Option<(&PlannedAccount, String)> {
    let of_state = |drifted: &PlannedAccount| {
        drifted.drift.iter().find_map(|drift| match drift {
            Drift::State { state, removed_by } => Some((state.clone(), *removed_by)),
            _ => None,
        })
    };
    let all: Vec<_> = plan.drifted().filter_map(|drifted| Some((drifted, of_state(drifted)?))).collect();
    let (first, (state, removed_by)) = all.first()?;
    let PlannedAccount { address, id, .. } = first;
    let until = removed_by.map_or_else(String::new, |day| format!(" AWS removes it for good by {day} at the latest."));
    let meaning = state.meaning();
    let mut detail =
        format!("{address} declares account {id} as a member, but its state is {state}: {meaning}.{until} {}", state_remedy(state));
    match all.len() - 1 {
        0 => {}
        1 => detail.push_str(" Another declared member is not ACTIVE either."),
        others => detail.push_str(&format!(" {others} other declared members are not ACTIVE either.")),
    }
    Some((first, detail))
}

const fn state_remedy(state: &AccountState) -> &'static str {
    match state {
        AccountState::PendingClosure | AccountState::Closed => {
            "Delete the block when the account is gone; until then, only AWS Support can reopen it."
        }
        AccountState::Suspended => "Ask AWS Support for the reason, and to reinstate the account.",
        AccountState::PendingActivation => "The root user must finish the sign-up.",
        AccountState::Active | AccountState::Other(_) => {
            "Look up the state in AWS's documentation; a newer version of orgroster may know it."
        }
    }
}

/// An account that AWS removed for good can't be invited; one that left can. If it is not known which, the remedy begins with CloudTrail.
fn missing(address: &Address, id: AccountId, departed: Option<&SeenDeparture>) -> Message {
    let what = Message::new(&format!("{address} declares account {id} as a member, but it is not in the organization."));
    let invite = format!("aws organizations invite-account-to-organization --target Id={id},Type=ACCOUNT");
    match departed {
        Some(departed) if departed.is_final() => what.and(&format!(
            "AWS removed it for good at {}, after it had been closed for 90 days. It can't come back: delete the block.",
            departed.at
        )),
        Some(SeenDeparture { at, method }) => {
            let how = method.as_ref().map_or_else(String::new, |method| format!(" ({method})"));
            what.and(&format!(
                "It left at {at}{how}. Delete the block, or, to bring the account back, invite it from the management account:"
            ))
            .command(&invite)
        }
        None => what
            .and("How it left is not known. CloudTrail in the management account keeps the event for 90 days:")
            .command("aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AccountDepartedOrganization")
            .line(
                "If departureMethod is CLEANED, AWS removed the account for good because it had been closed: delete the block. An account \
                 that left can be invited from the management account:",
            )
            .command(&invite),
    }
}

/// Warnings about attestations of a pending departure that don't count: expired, not yet valid, or not needed.
fn attestations(pending: &PlannedAccount, input: &PlanInput<'_>) -> Vec<Diagnostic> {
    let today = input.now.to_zoned_datetime(TimeZone::UTC).date();
    let span = input.roster.account(&pending.address).map(|account| &account.span);
    let mut findings = Vec::new();
    for attestation in pending.leaving().into_iter().flat_map(|leaving| &leaving.attestations) {
        let Attestation { of, by, on, evidence: _, expires } = attestation;
        let names = |kinds: Vec<&AttestationKind>| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        let flaw = match expires {
            _ if *on > today => Some(format!("is dated {on}, which is in the future. It counts from that day on")),
            Some(expires) if *expires < today => Some(format!("expired on {expires}. Check it in the account, then attest it again")),
            _ => None,
        };
        let unasked: Vec<_> = of.iter().filter(|kind| !pending.gates().iter().any(|result| result.gate == kind.gate())).collect();
        let decides = |kind: &&AttestationKind| pending.gates().iter().any(|result| result.gate == kind.gate() && result.is_fact());
        let decided: Vec<_> = of.iter().filter(decides).collect();
        let flaw_free = flaw.is_none();
        if let Some(flaw) = flaw {
            findings.push(format!("{}: the attestation of {} by {by} {flaw}.", pending.address, names(of.iter().collect())));
        } else if !unasked.is_empty() {
            findings.push(format!(
                "{}: the attestation of {} by {by} is not needed, because its gate is off or the account is not live. Remove it.",
                pending.address,
                names(unasked)
            ));
        }
        if flaw_free && !decided.is_empty() {
            findings.push(format!(
                "{}: the attestation of {} by {by} is not needed, because AWS reports the fact. Remove it.",
                pending.address,
                names(decided)
            ));
        }
    }
    let finding = |detail: String| {
        let finding = Diagnostic::warning(Code::AttestationProblem, detail).about(&pending.address);
        span.map_or(finding.clone(), |span| finding.at(span.clone()))
    };
    findings.into_iter().map(finding).collect()
}

fn unmanaged(plan: &Plan) -> Option<Diagnostic> {
    let count = plan.unmanaged.len();
    if count == 0 || plan.guardrails.unmanaged == UnmanagedPolicy::Ignore {
        return None;
    }
    let (are, have) = if count == 1 { ("1 live member has", "it") } else { ("live members have", "them") };
    let subject = if count == 1 { are.to_owned() } else { format!("{count} {are}") };
    let detail = format!(
        "{subject} no account block. Nothing happens to {have}. Declare {have}, or set unmanaged = \"ignore\" in the guardrails block."
    );
    Some(match plan.guardrails.unmanaged {
        UnmanagedPolicy::Error => Diagnostic::error(Code::UnmanagedAccounts, detail),
        _ => Diagnostic::warning(Code::UnmanagedAccounts, detail),
    })
}

fn exceeded(plan: &Plan) -> Option<Diagnostic> {
    if plan.exceeded.is_empty() {
        return None;
    }
    let breaches: Vec<_> = plan.exceeded.iter().map(ToString::to_string).collect();
    let detail = format!(
        "{}. Nothing in this plan would be carried out. Apply fewer acts at a time, or raise the limit in the guardrails block in a reviewed change.",
        breaches.join("; ")
    );
    Some(Diagnostic::warning(Code::GuardrailExceeded, detail))
}
