//! The facts on which an approved act depends in addition to its declaration and the account, and how newer facts go beyond them.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{Basis, GateResult, Growth};
use crate::org::GateName;

use crate::plan::Act;
use crate::plan::path::PathFacts;

/// The facts on which the gates of one act depend.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Dependencies {
    /// The service control policies that apply to the call.
    #[serde(skip_serializing_if = "Basis::is_empty", default)]
    path: Basis,
    /// The facts of each gate; gates without facts are left out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    gates: BTreeMap<GateName, Basis>,
}

/// Something that an approval does not cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grown {
    /// The gate that depends on it.
    pub gate: GateName,
    /// How it goes beyond the approval.
    pub growth: Growth,
}

impl fmt::Display for Grown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.growth.fmt(formatter)
    }
}

impl Dependencies {
    /// The dependencies of these facts and answers.
    pub(in crate::plan) fn of(path: &PathFacts, gates: &[GateResult]) -> Self {
        let gates = gates.iter().filter(|result| !result.basis.is_empty());
        Self { path: path.basis(), gates: gates.map(|result| (result.gate, result.basis.clone())).collect() }
    }

    /// Whether there are no dependencies.
    pub(in crate::plan) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How `now` goes beyond these approved dependencies.
    pub(in crate::plan) fn growth(&self, now: &Self) -> Vec<Grown> {
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
    /// Limits new answers about an approved act to the approval: an answer that depends on more than was approved blocks in any case.
    #[must_use]
    pub fn within_approval(&self, answers: Vec<GateResult>) -> Vec<GateResult> {
        let bounded = |answer: GateResult| {
            let grown = self.depends_on.growth_of(answer.gate, &answer.basis);
            if grown.is_empty() { answer } else { answer.beyond_approval(&grown.iter().map(ToString::to_string).collect::<Vec<_>>()) }
        };
        answers.into_iter().map(bounded).collect()
    }
}
