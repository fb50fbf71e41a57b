//! `import`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use crate::api::ReadOrganization;
use crate::cli::args::ImportArgs;
use crate::cli::watch::watched;
use crate::cli::world::World;
use crate::cli::{Context, Exit, failures};
use crate::config::fmt::format;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::{Account, AccountId, DesiredRoster, ObservedOrganization};

/// Writes a `member` block for every live member that has none. No file is overwritten.
pub fn import(context: &mut Context, arguments: &ImportArgs) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        let world = World::open(context).await?;
        let mut observed = watched(context, &world, world.observe()).await?;
        let declared: BTreeSet<_> = world.roster.accounts.iter().map(|account| account.id).collect();
        let missing: Vec<_> = observed.members().filter(|account| !declared.contains(&account.id)).cloned().collect();
        if missing.is_empty() {
            context.terminal.print("Every member of the organization has an account block. There is nothing to import.\n");
            return Ok(Exit::Done);
        }
        for unit in missing.iter().filter_map(|account| account.path.as_ref()).flat_map(|path| &path.0) {
            if unit.starts_with("ou-") && !observed.unit_names.contains_key(unit) {
                let name = world.aws.unit_name(unit).await.map_err(|error| failures::api(&error))?;
                observed.unit_names.insert(unit.clone(), name);
            }
        }
        let text = blocks(&missing, &observed, &world.roster);
        match &arguments.out {
            None => context.terminal.print(&text),
            Some(path) => {
                write(path, &text)?;
                let accounts = if missing.len() == 1 { "1 account".to_owned() } else { format!("{} accounts", missing.len()) };
                context
                    .terminal
                    .print(&format!("Wrote {} with blocks for {accounts}. Review them, then run orgroster plan.\n", path.display()));
            }
        }
        Ok(Exit::Done)
    })
}

fn write(path: &Path, text: &str) -> Result<(), Diagnostic> {
    let written = fs::File::create_new(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| Diagnostic::error(Code::OutputError, format!("-out: {} can't be written: {error}.", path.display())))
}

/// The blocks, by organizational unit and then by name, in the canonical format.
fn blocks(accounts: &[Account], observed: &ObservedOrganization, roster: &DesiredRoster) -> String {
    let taken = roster.accounts.iter().map(|account| account.address.label.as_str()).collect();
    let labels = labels(accounts, &taken);
    let mut units: BTreeMap<String, Vec<&Account>> = BTreeMap::new();
    for account in accounts {
        units.entry(observed.unit_path(account).unwrap_or_default()).or_default().push(account);
    }
    let mut text = String::new();
    for (unit, mut members) in units {
        members.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        if !unit.is_empty() {
            let separator = if text.is_empty() { "" } else { "\n" };
            // A unit's name is anybody's text; it must not end the comment.
            text.push_str(&format!("{separator}# {}\n", unit.replace(char::is_control, " ")));
        }
        for account in members {
            let label = labels.get(&account.id).map_or("", String::as_str);
            text.push_str(&format!("\naccount \"{label}\" {{\n  id         = \"{}\"\n  membership = \"member\"\n}}\n", account.id));
        }
    }
    format(text.trim_start_matches('\n')).unwrap_or(text)
}

/// A label for each account, made from its name. What has the same one as another also has its id in it, so that labels do not depend
/// on the order or number of the accounts.
fn labels(accounts: &[Account], taken: &BTreeSet<&str>) -> BTreeMap<AccountId, String> {
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    for account in accounts {
        *owners.entry(slug(&account.name)).or_default() += 1;
    }
    let label = |account: &Account| {
        let slug = slug(&account.name);
        let unique = owners.get(&slug) == Some(&1) && !taken.contains(slug.as_str());
        (account.id, if unique { slug } else { format!("{slug}-{}", account.id) })
    };
    accounts.iter().map(label).collect()
}

/// A name as a label: letters, digits and underscores in lower case, with hyphens for everything else.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for character in name.to_lowercase().chars() {
        if character.is_alphanumeric() || character == '_' {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    match slug.chars().next() {
        Some(first) if first.is_alphabetic() || first == '_' => slug.to_owned(),
        _ => format!("account-{slug}").trim_end_matches('-').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_valid_whatever_the_name() {
        for (name, label) in [
            ("Data Lake (prod)", "data-lake-prod"),
            ("x", "x"),
            ("2026-archive", "account-2026-archive"),
            ("--", "account"),
            ("", "account"),
            ("a\"}\n${b}", "a-b"),
            ("Zürich", "zürich"),
        ] {
            assert_eq!(slug(name), label);
        }
    }
}
