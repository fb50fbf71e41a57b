//! Who is said to have approved an apply.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::is_hidden;

/// The most approvers that an apply names and `guardrails` asks for.
pub const MAX_APPROVERS: u32 = 100;

/// The most characters of an approver's name.
const MAX_NAME: usize = 200;

/// Somebody who is said to have approved, and by whom. It is recorded as it was given: nothing here can ask the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approver {
    /// The name, as the source writes it.
    #[schemars(length(min = 1, max = 200))]
    pub name: String,
    /// Who says so.
    pub source: ApproverSource,
}

/// Who says that somebody approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApproverSource {
    /// Whoever ran the command, by `-approved-by`.
    Argument,
    /// GitLab's `GITLAB_USER_LOGIN` in a job that was started by hand (`CI_JOB_MANUAL`): who started it (GitLab, "Predefined CI/CD variables").
    GitlabManualJob,
    /// Buildkite's `BUILDKITE_UNBLOCKER`: who let a build go on at a block step (Buildkite, "Environment variables").
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

/// Why a text can't be an approver's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidApprover {
    /// Nothing is left of it.
    #[error("an approver's name can't be empty")]
    Empty,
    /// It is longer than names are.
    #[error("an approver's name has at most {MAX_NAME} characters, and this one {0}")]
    TooLong(usize),
    /// A character that is not seen: it would make two names of one.
    #[error("an approver's name can't hold the character U+{:04X}, which is not seen", u32::from(*.0))]
    Hidden(char),
}

impl Approver {
    /// An approver; white space around the name does not count.
    ///
    /// # Errors
    ///
    /// It is not a valid name.
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

    /// What makes two names one: case and the width of white space do not distinguish people.
    fn key(&self) -> String {
        self.name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    }

    /// Each of them once, as named first.
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
        assert_eq!(InvalidApprover::Hidden('\n').to_string(), "an approver's name can't hold the character U+000A, which is not seen");
    }

    #[test]
    fn one_person_counts_once_however_the_name_is_written() {
        let platform = Approver::new("ADA", ApproverSource::GitlabManualJob).unwrap();
        let all = [named("ada"), named(" Ada "), platform, named("Grace  Hopper"), named("grace hopper"), named("ÉVA"), named("éva")];
        let names: Vec<_> = Approver::distinct(all).into_iter().map(|approver| approver.to_string()).collect();
        assert_eq!(names, ["ada (-approved-by)", "Grace  Hopper (-approved-by)", "ÉVA (-approved-by)"]);
    }
}
