//! The report of a search: the references that it found, and the files that it did not read.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Address, FormatVersion, OrganizationId};

/// Version of the format of `references -json`.
const FORMAT_VERSION: &str = "1.0";

/// Names with fewer characters are not searched for, because they occur everywhere.
const SHORTEST_NAME: usize = 3;

/// The output of `references -json`: the places in other configuration that name accounts that should leave or have left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct References {
    /// Version of this format.
    #[schemars(with = "FormatVersion")]
    format_version: String,
    /// The organization of the configuration, if it declares one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization: Option<OrganizationId>,
    /// The location of departure records that were not read because they are not on this machine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub records_not_read: Option<String>,
    /// The accounts that were searched for, by id.
    pub accounts: Vec<SoughtAccount>,
    /// The references, by file, line and column.
    pub references: Vec<Reference>,
    /// How many references `references` does not list. It lists at most 1,000 of one file, and 10,000 in all.
    pub not_listed: u64,
    /// What was searched.
    pub searched: Searched,
    /// The files that were not searched, sorted by path; at most 1,000. `searched` counts all of them.
    pub skipped: Vec<Skipped>,
}

impl References {
    /// An empty report about accounts that have not been searched for yet.
    #[must_use]
    pub fn about(accounts: Vec<SoughtAccount>) -> Self {
        Self {
            format_version: FORMAT_VERSION.to_owned(),
            organization: None,
            records_not_read: None,
            accounts,
            references: Vec::new(),
            not_listed: 0,
            searched: Searched::default(),
            skipped: Vec::new(),
        }
    }

    /// Whether no reference was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.references.is_empty() && self.not_listed == 0
    }

    /// How many references were found.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.references.len() as u64 + self.not_listed
    }

    /// The listed references to an account.
    pub fn to(&self, account: AccountId) -> impl Iterator<Item = &Reference> {
        self.references.iter().filter(move |reference| reference.account == account)
    }

    /// How many files have a listed reference.
    #[must_use]
    pub fn files(&self) -> usize {
        self.references.iter().map(|reference| reference.file.as_str()).collect::<BTreeSet<_>>().len()
    }
}

/// An account that is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SoughtAccount {
    /// Its id.
    pub id: AccountId,
    /// The address of its block, from the configuration or from its departure record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<Address>,
    /// Why it is searched for.
    pub status: Status,
    /// Its names in the configuration and in records.
    pub names: BTreeSet<String>,
    /// Its email addresses in the configuration and in records.
    pub emails: BTreeSet<String>,
}

impl SoughtAccount {
    /// The names that are long enough to search for, or those that are too short.
    pub fn names_by_length(&self, long_enough: bool) -> impl Iterator<Item = &str> {
        let fits = move |name: &&String| (name.chars().count() >= SHORTEST_NAME) == long_enough;
        self.names.iter().filter(fits).map(String::as_str)
    }
}

/// Why an account is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its block declares it detached, and it has no departure record.
    Departing,
    /// It has a departure record.
    Departed,
    /// It was named as an argument, and is neither departing nor departed.
    Named,
}

impl Status {
    /// The rest of a sentence that begins with the account.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Departing => "is to leave",
            Self::Departed => "has left",
            Self::Named => "is named as an argument",
        }
    }
}

/// A place that names an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reference {
    /// The path of the file, with slashes. It begins with the directory as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
    /// The account.
    pub account: AccountId,
    /// Which of the account's values was found.
    pub matched: Matched,
    /// The kind of place, if it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<Kind>,
    /// The keys that lead to the place, such as `workloadAccounts[2].email`, if the file's structure could be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
}

/// The value by which a place names an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Matched {
    /// Its id.
    Id,
    /// Its name.
    Name,
    /// The email address of its root user.
    Email,
}

impl Matched {
    /// The word that is printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Email => "email",
        }
    }
}

/// A kind of place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Kind {
    /// A stable name, such as `lza-workload-account`.
    pub id: Cow<'static, str>,
    /// The tool that reads the file; empty if any tool may read it.
    pub tool: Cow<'static, str>,
    /// What the place means to the tool.
    pub what: Cow<'static, str>,
}

impl Kind {
    /// A built-in kind.
    #[must_use]
    pub const fn new(id: &'static str, tool: &'static str, what: &'static str) -> Self {
        Self { id: Cow::Borrowed(id), tool: Cow::Borrowed(tool), what: Cow::Borrowed(what) }
    }

    /// The tool and the meaning of the place, such as `Terraform: member account`.
    #[must_use]
    pub fn title(&self) -> String {
        if self.tool.is_empty() { self.what.clone().into_owned() } else { format!("{}: {}", self.tool, self.what) }
    }
}

/// What was searched. The numbers are exact, even if not everything is listed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Searched {
    /// The directories, as they were given.
    pub directories: Vec<String>,
    /// How many files were searched to their end.
    pub files: u64,
    /// How many bytes these files contain.
    pub bytes: u64,
    /// How many files, links and directories were not searched, by reason.
    pub skipped_by_reason: BTreeMap<WhySkipped, u64>,
}

/// A file, link or directory that was not searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// Its path, which begins with the directory as it was given.
    pub file: String,
    /// Why it was not searched.
    pub why: WhySkipped,
    /// The error of the operating system, if that is the reason.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
}

/// Why a file was not searched, or not to its end. Files that ignore files exclude are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhySkipped {
    /// It is a symbolic link.
    Link,
    /// It contains a NUL byte, so it is not text.
    Binary,
    /// It has a line of more than 16 MiB.
    LongLine,
    /// It is a device, a socket or a pipe.
    Special,
    /// It can't be read.
    Unreadable,
}

impl WhySkipped {
    /// The nouns for what was skipped: singular and plural.
    #[must_use]
    pub const fn nouns(self) -> (&'static str, &'static str) {
        match self {
            Self::Link => ("symbolic link", "symbolic links"),
            Self::Binary => ("binary file", "binary files"),
            Self::LongLine => ("file with a line over 16 MiB", "files with a line over 16 MiB"),
            Self::Special => ("device, socket or pipe", "devices, sockets or pipes"),
            Self::Unreadable => ("file or directory that can't be read", "files or directories that can't be read"),
        }
    }
}
