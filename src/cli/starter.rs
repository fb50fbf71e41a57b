//! Blocks for live members: their labels, and the files to write them to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::cli::output::aside::write_aside;
use crate::config::EXTENSION;
use crate::diag::{Code, Diagnostic};
use crate::hcl::{Document, text};
use crate::org::{Account, AccountId, AccountState};

/// If there are more accounts, each organizational unit gets its own file.
const MAX_IN_ONE_FILE: usize = 200;
/// The maximum length of a file name made from names of units, which can have 128 characters each.
const MAX_FILE_NAME: usize = 100;

/// The organizational units above some accounts.
pub struct Units {
    root: String,
    names: BTreeMap<String, String>,
}

impl Units {
    /// Creates the units below a root. `names` maps ids to names.
    #[must_use]
    pub fn new(root: String, names: BTreeMap<String, String>) -> Self {
        Self { root, names }
    }

    /// The unit that contains an account. Empty if AWS returned no path.
    fn of(&self, account: &Account) -> Unit {
        let path = account.path.as_ref().map(|path| path.0.as_slice()).unwrap_or_default();
        let name = |id: &String| match self.names.get(id) {
            Some(name) => name.clone(),
            None if *id == self.root => "Root".to_owned(),
            None => id.clone(),
        };
        Unit { path: path.iter().map(name).collect(), id: path.last().cloned().unwrap_or_default() }
    }
}

/// An organizational unit, ordered by the names from the root down.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Unit {
    path: Vec<String>,
    id: String,
}

impl Unit {
    /// The path as the middle part of a file name. Empty if no name has a letter or digit.
    fn file_stem(&self) -> String {
        let below_root = self.path.get(1..).unwrap_or_default();
        if self.path.len() == 1 { "root".to_owned() } else { ascii_slug(&below_root.join("-")) }
    }
}

/// A comment above an account's block about its state. `None` if the account is active.
fn state_comment(account: &Account, seen_at: Timestamp) -> Option<String> {
    let Account { state, .. } = account;
    if *state == AccountState::Active {
        return None;
    }
    let until = state.removed_by(None, seen_at).map_or_else(String::new, |day| format!("; AWS removes it for good by {day} at the latest"));
    Some(format!("{}: {}{until}", state.as_str(), state.meaning()))
}

/// Blocks of the accounts of one unit.
struct Group {
    unit: Unit,
    text: String,
}

/// Blocks for accounts, by organizational unit and then by name.
pub struct Blocks {
    groups: Vec<Group>,
    accounts: usize,
}

impl Blocks {
    /// Makes a `member` block for each account, with a comment if its state is not ACTIVE. No label is one of `taken`.
    #[must_use]
    pub fn new(accounts: &[Account], units: &Units, taken: &BTreeSet<&str>, seen_at: Timestamp) -> Self {
        let labels = labels(accounts, taken);
        let mut by_unit: BTreeMap<Unit, Vec<&Account>> = BTreeMap::new();
        for account in accounts {
            by_unit.entry(units.of(account)).or_default().push(account);
        }
        let group = |(unit, mut members): (Unit, Vec<&Account>)| {
            members.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
            let heading = Document::default();
            let heading = if unit.path.is_empty() { heading } else { heading.comment(&unit.path.join("/")).gap() };
            let document = members.into_iter().fold(heading, |document, account| {
                let label = labels.get(&account.id).map_or("", String::as_str);
                let state = state_comment(account, seen_at);
                // A comment belongs to the block below it, so the empty line between blocks goes above the comment.
                let document = match state {
                    Some(state) if document.is_empty() => document.comment(&state),
                    Some(state) => document.gap().comment(&state),
                    None => document,
                };
                let member = Document::default().argument("id", text(&account.id.to_string())).argument("membership", text("member"));
                document.block("account", &[label], member)
            });
            Group { text: document.text(), unit }
        };
        Self { groups: by_unit.into_iter().map(group).collect(), accounts: accounts.len() }
    }

