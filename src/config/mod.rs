//! From text to a roster: finds and parses the `*.roster.hcl` files of a directory, evaluates variables and locals, reads the blocks and
//! checks them against each other.
//!
//! All problems are collected. The result, a [`DesiredRoster`], is valid: the rest of the program need not check it again.

mod blocks;
mod check;
pub mod eval;
mod external_values;
mod files;
mod habits;
mod locals;
mod outside;
mod roles;
#[cfg(test)]
mod tests;
mod trusted;
mod unread;
mod variables;
mod version;

pub use crate::hcl::fmt;

use std::path::Path;
use std::sync::Arc;

use crate::diag::{BlockForm, Code, Diagnostic, Diagnostics, SourceMap, Syntax, parse_recovering};
use crate::org::{Backend, DesiredRoster, FileId, Message, ProviderSettings, Spanned};

use blocks::Blocks;
use eval::{Scope, Value};
use variables::Variables;

pub use external_values::{Argument, ExternalValues, TERRAFORM_PREFIX, VALUES, VARIABLE_PREFIX};
pub use files::{EXTENSION, MAX_BYTES};

/// Reads the configuration in `directory` without external values.
///
/// # Errors
///
/// Returns the same errors as [`load_with`].
pub fn load(directory: &Path, sources: &mut SourceMap) -> Result<(DesiredRoster, Diagnostics), Diagnostics> {
    load_with(directory, &ExternalValues::default(), sources)
}

/// Reads the configuration in `directory`, and returns the roster and the warnings. Adds files to `sources` even if they have errors, so
/// that diagnostics can show them.
///
/// # Errors
///
/// Returns every problem found in any file, including the warnings.
pub fn load_with(directory: &Path, given: &ExternalValues, sources: &mut SourceMap) -> Result<(DesiredRoster, Diagnostics), Diagnostics> {
    let Read { roster, diagnostics, .. } = read(directory, given, false, sources);
    match roster {
        Some(roster) if !diagnostics.has_errors() => Ok((roster, diagnostics)),
        _ => Err(diagnostics),
    }
}

/// The result of [`validate`].
#[derive(Debug)]
pub struct Validated {
    /// The number of declared accounts; 0 if it is unknown.
    pub accounts: usize,
    /// The names of variables that need a value and have none. Expressions that depend on them are not checked.
    pub missing: Vec<String>,
    /// All problems.
    pub diagnostics: Diagnostics,
}

/// Checks the configuration in `directory`. Its variables may still lack values.
pub fn validate(directory: &Path, given: &ExternalValues, sources: &mut SourceMap) -> Validated {
    let Read { roster, missing, diagnostics } = read(directory, given, true, sources);
    Validated { accounts: roster.map_or(0, |roster| roster.accounts.len()), missing, diagnostics }
}

/// All syntax errors of a file, as [`validate`] reports them. After an error, a configuration file is parsed from its next block on.
#[must_use]
pub fn syntax_errors(sources: &SourceMap, file: FileId) -> Vec<Diagnostic> {
    let is_configuration = sources.file(file).is_some_and(|source| source.name.ends_with(EXTENSION));
    let words = if is_configuration { blocks::block_types() } else { Vec::new() };
    parse_recovering(sources, file, &words).1
}

/// The top-level blocks of a configuration.
#[must_use]
pub const fn block_forms() -> &'static [BlockForm] {
    blocks::FORMS
}

/// The parts of the configuration's files that can be parsed.
#[must_use]
pub fn configuration_syntax(sources: &SourceMap) -> Vec<Syntax> {
    let files = sources.files().enumerate().filter(|(_, file)| file.name.ends_with(EXTENSION));
    let ids = files.filter_map(|(number, _)| Some(FileId(u32::try_from(number).ok()?)));
    ids.flat_map(|id| parse_recovering(sources, id, &blocks::block_types()).0).collect()
}

/// A configuration that does not declare an organization yet: how to reach it, and the settings that exist already.
#[derive(Debug)]
pub struct Bootstrap {
    /// How to reach the organization.
    pub provider: ProviderSettings,
    /// The backend. It determines the folder in which a sandbox stores its state.
    pub backend: Backend,
    /// Whether there is a `guardrails` block.
    pub has_guardrails: bool,
}

