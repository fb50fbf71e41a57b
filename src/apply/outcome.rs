//! What became of each approved departure.

use crate::gate::GateResult;
use crate::journal::{Head, Proof};
use crate::plan::Detachment;

use super::Refusal;

/// What became of one approved departure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is out, proven, and recorded.
    Departed {
        /// The record's name in the backend.
        record: String,
        /// AWS's request id, where the answer of the call arrived.
        request_id: Option<String>,
        /// How it is known to be out.
        proof: Proof,
    },
    /// A gate turned when it was asked from inside the account. No call was made.
    HeldBack(Box<GateResult>),
    /// AWS refused the call, and nothing changed.
    Refused(Refusal),
    /// Whether it is out is not known. The intent stays open, and the next run asks first.
    Unknown(String),
    /// It is out, and the record could not be written. The intent stays open, and the next run writes it.
    Unrecorded(String),
    /// No call was made, or none took effect.
    NotStarted(String),
    /// The intent could not be journaled, so that no call was made.
    Unjournaled(String),
}

impl Outcome {
    /// Whether the account is out.
    #[must_use]
    pub const fn is_departed(&self) -> bool {
        matches!(self, Self::Departed { .. } | Self::Unrecorded(_))
    }

    /// Why no further departure may begin, where this outcome says something about more than its own account.
    #[must_use]
    pub fn stops_the_run(&self) -> Option<String> {
        match self {
            Self::Departed { .. } | Self::HeldBack(_) | Self::NotStarted(_) => None,
            Self::Refused(refusal) if refusal.concerns_one_account => None,
            Self::Refused(refusal) => Some(format!("AWS answered {}, which may concern every account", refusal.code_and_reason)),
            Self::Unknown(what) => Some(what.clone()),
            Self::Unrecorded(what) | Self::Unjournaled(what) => Some(format!("the backend failed: {what}")),
        }
    }
}

/// What one apply did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyReport {
    /// Every approved departure with its outcome, in the order of the plan.
    pub outcomes: Vec<(Detachment, Outcome)>,
    /// The end of the chain of records.
    pub head: Option<Head>,
    /// How often AWS throttled the call. The pace keeps to a share of the quota, so that somebody else uses it too.
    pub throttles: u64,
}

impl ApplyReport {
    /// How many accounts are out.
    #[must_use]
    pub fn departed(&self) -> usize {
        self.outcomes.iter().filter(|(_, outcome)| outcome.is_departed()).count()
    }

    /// Whether every approved departure is done and recorded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Departed { .. }))
    }

    /// Whether what is not done was only held back by a gate.
    #[must_use]
    pub fn is_only_held_back(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Departed { .. } | Outcome::HeldBack(_)))
    }
}
