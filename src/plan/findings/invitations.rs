//! Findings about invitations that no block declares, and about members outside their declared unit.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::org::{AccountId, Handshake, Message};
use crate::plan::{NoChange, Plan, PlanInput};

/// Warnings about undeclared invitations, and about members that are not in the unit of their `join` block.
pub fn of(plan: &Plan, input: &PlanInput<'_>) -> Vec<Diagnostic> {
    let unnamed = plan.complete.then(|| unnamed(input)).into_iter().flatten();
    unnamed.chain(elsewhere(plan, input)).collect()
}

/// Warnings about open invitations of the organization that no `join` block declares.
fn unnamed(input: &PlanInput<'_>) -> Vec<Diagnostic> {
    let declared: BTreeSet<AccountId> =
        input.roster.accounts.iter().filter(|account| account.joining().is_some()).map(|account| account.id).collect();
    let emails: Vec<_> = input.roster.accounts.iter().filter_map(|account| account.email.as_deref()).collect();
    let sent = input.observed.sent_handshakes.value().into_iter().flatten();
    let has_declared_id = |found: &Handshake| {
        found.parties.iter().any(|party| party.kind == "ACCOUNT" && party.id.parse().is_ok_and(|id| declared.contains(&id)))
    };
    // The gate of the account's block reports an invitation by address.
    let is_declared = |found: &Handshake| has_declared_id(found) || emails.iter().any(|email| found.invites_address(email));
    let open = sent.filter(|found| found.is_invitation() && found.is_open(input.now) && !is_declared(found));
    open.map(|found| {
        let whom: Vec<_> = found.parties.iter().filter(|party| party.kind != "ORGANIZATION").map(|party| party.id.as_str()).collect();
        let until = found.expires_at.map_or_else(String::new, |at| format!(" until {at}"));
        let detail = Message::new(&format!(
            "The organization has invited {} ({}), and no join block declares this. The account's owner can accept the invitation{until}. \
             Declare it, or cancel it from the management account:",
            whom.join(", "),
            found.id
        ))
        .command(&format!("aws organizations cancel-handshake --handshake-id {}", found.id));
        Diagnostic::warning(Code::UnnamedInvitation, detail)
    })
    .collect()
}

/// Warnings about members that are not in the unit of their `join` block, and that no run is placing.
fn elsewhere<'a>(plan: &'a Plan, input: &'a PlanInput<'_>) -> impl Iterator<Item = Diagnostic> + 'a {
    plan.unchanged().filter(|(_, why)| **why == NoChange::Member).filter_map(|(member, _)| {
        let unit = member.joining()?.unit.as_deref()?;
        let stands_in = member.before.as_ref()?.path.as_ref()?.0.last()?;
        (stands_in != unit).then(|| {
            let detail = Message::new(&format!(
                "{} is a member in {stands_in}, but its join block declares {unit}. orgroster does not move members. Move it from the \
                 management account:",
                member.address
            ))
            .command(&format!(
                "aws organizations move-account --account-id {} --source-parent-id {stands_in} --destination-parent-id {unit}",
                member.id
            ));
            let found = Diagnostic::warning(Code::MemberElsewhere, detail).about(&member.address);
            input.roster.account(&member.address).map_or(found.clone(), |account| found.at(account.span.clone()))
        })
    })
}
