//! The `provider "aws"` block.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, PathBuf};

use hcl_edit::structure::Block;

use crate::config::eval::Scope;
use crate::config::habits;
use crate::config::roles::{ProviderRoles, RoleArn};
use crate::diag::{BlockForm, Code, Diagnostic, Diagnostics, Syntax, Value, closest};
use crate::org::{AssumeRole, GLOBAL_CONDITION_KEYS, MemberRole, ProviderSettings, SourceSpan, Spanned, is_global_condition_key};

use super::{Fields, fields, path};

const ASSUME_ROLE: BlockForm = BlockForm::new("assume_role", "role_arn = \"arn:aws:iam::111111111111:role/Admin\"");
pub const MEMBER_ROLE: BlockForm = BlockForm::new("member_role", "name = \"OrganizationAccountAccessRole\"");
const MEMBER_READ_ROLE: BlockForm = BlockForm::new("member_read_role", "name = \"OrgrosterRead\"");
const CONTEXT: BlockForm = BlockForm::new("context", "source_ip = \"203.0.113.7\"");

/// Reads the block.
pub fn read(syntax: &Syntax, block: &Block, scope: &Scope, diagnostics: &mut Diagnostics) -> (ProviderSettings, ProviderRoles) {
    let mut fields = fields("The provider block", syntax, block, scope, diagnostics);
    fields.answer(habits::IN_PROVIDER);
    let profile = fields.text("profile").map(|text| text.value);
    let region = fields.text("region");
    let sandbox = fields.text("sandbox").map(path).filter(|path| stays_inside(path, &mut fields));
    let share = fields.number("api_share", 0.01..=1.0).map_or(DEFAULT_SHARE, |share| share.value);
    let assume_role = fields.block(ASSUME_ROLE).and_then(|block| read_assume_role(block, &mut fields));
    let member_role = fields.block(MEMBER_ROLE).map(|block| read_member_role(block, &mut fields));
    let member_read_role = fields.block(MEMBER_READ_ROLE).map(|block| read_member_role(block, &mut fields));
    let context = fields.block(CONTEXT).map(|block| read_context(block, &mut fields)).unwrap_or_default();
    let regions = read_regions(&mut fields);
    let root_audit = fields.boolean("root_audit").is_some_and(|flag| flag.value);
    warn_of_rehearsal(&mut fields, sandbox.as_ref());
    fields.finish();
    let arn = |role: &Option<Spanned<MemberRole>>| role.as_ref().map(|role| Spanned::new(role.value.name.clone(), role.span.clone()));
    let roles = ProviderRoles {
        region: region.clone(),
        assume_role: assume_role.as_ref().map(|role| Spanned::new(role.value.role_arn.clone(), role.span.clone())),
        member_role: arn(&member_role),
        member_read_role: arn(&member_read_role),
    };
    let settings = ProviderSettings {
        profile,
        region: region.map(|region| region.value),
        assume_role: assume_role.map(|role| role.value),
        member_role: member_role.map(|role| role.value).unwrap_or_default(),
        member_read_role: member_read_role.map(|role| role.value),
        root_audit,
        context,
        regions,
        sandbox,
        api_share_percent: percent(share),
    };
    (settings, roles)
}

/// Warns of settings that say how to reach AWS, if the run uses the sandbox.
fn warn_of_rehearsal(fields: &mut Fields<'_>, sandbox: Option<&Spanned<PathBuf>>) {
    let Some(sandbox) = sandbox else { return };
    let idle: Vec<_> = ["profile", "api_share"].into_iter().filter(|name| fields.is_set(name)).collect();
    let idle: Vec<_> = idle.into_iter().chain(fields.has_block(ASSUME_ROLE).then_some(ASSUME_ROLE.name)).collect();
    if !idle.is_empty() {
        let detail = format!(
            "With `sandbox` set, orgroster does not connect to AWS, so {} {} no effect. To run against AWS, remove `sandbox`.",
            quoted(&idle),
            if idle.len() == 1 { "has" } else { "have" }
        );
        fields.diagnostics().push(Diagnostic::warning(Code::NoEffect, detail).at(sandbox.span.clone()));
    }
}

/// Names in backticks, as a list in a sentence.
pub fn quoted(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => quoted.concat(),
    }
}

/// Checks that the path stays in the configuration's directory, because a configuration may come from an untrusted pull request.
fn stays_inside(path: &Spanned<PathBuf>, fields: &mut Fields<'_>) -> bool {
    let inside = path.value.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside {
        fields.invalid(&path.span, "`sandbox` must name a file inside the configuration's directory, by a relative path without \"..\".");
    }
    inside
}

/// The default share of AWS's documented quotas. The rest is left for other callers.
const DEFAULT_SHARE: f64 = 0.6;

/// A share of at most 1 as a whole percentage, at least 1.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn percent(share: f64) -> u32 {
    ((share * 100.0).round() as u32).clamp(1, 100)
}

fn read_assume_role<'a>(block: &'a Block, parent: &mut Fields<'a>) -> Option<Spanned<AssumeRole>> {
    let mut fields = parent.nested("The assume_role block", block);
    let role_arn = fields.required_text("role_arn");
    let external_id = fields.text("external_id").map(|text| text.value);
    let session_name = fields.text("session_name").map(|text| text.value);
    if let Some(arn) = role_arn.as_ref().filter(|arn| RoleArn::parse(&arn.value).is_none()) {
        fields.invalid(
            &arn.span,
            format!("`role_arn` must be the ARN of an IAM role, such as \"arn:aws:iam::111111111111:role/Admin\", not {:?}.", arn.value),
        );
    }
    fields.finish();
    role_arn.map(|arn| arn.map(|role_arn| AssumeRole { role_arn, external_id, session_name }))
}

