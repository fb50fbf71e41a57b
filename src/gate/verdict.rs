//! The answers of gates.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{DateTime, Enforcement, GateName, Provenance};

use super::{Basis, Remedy};

/// The answer of a gate. Texts are clauses without a full stop, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// This gate has no objection.
    Pass {
        /// Why it passes.
        because: Because,
        /// The reason in words.
        text: String,
    },
    /// This gate prevents the action.
    Block {
        /// What prevents the action.
        reason: String,
        /// What resolves it.
        remedy: Remedy,
        /// When waiting alone resolves it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<DateTime>")]
        eligible_at: Option<Timestamp>,
    },
    /// A fact is missing. This also blocks.
    Unknown {
        /// Which fact is missing, and why.
        missing: String,
        /// The condition keys in policies whose values are not known.
        #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
        keys: BTreeSet<String>,
        /// What resolves it.
        remedy: Remedy,
    },
    /// Needs a read in the account, which only apply makes.
    Deferred {
        /// What apply will read.
        because: String,
    },
}

/// Why a gate passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// An observed or declared fact.
    Fact,
    /// The block attests it.
    Attested,
    /// The block acknowledges the loss, known or not.
    Acknowledged,
    /// AWS may deny the call. It is made to find out, because a refusal changes nothing.
    Tried,
    /// The gate does not concern this account or action.
    NotApplicable,
}

/// An answer, the API calls that it rests on, and the facts that an approval covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The answer.
    pub verdict: Verdict,
    /// The calls that the facts come from; empty if the answer needs only the configuration or the clock.
    pub evidence: Vec<Provenance>,
    /// What counts against the departure, or is lost by it.
    pub basis: Basis,
}

impl Finding {
    /// The finding once its consequence is acknowledged: it passes, known or not, and says what was acknowledged.
    pub(super) fn acknowledged(self) -> Self {
        let verdict = match self.verdict {
            Verdict::Block { reason: what, .. } | Verdict::Unknown { missing: what, .. } => {
                Verdict::Pass { because: Because::Acknowledged, text: format!("acknowledged: {what}") }
            }
            other => other,
        };
        Self { verdict, ..self }
    }

    /// Makes a finding that passes.
    pub fn passes(text: impl Into<String>) -> Self {
        Verdict::Pass { because: Because::Fact, text: text.into() }.into()
    }

    /// Makes a finding that passes by an attestation.
    pub fn attested(text: impl Into<String>) -> Self {
        Verdict::Pass { because: Because::Attested, text: text.into() }.into()
    }

    /// Makes a finding that passes although AWS may deny the call, because a refused call changes nothing.
    pub fn tried(text: impl Into<String>) -> Self {
        Verdict::Pass { because: Because::Tried, text: text.into() }.into()
    }

    /// Makes a finding that passes because the gate does not concern this account or action.
    pub fn not_applicable(text: impl Into<String>) -> Self {
        Verdict::Pass { because: Because::NotApplicable, text: text.into() }.into()
    }

    /// Makes a finding that blocks.
    pub fn blocks(reason: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        Verdict::Block { reason: reason.into(), remedy: remedy.into(), eligible_at: None }.into()
    }

    /// Makes a finding that blocks until `eligible_at`.
    pub fn blocks_until(eligible_at: Timestamp, reason: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        Verdict::Block { reason: reason.into(), remedy: remedy.into(), eligible_at: Some(eligible_at) }.into()
    }

    /// Makes a finding that is unknown.
    pub fn unknown(missing: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        Verdict::Unknown { missing: missing.into(), keys: BTreeSet::new(), remedy: remedy.into() }.into()
    }

    /// Makes a finding that is unknown because the values of condition keys are.
    pub fn unknown_keys(keys: BTreeSet<String>, missing: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        Verdict::Unknown { missing: missing.into(), keys, remedy: remedy.into() }.into()
    }

    /// Makes a finding that is deferred to apply.
    pub fn deferred(because: impl Into<String>) -> Self {
        Verdict::Deferred { because: because.into() }.into()
    }

