//! The `account` block and its attestations.

use std::collections::{BTreeSet, HashSet};

use hcl_edit::Span;
use hcl_edit::structure::Block;

use crate::config::eval::Scope;
use crate::config::habits;
use crate::diag::{BlockForm, Code, Diagnostic, Diagnostics, Syntax};
use crate::org::{
    Address, Attestation, AttestationKind, Consequence, Desired, DesiredAccount, Leaving, MemberRole, OrganizationId, SourceSpan, Spanned,
    Via,
};

use super::declared::{DeclaredTransfer, DeclaredVia};
use super::idle::warn_of_idle;
use super::provider::{MEMBER_ROLE, read_member_role};
use super::{DeclaredAccount, Fields, fields, join, repetition};

const ATTESTATION: BlockForm =
    BlockForm::new("attestation", "of = [\"payment_method\"]\n      by = \"jane@example.com\"\n      on = \"2026-11-20\"");

/// The most findings about the instances of one block. After that the remaining instances are not checked: the block is clearly wrong.
const MAX_FINDINGS: usize = 100_000;

/// Reads the block: one account, or one for each element of its `for_each`. Accounts without a valid id are reported and left out.
pub fn read(syntax: &Syntax, block: &Block, label: &Spanned<String>, scope: &Scope, diagnostics: &mut Diagnostics) -> Vec<DeclaredAccount> {
    let Some(for_each) = block.body.get_attribute("for_each") else {
        let paid = scope.pay_for_accounts(std::iter::once(label.value.as_str()), syntax, block.ident.span().unwrap_or_default());
        if diagnostics.accept(paid).is_none() {
            return Vec::new();
        }
        return read_one(syntax, block, label, Address::new(&*label.value), scope, diagnostics).into_iter().collect();
    };
    let Some(instances) = diagnostics.accept(repetition::instances(syntax, &for_each.value, scope)) else { return Vec::new() };
    let mut accounts = Vec::with_capacity(instances.len());
    let mut reported = HashSet::new();
    let mut scope = scope.clone();
    let mut findings = 0;
    for (key, value) in instances {
        if findings > MAX_FINDINGS {
            break;
        }
        scope.set_each(&key, value);
        let address = Address { key: Some(key), ..Address::new(&*label.value) };
        let mut found = Diagnostics::default();
        accounts.extend(read_one(syntax, block, label, address.clone(), &scope, &mut found));
        findings += found.len();
        // Every instance has the mistakes of its block; each is reported once.
        let is_new = |finding: &Diagnostic| {
            let place = finding.primary.as_ref().map(|label| label.span.clone());
            reported.insert((finding.code, place, finding.detail.clone()))
        };
        diagnostics.extend(found.into_iter().filter(is_new).map(|finding| finding.about(&address)));
    }
    accounts
}

fn read_one(
    syntax: &Syntax,
    block: &Block,
    label: &Spanned<String>,
    address: Address,
    scope: &Scope,
    diagnostics: &mut Diagnostics,
) -> Option<DeclaredAccount> {
    let mut fields = fields(&format!("The account block {:?}", label.value), syntax, block, scope, diagnostics);
    check_label(label, &mut fields);
    fields.answer(habits::IN_ACCOUNT);
    fields.expression("for_each");
    let id = fields.required_account_id("id");
    let name = fields.name("name");
    let email = fields.text("email");
    let memberships = [("member", true), ("detached", false)];
    let membership = fields.required("membership", |fields| fields.one_of("membership", &memberships));
    let member_role = fields.block(MEMBER_ROLE).map(|block| read_member_role(block, &mut fields));
    let has_identity = fields.is_set("name") || fields.is_set("email");
    let identity = (name.as_ref().map(|found| found.value.clone()), email.as_ref().map(|found| found.value.clone()));
    let is_member = membership.as_ref().map(|found| found.value);
    let (joining, accept_role) = join::read(&mut fields, is_member, identity);
    let (departure, via) = read_departure(&mut fields, membership.as_ref().map(|found| found.value), has_identity);
    let span = fields.header();
    fields.finish();

    let id = id?;
    let membership = match membership.map(|found| found.value) {
        Some(true) => joining.map(|join| Desired::Member { join: join.map(Box::new) }),
        Some(false) => departure.map(|departure| Desired::Detached(Box::new(departure))),
        None => None,
    };
    let text = |found: Option<Spanned<String>>| found.map(|found| found.value);
    let account = membership.map(|membership| DesiredAccount {
        address: address.clone(),
        id: id.value,
        name: text(name),
        email: text(email),
        membership,
        span,
    });
    Some(DeclaredAccount { id, address, label: label.span.clone(), via, member_role, accept_role, account })
}

