//! What a gate answers.

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
    /// Nothing stands against the departure here.
    Pass {
        /// What makes it pass.
        because: Because,
        /// That in words.
        text: String,
    },
    /// This stands against it.
    Block {
        /// What is the matter.
        reason: String,
        /// What resolves it.
        remedy: Remedy,
        /// When time alone resolves it.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<DateTime>")]
        eligible_at: Option<Timestamp>,
    },
    /// A fact is missing. Blocks as well.
    Unknown {
        /// Which fact is missing, and why.
        missing: String,
        /// Condition keys of policies whose values nobody knows.
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

/// What makes a gate pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// What is seen or declared.
    Fact,
    /// The block attests it.
    Attested,
    /// The block accepts what is lost, known or not.
    Acknowledged,
    /// A refused call changes nothing, so that it is made to find out.
    Tried,
    /// It is not about what is to be done.
    NotApplicable,
}

/// An answer, the API calls it rests on, and the facts of them that approval is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The answer.
    pub verdict: Verdict,
    /// Where the facts come from; empty where the configuration or the clock is all it took.
    pub evidence: Vec<Provenance>,
    /// What counts against the departure, or is lost by it.
    pub basis: Basis,
}

impl Finding {
    /// The same where what it says is accepted: known or not, it passes, and says what was accepted.
    pub(super) fn acknowledged(self) -> Self {
        let verdict = match self.verdict {
            Verdict::Block { reason: what, .. } | Verdict::Unknown { missing: what, .. } => {
                Verdict::Pass { because: Because::Acknowledged, text: format!("acknowledged: {what}") }
            }
            other => other,
        };
        Self { verdict, ..self }
    }

    /// Passes.
    pub fn passes(text: impl Into<String>) -> Self {
        Verdict::Pass { because: Because::Fact, text: text.into() }.into()
    }

    /// Passes by somebody's word.
    pub fn attested(text: impl Into<String>) -> Self {
        Verdict::Pass { because: Because::Attested, text: text.into() }.into()
    }

    /// Passes although something may deny the call, because a refused call changes nothing.
    pub fn tried(text: impl Into<String>) -> Self {
        Verdict::Pass { because: Because::Tried, text: text.into() }.into()
    }

    /// Passes because the gate is not about what is to be done.
    pub fn not_applicable(text: impl Into<String>) -> Self {
        Verdict::Pass { because: Because::NotApplicable, text: text.into() }.into()
    }

    /// Blocks.
    pub fn blocks(reason: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        Verdict::Block { reason: reason.into(), remedy: remedy.into(), eligible_at: None }.into()
    }

    /// Blocks until an instant.
    pub fn blocks_until(eligible_at: Timestamp, reason: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        Verdict::Block { reason: reason.into(), remedy: remedy.into(), eligible_at: Some(eligible_at) }.into()
    }

    /// Does not know.
    pub fn unknown(missing: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        Verdict::Unknown { missing: missing.into(), keys: BTreeSet::new(), remedy: remedy.into() }.into()
    }

    /// Does not know the values of condition keys.
    pub fn unknown_keys(keys: BTreeSet<String>, missing: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        Verdict::Unknown { missing: missing.into(), keys, remedy: remedy.into() }.into()
    }

    /// Is left to apply.
    pub fn deferred(because: impl Into<String>) -> Self {
        Verdict::Deferred { because: because.into() }.into()
    }

    /// Whether it passes.
    #[must_use]
    pub const fn is_pass(&self) -> bool {
        matches!(self.verdict, Verdict::Pass { .. })
    }

    /// Names the facts that the answer rests on.
    #[must_use]
    pub fn resting_on(self, basis: Basis) -> Self {
        Self { basis, ..self }
    }

    /// Names a call that the answer rests on.
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
    /// What counts against the departure, or is lost by it. Approval covers this and less.
    #[serde(skip_serializing_if = "Basis::is_empty", default)]
    pub basis: Basis,
}

impl GateResult {
    /// Whether the departure is blocked by this answer. What is unknown blocks; what is deferred does not yet.
    #[must_use]
    pub fn is_blocking(&self) -> bool {
        self.enforcement == Enforcement::Mandatory && matches!(self.verdict, Verdict::Block { .. } | Verdict::Unknown { .. })
    }

    /// The answer of a gate that rests on more than was approved: it blocks. `beyond` says what was not approved, in clauses.
    #[must_use]
    pub fn beyond_approval(self, beyond: &[String]) -> Self {
        let reason = beyond.join("; ");
        let remedy = "Plan again, and have the new plan reviewed.".into();
        Self { enforcement: Enforcement::Mandatory, verdict: Verdict::Block { reason, remedy, eligible_at: None }, ..self }
    }

    /// Whether the block accepts a loss that is there or may be.
    #[must_use]
    pub const fn is_acknowledged(&self) -> bool {
        matches!(self.verdict, Verdict::Pass { because: Because::Acknowledged, .. })
    }

    /// Whether the call is made to find out, so that its account goes alone.
    #[must_use]
    pub const fn is_tried(&self) -> bool {
        matches!(self.verdict, Verdict::Pass { because: Because::Tried, .. })
    }

    /// Whether a fact passes it, so that nobody has to attest anything.
    #[must_use]
    pub const fn is_fact(&self) -> bool {
        matches!(self.verdict, Verdict::Pass { because: Because::Fact, .. })
    }

    /// Whether it passes because there is nothing to ask of this account.
    #[must_use]
    pub const fn does_not_apply(&self) -> bool {
        matches!(self.verdict, Verdict::Pass { because: Because::NotApplicable, .. })
    }

    /// Whether it is left to apply.
    #[must_use]
    pub fn is_deferred(&self) -> bool {
        matches!(self.verdict, Verdict::Deferred { .. })
    }

    /// When time alone resolves it.
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

    /// What resolves it, where something has to.
    #[must_use]
    pub const fn remedy(&self) -> Option<&Remedy> {
        match &self.verdict {
            Verdict::Block { remedy, .. } | Verdict::Unknown { remedy, .. } => Some(remedy),
            Verdict::Pass { .. } | Verdict::Deferred { .. } => None,
        }
    }
}
