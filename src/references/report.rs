//! What a search found, and what it did not read.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Address, FormatVersion, OrganizationId};

/// Version of the format of `references -json`.
const FORMAT_VERSION: &str = "1.0";

/// The fewest characters of a name that is searched for: shorter ones stand everywhere.
const SHORTEST_NAME: usize = 3;

/// What `references -json` prints: where other configuration names accounts that leave or have left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct References {
    /// Version of this format.
    #[schemars(with = "FormatVersion")]
    format_version: String,
    /// The organization of the configuration, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub organization: Option<OrganizationId>,
    /// Where departure records are that were not read, because they are not on this machine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub records_not_read: Option<String>,
    /// The accounts that were searched for, by id.
    pub accounts: Vec<SoughtAccount>,
    /// The references, by file, line and column.
    pub references: Vec<Reference>,
    /// How many more there are than `references` lists: at most 1,000 of one file, and 10,000 in all.
    pub not_listed: u64,
    /// What was searched.
    pub searched: Searched,
    /// What was not searched, by file; at most 1,000. `searched` counts all of them.
    pub skipped: Vec<Skipped>,
}

impl References {
    /// A report about some accounts, for whom nothing was searched yet.
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

    /// Whether any was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.references.is_empty() && self.not_listed == 0
    }

    /// How many there are.
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
    /// Its block in the configuration, or in its departure record.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<Address>,
    /// Why it is searched for.
    pub status: Status,
    /// The names that configuration and records give it.
    pub names: BTreeSet<String>,
    /// The email addresses that configuration and records give it.
    pub emails: BTreeSet<String>,
}

impl SoughtAccount {
    /// The names that are searched for, or those that are too short for it.
    pub fn names_by_length(&self, long_enough: bool) -> impl Iterator<Item = &str> {
        let fits = move |name: &&String| (name.chars().count() >= SHORTEST_NAME) == long_enough;
        self.names.iter().filter(fits).map(String::as_str)
    }
}

/// Why an account is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its block is detached, and no departure is on record.
    Departing,
    /// Its departure is on record.
    Departed,
    /// It was named as an argument, and is neither.
    Named,
}

impl Status {
    /// What is said of the account.
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
    /// The file, below the directory as it was given, with slashes.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
    /// The account.
    pub account: AccountId,
    /// By what it is named.
    pub matched: Matched,
    /// The kind of place, where it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<Kind>,
    /// The keys that lead to the place, such as `workloadAccounts[2].email`, where the file's structure could be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
}

/// By what an account is named.
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
    /// As it is printed.
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
    /// The tool that reads the file; empty where any may.
    pub tool: Cow<'static, str>,
    /// What the place is to the tool.
    pub what: Cow<'static, str>,
}

impl Kind {
    /// A kind of this program.
    #[must_use]
    pub const fn new(id: &'static str, tool: &'static str, what: &'static str) -> Self {
        Self { id: Cow::Borrowed(id), tool: Cow::Borrowed(tool), what: Cow::Borrowed(what) }
    }

    /// Such as `Terraform: member account`.
    #[must_use]
    pub fn title(&self) -> String {
        if self.tool.is_empty() { self.what.clone().into_owned() } else { format!("{}: {}", self.tool, self.what) }
    }
}

/// What was searched. Each number is exact, however much of it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Searched {
    /// The directories, as they were given.
    pub directories: Vec<String>,
    /// How many files were searched to their end.
    pub files: u64,
    /// How many bytes these have.
    pub bytes: u64,
    /// How many files, links and directories were not searched, by why.
    pub skipped_by_reason: BTreeMap<WhySkipped, u64>,
}

/// What was not searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// Its path, below the directory as it was given.
    pub file: String,
    /// Why not.
    pub why: WhySkipped,
    /// What the operating system says, where that is why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
}

/// Why a file was not searched, or not to its end. What ignore files leave out is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhySkipped {
    /// It is a symbolic link.
    Link,
    /// It has a NUL byte, as text never has.
    Binary,
    /// It has a line of more than 16 MiB.
    LongLine,
    /// It is a device, a socket or a pipe.
    Special,
    /// It can't be read.
    Unreadable,
}

impl WhySkipped {
    /// What is skipped, for one and for several.
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