fn check_label(label: &Spanned<String>, fields: &mut Fields<'_>) {
    let mut characters = label.value.chars();
    let starts = characters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    if !starts || !characters.all(|character| character.is_alphanumeric() || matches!(character, '_' | '-')) {
        let detail = format!(
            "A label must start with a letter or an underscore and contain only letters, digits, underscores and hyphens; {:?} does not.",
            label.value
        );
        fields.diagnostics().push(Diagnostic::error(Code::InvalidName, detail).at(label.span.clone()));
    }
}

/// The words of `via`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Leave,
    Remove,
    Transfer,
}

/// Reads the arguments and blocks that only a detached account may have, and warns if a member has one.
fn read_departure(fields: &mut Fields<'_>, member: Option<bool>, has_identity: bool) -> (Option<Leaving>, DeclaredVia) {
    let reason = fields.text("reason");
    let not_before = fields.timestamp("not_before");
    let via = fields.one_of("via", &[("leave", Way::Leave), ("remove", Way::Remove), ("transfer", Way::Transfer)]);
    let (to, handshake) = (fields.parsed::<OrganizationId>("to"), read_handshake(fields));
    let departed = fields.date("departed");
    let attestations: Vec<_> = repetition::nested_blocks(fields, ATTESTATION)
        .iter()
        .map(|nested| {
            let scope = nested.scope.as_ref().unwrap_or(fields.evaluator());
            read_attestation(fields.nested_with("The attestation block", nested.block, scope))
        })
        .collect();
    let acknowledge = read_acknowledge(fields);
    let way = via.as_ref().map(|via| (via.value, via.span.clone()));

    if member == Some(true) {
        let header = fields.header();
        let written = [
            ("reason", reason.map(|found| found.span)),
            ("not_before", not_before.map(|found| found.span)),
            ("via", via.map(|found| found.span)),
            ("to", to.map(|found| found.span)),
            ("handshake", handshake.map(|found| found.span)),
            ("departed", departed.map(|found| found.span)),
            (ATTESTATION.name, (!attestations.is_empty()).then(|| header.clone())),
            ("acknowledge", (!acknowledge.is_empty()).then(|| header.clone())),
            (MEMBER_ROLE.name, fields.has_block(MEMBER_ROLE).then_some(header)),
        ];
        warn_of_idle(fields, &written, "`membership` is \"detached\"");
        return (None, DeclaredVia::Leave);
    }
    let via = match way {
        Some((Way::Remove, span)) => DeclaredVia::Remove(span),
        Some((Way::Transfer, via)) => {
            let is_declared = fields.require("to");
            to.filter(|_| is_declared).map_or(DeclaredVia::Leave, |to| DeclaredVia::Transfer(DeclaredTransfer { via, to, handshake }))
        }
        Some((Way::Leave, _)) | None => {
            refuse_without_transfer(fields, &[("to", to.map(|found| found.span)), ("handshake", handshake.map(|found| found.span))]);
            DeclaredVia::Leave
        }
    };
    if matches!(via, DeclaredVia::Remove(_)) {
        let role = (MEMBER_ROLE.name, fields.has_block(MEMBER_ROLE).then(|| fields.header()));
        warn_of_idle(fields, &[role], "the account itself makes the call; with `via = \"remove\"`, the management account makes it");
    }
    if member == Some(false) {
        require_intent(fields, has_identity);
    }
    let Some(reason) = reason else { return (None, via) };
    let attested: Option<Vec<_>> = attestations.into_iter().collect();
    let departure = attested.map(|attestations| Leaving {
        reason: reason.value,
        not_before: not_before.map(|found| found.value),
        // The target of a transfer is added later: its management account comes from the guardrails.
        via: if matches!(via, DeclaredVia::Remove(_)) { Via::Remove } else { Via::Leave },
        member_role: MemberRole::default(),
        attestations,
        acknowledge,
        departed: departed.map(|found| found.value),
    });
    (departure, via)
}

