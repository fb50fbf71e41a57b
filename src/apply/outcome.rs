//! What became of each approved act.

use jiff::Timestamp;

use crate::gate::GateResult;
use crate::journal::{Head, Proof};
use crate::org::Counts;
use crate::plan::PlannedAccount;

use super::Refusal;

/// What became of one approved act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect, proven and recorded.
    Done {
        /// The record's name in the backend.
        record: String,
        /// AWS's request id, where the answer of the call arrived.
        request_id: Option<String>,
        /// How it is known.
        proof: Proof,
    },
    /// The account is invited, and its own answer is waited for. There is no record before it is a member.
    Invited {
        /// The handshake's id.
        handshake: String,
        /// Until when it may be accepted, where AWS says.
        until: Option<Timestamp>,
    },
    /// Another account than the declared one came in. It is left in the root, and the intent stays open.
    Stranger(String),
    /// A gate turned when it was asked with what the account shows. No call was made.
    HeldBack(Box<GateResult>),
    /// AWS refused the call, and still shows the account as a member.
    Refused(Refusal),
    /// Calls were made, and none of them can have taken effect: AWS was busy, or could not be reached.
    NotDone(String),
    /// The intent stays open, because an earlier call may have taken effect; otherwise this would be the outcome. The next run asks first.
    Open(Box<Self>),
    /// Whether it took effect is not known. The intent stays open, and the next run asks first.
    Unknown(String),
    /// It took effect, and the record could not be written. The intent stays open, and the next run writes it.
    Unrecorded(String),
    /// No call was made.
    NotStarted(String),
    /// The intent could not be journaled, so that no call was made.
    Unjournaled(String),
}

impl Outcome {
    /// Whether it took effect.
    #[must_use]
    pub const fn took_effect(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Invited { .. } | Self::Unrecorded(_))
    }

    /// Whether it is not known if it took effect.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Open(_))
    }

    /// This outcome where an earlier call may have taken effect: only proof of either end closes such an intent.
    #[must_use]
    pub(super) fn left_open(self) -> Self {
        match self {
            Self::HeldBack(_) | Self::Refused(_) | Self::NotDone(_) | Self::NotStarted(_) => Self::Open(Box::new(self)),
            Self::Done { .. }
            | Self::Invited { .. }
            | Self::Stranger(_)
            | Self::Open(_)
            | Self::Unknown(_)
            | Self::Unrecorded(_)
            | Self::Unjournaled(_) => self,
        }
    }

    /// The outcome as a clause, as the journal keeps it.
    #[must_use]
    pub fn in_words(&self, planned: &PlannedAccount) -> String {
        let past = planned.act().map_or("done", |act| act.action.verbs().past);
        match self {
            Self::Done { record, .. } => format!("{past}, verified, recorded in {record}"),
            Self::Invited { handshake, .. } => format!("invited by {handshake}"),
            Self::Stranger(who) => format!("left in the root: {who}"),
            Self::HeldBack(result) => format!("held back by {}: {}", result.gate, result.explanation()),
            Self::Refused(refusal) => {
                let contradicted = refusal.contradicted(planned).map_or_else(String::new, |found| format!(", which contradicts {found}"));
                let id = refusal.authorization_id().map_or_else(String::new, |id| format!(", authorization id {id}"));
                format!("refused: {}{id}{contradicted}", refusal.code_and_reason)
            }
            Self::NotDone(why) => format!("not done, {why}"),
            Self::Open(outcome) => format!("{}; an earlier call may have taken effect", outcome.in_words(planned)),
            Self::Unknown(what) => format!("outcome not known: {what}"),
            Self::Unrecorded(what) => format!("{past}, but its record could not be written: {what}"),
            Self::NotStarted(why) => format!("not started: {why}"),
            Self::Unjournaled(why) => format!("not started, the journal failed: {why}"),
        }
    }

    /// Why nothing further may begin, where this outcome says something about more than its own account.
    #[must_use]
    pub fn stops_the_run(&self) -> Option<String> {
        match self {
            Self::Done { .. } | Self::Invited { .. } | Self::Stranger(_) | Self::HeldBack(_) | Self::NotStarted(_) => None,
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
    /// Every approved account with the outcome of its act, sorted by id.
    pub outcomes: Vec<(PlannedAccount, Outcome)>,
    /// The end of the chain of records.
    pub head: Option<Head>,
    /// How often AWS throttled the call. The pace keeps to a share of the quota, so that somebody else uses it too.
    pub throttles: u64,
    /// How often AWS answered that somebody else was changing the same thing (ConcurrentModificationException).
    pub conflicts: u64,
}

impl ApplyReport {
    /// What took effect, counted.
    #[must_use]
    pub fn done(&self) -> Counts {
        self.outcomes.iter().filter(|(_, outcome)| outcome.took_effect()).map(|(planned, _)| planned).collect()
    }

    /// Whether every approved act is done and recorded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Done { .. } | Outcome::Invited { .. }))
    }

    /// Whether what is not done was only held back by a gate.
    #[must_use]
    pub fn is_only_held_back(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Done { .. } | Outcome::Invited { .. } | Outcome::HeldBack(_)))
    }
}
