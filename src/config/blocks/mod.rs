//! Readers of each block type.

mod account;
pub mod declared;
mod idle;
mod join;
mod provider;
mod repetition;
mod safety;
mod tool;

use std::path::PathBuf;

use hcl_edit::structure::Block;

use crate::config::eval::Scope;
use crate::config::habits;
use crate::config::roles::ProviderRoles;
use crate::diag::{self, BlockForm, Code, Diagnostic, Diagnostics, Syntax, closest, refuse_top_level_arguments};
use crate::org::{Backend, DeclaredOrganization, Message, ProviderSettings, SourceSpan, Spanned};

pub use declared::{DeclaredAccount, DeclaredTransfer, DeclaredVia};
pub use safety::{DeclaredGate, DeclaredGuardrails};

/// The top-level blocks.
pub(super) const FORMS: &[BlockForm] = &[
    BlockForm::new("orgroster", "required_version = \">= 0.1\""),
    BlockForm::labeled("provider", "aws", "region = \"us-east-1\""),
    BlockForm::new("organization", "id                    = \"o-exampleorgid\"\n      management_account_id = \"111111111111\""),
    BlockForm::new("guardrails", "max_detachments = 1"),
    BlockForm::labeled("gate", "phone_verification", "enforcement = \"advisory\""),
    BlockForm::labeled("account", "crm", "id         = \"123456789012\"\n      membership = \"member\""),
    BlockForm::labeled("variable", "name", "type = string"),
    BlockForm::new("locals", "name = \"value\""),
];

/// The types of top-level blocks.
pub(super) fn block_types() -> Vec<&'static str> {
    FORMS.iter().map(|form| form.name).collect()
}

/// A reader of a block whose values are expressions.
type Fields<'a> = diag::Fields<'a, Scope>;

/// The blocks of all files, before they are checked against each other.
#[derive(Debug, Default)]
pub struct Blocks {
    pub tool: Vec<Spanned<Option<Backend>>>,
    pub providers: Vec<Spanned<ProviderSettings>>,
    /// The roles that the provider block identifies by ARN.
    pub provider_roles: ProviderRoles,
    pub organizations: Vec<Spanned<Option<DeclaredOrganization>>>,
    pub guardrails: Vec<Spanned<DeclaredGuardrails>>,
    pub gates: Vec<Spanned<DeclaredGate>>,
    pub accounts: Vec<DeclaredAccount>,
}

/// Reads every block of every file.
pub fn read(files: &[Syntax], scope: &Scope, diagnostics: &mut Diagnostics) -> Blocks {
    let mut blocks = Blocks::default();
    for syntax in files {
        refuse_top_level_arguments("A configuration", FORMS, syntax, diagnostics);
        for block in syntax.body.blocks() {
            read_block(syntax, block, scope, &mut blocks, diagnostics);
        }
    }
    blocks
}

fn read_block(syntax: &Syntax, block: &Block, scope: &Scope, blocks: &mut Blocks, diagnostics: &mut Diagnostics) {
    let span = syntax.span(&block.ident);
    let spanned = |span: &SourceSpan| span.clone();
    match block.ident.as_str() {
        "orgroster" if labels::<0>(syntax, block, diagnostics).is_some() => {
            blocks.tool.push(Spanned::new(tool::read(syntax, block, scope, diagnostics), spanned(&span)));
        }
        "provider" => {
            if let Some([label]) = labels(syntax, block, diagnostics) {
                if label.value != "aws" {
                    let detail = format!("The only provider is \"aws\"; there is no provider {:?}.", label.value);
                    diagnostics.push(
                        Diagnostic::error(Code::InvalidValue, detail).at(label.span).patched(syntax.span(&block.labels[0]), "\"aws\""),
                    );
                }
                let (settings, roles) = provider::read(syntax, block, scope, diagnostics);
                blocks.providers.push(Spanned::new(settings, span));
                blocks.provider_roles = roles;
            }
        }
        "organization" if labels::<0>(syntax, block, diagnostics).is_some() => {
            blocks.organizations.push(Spanned::new(safety::read_organization(syntax, block, scope, diagnostics), spanned(&span)));
        }
        "guardrails" if labels::<0>(syntax, block, diagnostics).is_some() => {
            blocks.guardrails.push(Spanned::new(safety::read_guardrails(syntax, block, scope, diagnostics), spanned(&span)));
        }
        "gate" => {
            if let Some([label]) = labels(syntax, block, diagnostics)
                && let Some(gate) = safety::read_gate(syntax, block, &label, scope, diagnostics)
            {
                blocks.gates.push(Spanned::new(gate, label.span));
            }
        }
        "account" => {
            if let Some([label]) = labels(syntax, block, diagnostics) {
                blocks.accounts.extend(account::read(syntax, block, &label, scope, diagnostics));
            }
        }
        // Variables and locals were read earlier, because everything else may refer to them.
        "orgroster" | "organization" | "guardrails" | "variable" | "locals" => {}
        unknown => diagnostics.push_error(|| unknown_block(unknown, span)),
    }
}

fn unknown_block(name: &str, span: SourceSpan) -> Diagnostic {
    if let Some(answer) = habits::answer(habits::BLOCKS, name) {
        let detail = Message::new(&format!("A configuration has no blocks of type `{name}`.")).ours(answer);
        return Diagnostic::error(Code::UnknownBlock, detail).at(span);
    }
    let Some(word) = closest(name, &block_types()) else {
        let detail = format!("A configuration has no blocks of type `{name}`. Its block types are {}.", block_types().join(", "));
        return Diagnostic::error(Code::UnknownBlock, detail).at(span);
    };
    let detail = format!("A configuration has no blocks of type `{name}`. Did you mean `{word}`?");
    Diagnostic::error(Code::UnknownBlock, detail).at(span.clone()).patched(span, word)
}

/// The labels of a block that takes exactly `N` of them.
pub(super) fn labels<const N: usize>(syntax: &Syntax, block: &Block, diagnostics: &mut Diagnostics) -> Option<[Spanned<String>; N]> {
    let found: Vec<_> = block.labels.iter().map(|label| Spanned::new(label.as_str().to_owned(), syntax.span(label))).collect();
    let count = found.len();
    found
        .try_into()
        .map_err(|_| {
            let wanted = match N {
                0 => "no labels".to_owned(),
                1 => "one label".to_owned(),
                many => format!("{many} labels"),
            };
            let detail = format!("A block of type `{}` takes {wanted}, not {count}.", block.ident.as_str());
            diagnostics.push(Diagnostic::error(Code::WrongLabels, detail).at(syntax.span(&block.ident)));
        })
        .ok()
}

/// A reader of a top-level block.
fn fields<'a>(what: &str, syntax: &'a Syntax, block: &'a Block, scope: &'a Scope, diagnostics: &'a mut Diagnostics) -> Fields<'a> {
    Fields::of_block(what, syntax, block, scope, diagnostics)
}

/// A path from a block, relative to the configuration.
fn path(text: Spanned<String>) -> Spanned<PathBuf> {
    text.map(PathBuf::from)
}