/// Reads the id of the only invitation that a transfer may accept.
fn read_handshake(fields: &mut Fields<'_>) -> Option<Spanned<String>> {
    let found = fields.text("handshake")?;
    let is_id = found
        .value
        .strip_prefix("h-")
        .is_some_and(|rest| (8..=32).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if !is_id {
        let detail = format!("A handshake id is \"h-\" followed by 8 to 32 lower-case letters or digits; {:?} is not one.", found.value);
        fields.invalid(&found.span, detail);
        return None;
    }
    Some(found)
}

/// Refuses arguments of a transfer without `via = "transfer"`: an account that should move must not become a standalone account because
/// that argument is missing.
fn refuse_without_transfer(fields: &mut Fields<'_>, written: &[(&str, Option<SourceSpan>)]) {
    for (name, span) in written.iter().filter_map(|(name, span)| Some((name, span.as_ref()?))) {
        let detail = format!(
            "`{name}` applies only to a transfer. Without `via = \"transfer\"` the account would become a standalone account. Add `via = \"transfer\"`, \
             or remove `{name}`."
        );
        fields.invalid(span, detail);
    }
}

/// Requires a reason, and a name or email that must equal the live one, so that no account departs by accident.
fn require_intent(fields: &mut Fields<'_>, has_identity: bool) {
    let header = fields.header();
    if !fields.is_set("reason") {
        let detail = "A detached account needs `reason`, which the plan and the departure record repeat. State why the account leaves.";
        fields.diagnostics().push(Diagnostic::error(Code::DetachedWithoutReason, detail).at(header.clone()));
    }
    if !has_identity {
        let detail = "A detached account needs `name` or `email`, so that a wrong id can't detach another account. Set one of them to the live account's value.";
        fields.diagnostics().push(Diagnostic::error(Code::DetachedWithoutIdentity, detail).at(header));
    }
}

fn read_acknowledge(fields: &mut Fields<'_>) -> BTreeSet<Consequence> {
    let choices = Consequence::ALL.iter().filter(|consequence| !consequence.is_of_joining());
    let choices: Vec<_> = choices.map(|consequence| (consequence.as_str(), *consequence)).collect();
    let words = fields.strings("acknowledge");
    words.iter().filter_map(|word| fields.expect_choice("An item of `acknowledge`", word, &choices)).collect()
}

fn read_attestation(mut fields: Fields<'_>) -> Option<Attestation> {
    let kinds: Vec<_> = AttestationKind::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect();
    let words = fields.strings("of");
    fields.require("of");
    let of: BTreeSet<_> = words.iter().filter_map(|word| fields.expect_choice("An item of `of`", word, &kinds)).collect();
    let by = fields.required_text("by");
    let on = fields.required("on", |fields| fields.date("on"));
    let evidence = fields.text("evidence").map(|found| found.value);
    let expires = fields.date("expires");
    if let (Some(on), Some(expires)) = (&on, &expires)
        && expires.value < on.value
    {
        fields.invalid(&expires.span, format!("An attestation can't expire ({}) before it was made ({}).", expires.value, on.value));
    }
    fields.finish();
    Some(Attestation { of, by: by?.value, on: on?.value, evidence, expires: expires.map(|found| found.value) })
}
