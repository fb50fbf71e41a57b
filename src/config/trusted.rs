//! The trusted configuration: a file of the person who runs the program, for a directory that may come from an untrusted pull request. The
//! file determines the provider, the organization, the backend, the guardrails and the gates. The directory may only tighten guardrails.

use std::path::Path;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Diagnostics, SourceMap, Syntax, parse};
use crate::org::{ProviderSettings, SourceSpan, Spanned};

use super::blocks::{self, Blocks, DeclaredGate, DeclaredGuardrails};
use super::check::{default_provider, single};
use super::eval::Scope;
use crate::hcl::density;

use super::{files, outside};

/// Blocks that a trusted file may have. They can't refer to variables and locals, which are the directory's.
const BLOCK_TYPES: &[&str] = &["orgroster", "provider", "organization", "guardrails", "gate"];

/// Reads the file of `-trusted-config`. Both its path and the opened file must be outside the directory that it limits.
///
/// # Errors
///
/// Returns an error if the file can't be read or trusted.
pub fn parse_file(directory: &Path, path: &Path, sources: &mut SourceMap) -> Result<Syntax, Diagnostic> {
    let unusable =
        |why: &dyn std::fmt::Display| Diagnostic::error(Code::UnreadableFile, format!("-trusted-config: {}: {why}.", path.display()));
    let opened = outside::open(directory, path).map_err(|error| unusable(&error))?;
    let bytes = crate::files::read_at_most(opened, files::MAX_BYTES).map_err(|error| unusable(&error))?;
    let file = sources.add_bytes(path.display().to_string(), bytes)?;
    density::checked(sources, file, density::MAX_MARKS)?;
    parse(sources, file)
}

/// Combines the directory's accounts with the file's blocks. Reports blocks of the directory that differ from the file's.
pub fn limit(declared: Blocks, trusted: &Syntax, sources: &SourceMap, diagnostics: &mut Diagnostics) -> Blocks {
    for block in trusted.body.blocks().filter(|block| !BLOCK_TYPES.contains(&block.ident.as_str())) {
        let detail = format!("A trusted configuration can have only blocks of the types {}. Remove this block.", BLOCK_TYPES.join(", "));
        diagnostics.push(Diagnostic::error(Code::UnknownBlock, detail).at(trusted.span(&block.ident)));
    }
    let scope = Scope::new(Arc::new(sources.clone()));
    let own = blocks::read(std::slice::from_ref(trusted), &scope, diagnostics);
    let mut limits = Limits { name: sources.file(trusted.file).map_or("", |file| &file.name), diagnostics };
    limits.compare("orgroster", declared.tool, &own.tool, |block| block.flatten().unwrap_or_default());
    limits.compare("provider \"aws\"", declared.providers, &own.providers, |block| {
        let settings = block.unwrap_or_else(default_provider);
        let sandbox = settings.sandbox.as_ref().map(|path| path.value.clone());
        (ProviderSettings { sandbox: None, ..settings }, sandbox)
    });
    limits.compare("organization", declared.organizations, &own.organizations, |block| {
        block.flatten().map(|organization| (organization.id, organization.management_account_id))
    });
    limits.compare_gates(declared.gates, &own.gates);
    let guardrails = limits.tighten(declared.guardrails, &own.guardrails);
    Blocks { guardrails, accounts: declared.accounts, ..own }
}

/// Compares the directory with the trusted file.
struct Limits<'a> {
    name: &'a str,
    diagnostics: &'a mut Diagnostics,
}

impl Limits<'_> {
    fn refuse(&mut self, what: &str, at: SourceSpan, trusted: Option<SourceSpan>) {
        let detail = format!(
            "{what} Only the trusted configuration {} decides that. Make this equal to it, or remove it here. To change the setting, change that file first.",
            self.name
        );
        let found = Diagnostic::error(Code::UntrustedSetting, detail).at(at);
        self.diagnostics.push(match trusted {
            Some(span) => found.also(span, "this one applies"),
            None => found,
        });
    }

    /// Refuses a block of the directory that differs from the file's block, or from the defaults if the file has none.
    fn compare<T: Clone, K: PartialEq>(&mut self, what: &str, declared: Vec<Spanned<T>>, own: &[Spanned<T>], key: impl Fn(Option<T>) -> K) {
        let Some(first) = declared.first().map(|block| block.span.clone()) else { return };
        let declared = single(what, declared, self.diagnostics);
        let trusted = own.first();
        if key(declared) != key(trusted.map(|block| block.value.clone())) {
            let says = format!("This `{what}` block differs from the trusted configuration.");
            self.refuse(&says, first, trusted.map(|block| block.span.clone()));
        }
    }

    fn compare_gates(&mut self, declared: Vec<Spanned<DeclaredGate>>, own: &[Spanned<DeclaredGate>]) {
        for Spanned { value: gate, span } in declared {
            let trusted = own.iter().find(|trusted| trusted.value.name == gate.name);
            if trusted.is_none_or(|trusted| trusted.value != gate) {
                let says = format!("The gate `{}` is set differently in the trusted configuration.", gate.name);
                self.refuse(&says, span, trusted.map(|trusted| trusted.span.clone()));
            }
        }
    }

    /// The file's guardrails, tightened by the directory's.
    fn tighten(
        &mut self,
        declared: Vec<Spanned<DeclaredGuardrails>>,
        own: &[Spanned<DeclaredGuardrails>],
    ) -> Vec<Spanned<DeclaredGuardrails>> {
        let mut limits = own.first().map(|block| block.value.clone()).unwrap_or_default();
        let Some(first) = declared.first().map(|block| block.span.clone()) else { return own.to_vec() };
        let Some(wanted) = single("guardrails", declared, self.diagnostics) else { return own.to_vec() };
        let effective = limits.clone().effective();
        self.tighten_one(&mut limits.max_detachments, wanted.max_detachments, |wanted| *wanted <= effective.max_detachments);
        self.tighten_one(&mut limits.max_detachments_percent, wanted.max_detachments_percent, |wanted| {
            *wanted <= effective.max_detachments_percent
        });
        self.tighten_one(&mut limits.max_joins, wanted.max_joins, |wanted| *wanted <= effective.max_joins);
        self.tighten_one(&mut limits.approvers, wanted.approvers, |wanted| *wanted >= effective.approvers);
        self.tighten_one(&mut limits.transfer_targets, wanted.transfer_targets, |wanted| {
            wanted.iter().all(|(organization, account)| effective.transfer_targets.get(organization) == Some(account))
        });
        self.tighten_one(&mut limits.allow_remove, wanted.allow_remove, |wanted| !*wanted || effective.allow_remove);
        self.tighten_one(&mut limits.unmanaged, wanted.unmanaged, |wanted| *wanted >= effective.unmanaged);
        self.tighten_one(&mut limits.protected_accounts, wanted.protected_accounts, |wanted| {
            effective.protected_accounts.is_subset(wanted)
        });
        vec![Spanned::new(limits, own.first().map_or(first, |block| block.span.clone()))]
    }

    fn tighten_one<T>(&mut self, limit: &mut Option<Spanned<T>>, wanted: Option<Spanned<T>>, is_tighter: impl Fn(&T) -> bool) {
        let Some(wanted) = wanted else { return };
        if is_tighter(&wanted.value) {
            *limit = Some(wanted);
        } else {
            let trusted = limit.as_ref().map(|limit| limit.span.clone());
            self.refuse("This loosens a guardrail of the trusted configuration.", wanted.span, trusted);
        }
    }
}
