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
    /// A gate turned when it was asked with what the account shows. No call was made.
    HeldBack(Box<GateResult>),
    /// AWS refused the call, and still shows the account as a member.
    Refused(Refusal),
    /// Calls were made, and none of them can have taken effect: AWS was busy, or could not be reached.
    NotDone(String),
    /// The intent stays open, because an earlier call may have taken effect; otherwise this would be the outcome. The next run asks first.
    Open(Box<Self>),
    /// Whether it is out is not known. The intent stays open, and the next run asks first.
    Unknown(String),
    /// It is out, and the record could not be written. The intent stays open, and the next run writes it.
    Unrecorded(String),
    /// No call was made.
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

    /// Whether it is not known if the account is out.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Open(_))
    }

    /// This outcome where an earlier call may have taken effect: only proof of either end closes such an intent.
    #[must_use]
    pub(super) fn left_open(self) -> Self {
        match self {
            Self::HeldBack(_) | Self::Refused(_) | Self::NotDone(_) | Self::NotStarted(_) => Self::Open(Box::new(self)),
            Self::Departed { .. } | Self::Open(_) | Self::Unknown(_) | Self::Unrecorded(_) | Self::Unjournaled(_) => self,
        }
    }

    /// The outcome as a clause, as the journal keeps it.
    #[must_use]
    pub fn in_words(&self, detachment: &Detachment) -> String {
        match self {
            Self::Departed { record, .. } => format!("left, verified, recorded in {record}"),
            Self::HeldBack(result) => format!("held back by {}: {}", result.gate, result.explanation()),
            Self::Refused(refusal) => {
                let contradicted =
                    refusal.contradicted(detachment).map_or_else(String::new, |found| format!(", which contradicts {found}"));
                format!("refused: {}{contradicted}", refusal.code_and_reason)
            }
            Self::NotDone(why) => format!("not done, {why}"),
            Self::Open(outcome) => format!("{}; an earlier call may have taken effect", outcome.in_words(detachment)),
            Self::Unknown(what) => format!("outcome not known: {what}"),
            Self::Unrecorded(what) => format!("left, but its record could not be written: {what}"),
            Self::NotStarted(why) => format!("not started: {why}"),
            Self::Unjournaled(why) => format!("not started, the journal failed: {why}"),
        }
    }

    /// Why no further departure may begin, where this outcome says something about more than its own account.
    #[must_use]
    pub fn stops_the_run(&self) -> Option<String> {
        match self {
            Self::Departed { .. } | Self::HeldBack(_) | Self::NotStarted(_) => None,
            Self::Open(outcome) => outcome.stops_the_run(),
            Self::NotDone(why) => Some(why.clone()),
            Self::Refused(refusal) if refusal.concerns_one_account => None,
            Self::Refused(refusal) => Some(format!("AWS answered {}, which may concern every account", refusal.code_and_reason)),
            Self::Unknown(what) => Some(what.clone()),
            Self::Unrecorded(what) | Self::Unjournaled(what) => Some(format!("the backend failed: {what}")),
        }
    }
}

/// What one apply did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApplyReport {
    /// Every approved departure with its outcome, in the order of the plan.
    pub outcomes: Vec<(Detachment, Outcome)>,
    /// The end of the chain of records.
    pub head: Option<Head>,
    /// How often AWS throttled the call. The pace keeps to a share of the quota, so that somebody else uses it too.
    pub throttles: u64,
    /// How often AWS answered that somebody else was changing the same thing (ConcurrentModificationException).
    pub conflicts: u64,
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
