//! Checks across blocks and files.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::{
    Assumptions, Backend, DeclaredOrganization, Desired, DesiredAccount, DesiredRoster, Enforcement, GateName, Guardrails, Message,
    ProviderSettings, SettingSpans, SourceSpan, Spanned, Transfer, Via,
};

use super::blocks::{Blocks, DeclaredAccount, DeclaredGate, DeclaredTransfer, DeclaredVia};
use super::roles;

/// Combines the blocks to a roster. `complete` means that every file could be read, so that a block that was not found is really missing.
pub fn into_roster(blocks: Blocks, complete: bool, diagnostics: &mut Diagnostics) -> Option<DesiredRoster> {
    let Blocks { tool, providers, provider_roles, organizations, guardrails, gates, accounts } = blocks;
    if organizations.is_empty() && complete {
        let detail = "A configuration needs an `organization` block with `id` and `management_account_id`, so that credentials of another organization fail instead of making a plan.";
        diagnostics.push(Diagnostic::error(Code::MissingBlock, detail));
    }
    let backend = single("orgroster", tool, diagnostics).flatten().unwrap_or_default();
    let provider = single("provider \"aws\"", providers, diagnostics).unwrap_or_else(default_provider);
    let organization = single("organization", organizations, diagnostics).flatten();
    if let (Backend::S3 { bucket, .. }, Some(sandbox)) = (&backend, &provider.sandbox) {
        let detail = format!(
            "With `sandbox` set, the rehearsal's journal and records are stored in .orgroster/sandbox, so the backend in the bucket {bucket:?} has no effect."
        );
        diagnostics.push(Diagnostic::warning(Code::NoEffect, detail).at(sandbox.span.clone()));
    }
    let guardrails = single("guardrails", guardrails, diagnostics).unwrap_or_default();
    let with_policies = gates.iter().find(|gate| !gate.value.advisory_policies.is_empty());
    let spans = SettingSpans {
        protected_accounts: guardrails.protected_accounts.as_ref().map(|listed| listed.span.clone()),
        advisory_policies: with_policies.map(|gate| gate.span.clone()),
    };
    let guardrails = guardrails.effective();
    let advisory_policies = gates.iter().flat_map(|gate| gate.value.advisory_policies.clone()).collect();
    let gates = unique_gates(gates, diagnostics);
    let assumptions = Assumptions { context: provider.context.clone(), advisory_policies };

    check_unique(&accounts, diagnostics);
    roles::check(&accounts, &provider_roles, diagnostics);
    check_removals(&accounts, guardrails.allow_remove, diagnostics);
    let organization = organization?;
    check_management_account(&accounts, &organization, diagnostics);
    check_transfers(&accounts, &guardrails, &organization, diagnostics);
    check_joinings(&accounts, &organization, diagnostics);
    let mut accounts: Vec<_> = accounts.into_iter().filter_map(|declared| resolved(declared, &provider, &guardrails)).collect();
    accounts.sort_by(|a, b| a.address.cmp(&b.address));
    let backend = backend.of(&organization.id);
    let (plantimestamp, variables, given) = Default::default();
    Some(DesiredRoster {
        provider,
        backend,
        organization,
        guardrails,
        gates,
        assumptions,
        spans,
        accounts,
        plantimestamp,
        variables,
        given,
    })
}

/// The settings of an empty provider block.
pub fn default_provider() -> ProviderSettings {
    ProviderSettings { api_share_percent: 60, ..ProviderSettings::default() }
}

/// The only block of its type. Further ones are reported.
pub fn single<T>(what: &str, blocks: Vec<Spanned<T>>, diagnostics: &mut Diagnostics) -> Option<T> {
    let mut blocks = blocks.into_iter();
    let first = blocks.next()?;
    for again in blocks {
        let detail = format!("A configuration can have only one `{what}` block in all its files. Remove one of them.");
        diagnostics.push(Diagnostic::error(Code::DuplicateBlock, detail).at(again.span).also(first.span.clone(), "first declared here"));
    }
    Some(first.value)
}

fn unique_gates(gates: Vec<Spanned<DeclaredGate>>, diagnostics: &mut Diagnostics) -> BTreeMap<GateName, Enforcement> {
    let mut seen: BTreeMap<GateName, (Enforcement, SourceSpan)> = BTreeMap::new();
    for Spanned { value: gate, span } in gates {
        match seen.entry(gate.name) {
            Entry::Vacant(vacant) => {
                vacant.insert((gate.enforcement, span));
            }
            Entry::Occupied(first) => {
                let detail = format!("The gate `{}` has two blocks. Remove one of them.", first.key());
                diagnostics
                    .push(Diagnostic::error(Code::DuplicateBlock, detail).at(span).also(first.get().1.clone(), "first declared here"));
            }
        }
    }
    seen.into_iter().map(|(gate, (enforcement, _))| (gate, enforcement)).collect()
}

fn check_unique(accounts: &[DeclaredAccount], diagnostics: &mut Diagnostics) {
    let mut ids: BTreeMap<_, &DeclaredAccount> = BTreeMap::new();
    let mut labels = BTreeMap::new();
    let mut reported = BTreeSet::new();
    for declared in accounts {
        match ids.entry(declared.id.value) {
            Entry::Vacant(vacant) => {
                vacant.insert(declared);
            }
            Entry::Occupied(first) => diagnostics.push(duplicate_id(first.get(), declared)),
        }
        let first = labels.entry(&declared.address.label).or_insert(&declared.label);
        // Instances of one block share its label.
        if **first != declared.label && reported.insert(&declared.label) {
            let detail = format!("Two blocks have the address account.{}. Give one of them another label.", declared.address.label);
            let diagnostic = Diagnostic::error(Code::DuplicateAddress, detail);
            diagnostics.push(diagnostic.at(declared.label.clone()).also((*first).clone(), "first declared here"));
        }
    }
}

