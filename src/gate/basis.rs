//! The facts that a gate's answer rests on, as data. An approval covers these facts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What counts against a departure, what is lost by it, and which operations gave no answer.
///
/// An approval covers the facts that it was given for, and fewer: a fact that is gone needs no new approval. The declarations of the block
/// and the observed account itself (id, name, state, path) are part of every approval and are not repeated here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Basis {
    /// Names, such as those of stack sets or policies, each with the value that identifies it; empty if the name alone does.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    facts: BTreeMap<String, String>,
    /// Regions that were read, if the answer is regional.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    regions: BTreeSet<String>,
    /// Operations that gave no answer.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    unread: BTreeSet<String>,
    /// Whether the facts have not been read yet. Apply reads them, and the gate's answer then decides.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    open: bool,
}

/// One way in which the current facts go beyond the approved ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Growth {
    /// A fact that the approval does not have.
    New {
        /// Its name.
        name: String,
    },
    /// A fact whose value is not the approved one.
    Changed {
        /// Its name.
        name: String,
        /// The approved value.
        before: String,
        /// The current value.
        after: String,
    },
    /// An operation that answered when this was approved does not answer now.
    Unread {
        /// The operation.
        operation: String,
    },
    /// A region that was read when this was approved is not read now, so facts in it would go unnoticed.
    NotAsked {
        /// The region.
        region: String,
    },
}

impl fmt::Display for Growth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New { name } => write!(formatter, "{name} was not there when this was approved"),
            Self::Changed { name, before, after } => write!(formatter, "{name} changed since this was approved, from {before} to {after}"),
            Self::Unread { operation } => write!(formatter, "{operation} could be read when this was approved, but can't be read now"),
            Self::NotAsked { region } => write!(formatter, "region {region} was read when this was approved, but is not read now"),
        }
    }
}

impl Basis {
    /// A basis of facts that are identified by their names alone.
    pub fn names<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Self::facts(names.into_iter().map(|name| (name, String::new())))
    }

    /// A basis of facts with their values.
    pub fn facts<N: Into<String>, V: Into<String>>(facts: impl IntoIterator<Item = (N, V)>) -> Self {
        let facts = facts.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { facts, ..Self::default() }
    }

    /// A basis without facts, because an operation gave no answer. AWS's error message is left out: it differs from one request to the
    /// next.
    #[must_use]
    pub fn unread(operation: impl Into<String>) -> Self {
        Self { unread: BTreeSet::from([operation.into()]), ..Self::default() }
    }

    /// A basis without facts yet: apply reads them.
    #[must_use]
    pub fn left_to_apply() -> Self {
        Self { open: true, ..Self::default() }
    }

    /// The same facts, read in these regions.
    #[must_use]
    pub fn in_regions(self, regions: &[String]) -> Self {
        Self { regions: regions.iter().cloned().collect(), ..self }
    }

    /// The facts, each with its value.
    pub fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        self.facts.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is nothing to approve.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The ways in which `now` goes beyond this approved basis.
    #[must_use]
    pub fn growth(&self, now: &Self) -> Vec<Growth> {
        if self.open {
            return Vec::new();
        }
        let facts = now.facts.iter().filter_map(|(name, after)| match self.facts.get(name) {
            None => Some(Growth::New { name: name.clone() }),
            Some(before) if before != after => Some(Growth::Changed { name: name.clone(), before: before.clone(), after: after.clone() }),
            Some(_) => None,
        });
        let unread = now.unread.difference(&self.unread).map(|operation| Growth::Unread { operation: operation.clone() });
        // If no region was read, the service is off or its answer is missing, and `unread` above covers the latter.
        let asked = !now.regions.is_empty();
        let lacking = self.regions.difference(&now.regions).filter(|_| asked);
        facts.chain(unread).chain(lacking.map(|region| Growth::NotAsked { region: region.clone() })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_or_changes_is_named_and_what_shrinks_is_not() {
        let two = Basis::facts([("a", "1"), ("b", "2")]).in_regions(&["r1".into(), "r2".into()]);
        let cases = [
            (two.clone(), vec![]),
            (Basis::facts([("a", "1")]).in_regions(&["r1".into(), "r2".into(), "r3".into()]), vec![]),
            (Basis::default(), vec![]),
            (Basis::facts([("a", "1"), ("c", "")]).in_regions(&["r1".into(), "r2".into()]), vec!["c was not there when this was approved"]),
            (
                Basis::facts([("a", "9")]).in_regions(&["r2".into()]),
                vec!["a changed since this was approved, from 1 to 9", "region r1 was read when this was approved, but is not read now"],
            ),
            (Basis::unread("x:List"), vec!["x:List could be read when this was approved, but can't be read now"]),
        ];
        for (now, expected) in cases {
            let found: Vec<_> = two.growth(&now).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{now:?}");
        }
    }

    #[test]
    fn an_approval_without_an_answer_does_not_cover_what_the_answer_names_unless_apply_was_to_ask() {
        let seen = Basis::names(["a"]);
        assert_eq!(Basis::unread("x:List").growth(&seen), [Growth::New { name: "a".into() }]);
        assert_eq!(Basis::unread("x:List").growth(&Basis::unread("x:List")), []);
        assert_eq!(Basis::left_to_apply().growth(&seen), []);
        assert_eq!(seen.growth(&Basis::left_to_apply()), [], "apply reads the facts, and compares then");
    }
}
