//! The blocks `organization`, `guardrails` and `gate`.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::structure::Block;

use crate::config::eval::Scope;
use crate::diag::{Code, Diagnostic, Diagnostics, Syntax, closest};
use crate::org::{
    AccountId, DeclaredOrganization, Enforcement, GateName, Guardrails, MAX_APPROVERS, OrganizationId, Spanned, UnmanagedPolicy,
};

use super::{Fields, fields};

/// Reads an `organization` block; `None` if one of its ids is missing or wrong.
pub fn read_organization(syntax: &Syntax, block: &Block, scope: &Scope, diagnostics: &mut Diagnostics) -> Option<DeclaredOrganization> {
    let mut fields = fields("The organization block", syntax, block, scope, diagnostics);
    let id = fields.required("id", |fields| fields.parsed::<OrganizationId>("id"));
    let management_account_id = fields.required_account_id("management_account_id");
    let span = fields.header();
    fields.finish();
    Some(DeclaredOrganization { id: id?.value, management_account_id: management_account_id?.value, span })
}

/// The guardrails that a block sets, each with its location.
#[derive(Debug, Clone, Default)]
pub struct DeclaredGuardrails {
    pub max_detachments: Option<Spanned<u32>>,
    pub max_detachments_percent: Option<Spanned<u32>>,
    pub max_joins: Option<Spanned<u32>>,
    pub approvers: Option<Spanned<u32>>,
    pub transfer_targets: Option<Spanned<BTreeMap<OrganizationId, AccountId>>>,
    pub allow_remove: Option<Spanned<bool>>,
    pub protected_accounts: Option<Spanned<BTreeSet<AccountId>>>,
    pub unmanaged: Option<Spanned<UnmanagedPolicy>>,
}

impl DeclaredGuardrails {
    /// The guardrails in effect: those that are not set have their defaults.
    pub fn effective(self) -> Guardrails {
        let default = Guardrails::default();
        Guardrails {
            max_detachments: self.max_detachments.map_or(default.max_detachments, |found| found.value),
            max_detachments_percent: self.max_detachments_percent.map_or(default.max_detachments_percent, |found| found.value),
            max_joins: self.max_joins.map_or(default.max_joins, |found| found.value),
            approvers: self.approvers.map_or(default.approvers, |found| found.value),
            transfer_targets: self.transfer_targets.map_or(default.transfer_targets, |found| found.value),
            allow_remove: self.allow_remove.map_or(default.allow_remove, |found| found.value),
            protected_accounts: self.protected_accounts.map_or(default.protected_accounts, |found| found.value),
            unmanaged: self.unmanaged.map_or(default.unmanaged, |found| found.value),
        }
    }
}

/// Reads a `guardrails` block.
pub fn read_guardrails(syntax: &Syntax, block: &Block, scope: &Scope, diagnostics: &mut Diagnostics) -> DeclaredGuardrails {
    let mut fields = fields("The guardrails block", syntax, block, scope, diagnostics);
    let policies = [("ignore", UnmanagedPolicy::Ignore), ("warn", UnmanagedPolicy::Warn), ("error", UnmanagedPolicy::Error)];
    let protected = fields.expression("protected_accounts").map(|expression| syntax.span(expression));
    let accounts = fields.account_ids("protected_accounts").into_iter().map(|found| found.value).collect();
    let guardrails = DeclaredGuardrails {
        max_detachments: fields.integer("max_detachments", 0..=50_000),
        max_detachments_percent: fields.integer("max_detachments_percent", 0..=100),
        max_joins: fields.integer("max_joins", 0..=50_000),
        approvers: fields.integer("approvers", 1..=MAX_APPROVERS),
        transfer_targets: read_transfer_targets(&mut fields),
        allow_remove: fields.boolean("allow_remove"),
        protected_accounts: protected.map(|span| Spanned::new(accounts, span)),
        unmanaged: fields.one_of("unmanaged", &policies),
    };
    fields.finish();
    guardrails
}

