//! Settings of which this plan shows that they have no effect: they name something that is not there.

use crate::diag::{Code, Diagnostic};
use crate::org::{AccountId, SourceSpan};

use super::{Plan, PlanInput};

/// One finding for each setting, which names all that it lists in vain.
pub fn of(plan: &Plan, input: &PlanInput<'_>) -> Vec<Diagnostic> {
    [protected_accounts(input), advisory_policies(plan, input)].into_iter().flatten().collect()
}

/// A digit that is off protects nobody.
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
            "`protected_accounts` lists {ids}, and no account of the organization has that id, so that nothing is protected by it. Correct the id, \
             or remove it if the account has left."
        ),
        _ => format!(
            "`protected_accounts` lists {ids}, and no accounts of the organization have these ids, so that nothing is protected by them. Correct \
             the ids, or remove those of accounts that have left."
        ),
    };
    Some(finding(detail, input.roster.spans.protected_accounts.as_ref()))
}

/// Only where an account is to leave are policies read.
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
        "`advisory_policies` lists {ids}, which {is_attached} to an account that is to leave or anywhere above one. For this plan it has no \
         effect; correct the id if it is meant for these accounts."
    );
    Some(finding(detail, input.roster.spans.advisory_policies.as_ref()))
}

fn finding(detail: String, span: Option<&SourceSpan>) -> Diagnostic {
    let finding = Diagnostic::warning(Code::NoEffect, detail);
    span.map_or(finding.clone(), |span| finding.at(span.clone()))
}
