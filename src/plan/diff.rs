//! Declared against observed.

use std::collections::BTreeSet;

use crate::diag::Diagnostics;
use crate::gate::{self, GateFacts, MemberAccess};
use crate::org::{Account, AccountId, Backend, Departure, DesiredAccount, Invocation, Looks, Membership, Via};

use super::input::is_targeted;
use super::{
    Approval, Detachment, Digest, PathFacts, Plan, PlanInput, PlannedOrganization, SourceLine, Unchanged, UnchangedReason, Unmanaged,
    drift, findings, guardrails,
};

/// Where one declared account ends.
enum Fate {
    Departing(Detachment),
    Blocked(Detachment),
    Unchanged(Unchanged),
}

/// Plans: where every account ends, and what there is to say about it.
#[must_use = "a plan whose findings nobody reads hides what is wrong"]
pub fn plan(input: &PlanInput<'_>) -> (Plan, Diagnostics) {
    let PlanInput { roster, sources: _, observed, records: _, inside: _, targets, now, sandbox, snapshot } = *input;
    let (mut departures, mut blocked, mut unchanged) = (Vec::new(), Vec::new(), Vec::new());
    for account in &roster.accounts {
        match fate(input, account) {
            Fate::Departing(detachment) => departures.push(detachment),
            Fate::Blocked(detachment) => blocked.push(detachment),
            Fate::Unchanged(account) => unchanged.push(account),
        }
    }
    departures.sort_by_key(|detachment| detachment.id);
    blocked.sort_by_key(|detachment| detachment.id);

    let members = observed.members().count() as u64;
    let mut plan = Plan {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        digest: Digest(String::new()),
        sandbox,
        snapshot,
        organization: PlannedOrganization {
            id: observed.organization.id.clone(),
            management_account_id: observed.organization.management_account_id,
            members,
        },
        planned_at: now,
        as_if: false,
        exceeded: guardrails::breaches(&roster.guardrails, departures.len() as u64, members),
        departures,
        blocked,
        unmanaged: unmanaged(input),
        unchanged,
        guardrails: roster.guardrails.clone(),
        enforcements: roster.gates.clone(),
        assumptions: roster.assumptions.clone(),
        variables: roster.given.clone(),
        backend: (roster.backend != Backend::default()).then(|| roster.backend.to_string()),
        complete: targets.is_empty(),
        requests: observed.requests.clone(),
        invocation: Invocation::default(),
        baseline: None,
    };
    plan.digest = Approval::of(&plan).digest(&plan.departures);
    let findings = findings::of(&plan, input);
    (plan, findings)
}

fn fate(input: &PlanInput<'_>, account: &DesiredAccount) -> Fate {
    let unchanged = |reason| {
        let live = input.observed.account(account.id);
        // With targets only their members are compared, as Terraform has it.
        let compared = account.departure().is_none() && is_targeted(input.targets, &account.address);
        Fate::Unchanged(Unchanged {
            address: account.address.clone(),
            id: account.id,
            account: live.map(Into::into),
            reason,
            drift: if compared { drift::of(account, input.observed) } else { Vec::new() },
        })
    };
    let live = input.observed.account(account.id);
    let departure = match (&account.membership, live) {
        (Membership::Member, None) => return unchanged(UnchangedReason::MissingMember),
        (Membership::Member, Some(live)) if live.id == input.observed.organization.management_account_id => {
            return unchanged(UnchangedReason::ManagementAccount);
        }
        (Membership::Member, Some(_)) => return unchanged(UnchangedReason::Member),
        (Membership::Detached(departure), _) => departure,
    };
    if live.is_none() {
        // The record is orgroster's own evidence, so it goes before what the block says.
        if let Some(record) = input.records.get(&account.id) {
            return unchanged(UnchangedReason::DepartedOnRecord { departed_at: record.departed_at, record: record.record.clone() });
        }
        if let Some(departed) = departure.departed {
            return unchanged(UnchangedReason::DepartedAsDeclared { departed });
        }
    }
    if !is_targeted(input.targets, &account.address) {
        return unchanged(UnchangedReason::NotTargeted);
    }
    let detachment = detachment(input, account, departure);
    if detachment.blockers().next().is_none() { Fate::Departing(detachment) } else { Fate::Blocked(detachment) }
}

fn detachment(input: &PlanInput<'_>, account: &DesiredAccount, departure: &Departure) -> Detachment {
    let live = input.observed.account(account.id);
    let not_looked = Looks::default();
    let looks = input.observed.looks.get(&account.id).unwrap_or(&not_looked);
    let facts = GateFacts {
        now: input.now,
        declared: &input.roster.organization,
        guardrails: &input.roster.guardrails,
        enforcements: &input.roster.gates,
        assumptions: &input.roster.assumptions,
        desired: account,
        departure,
        observed: input.observed,
        live,
        inside: input.inside.get(&account.id).unwrap_or(&MemberAccess::Deferred),
        looks,
    };
    let file = input.sources.file(account.span.file);
    Detachment {
        address: account.address.clone(),
        source: file.map(|file| SourceLine { file: file.name.clone(), line: file.position(account.span.start).line }),
        id: account.id,
        account: live.map(Into::into),
        tags: input.observed.tags.get(&account.id).and_then(|tags| tags.clone().ok()).unwrap_or_default(),
        attached: input.observed.attached.get(&account.id).and_then(|attached| attached.clone().ok()),
        path: path_facts(input, live, departure.via),
        unit_path: live.and_then(|live| input.observed.unit_path(live)),
        declared: departure.clone(),
        gates: gate::evaluate(&facts),
        approved: None,
    }
}

/// Policies matter to the member's own call only.
fn path_facts(input: &PlanInput<'_>, live: Option<&Account>, via: Via) -> PathFacts {
    match (live, via) {
        (Some(live), Via::Leave) => PathFacts::of(input.observed, live),
        _ => PathFacts::default(),
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
