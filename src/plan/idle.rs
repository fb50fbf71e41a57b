//! Settings that have no effect on this plan, because they refer to an account or policy that does not exist.

use crate::diag::{Code, Diagnostic};
use crate::org::{AccountId, SourceSpan};

use super::{Plan, PlanInput};

/// One finding for each setting, with all of its entries that have no effect.
pub fn of(plan: &Plan, input: &PlanInput<'_>) -> Vec<Diagnostic> {
    [protected_accounts(input), advisory_policies(plan, input)].into_iter().flatten().collect()
}

/// An id with a wrong digit protects no account.
fn protected_accounts(input: &PlanInput<'_>) -> Option<Diagnostic> {
    if !input.observed.has_every_account() {
        return None;
    }
    let absent = |id: &&AccountId| input.observed.account(**id).is_none();
    let absent: Vec<_> = input.roster.guardrails.protected_accounts.iter().filter(absent).map(ToString::to_string).collect();
    let ids = absent.join(", ");
    let detail = match absent.len() {
        0 => return None,
        1 => format!(
            "`protected_accounts` lists {ids}, but no account of the organization has that id, so it protects nothing. Correct the id, or \
             remove it if the account has left."
        ),
        _ => format!(
            "`protected_accounts` lists {ids}, but no accounts of the organization have these ids, so they protect nothing. Correct the \
             ids, or remove those of accounts that have left."
        ),
    };
    Some(finding(detail, input.roster.spans.protected_accounts.as_ref()))
}

/// Policies are read only if an account should leave.
fn advisory_policies(plan: &Plan, input: &PlanInput<'_>) -> Option<Diagnostic> {
    let attached = input.observed.policies.as_ref().ok().filter(|attached| !plan.acts().is_empty() && !attached.at.is_empty())?;
    let is_attached = |policy: &&String| attached.at.values().any(|policies| policies.contains(*policy));
    let idle: Vec<_> =
        input.roster.assumptions.advisory_policies.iter().filter(|policy| !is_attached(policy)).map(String::as_str).collect();
    let ids = idle.join(", ");
    let is_attached = match idle.len() {
        0 => return None,
        1 => "is not attached",
        _ => "are not attached",
    };
    let detail = format!(
        "`advisory_policies` lists {ids}, which {is_attached} to any account that should leave or to a level above one. The setting has no \
         effect on this plan; correct the id if it is meant for these accounts."
    );
    Some(finding(detail, input.roster.spans.advisory_policies.as_ref()))
}

fn finding(detail: String, span: Option<&SourceSpan>) -> Diagnostic {
    let finding = Diagnostic::warning(Code::NoEffect, detail);
    span.map_or(finding.clone(), |span| finding.at(span.clone()))
}