/// Reads a `member_role` block of the provider or of an account. The location is that of the role's name.
pub fn read_member_role<'a>(block: &'a Block, parent: &mut Fields<'a>) -> Spanned<MemberRole> {
    let mut fields = parent.nested("The member_role block", block);
    let name = fields.required_text("name");
    let external_id = fields.text("external_id").map(|text| text.value);
    let source_identity = fields.boolean("source_identity").is_some_and(|flag| flag.value);
    if let Some(name) = name.as_ref().filter(|name| name.value.starts_with("arn:") && RoleArn::parse(&name.value).is_none()) {
        fields.invalid(
            &name.span,
            format!("`name` must be a role's name with its path, or the ARN of an IAM role; {:?} is neither.", name.value),
        );
    }
    let span = name.as_ref().map_or_else(|| fields.header(), |name| name.span.clone());
    fields.finish();
    Spanned::new(
        MemberRole { name: name.map_or_else(|| MemberRole::default().name, |name| name.value), external_id, source_identity },
        span,
    )
}

/// Condition keys that have their own argument in a `context` block. All others are set in `keys`.
const CONTEXT_KEYS: &[(&str, &str)] = &[
    ("source_ip", "aws:SourceIp"),
    ("vpc_source_ip", "aws:VpcSourceIp"),
    ("source_vpc", "aws:SourceVpc"),
    ("source_vpce", "aws:SourceVpce"),
];

/// Reads a `context` block: values of condition keys that orgroster can't read itself. An empty list means that requests lack the key.
fn read_context<'a>(block: &'a Block, parent: &mut Fields<'a>) -> BTreeMap<String, BTreeSet<String>> {
    let mut fields = parent.nested("The context block", block);
    let mut context = Declared::default();
    for (name, key) in CONTEXT_KEYS {
        if let Some(found) = fields.value(name) {
            let span = found.span.clone();
            let values = key_values(name, found, &mut fields);
            context.add(Spanned::new((*key).to_owned(), span), values, &mut fields);
        }
    }
    for (key, value) in fields.map("keys").unwrap_or_default() {
        if !key.value.contains(':') {
            fields.invalid(&key.span, format!("A condition key must have a prefix, as in \"aws:SourceIp\"; {:?} has none.", key.value));
        }
        warn_of_misspelled(&key, &mut fields);
        let values = key_values(&key.value, value, &mut fields);
        context.add(key, values, &mut fields);
    }
    fields.finish();
    context.values
}

/// Warns of a misspelled global condition key, because no policy would test it. Only a key that is almost a known one counts as misspelled:
/// AWS may add others.
fn warn_of_misspelled(key: &Spanned<String>, fields: &mut Fields<'_>) {
    let is_global = key.value.to_ascii_lowercase().starts_with("aws:");
    if !is_global || is_global_condition_key(&key.value) {
        return;
    }
    if let Some(near) = closest(&key.value, GLOBAL_CONDITION_KEYS) {
        let detail = format!("AWS documents no global condition key {:?}, so no policy would test it. Did you mean {near:?}?", key.value);
        fields.diagnostics().push(Diagnostic::warning(Code::NoEffect, detail).at(key.span.clone()));
    }
}

/// Condition keys and their values.
#[derive(Default)]
struct Declared {
    values: BTreeMap<String, BTreeSet<String>>,
    /// The location of each key, by its lowercase name: AWS ignores the case of keys.
    places: BTreeMap<String, SourceSpan>,
}

impl Declared {
    /// Adds a key, or reports that it is set twice.
    fn add(&mut self, key: Spanned<String>, values: Option<BTreeSet<String>>, fields: &mut Fields<'_>) {
        match self.places.insert(key.value.to_lowercase(), key.span.clone()) {
            Some(first) => {
                let detail = format!("The condition key {} is set twice. Set all its values in one of the two places.", key.value);
                let found = Diagnostic::error(Code::DuplicateKey, detail).at(key.span);
                fields.diagnostics().push(found.also(first, "first set here"));
            }
            None => self.values.extend(values.map(|values| (key.value, values))),
        }
    }
}

/// Reads a string or a list of strings.
fn key_values(name: &str, found: Spanned<Value>, fields: &mut Fields<'_>) -> Option<BTreeSet<String>> {
    let text = |item: Spanned<Value>| match item.value {
        Value::String(text) => Some(text),
        _ => None,
    };
    let span = found.span.clone();
    let values = match found.value {
        Value::String(text) => Some(BTreeSet::from([text])),
        Value::List(items) => items.into_iter().map(text).collect(),
        _ => None,
    };
    if values.is_none() {
        fields.invalid(&span, format!("`{name}` must be a string or a list of strings."));
    }
    values
}

/// Reads the regions in which to read, without duplicates.
fn read_regions(fields: &mut Fields<'_>) -> Vec<String> {
    let mut regions: Vec<String> = Vec::new();
    for region in fields.strings("regions") {
        let named = region.value.split('-').count() >= 3
            && region.value.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
        if !named {
            fields.invalid(&region.span, format!("`regions` must list AWS regions, such as \"us-east-1\"; {:?} is not one.", region.value));
        } else if !regions.contains(&region.value) {
            regions.push(region.value);
        }
    }
    regions
}