fn duplicate_id(first: &DeclaredAccount, again: &DeclaredAccount) -> Diagnostic {
    let id = again.id.value;
    let detail = if first.address.key.is_none() && again.address.key.is_none() {
        format!("Account {id} has two blocks, which could contradict each other. Remove one of them.")
    } else {
        format!(
            "Account {id} is declared by {} and by {}, which could contradict each other. Remove one of them.",
            first.address, again.address
        )
    };
    let diagnostic = Diagnostic::error(Code::DuplicateAccountId, detail).at(again.id.span.clone());
    if first.id.span == again.id.span { diagnostic } else { diagnostic.also(first.id.span.clone(), "first declared here") }
}

fn check_removals(accounts: &[DeclaredAccount], allowed: bool, diagnostics: &mut Diagnostics) {
    let removal = |declared: &DeclaredAccount| match &declared.via {
        DeclaredVia::Remove(span) => Some(span.clone()),
        DeclaredVia::Leave | DeclaredVia::Transfer(_) => None,
    };
    for via in accounts.iter().filter_map(removal).filter(|_| !allowed) {
        let detail = "With `via = \"remove\"`, the management account removes the member, and no service control policy can prevent that. \
                      Set `allow_remove = true` in the guardrails block to allow it.";
        diagnostics.push(Diagnostic::error(Code::RemoveNotAllowed, detail).at(via));
    }
}

/// Checks that each transfer leads to another organization that the guardrails allow.
fn check_transfers(
    accounts: &[DeclaredAccount],
    guardrails: &Guardrails,
    organization: &DeclaredOrganization,
    diagnostics: &mut Diagnostics,
) {
    for declared in accounts {
        let DeclaredVia::Transfer(DeclaredTransfer { via, to, handshake: _ }) = &declared.via else { continue };
        if to.value == organization.id {
            let detail = format!(
                "{} is this organization, so it can't be the target of a transfer. Set `to` to the organization that invites the account.",
                to.value
            );
            let found = Diagnostic::error(Code::InvalidValue, detail).at(to.span.clone());
            diagnostics.push(found.also(organization.span.clone(), "declared here"));
        } else if !guardrails.transfer_targets.contains_key(&to.value) {
            let detail = Message::new(&format!(
                "Transfers to {} are not allowed: it is not listed in `transfer_targets` of the guardrails block. Add it there, in a reviewed change, with \
                 the id of its management account:",
                to.value
            ))
            .line("")
            .command(&format!("transfer_targets = {{ \"{}\" = \"123456789012\" }}", to.value));
            let found = Diagnostic::error(Code::TransferNotAllowed, detail).at(to.span.clone());
            diagnostics.push(found.also(via.clone(), "this would move the account"));
        }
    }
}

/// Checks that each joining account comes from another organization.
fn check_joinings(accounts: &[DeclaredAccount], organization: &DeclaredOrganization, diagnostics: &mut Diagnostics) {
    for declared in accounts {
        let joining = declared.account.as_ref().and_then(DesiredAccount::joining);
        let Some(from) = joining.and_then(|joining| joining.from.as_ref()).filter(|from| **from == organization.id) else { continue };
        let detail = format!("{from} is this organization. Set `from` to the organization that the account leaves when it joins.");
        let found = Diagnostic::error(Code::InvalidValue, detail).at(declared.id.span.clone());
        diagnostics.push(found.also(organization.span.clone(), "declared here"));
    }
}

fn check_management_account(accounts: &[DeclaredAccount], organization: &DeclaredOrganization, diagnostics: &mut Diagnostics) {
    for declared in accounts.iter().filter(|declared| declared.id.value == organization.management_account_id) {
        if declared.account.as_ref().is_some_and(|account| account.leaving().is_some()) {
            let detail = "The management account can never leave its organization; AWS refuses it. To end an organization, delete it after all members have left.";
            let diagnostic = Diagnostic::error(Code::DetachedManagementAccount, detail).at(declared.id.span.clone());
            diagnostics.push(diagnostic.also(organization.span.clone(), "declared here as the management account"));
        }
    }
}

/// The account with the role that makes its call (the block's own, or else the provider's) and with the sender of the invitation that it
/// accepts. `None` if the target of its transfer is not allowed, which is reported elsewhere.
fn resolved(declared: DeclaredAccount, provider: &ProviderSettings, guardrails: &Guardrails) -> Option<DesiredAccount> {
    let mut account = declared.account?;
    if let Desired::Detached(departure) = &mut account.membership {
        departure.member_role = declared.member_role.map_or_else(|| provider.member_role.clone(), |role| role.value);
        if let DeclaredVia::Transfer(DeclaredTransfer { via: _, to, handshake }) = declared.via {
            let management_account_id = *guardrails.transfer_targets.get(&to.value)?;
            let handshake = handshake.map(|found| found.value);
            departure.via = Via::Transfer(Transfer { to: to.value, management_account_id, handshake });
        }
    }
    Some(account)
}
