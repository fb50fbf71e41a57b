//! The people who approved an apply, by name and source.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::is_hidden;

/// The maximum number of approvers of an apply, and of `approvers` in `guardrails`.
pub const MAX_APPROVERS: u32 = 100;

/// The maximum length of an approver's name, in characters.
const MAX_NAME: usize = 200;

/// An approver of an apply. The name is recorded as the source gives it; orgroster can't verify the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approver {
    /// The approver's name, as the source writes it.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// The source of the name.
    pub source: ApproverSource,
}

/// The source of an approver's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApproverSource {
    /// The option `-approved-by`.
    Argument,
    /// GitLab's `GITLAB_USER_LOGIN`: the user who started a manual job (`CI_JOB_MANUAL`; GitLab, "Predefined CI/CD variables").
    GitlabManualJob,
    /// Buildkite's `BUILDKITE_UNBLOCKER`: the user who unblocked a build at a block step (Buildkite, "Environment variables").
    BuildkiteUnblock,
}

impl fmt::Display for ApproverSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Argument => "-approved-by",
            Self::GitlabManualJob => "started the GitLab job by hand",
            Self::BuildkiteUnblock => "unblocked the Buildkite build",
        })
    }
}

/// An error for a text that can't be an approver's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidApprover {
    /// The name is empty without its white space.
    #[error("an approver's name can't be empty")]
    Empty,
    /// The name is too long; its length in characters.
    #[error("an approver's name has at most {MAX_NAME} characters; this one has {0}")]
    TooLong(usize),
    /// The name contains an invisible character, with which one person could count as two.
    #[error("an approver's name can't contain the invisible character U+{:04X}", u32::from(*.0))]
    Hidden(char),
}

impl Approver {
    /// Creates an approver. White space around the name is removed.
    ///
    /// # Errors
    ///
    /// Returns an error if the name is not valid.
    pub fn new(name: &str, source: ApproverSource) -> Result<Self, InvalidApprover> {
        let name = name.trim();
        let length = name.chars().count();
        match name.chars().find(|character| is_hidden(*character)) {
            _ if name.is_empty() => Err(InvalidApprover::Empty),
            _ if length > MAX_NAME => Err(InvalidApprover::TooLong(length)),
            Some(hidden) => Err(InvalidApprover::Hidden(hidden)),
            None => Ok(Self { name: name.to_owned(), source }),
        }
    }

    /// The key by which names are compared: case and the width of white space do not distinguish people.
    fn key(&self) -> String {
        self.name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    }

    /// Each approver once, in the first spelling of the name.
    #[must_use]
    pub fn distinct(approvers: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut seen = BTreeSet::new();
        approvers.into_iter().filter(|approver| seen.insert(approver.key())).collect()
    }
}

impl fmt::Display for Approver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name, self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Approver {
        Approver::new(name, ApproverSource::Argument).unwrap()
    }

    #[test]
    fn a_name_is_one_that_people_can_read() {
        assert_eq!(named("  Ada Lovelace\n").name, "Ada Lovelace");
        assert_eq!(named(&"é".repeat(MAX_NAME)).name.chars().count(), MAX_NAME);
        for (wrong, why) in [
            (String::new(), InvalidApprover::Empty),
            (" \t\u{a0} ".to_owned(), InvalidApprover::Empty),
            ("a".repeat(MAX_NAME + 1), InvalidApprover::TooLong(MAX_NAME + 1)),
            ("ada\n::error::x".to_owned(), InvalidApprover::Hidden('\n')),
            ("ada\u{1b}[2J".to_owned(), InvalidApprover::Hidden('\u{1b}')),
            ("\u{200b}".to_owned(), InvalidApprover::Hidden('\u{200b}')),
            ("ada\u{202e}".to_owned(), InvalidApprover::Hidden('\u{202e}')),
        ] {
            assert_eq!(Approver::new(&wrong, ApproverSource::Argument), Err(why), "{wrong:?}");
        }
        assert_eq!(InvalidApprover::Hidden('\n').to_string(), "an approver's name can't contain the invisible character U+000A");
    }

    #[test]
    fn one_person_counts_once_however_the_name_is_written() {
        let platform = Approver::new("ADA", ApproverSource::GitlabManualJob).unwrap();
        let all = [named("ada"), named(" Ada "), platform, named("Grace  Hopper"), named("grace hopper"), named("ÉVA"), named("éva")];
        let names: Vec<_> = Approver::distinct(all).into_iter().map(|approver| approver.to_string()).collect();
        assert_eq!(names, ["ada (-approved-by)", "Grace  Hopper (-approved-by)", "ÉVA (-approved-by)"]);
    }
}
