//! Comparing the declared roster with the observed organization.

use std::collections::BTreeSet;

use crate::diag::Diagnostics;
use crate::gate::{self, GateFacts, MemberAccess};
use crate::org::{Account, AccountId, Backend, Desired, DesiredAccount, Invocation, Leaving, Probes, is_targeted};

use super::path::PathFacts;
use super::{
    Act, Approval, Change, Dependencies, Digest, Kept, NoChange, Plan, PlanInput, PlannedAccount, PlannedOrganization, SourceLine,
    Unmanaged, drift, findings, guardrails, joining,
};

/// Makes the plan, and the findings about it.
#[must_use = "a plan without its findings hides problems"]
pub fn plan(input: &PlanInput<'_>) -> (Plan, Diagnostics) {
    let PlanInput { roster, sources: _, observed, records: _, joinings: _, targets, now, sandbox, snapshot } = *input;
    let mut accounts: Vec<_> = roster.accounts.iter().map(|account| planned(input, account)).collect();
    joining::count_together(input, &mut accounts);
    let mut plan = Plan {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        digest: Digest(String::new()),
        sandbox,
        snapshot,
        organization: PlannedOrganization {
            id: observed.organization.id.clone(),
            management_account_id: observed.organization.management_account_id,
            members: observed.members().count() as u64,
        },
        planned_at: now,
        as_if: false,
        exceeded: Vec::new(),
        accounts,
        unmanaged: unmanaged(input),
        guardrails: roster.guardrails.clone(),
        enforcements: roster.gates.clone(),
        assumptions: roster.assumptions.clone(),
        plantimestamp: roster.plantimestamp,
        variables: roster.given.clone(),
        backend: (roster.backend != Backend::default()).then(|| roster.backend.to_string()),
        member_read_role: roster.provider.member_read_role.as_ref().map(|role| role.name.clone()),
        complete: targets.is_empty(),
        requests: observed.requests.clone(),
        invocation: Invocation::default(),
        baseline: None,
    };
    plan.exceeded = guardrails::breaches(&plan.guardrails, plan.eligible(), plan.organization.members);
    plan.digest = Approval::of(&plan).digest(plan.eligible());
    let findings = findings::of(&plan, input);
    (plan, findings)
}

fn planned(input: &PlanInput<'_>, account: &DesiredAccount) -> PlannedAccount {
    let file = input.sources.file(account.span.file);
    let live = input.observed.account(account.id);
    let is_management = account.id == input.observed.organization.management_account_id;
    let joining = account.joining().filter(|_| !is_management && is_targeted(input.targets, &account.address));
    let change = match (joining, no_change(input, account)) {
        (Some(joining), _) => joining::change(input, account, joining, 0),
        (None, Ok(why)) => Change::None(why),
        (None, Err(leaving)) => Change::Act(act(input, account, leaving)),
    };
    // With targets, only targeted members are compared, as in Terraform. An account with a `join` block is not missing: it joins.
    let is_comparable = account.leaving().is_none() && (live.is_some() || account.joining().is_none());
    let is_compared = is_comparable && is_targeted(input.targets, &account.address);
    PlannedAccount {
        address: account.address.clone(),
        source: file.map(|file| SourceLine { file: file.name.clone(), line: file.line(account.span.start).0 }),
        id: account.id,
        before: live.cloned(),
        desired: account.membership.clone(),
        drift: if is_compared { drift::of(account, input.observed) } else { Vec::new() },
        change,
    }
}

/// Returns the reason that nothing happens to an account.
///
/// # Errors
///
/// Returns the declaration of its departure if the account should leave.
fn no_change<'a>(input: &PlanInput<'_>, account: &'a DesiredAccount) -> Result<NoChange, &'a Leaving> {
    let live = input.observed.account(account.id);
    let leaving = match (&account.membership, live) {
        // It may have to join, but it is not targeted.
        (Desired::Member { join: Some(_) }, None) => return Ok(NoChange::NotTargeted),
        (Desired::Member { join: None }, None) => return Ok(NoChange::MissingMember),
        (Desired::Member { .. }, Some(live)) if live.id == input.observed.organization.management_account_id => {
            return Ok(NoChange::ManagementAccount);
        }
        (Desired::Member { .. }, Some(_)) => return Ok(NoChange::Member),
        (Desired::Detached(leaving), _) => leaving,
    };
    if live.is_none() {
        // The record is orgroster's own evidence, so it takes precedence over the block.
        if let Some(past) = input.records.get(&account.id).filter(|past| past.action.after().is_out()) {
            return Ok(NoChange::DepartedOnRecord { departed_at: past.effective_at, record: past.record.clone() });
        }
        if let Some(departed) = leaving.departed {
            return Ok(NoChange::DepartedAsDeclared { departed });
        }
    }
    if is_targeted(input.targets, &account.address) { Err(leaving) } else { Ok(NoChange::NotTargeted) }
}

fn act(input: &PlanInput<'_>, account: &DesiredAccount, leaving: &Leaving) -> Act {
    let live = input.observed.account(account.id);
    let not_looked = Probes::default();
    let probes = input.observed.probes.get(&account.id).unwrap_or(&not_looked);
    let gates = gate::evaluate(&GateFacts {
        now: input.now,
        declared: &input.roster.organization,
        guardrails: &input.roster.guardrails,
        enforcements: &input.roster.gates,
        assumptions: &input.roster.assumptions,
        desired: account,
        departure: leaving,
        observed: input.observed,
        live,
        inside: &MemberAccess::Deferred,
        probes,
    });
    let action = leaving.action();
    // Policies apply only to a call by the member.
    let path = live.filter(|_| action.is_called_by_member()).map_or_else(PathFacts::default, |live| PathFacts::of(input.observed, live));
    Act {
        action,
        depends_on: Dependencies::of(&path, &gates),
        kept: Kept {
            unit_path: live.and_then(|live| input.observed.unit_path(live)),
            tags: input.observed.tags.get(&account.id).and_then(|tags| tags.clone().ok()).unwrap_or_default(),
            service_control_policies: path.attached_to(&account.id.to_string()),
            policies: input.observed.attached.get(&account.id).and_then(|attached| attached.clone().ok()),
        },
        placement: None,
        gates,
    }
}

fn unmanaged(input: &PlanInput<'_>) -> Vec<Unmanaged> {
    let declared: BTreeSet<AccountId> = input.roster.accounts.iter().map(|account| account.id).collect();
    let undeclared = input.observed.members().filter(|account| !declared.contains(&account.id));
    let described = |account: &Account| Unmanaged {
        id: account.id,
        name: account.name.clone(),
        state: account.state.clone(),
        removed_by: account.state.removed_by(input.observed.ends.closed.get(&account.id).copied(), input.observed.observed_at),
        path: account.path.clone(),
    };
    undeclared.map(described).collect()
}
