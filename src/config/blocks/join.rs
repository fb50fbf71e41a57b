//! The `join` block of an account: how it may join the organization.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::structure::Block;

use crate::config::roles::RoleArn;
use crate::diag::{BlockForm, Code, Diagnostic, Value};
use crate::org::{Consequence, Joining, MemberRole, OrganizationId, SourceSpan, Spanned};

use super::Fields;
use super::idle::warn_of_idle;

const JOIN: BlockForm = BlockForm::new("join", "reason = \"Acquired from Example Corp\"\n      on     = \"2026-11-20\"");
const ACCEPT_ROLE: BlockForm = BlockForm::new("accept_role", "arn = \"arn:aws:iam::123456789012:role/AcceptInvitation\"");

/// The most tags that an account may have (Organizations user guide, "Quotas and service limits").
const MAX_TAGS: usize = 50;

/// Reads the block, and the ARN of the role that accepts the invitation, with its location. The outer `None` means that the block has
/// mistakes; `Some(None)` means that there is no block, which is valid.
pub fn read(
    fields: &mut Fields<'_>,
    is_member: Option<bool>,
    (name, email): (Option<String>, Option<String>),
) -> (Option<Option<Joining>>, Option<Spanned<String>>) {
    let Some(block) = fields.block(JOIN) else { return (Some(None), None) };
    let header = fields.header();
    if is_member == Some(false) {
        warn_of_idle(fields, &[(JOIN.name, Some(header.clone()))], "`membership` is \"member\"");
    }
    let is_named = name.is_some() || email.is_some() || fields.is_set("name") || fields.is_set("email");
    if is_member == Some(true) && !is_named {
        let detail = "An account that joins needs `name` or `email`, so that a wrong id can't let another account join. Set one of them to the account's own value.";
        fields.diagnostics().push(Diagnostic::error(Code::JoinWithoutIdentity, detail).at(header));
    }
    let mut nested = fields.nested("The join block", block);
    let reason = nested.required_text("reason");
    let on = nested.required("on", |fields| fields.date("on"));
    let from = nested.parsed::<OrganizationId>("from");
    let unit = read_unit(&mut nested);
    let tags = read_tags(&mut nested);
    let restore = nested.boolean("restore");
    let acknowledge = read_acknowledge(&mut nested);
    let accept = nested.block(ACCEPT_ROLE).map(|block| read_accept_role(block, &mut nested));
    if let Some(from) = from.as_ref().filter(|_| accept.is_none()) {
        let detail = "`from` is verified in the account with `accept_role`, before an invitation is sent. Without that role it can't be verified, because a \
                      person in the account accepts the invitation. Add an `accept_role` block, or remove `from`.";
        nested.invalid(&from.span, detail);
    }
    if restore.as_ref().is_some_and(|flag| flag.value) {
        let written = [("unit", unit.as_ref().map(|unit| &unit.span)), ("tags", tags.as_ref().map(|tags| &tags.span))];
        for (what, span) in written.into_iter().filter_map(|(what, span)| Some((what, span?.clone()))) {
            nested.invalid(&span, format!("`restore` takes the unit and the tags from the departure record, so `{what}` can't be set as well. Remove `{what}` or `restore`."));
        }
    }
    nested.finish();
    let accept_role = accept.as_ref().and_then(|(arn, _)| arn.clone());
    let joining = reason.zip(on).map(|(reason, on)| Joining {
        name,
        email,
        reason: reason.value,
        on: on.value,
        from: from.map(|from| from.value),
        unit: unit.map(|unit| unit.value),
        tags: tags.map(|tags| tags.value).unwrap_or_default(),
        restore: restore.is_some_and(|flag| flag.value),
        accept_role: accept.and_then(|(_, role)| role),
        acknowledge,
    });
    (joining.map(Some), accept_role)
}

/// Reads the role, and its ARN with its location. A name would not do: the account is not in the organization yet.
fn read_accept_role<'a>(block: &'a Block, parent: &mut Fields<'a>) -> (Option<Spanned<String>>, Option<MemberRole>) {
    let mut fields = parent.nested("The accept_role block", block);
    let arn = fields.required_text("arn");
    let external_id = fields.text("external_id").map(|text| text.value);
    let source_identity = fields.boolean("source_identity").is_some_and(|flag| flag.value);
    if let Some(arn) = arn.as_ref().filter(|arn| RoleArn::parse(&arn.value).is_none()) {
        fields.invalid(&arn.span, format!("`arn` must be the ARN of an IAM role; {:?} is not one.", arn.value));
    }
    fields.finish();
    let role = arn.as_ref().map(|arn| MemberRole { name: arn.value.clone(), external_id, source_identity });
    (arn, role)
}

/// Reads the id of a root or an organizational unit (Organizations API reference, MoveAccount).
fn read_unit(fields: &mut Fields<'_>) -> Option<Spanned<String>> {
    let found = fields.text("unit")?;
    let word = |text: &str, sizes: std::ops::RangeInclusive<usize>| {
        sizes.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let is_root = found.value.strip_prefix("r-").is_some_and(|rest| word(rest, 4..=32));
    let unit = found.value.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
    if is_root || unit.is_some_and(|(root, own)| word(root, 4..=32) && word(own, 8..=32)) {
        return Some(found);
    }
    let detail = format!(
        "`unit` must be the id of an organizational unit, such as \"ou-ab12-workloads\", or of the root; {:?} is neither.",
        found.value
    );
    fields.invalid(&found.span, detail);
    None
}

/// Reads the tags of the account, within AWS's limits (Organizations API reference, Tag).
fn read_tags(fields: &mut Fields<'_>) -> Option<Spanned<BTreeMap<String, String>>> {
    let span = fields.expression("tags").map(|expression| fields.syntax().span(expression))?;
    let mut tags = BTreeMap::new();
    for (key, value) in fields.map("tags")? {
        let Value::String(text) = &value.value else {
            fields.invalid(&value.span, format!("The value of tag {:?} is not a string.", key.value));
            continue;
        };
        if let Some(why) = wrong_tag(&key.value, text) {
            let at: &SourceSpan = &key.span;
            fields.invalid(at, format!("Tag {:?}: {why}.", key.value));
        }
        tags.insert(key.value, text.clone());
    }
    if tags.len() > MAX_TAGS {
        fields.invalid(&span, format!("An account can have at most {MAX_TAGS} tags; `tags` has {}. Remove some of them.", tags.len()));
    }
    Some(Spanned::new(tags, span))
}

fn wrong_tag(key: &str, value: &str) -> Option<&'static str> {
    if !(1..=128).contains(&key.chars().count()) {
        Some("a key has 1 to 128 characters")
    } else if value.chars().count() > 256 {
        Some("a value has at most 256 characters")
    } else if key.to_lowercase().starts_with("aws:") {
        Some("keys that begin with \"aws:\" are reserved for AWS")
    } else {
        None
    }
}

fn read_acknowledge(fields: &mut Fields<'_>) -> BTreeSet<Consequence> {
    let choices = Consequence::ALL.iter().filter(|consequence| consequence.is_of_joining());
    let choices: Vec<_> = choices.map(|consequence| (consequence.as_str(), *consequence)).collect();
    let words = fields.strings("acknowledge");
    words.iter().filter_map(|word| fields.expect_choice("An item of `acknowledge`", word, &choices)).collect()
}
