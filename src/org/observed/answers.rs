//! When AWS answered what: evidence is made of these and of nothing else.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::DateTime;

/// When each operation was last answered, by what it was asked about: an account, a policy, a level, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(with = "BTreeMap<String, BTreeMap<String, DateTime>>")]
pub struct Answers(BTreeMap<String, BTreeMap<String, Timestamp>>);

impl Answers {
    /// Notes an answer of `operation`, such as `organizations:ListAccounts`, about `subject`; an empty one where it is about nothing by
    /// itself.
    pub fn note(&mut self, operation: &str, subject: &str, at: Timestamp) {
        self.0.entry(operation.to_owned()).or_default().insert(subject.to_owned(), at);
    }

    /// When the operation was last answered about this subject.
    #[must_use]
    pub fn about(&self, operation: &str, subject: &str) -> Option<Timestamp> {
        self.0.get(operation)?.get(subject).copied()
    }

    /// When the operation was last answered, whatever it was about.
    #[must_use]
    pub fn last(&self, operation: &str) -> Option<Timestamp> {
        self.0.get(operation)?.values().max().copied()
    }
}
