//! What there is to say about a plan beside the plan itself.

use jiff::tz::TimeZone;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::{Attestation, AttestationKind, Backend, DesiredAccount, GateName, Message, UnmanagedPolicy};

use super::{Detachment, Plan, PlanInput, UnchangedReason};

/// Drift, unmanaged accounts and exceeded guardrails.
pub fn of(plan: &Plan, input: &PlanInput<'_>) -> Diagnostics {
    let mut findings = Diagnostics::default();
    findings.extend(missing_members(plan, input));
    findings.extend(input.roster.accounts.iter().filter_map(|account| renamed_member(account, input)));
    findings.extend(plan.departures.iter().chain(&plan.blocked).flat_map(|pending| attestations(pending, input)));
    findings.extend(missing_records(plan, input));
    findings.extend(unmanaged(plan));
    findings.extend(exceeded(plan));
    findings
}

/// Accounts that are not in the organization, and a backend without any record: as on a machine that never applied. The sandbox keeps its
/// records beside its organization, so that the two are lost together.
fn missing_records(plan: &Plan, input: &PlanInput<'_>) -> Option<Diagnostic> {
    let is_unknown =
        |pending: &&Detachment| pending.gates.iter().any(|result| result.gate == GateName::KnownAccount && result.is_blocking());
    let unknown: Vec<_> = plan.blocked.iter().filter(is_unknown).collect();
    let first = unknown.first().filter(|_| input.records.is_empty() && !input.sandbox)?;
    let (backend, accounts) = (&input.roster.backend, unknown.len());
    let are = if accounts == 1 { "account to be detached is" } else { "accounts to be detached are" };
    let kept = match backend {
        Backend::Local { path } => format!("the directory {} of this machine", path.display()),
        Backend::S3 { .. } => backend.to_string(),
    };
    let detail = Message::new(&format!(
        "{accounts} {are} not in the organization ({}), and no departure record is in {kept}, where this configuration keeps them. If they left \
         in a run on another machine, take back in what `apply -records-to DIR` kept there:",
        first.address
    ))
    .command("orgroster history restore DIR");
    Some(Diagnostic::warning(Code::RecordsMissing, detail))
}

fn missing_members<'a>(plan: &'a Plan, input: &'a PlanInput<'_>) -> impl Iterator<Item = Diagnostic> + 'a {
    let missing = plan.unchanged.iter().filter(|account| account.reason == UnchangedReason::MissingMember);
    missing.filter_map(|missing| input.roster.account(&missing.address)).map(|account| {
        let detail = Message::new(&format!(
            "{} declares account {} a member, and it is not in the organization. orgroster never adds accounts. To bring it back, invite it from the \
             management account:",
            account.address, account.id
        ))
        .command(&format!("aws organizations invite-account-to-organization --target Id={},Type=ACCOUNT", account.id));
        Diagnostic::warning(Code::MemberMissing, detail).at(account.span.clone()).about(&account.address)
    })
}

/// A member's declared name or email that the live account does not have: the sign of an id that names another account.
fn renamed_member(account: &DesiredAccount, input: &PlanInput<'_>) -> Option<Diagnostic> {
    let live = input.observed.account(account.id).filter(|_| account.departure().is_none())?;
    let name = account
        .name
        .as_ref()
        .filter(|name| **name != live.name)
        .map(|name| format!("name {name:?} is declared, the live one is {:?}", live.name));
    let email = account
        .email
        .as_ref()
        .filter(|email| **email != live.email)
        .map(|email| format!("email {email:?} is declared, the live one is {:?}", live.email));
    let differences: Vec<_> = [name, email].into_iter().flatten().collect();
    (!differences.is_empty()).then(|| {
        let detail = format!("{}: {}. Correct the block.", account.address, differences.join("; "));
        Diagnostic::warning(Code::MemberDiffers, detail).at(account.span.clone()).about(&account.address)
    })
}

/// Attestations of a pending departure that don't count: expired, not yet valid, or of something that is not asked.
fn attestations(pending: &Detachment, input: &PlanInput<'_>) -> Vec<Diagnostic> {
    let today = input.now.to_zoned(TimeZone::UTC).date();
    let span = input.roster.account(&pending.address).map(|account| &account.span);
    let mut findings = Vec::new();
    for attestation in &pending.declared.attestations {
        let Attestation { of, by, on, evidence: _, expires } = attestation;
        let names = |kinds: Vec<&AttestationKind>| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        let flaw = match expires {
            Some(expires) if *expires < today => Some(format!("expired on {expires}. Check it again in the account, then renew it")),
            _ if *on > today => Some(format!("is dated {on}, which has not come. It counts from that day on")),
            _ => None,
        };
        let unasked: Vec<_> = of.iter().filter(|kind| !pending.gates.iter().any(|result| result.gate == kind.gate())).collect();
        if let Some(flaw) = flaw {
            findings.push(format!("{}: the attestation of {} by {by} {flaw}.", pending.address, names(of.iter().collect())));
        } else if !unasked.is_empty() {
            findings.push(format!(
                "{}: the attestation of {} by {by} is not needed, because nothing asks for it: its gate is off, or the account is not live. Remove it.",
                pending.address,
                names(unasked)
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
        "{}. Nothing of this plan would be carried out. Detach fewer accounts at once, or raise the number in the guardrails block in a reviewed change.",
        breaches.join("; ")
    );
    Some(Diagnostic::warning(Code::GuardrailExceeded, detail))
}
