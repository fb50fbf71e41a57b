//! What an approved act depends on beside its declaration and the account itself, and how what is seen now goes beyond that.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{Basis, GateResult, Growth};
use crate::org::GateName;

use super::Act;
use super::path::PathFacts;

/// What the gates of one act rested on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Dependencies {
    /// The policies that decide about the call.
    #[serde(skip_serializing_if = "Basis::is_empty", default)]
    path: Basis,
    /// By gate; one that rests on nothing is left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    gates: BTreeMap<GateName, Basis>,
}

/// Something that an approval does not cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grown {
    /// The gate that it concerns.
    pub gate: GateName,
    /// What it is.
    pub growth: Growth,
}

impl fmt::Display for Grown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.growth.fmt(formatter)
    }
}

impl Dependencies {
    /// What these facts and answers rest on.
    pub(super) fn of(path: &PathFacts, gates: &[GateResult]) -> Self {
        let gates = gates.iter().filter(|result| !result.basis.is_empty());
        Self { path: path.basis(), gates: gates.map(|result| (result.gate, result.basis.clone())).collect() }
    }

    /// Whether it rests on nothing.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How `now` goes beyond this, which was approved.
    pub(super) fn growth(&self, now: &Self) -> Vec<Grown> {
        let path = self.path.growth(&now.path).into_iter().map(|growth| Grown { gate: GateName::ServiceControlPolicy, growth });
        let gates = now.gates.iter().flat_map(|(gate, basis)| self.growth_of(*gate, basis));
        path.chain(gates).collect()
    }

    fn growth_of(&self, gate: GateName, now: &Basis) -> Vec<Grown> {
        let nothing = Basis::default();
        let approved = self.gates.get(&gate).unwrap_or(&nothing);
        approved.growth(now).into_iter().map(|growth| Grown { gate, growth }).collect()
    }
}

impl Act {
    /// Answers that were given anew for an approved act. One that rests on more than was approved blocks, whatever else it says.
    #[must_use]
    pub fn within_approval(&self, answers: Vec<GateResult>) -> Vec<GateResult> {
        let bounded = |answer: GateResult| {
            let grown = self.depends_on.growth_of(answer.gate, &answer.basis);
            if grown.is_empty() { answer } else { answer.beyond_approval(&grown.iter().map(ToString::to_string).collect::<Vec<_>>()) }
        };
        answers.into_iter().map(bounded).collect()
    }
}