/// Reads the configuration in `directory`, which may have no files, and must not declare an organization or accounts.
///
/// # Errors
///
/// Returns every problem found in any file, or an error if an organization or an account is already declared.
pub fn bootstrap(directory: &Path, given: &ExternalValues, sources: &mut SourceMap) -> Result<Bootstrap, Diagnostics> {
    let (blocks, _, diagnostics) = read_blocks(directory, given, false, sources);
    let diagnostics = diagnostics.without(Code::NoConfiguration);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    let declared = blocks.organizations.first().map(|organization| organization.span.clone());
    if let Some(span) = declared.or_else(|| blocks.accounts.first().map(|account| account.label.clone())) {
        let detail = "This configuration already declares an organization or accounts, and `init` overwrites nothing. To add blocks for members that have none, run:";
        let detail = Message::new(detail).command("orgroster import -out imported.roster.hcl");
        return Err(Diagnostic::error(Code::OutputError, detail).at(span).into());
    }
    let has_guardrails = !blocks.guardrails.is_empty();
    let first = |providers: Vec<Spanned<ProviderSettings>>| providers.into_iter().next().map(|provider| provider.value);
    Ok(Bootstrap {
        provider: first(blocks.providers).unwrap_or_else(check::default_provider),
        backend: blocks.tool.into_iter().next().and_then(|tool| tool.value).unwrap_or_default(),
        has_guardrails,
    })
}

struct Read {
    roster: Option<DesiredRoster>,
    missing: Vec<String>,
    diagnostics: Diagnostics,
}

fn read(directory: &Path, given: &ExternalValues, may_lack_values: bool, sources: &mut SourceMap) -> Read {
    let (blocks, variables, mut diagnostics) = read_blocks(directory, given, may_lack_values, sources);
    // The declarations of a file that can't be read are absent. Reporting them as missing would mislead.
    let complete = !files::is_partial(&diagnostics);
    let roster = check::into_roster(blocks, complete, &mut diagnostics);
    let (plantimestamp, shown, given) = (variables.plantimestamp, variables.shown, variables.given);
    let roster = roster.map(|roster| DesiredRoster { plantimestamp, variables: shown, given, ..roster });
    Read { roster, missing: variables.missing, diagnostics }
}

/// Reads and evaluates every block, without checks across blocks.
fn read_blocks(
    directory: &Path,
    given: &ExternalValues,
    may_lack_values: bool,
    sources: &mut SourceMap,
) -> (Blocks, Variables, Diagnostics) {
    let mut diagnostics = Diagnostics::default();
    let mut reader = files::Reader::new(directory, &given.open, files::MAX_BYTES);
    let parsed = files::parse_directory(&mut reader, sources, &mut diagnostics);
    let trusted = given.trusted_config.as_deref();
    let trusted = trusted.and_then(|path| diagnostics.accept(trusted::parse_file(directory, path, sources)));
    let assignments = given.assignments(&mut reader, sources, &mut diagnostics);
    let declarations = variables::declared(&parsed, &Scope::new(Arc::new(sources.clone())), &mut diagnostics);
    let assignments = variables::parse_texts(assignments, &declarations, sources, &mut diagnostics);
    let mut constants = Scope::new(Arc::new(sources.clone())).with_time(given.time);
    if let Some(files) = reader.within() {
        constants = constants.with_files(Arc::new(files));
    }
    let mut scope = constants.clone().partial(files::is_partial(&diagnostics));
    // Terraform's users write these before a file name. All paths are relative to the configuration's directory anyway.
    let here = ["module", "root"].map(|name| (name.to_owned(), Value::from(".")));
    scope.set_members("path", "path", here.into());
    let mut variables = variables::resolve(&declarations, assignments, &constants, &mut scope, may_lack_values, &mut diagnostics);
    variables::warn_of_terraform(&declarations, given, &mut diagnostics);
    locals::evaluate(&parsed, &mut scope, &mut diagnostics);
    variables::validate(&declarations, &scope, sources, &mut diagnostics);
    let mut blocks = blocks::read(&parsed, &scope, &mut diagnostics);
    variables.plantimestamp = given.time.filter(|_| scope.used_time());
    let mut opened = reader.opened();
    opened.extend(blocks.providers.iter().filter_map(|provider| Some(provider.value.sandbox.as_ref()?.value.display().to_string())));
    unread::warn(directory, given, &opened, &mut diagnostics);
    if let Some(trusted) = &trusted {
        blocks = trusted::limit(blocks, trusted, sources, &mut diagnostics);
    }
    (blocks, variables, diagnostics)
}