    /// Whether it passes.
    #[must_use]
    pub const fn is_pass(&self) -> bool {
        matches!(self.verdict, Verdict::Pass { .. })
    }

    /// Sets the facts that the answer rests on.
    #[must_use]
    pub fn resting_on(self, basis: Basis) -> Self {
        Self { basis, ..self }
    }

    /// Adds a call that the answer rests on.
    #[must_use]
    pub fn seen_in(mut self, provenance: impl Into<Option<Provenance>>) -> Self {
        self.evidence.extend(provenance.into());
        self
    }
}

impl From<Verdict> for Finding {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, evidence: Vec::new(), basis: Basis::default() }
    }
}

/// A gate's answer about one account, as plans and records keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateResult {
    /// Which gate.
    pub gate: GateName,
    /// What its answer does.
    pub enforcement: Enforcement,
    /// Its answer.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The API calls it rests on.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub evidence: Vec<Provenance>,
    /// What counts against the departure, or is lost by it. An approval covers these facts, and fewer.
    #[serde(skip_serializing_if = "Basis::is_empty", default)]
    pub basis: Basis,
}

impl GateResult {
    /// Whether this answer blocks the action. An unknown answer blocks; a deferred one does not block yet.
    #[must_use]
    pub fn is_blocking(&self) -> bool {
        self.enforcement == Enforcement::Mandatory && matches!(self.verdict, Verdict::Block { .. } | Verdict::Unknown { .. })
    }

    /// Makes the result block because its facts go beyond the approval. `beyond` lists the facts that were not approved, in clauses.
    #[must_use]
    pub fn beyond_approval(self, beyond: &[String]) -> Self {
        let reason = beyond.join("; ");
        let remedy = "Plan again, and have the new plan reviewed.".into();
        Self { enforcement: Enforcement::Mandatory, verdict: Verdict::Block { reason, remedy, eligible_at: None }, ..self }
    }

    /// Whether it passes because the block acknowledges a loss that is certain or possible.
    #[must_use]
    pub const fn is_acknowledged(&self) -> bool {
        matches!(self.verdict, Verdict::Pass { because: Because::Acknowledged, .. })
    }

    /// Whether it passes because the call is made to find out. Apply then processes the account alone.
    #[must_use]
    pub const fn is_tried(&self) -> bool {
        matches!(self.verdict, Verdict::Pass { because: Because::Tried, .. })
    }

    /// Whether it passes by a fact, so that no attestation is needed.
    #[must_use]
    pub const fn is_fact(&self) -> bool {
        matches!(self.verdict, Verdict::Pass { because: Because::Fact, .. })
    }

    /// Whether it passes because it does not concern this account or action.
    #[must_use]
    pub const fn does_not_apply(&self) -> bool {
        matches!(self.verdict, Verdict::Pass { because: Because::NotApplicable, .. })
    }

    /// Whether it is deferred to apply.
    #[must_use]
    pub fn is_deferred(&self) -> bool {
        matches!(self.verdict, Verdict::Deferred { .. })
    }

    /// When waiting alone resolves it.
    #[must_use]
    pub fn eligible_at(&self) -> Option<Timestamp> {
        match self.verdict {
            Verdict::Block { eligible_at, .. } => eligible_at,
            _ => None,
        }
    }

    /// The answer in one clause.
    #[must_use]
    pub fn explanation(&self) -> &str {
        match &self.verdict {
            Verdict::Pass { text, .. } | Verdict::Deferred { because: text } => text,
            Verdict::Block { reason, .. } => reason,
            Verdict::Unknown { missing, .. } => missing,
        }
    }

    /// What resolves it; `None` if it passes or is deferred.
    #[must_use]
    pub const fn remedy(&self) -> Option<&Remedy> {
        match &self.verdict {
            Verdict::Block { remedy, .. } | Verdict::Unknown { remedy, .. } => Some(remedy),
            Verdict::Pass { .. } | Verdict::Deferred { .. } => None,
        }
    }
}