/// Reads the organizations to which accounts may be transferred, each with its management account.
fn read_transfer_targets(fields: &mut Fields<'_>) -> Option<Spanned<BTreeMap<OrganizationId, AccountId>>> {
    let span = fields.expression("transfer_targets").map(|expression| fields.syntax().span(expression))?;
    let mut targets = BTreeMap::new();
    for (organization, account) in fields.map("transfer_targets")? {
        let account = fields.expect_account_id(account);
        match organization.value.parse::<OrganizationId>() {
            Ok(organization) => targets.extend(account.map(|account| (organization, account.value))),
            Err(error) => fields.invalid(&organization.span, format!("`transfer_targets`: {error}.")),
        }
    }
    Some(Spanned::new(targets, span))
}

/// A `gate` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredGate {
    pub name: GateName,
    pub enforcement: Enforcement,
    /// The ids of service control policies whose effect may stay undecided.
    pub advisory_policies: BTreeSet<String>,
}

/// Reads a `gate` block. Only consequences, and gates that facts can't decide, may be lowered. For the other gates either AWS would refuse
/// anyway, or the gate is what keeps the wrong account from leaving.
pub fn read_gate(
    syntax: &Syntax,
    block: &Block,
    label: &Spanned<String>,
    scope: &Scope,
    diagnostics: &mut Diagnostics,
) -> Option<DeclaredGate> {
    let enforcements: Vec<_> = Enforcement::ALL.iter().map(|enforcement| (enforcement.as_str(), *enforcement)).collect();
    let mut fields = fields("The gate block", syntax, block, scope, diagnostics);
    let about_policies = label.value == GateName::ServiceControlPolicy.as_str();
    let advisory_policies = if about_policies { fields.strings("advisory_policies") } else { Vec::new() };
    // A block that only lists policies leaves the enforcement as it is.
    let enforcement = fields.one_of("enforcement", &enforcements);
    if advisory_policies.is_empty() {
        fields.require("enforcement");
    }
    let default = Spanned::new(Enforcement::Mandatory, label.span.clone());
    let enforcement = enforcement.or_else(|| (!advisory_policies.is_empty()).then_some(default));
    for policy in advisory_policies.iter().filter(|policy| !policy.value.starts_with("p-")) {
        fields.invalid(
            &policy.span,
            format!("`advisory_policies` must list policy ids, such as \"p-examplepolicyid\"; {:?} is not one.", policy.value),
        );
    }
    fields.finish();
    let Ok(gate) = label.value.parse::<GateName>() else {
        diagnostics.push(unknown_gate(label));
        return None;
    };
    let enforcement = enforcement?;
    if !gate.can_be_lowered() && enforcement.value != Enforcement::Mandatory {
        let lowerable: Vec<_> = GateName::ALL.iter().filter(|gate| gate.can_be_lowered()).map(|gate| gate.as_str()).collect();
        let detail = format!(
            "Facts decide `{gate}`, so it is always mandatory. Remove the block, and resolve what the gate checks. Gates that can be lowered are {}.",
            lowerable.join(", ")
        );
        diagnostics.push(Diagnostic::error(Code::GateCannotBeLowered, detail).at(enforcement.span));
        return None;
    }
    let advisory_policies = advisory_policies.into_iter().map(|policy| policy.value).collect();
    Some(DeclaredGate { name: gate, enforcement: enforcement.value, advisory_policies })
}

fn unknown_gate(label: &Spanned<String>) -> Diagnostic {
    let names: Vec<_> = GateName::ALL.iter().map(|gate| gate.as_str()).collect();
    match closest(&label.value, &names) {
        Some(word) => {
            let detail = format!("There is no gate {:?}. Did you mean \"{word}\"?", label.value);
            Diagnostic::error(Code::UnknownGate, detail).at(label.span.clone()).patched(label.span.clone(), format!("\"{word}\""))
        }
        None => {
            let detail = format!("There is no gate {:?}. Gates are {}.", label.value, names.join(", "));
            Diagnostic::error(Code::UnknownGate, detail).at(label.span.clone())
        }
    }
}