    /// All blocks as one text.
    #[must_use]
    pub fn text(&self) -> String {
        self.groups.iter().map(|group| group.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The names and texts of the files: one for all accounts, or one for each unit if there are many accounts. No name is one that exists.
    #[must_use]
    pub fn files(&self, exists: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        if self.accounts <= MAX_IN_ONE_FILE {
            return vec![(free("members", &exists), self.text())];
        }
        let stems: Vec<_> = self.groups.iter().map(|group| group.unit.file_stem()).collect();
        let mut files = Vec::new();
        for (group, stem) in self.groups.iter().zip(&stems) {
            let own = !stem.is_empty() && stem.len() <= MAX_FILE_NAME && stems.iter().filter(|other| *other == stem).count() == 1;
            let short: String = stem.chars().take(MAX_FILE_NAME).collect();
            let name = match (own, group.unit.id.as_str()) {
                (true, _) => format!("members-{stem}"),
                (false, "") => "members".to_owned(),
                (false, id) => format!("members-{short}-{}", ascii_slug(id)),
            };
            files.push((free(&name, &exists), group.text.clone()));
        }
        files
    }
}

/// The name of a configuration file that does not exist yet.
fn free(stem: &str, exists: &impl Fn(&str) -> bool) -> String {
    let numbered = (2_u32..).map(|number| format!("{stem}-{number}{EXTENSION}"));
    std::iter::once(format!("{stem}{EXTENSION}")).chain(numbered).find(|name| !exists(name)).unwrap_or_default()
}

/// Writes files that must not exist yet: all of them, or none. Each is written to a temporary file and then moved into place as a whole,
/// the first one last. An interrupt waits until that is done.
///
/// # Errors
///
/// Returns `output-error` with the name of the file that can't be written.
pub fn write_new(directory: &Path, files: &[(String, String)]) -> Result<(), Diagnostic> {
    let failed =
        |path: &Path, error: &io::Error| Diagnostic::error(Code::OutputError, format!("{} can't be written: {error}.", path.display()));
    let paths: Vec<_> = files.iter().map(|(name, _)| directory.join(name)).collect();
    let aside: Result<Vec<_>, _> = paths
        .iter()
        .zip(files)
        .map(|(path, (_, text))| write_aside(path, text.as_bytes(), None).map_err(|error| failed(path, &error)))
        .collect();
    let mut placed: Vec<&Path> = Vec::new();
    for (path, file) in paths.iter().zip(aside?).rev() {
        if let Err(error) = file.persist_noclobber(path) {
            for path in placed {
                // If a file can't be removed either, the error of the next run names it.
                let _ = fs::remove_file(path);
            }
            return Err(failed(path, &error.error));
        }
        placed.push(path);
    }
    Ok(())
}

/// A label for each account, made from its name. If two labels collide, each gets the account's id, so that labels do not depend on the
/// order or number of the accounts.
fn labels(accounts: &[Account], taken: &BTreeSet<&str>) -> BTreeMap<AccountId, String> {
    let mut labels: BTreeMap<AccountId, String> = accounts.iter().map(|account| (account.id, slug(&account.name))).collect();
    // A label with an id can equal another account's name, so one round may not be enough. Each round gives ids to more accounts.
    let mut with_id = BTreeSet::new();
    loop {
        let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
        labels.values().for_each(|label| *owners.entry(label).or_default() += 1);
        let collides = |label: &str| owners.get(label).is_some_and(|owners| *owners > 1) || taken.contains(label);
        let again: Vec<_> = labels.iter().filter(|(id, label)| !with_id.contains(*id) && collides(label)).map(|(id, _)| *id).collect();
        if again.is_empty() {
            break;
        }
        for id in again {
            with_id.insert(id);
            labels.entry(id).and_modify(|label| *label = format!("{label}-{id}"));
        }
    }
    // A label with its account's id is unique among these accounts, but may still be one of `taken`.
    for label in labels.values_mut() {
        let numbered = (2_u32..).map(|number| format!("{label}-{number}"));
        let free = std::iter::once(label.clone()).chain(numbered).find(|label| !taken.contains(label.as_str()));
        *label = free.unwrap_or_default();
    }
    labels
}

/// A name as a label: letters, digits and underscores in lower case, and hyphens for everything else.
fn slug(name: &str) -> String {
    let slug = hyphenated(name, |character| character.is_alphanumeric() || character == '_');
    match slug.chars().next() {
        Some(first) if first.is_alphabetic() || first == '_' => slug,
        _ => format!("account-{slug}").trim_end_matches('-').to_owned(),
    }
}

/// A name with only the letters and digits that every file system accepts.
fn ascii_slug(name: &str) -> String {
    hyphenated(name, |character| character.is_ascii_alphanumeric())
}

fn hyphenated(name: &str, kept: impl Fn(char) -> bool) -> String {
    let mut slug = String::new();
    for character in name.to_lowercase().chars() {
        if kept(character) {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::{AccountState, JoinedMethod, OrganizationPath};

    fn account(id: u64, name: &str, path: &[&str]) -> Account {
        Account {
            id: format!("{id:012}").parse().unwrap(),
            arn: String::new(),
            email: String::new(),
            name: name.to_owned(),
            state: AccountState::Active,
            joined_method: JoinedMethod::Created,
            joined_at: None,
            path: Some(OrganizationPath(path.iter().map(|part| (*part).to_owned()).collect())),
        }
    }

    /// 2026-11-22T09:00:00Z.
    const SEEN: Timestamp = Timestamp::constant(1_795_338_000, 0);

    #[test]
    fn a_state_that_is_not_active_is_said_above_the_block() {
        let mut accounts = vec![account(1, "a", &["r-1"]), account(2, "b", &["r-1"]), account(3, "c", &["r-1"])];
        accounts[0].state = AccountState::Closed;
        accounts[1].state = AccountState::Other("ODD\nx = 1".into());
        let units = Units { root: "r-1".into(), names: BTreeMap::new() };
        let text = Blocks::new(&accounts, &units, &BTreeSet::new(), SEEN).text();
        let closed =
            "# CLOSED: it was closed, and stays listed for 90 days; AWS removes it for good by 2027-02-20 at the latest\naccount \"a\" {";
        assert!(text.contains(closed) && text.contains("# ODD\\nx = 1: this version does not know it\naccount \"b\" {"), "{text}");
        assert!(text.contains("}\n\naccount \"c\" {"), "{text}");
    }

    fn labels_of(names: &[&str], taken: &[&str]) -> Vec<String> {
        let accounts: Vec<_> = names.iter().zip(1..).map(|(name, id)| account(id, name, &["r-1"])).collect();
        labels(&accounts, &taken.iter().copied().collect()).into_values().collect()
    }

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

    #[test]
    fn labels_are_unique_and_do_not_depend_on_the_order() {
        assert_eq!(labels_of(&["a", "b"], &[]), ["a", "b"]);
        assert_eq!(labels_of(&["a", "A", "b"], &[]), ["a-000000000001", "a-000000000002", "b"]);
        assert_eq!(labels_of(&["a", "b"], &["a"]), ["a-000000000001", "b"]);
        assert_eq!(labels_of(&["a"], &["a", "a-000000000001"]), ["a-000000000001-2"]);
        // The third account's name equals the first account's new label.
        assert_eq!(
            labels_of(&["a", "a", "a 000000000001"], &[]),
            ["a-000000000001", "a-000000000002", "a-000000000001-000000000003"].map(str::to_owned)
        );
    }

    #[test]
    fn files_are_grouped_by_unit_where_there_are_many_accounts() {
        let units = Units {
            root: "r-1".into(),
            names: [("ou-1", "Prod"), ("ou-2", "prod!"), ("ou-3", "日本"), ("ou-4", "Other\n# x")]
                .map(|(id, name)| (id.to_owned(), name.to_owned()))
                .into(),
        };
        let mut accounts: Vec<_> = (10..250).map(|id| account(id, &format!("n{id}"), &["r-1"])).collect();
        let few = Blocks::new(&accounts[..3], &units, &BTreeSet::new(), SEEN).files(|_| false);
        assert_eq!(few.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["members.roster.hcl"]);
        for (id, unit) in [(1, "ou-1"), (2, "ou-2"), (3, "ou-3"), (4, "ou-4")] {
            accounts.push(account(id, "x", &["r-1", unit]));
        }
        let files = Blocks::new(&accounts, &units, &BTreeSet::new(), SEEN).files(|name| name == "members-root.roster.hcl");
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        let wanted = ["members-root-2", "members-other-x", "members-prod-ou-1", "members-prod-ou-2", "members--ou-3"];
        assert_eq!(names, wanted.map(|name| format!("{name}{EXTENSION}")));
        assert!(files[1].1.starts_with("# Root/Other\\n# x\n\naccount "), "{}", files[1].1);
    }

    #[test]
    fn all_files_are_written_or_none() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str| (name.to_owned(), "text\n".to_owned());
        write_new(directory.path(), &[file("b")]).unwrap();
        let error = write_new(directory.path(), &[file("a"), file("b")]).unwrap_err();
        assert!(error.detail.contains("can't be written"), "{}", error.detail);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "neither the other file nor what was written aside is left");
        let nowhere = write_new(&directory.path().join("nowhere"), &[file("a")]).unwrap_err();
        assert!(nowhere.detail.contains("nowhere/a can't be written"), "{}", nowhere.detail);
    }
}
