//! Files beside a configuration that look as if they belonged to it, and are not read.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::Message;

use super::external_values::{AUTOMATIC, Argument, ExternalValues, VALUES};
use super::files::EXTENSION;

/// What the name of a fixture ends in. It is read where the provider block names it, and served by `sandbox serve`.
const FIXTURE: &str = ".sandbox.hcl";

/// The most files that one warning names.
const MAX_NAMED: usize = 10;

/// Ends of names under which editors and tools keep what they work on.
const LEFTOVERS: &[&str] = &["~", ".swp", ".swo", ".tmp"];

/// Edits between the end of a name and the right one that are taken for a slip of the finger.
const FEW_EDITS: usize = 2;

/// Warns of the files of a directory that look like a part of its configuration and had no effect. `opened` holds what was read.
pub fn warn(directory: &Path, given: &ExternalValues, opened: &BTreeSet<String>, diagnostics: &mut Diagnostics) {
    // A directory that can't be listed is reported with the configuration's own files.
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
    let intro = "These files are in the directory of the configuration and are not read, so that nothing in them has an effect:";
    let named = unread.iter().take(MAX_NAMED);
    let detail = named.fold(Message::new(intro).line(""), |detail, (name, why)| detail.command(&format!("{name}: {why}")));
    let more = unread.len().saturating_sub(MAX_NAMED);
    let detail = if more > 0 { detail.command(&format!("and {more} more")) } else { detail };
    let detail = detail.paragraph("Rename what belongs to the configuration, and move the rest out of its directory.");
    diagnostics.push(Diagnostic::warning(Code::UnreadConfiguration, detail));
}

/// Whether `-var-file` or `-trusted-config` names the file.
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
        return name.ends_with(EXTENSION).then(|| "a directory; files in it are not read either".to_owned());
    }
    if name.starts_with('.') {
        let is_one = name.ends_with(EXTENSION) || name.ends_with(VALUES);
        return is_one.then(|| "the name starts with a dot".to_owned());
    }
    // The first two are always read, or reported.
    if name.ends_with(EXTENSION) || name.ends_with(AUTOMATIC) || name.ends_with(FIXTURE) {
        return None;
    }
    if name.ends_with(VALUES) {
        // Where one is named, the others are for other runs.
        let names_one = given.arguments.iter().any(|argument| matches!(argument, Argument::File(_)));
        return (!names_one).then(|| format!("no -var-file names it, and {otherwise}"));
    }
    if lower.ends_with(".tfvars") || lower.ends_with(".tfvars.json") {
        return (!has_terraform).then(|| format!("Terraform's; {}", otherwise.replace(EXTENSION, AUTOMATIC)));
    }
    (lower.ends_with(".hcl") || is_nearly(&lower)).then_some(otherwise)
}

/// Whether a name ends almost as the files of a configuration do.
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
