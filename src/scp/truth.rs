//! Kleene's three-valued logic, with the reasons for the third value.

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that must be resolved before a statement can be decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Doubt {
    /// The condition key, as the policy spells it; `Resource` if a resource pattern is in doubt.
    pub key: String,
    /// Why it is in doubt.
    pub reason: DoubtReason,
}

/// Why a condition cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoubtReason {
    /// The key's value, or whether the request has it, can't be known before the call. Declaring the key resolves this.
    Unknowable,
    /// The key has several values (or may have several), and the operator has neither `ForAllValues` nor `ForAnyValue`. AWS documents no
    /// result for this.
    MultipleValues,
    /// The key has an empty value, and AWS does not document whether that counts as null.
    EmptyValue,
    /// A value does not have the operator's type. The text says which.
    InvalidValue(String),
    /// AWS does not document this case. The text says which.
    Undocumented(String),
}

impl fmt::Display for Doubt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.reason {
            DoubtReason::Unknowable => write!(formatter, "{key} cannot be known beforehand"),
            DoubtReason::MultipleValues => {
                write!(formatter, "{key} is multivalued, and the operator is neither ForAllValues nor ForAnyValue")
            }
            DoubtReason::EmptyValue => write!(formatter, "{key} has an empty value, which may or may not count as null"),
            DoubtReason::InvalidValue(what) => write!(formatter, "{key}: {what}"),
            DoubtReason::Undocumented(what) => write!(formatter, "{key}: AWS does not document {what}"),
        }
    }
}

/// True, false, or open because of doubts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Truth {
    True,
    False,
    Open(BTreeSet<Doubt>),
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl Truth {
    /// Makes an open value with one reason.
    pub(super) fn open(key: &str, reason: DoubtReason) -> Self {
        Self::Open(BTreeSet::from([Doubt { key: key.to_owned(), reason }]))
    }

    /// False if any part is false; otherwise open with all doubts of the parts, if there are any; otherwise true.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut doubts = BTreeSet::new();
        // Every part is evaluated even after a false one, so that the answer never depends on their order.
        let mut any_false = false;
        for part in parts {
            match part {
                Self::True => {}
                Self::False => any_false = true,
                Self::Open(more) => doubts.extend(more),
            }
        }
        match (any_false, doubts.is_empty()) {
            (true, _) => Self::False,
            (false, true) => Self::True,
            (false, false) => Self::Open(doubts),
        }
    }

    /// True if any part is true; otherwise open with all doubts of the parts, if there are any; otherwise false.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::all(parts.into_iter().map(Self::not)).not()
    }

    /// The opposite; open stays open.
    pub(super) fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            open @ Self::Open(_) => open,
        }
    }

    /// The opposite if `negated`.
    pub(super) fn negate_if(self, negated: bool) -> Self {
        if negated { self.not() } else { self }
    }
}
