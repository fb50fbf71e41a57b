//! The outcome of each approved act.

use jiff::Timestamp;

use crate::gate::GateResult;
use crate::journal::{Head, Proof};
use crate::org::Counts;
use crate::plan::PlannedAccount;

use super::Refusal;

/// The outcome of one approved act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The act took effect, proven and recorded.
    Done {
        /// The record's name in the backend.
        record: String,
        /// AWS's request id, if the answer of the call arrived.
        request_id: Option<String>,
        /// How it was proven.
        proof: Proof,
    },
    /// The account is invited, and its answer is awaited. There is no record until it is a member.
    Invited {
        /// The handshake's id.
        handshake: String,
        /// Until when it may be accepted, if AWS says so.
        until: Option<Timestamp>,
    },
    /// An account other than the declared one joined. It is left in the root, and the intent stays open.
    Stranger(String),
    /// A gate no longer passes with what was read in the account. No call was made.
    HeldBack(Box<GateResult>),
    /// AWS refused the call, and still shows the account unchanged.
    Refused(Refusal),
    /// Calls were made, but none of them can have taken effect: AWS was busy, or could not be reached.
    NotDone(String),
    /// The inner outcome, with the intent left open because an earlier call may have taken effect. The next run reads the state first.
    Open(Box<Self>),
    /// It is unknown whether the act took effect. The intent stays open, and the next run reads the state first.
    Unknown(String),
    /// The act took effect, but the record could not be written. The intent stays open, and the next run writes the record.
    Unrecorded(String),
    /// No call was made.
    NotStarted(String),
    /// The intent could not be journaled, so no call was made.
    Unjournaled(String),
}

impl Outcome {
    /// Whether the act took effect.
    #[must_use]
    pub const fn took_effect(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Invited { .. } | Self::Unrecorded(_))
    }

    /// Whether it is unknown if the act took effect.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::Open(_))
    }

    /// This outcome if an earlier call may have taken effect: only proof that it did or did not closes such an intent.
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

    /// The outcome as a clause, as written to the journal.
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
            Self::Unknown(what) => format!("outcome unknown: {what}"),
            Self::Unrecorded(what) => format!("{past}, but its record could not be written: {what}"),
            Self::NotStarted(why) => format!("not started: {why}"),
            Self::Unjournaled(why) => format!("not started, the journal failed: {why}"),
        }
    }

    /// Why no further act may begin, if this outcome concerns more than its own account.
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

/// The results of one apply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApplyReport {
    /// Every approved account with the outcome of its act, sorted by id.
    pub outcomes: Vec<(PlannedAccount, Outcome)>,
    /// The end of the chain of records.
    pub head: Option<Head>,
    /// How often AWS throttled the call. orgroster keeps to a share of the quota, so another caller uses the quota too.
    pub throttles: u64,
    /// How often AWS answered that another caller was changing the same object (ConcurrentModificationException).
    pub conflicts: u64,
}

impl ApplyReport {
    /// The acts that took effect, counted.
    #[must_use]
    pub fn done(&self) -> Counts {
        self.outcomes.iter().filter(|(_, outcome)| outcome.took_effect()).map(|(planned, _)| planned).collect()
    }

    /// Whether every approved act is done and recorded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Done { .. } | Outcome::Invited { .. }))
    }

    /// Whether all acts that were not done were held back by a gate.
    #[must_use]
    pub fn is_only_held_back(&self) -> bool {
        self.outcomes.iter().all(|(_, outcome)| matches!(outcome, Outcome::Done { .. } | Outcome::Invited { .. } | Outcome::HeldBack(_)))
    }
}
