//! Files in a configuration's directory that look as if they belonged to it, but are not read.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::Message;

use super::external_values::{AUTOMATIC, Argument, ExternalValues, VALUES};
use super::files::EXTENSION;

/// The ending of fixtures. The provider block or `sandbox serve` selects the one to read.
const FIXTURE: &str = ".sandbox.hcl";

/// The most files that one warning lists.
const MAX_NAMED: usize = 10;

/// Endings of temporary and backup files of editors and tools.
const LEFTOVERS: &[&str] = &["~", ".swp", ".swo", ".tmp"];

/// The most edits between an ending and the right one that count as a typo.
const FEW_EDITS: usize = 2;

/// Warns of the files of a directory that look like a part of its configuration and were not read. `opened` contains the names of those
/// that were read.
pub fn warn(directory: &Path, given: &ExternalValues, opened: &BTreeSet<String>, diagnostics: &mut Diagnostics) {
    // If the directory can't be listed, reading the configuration's own files reports it.
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut entries: Vec<_> = entries
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .filter(|(name, path)| !opened.contains(name) && !is_named(given, path))
        .collect();
    entries.sort();
    let has_terraform = entries.iter().any(|(name, _)| name.ends_with(".tf"));
    let why = |(name, path): &(String, std::path::PathBuf)| Some((name.clone(), reason(name, path.is_dir(), given, has_terraform)?));
    let unread: Vec<_> = entries.iter().filter_map(why).collect();
    if unread.is_empty() {
        return;
    }
    let intro = "These files are in the configuration's directory but are not read, so they have no effect:";
    let named = unread.iter().take(MAX_NAMED);
    let detail = named.fold(Message::new(intro).line(""), |detail, (name, why)| detail.command(&format!("{name}: {why}")));
    let more = unread.len().saturating_sub(MAX_NAMED);
    let detail = if more > 0 { detail.command(&format!("and {more} more")) } else { detail };
    let detail = detail.paragraph("Rename those that belong to the configuration, and move the others out of its directory.");
    diagnostics.push(Diagnostic::warning(Code::UnreadConfiguration, detail));
}

/// Whether the file is that of a `-var-file` or `-trusted-config`.
fn is_named(given: &ExternalValues, path: &Path) -> bool {
    let files = given.arguments.iter().filter_map(|argument| match argument {
        Argument::File(file) => Some(file),
        Argument::Value(_) => None,
    });
    let mut named = files.chain(&given.trusted_config);
    let real = |path: &Path| fs::canonicalize(path).ok();
    named.any(|file| file.file_name() == path.file_name() && real(file) == real(path))
}

/// Why a file that looks like a part of the configuration is not read; `None` if it does not look like one.
fn reason(name: &str, is_directory: bool, given: &ExternalValues, has_terraform: bool) -> Option<String> {
    let lower = name.to_lowercase();
    if LEFTOVERS.iter().any(|end| lower.ends_with(end)) || name.starts_with(['#']) || name.starts_with(".#") {
        return None;
    }
    let suffix = if lower.contains(".rostervar") { AUTOMATIC } else { EXTENSION };
    let otherwise = format!("the name does not end in {suffix}");
    if is_directory {
        return name.ends_with(EXTENSION).then(|| "a directory; its files are not read either".to_owned());
    }
    if name.starts_with('.') {
        let is_one = name.ends_with(EXTENSION) || name.ends_with(VALUES);
        return is_one.then(|| "the name starts with a dot".to_owned());
    }
    // Files with one of the first two endings are always read, or an error is reported.
    if name.ends_with(EXTENSION) || name.ends_with(AUTOMATIC) || name.ends_with(FIXTURE) {
        return None;
    }
    if name.ends_with(VALUES) {
        // If one file of values is specified, the others are for other runs.
        let names_one = given.arguments.iter().any(|argument| matches!(argument, Argument::File(_)));
        return (!names_one).then(|| format!("no -var-file specifies it, and {otherwise}"));
    }
    if lower.ends_with(".tfvars") || lower.ends_with(".tfvars.json") {
        return (!has_terraform).then(|| format!("Terraform's; {}", otherwise.replace(EXTENSION, AUTOMATIC)));
    }
    (lower.ends_with(".hcl") || is_nearly(&lower)).then_some(otherwise)
}

/// Whether the ending of a name is almost that of a configuration file.
fn is_nearly(name: &str) -> bool {
    let right = EXTENSION.trim_start_matches('.');
    let mut ends = name.rsplitn(3, '.');
    let (last, before) = (ends.next().unwrap_or_default(), ends.next().unwrap_or_default());
    let other_format = before == "roster" && matches!(last, "json" | "yaml" | "yml" | "toml" | "tf" | "txt");
    let slip = strsim::damerau_levenshtein(&format!("{before}.{last}"), right) <= FEW_EDITS;
    other_format || slip || last == "roster" || name.contains(&format!("{EXTENSION}.")) || name.contains(".rostervar")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_nearly_named_right_are_told_from_others() {
        let said = |name: &str| reason(name, false, &ExternalValues::default(), false).is_some();
        let near = [
            "main.hcl",
            "roster.hcl",
            "main.rooster.hcl",
            "main.roster.hlc",
            "main.roster.hcl.txt",
            "main.roster.hcl.bak",
            "main.roster",
            "Main.Roster.HCL",
            "main.roster.json",
            "main.roster.tf",
            ".main.roster.hcl",
            "v.rostervars.hcl",
            "v.auto.rostervars",
            "v.auto.rostervar.hcl",
            "v.auto.rostervars.json",
            "terraform.tfvars",
            "terragrunt.hcl",
        ];
        for name in near {
            assert!(said(name), "{name}");
        }
        let others = [
            "README.md",
            "a.sandbox.hcl",
            "main.roster.hcl~",
            ".main.roster.hcl.swp",
            ".#main.roster.hcl",
            "#main.roster.hcl#",
            ".terraform.lock.hcl",
            "accounts.csv",
            "plan.json",
            "main.tf",
            "poster.html",
            "rosters.txt",
        ];
        for name in others {
            assert!(!said(name), "{name}");
        }
    }
}
