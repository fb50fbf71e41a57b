//! The times of AWS's answers, which are the only source of evidence.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::DateTime;

/// The time of the last answer of each operation for each subject: an account, a policy, a level, or an empty string for operations without
/// a subject.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(with = "BTreeMap<String, BTreeMap<String, DateTime>>")]
pub struct Answers(BTreeMap<String, BTreeMap<String, Timestamp>>);

impl Answers {
    /// Notes an answer of `operation`, such as `organizations:ListAccounts`, about `subject`, which is empty if the operation has none.
    pub fn note(&mut self, operation: &str, subject: &str, at: Timestamp) {
        self.0.entry(operation.to_owned()).or_default().insert(subject.to_owned(), at);
    }

    /// When the operation was last answered about this subject.
    #[must_use]
    pub fn about(&self, operation: &str, subject: &str) -> Option<Timestamp> {
        self.0.get(operation)?.get(subject).copied()
    }

    /// When the operation was last answered about any subject.
    #[must_use]
    pub fn last(&self, operation: &str) -> Option<Timestamp> {
        self.0.get(operation)?.values().max().copied()
    }
}
