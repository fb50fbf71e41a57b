//! One line of the journal.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{
    AccountId, Action, Approver, ArnOrEmpty, DateTime, OrganizationId, RecordName, SentInvitation, Sha256, Sha256OrEmpty, TrailEvent,
};
use crate::plan::{Digest, PlannedAccount};

/// A line of `journal.jsonl`: what a run intended or found, chained to the line before by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Version of the format.
    pub version: u32,
    /// Number of the entry, from 1.
    pub sequence: u64,
    /// When the entry was written.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
    /// The organization that the entry is about. A line of another organization is an error.
    pub organization: OrganizationId,
    /// Id of the run that wrote the entry.
    pub run: String,
    /// SHA-256 of the line before, without its newline; empty in the first entry.
    #[schemars(with = "Sha256OrEmpty")]
    pub previous: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl Entry {
    /// Whether this is a verification that includes an event from the member account's own event history.
    #[must_use]
    pub fn shows_the_members_call(&self) -> bool {
        matches!(&self.event, Event::Verified { account, events, .. } if events.iter().any(|event| event.recipient == *account))
    }
}

/// A record and the SHA-256 of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordReference {
    /// The record's name in the backend.
    #[schemars(with = "RecordName")]
    pub name: String,
    /// SHA-256 of the record's bytes.
    #[schemars(with = "Sha256")]
    pub hash: String,
}

/// Damage that a repair accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// The damaged object.
    pub object: String,
    /// What is wrong with the object.
    pub what: String,
}

/// What CloudTrail shows of a recorded act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// CloudTrail shows the recorded act.
    Proven,
    /// CloudTrail shows a different act.
    Contradicted,
}

/// What an entry reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run started to carry out a plan.
    Began {
        /// The plan's digest.
        digest: Digest,
        /// Number of approved acts.
        approved: u64,
        /// ARN of the identity that runs apply.
        #[schemars(with = "ArnOrEmpty")]
        operator: String,
        /// Reported approvers, without duplicates.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        approved_by: Vec<Approver>,
    },
    /// An act on an account is about to be carried out. A run that finds an intent without an outcome first asks AWS if it took effect.
    Intent {
        /// Everything that the record needs, in case a later run has to write it.
        planned: Box<PlannedAccount>,
        /// The plan's digest.
        digest: Digest,
    },
    /// AWS confirmed that an account is invited. A run that finds this without an outcome reads the invitation's state and continues the
    /// joining.
    Invited {
        /// The account.
        account: AccountId,
        /// The invitation.
        invitation: SentInvitation,
    },
    /// The outcome of an intent.
    Outcome {
        /// The account.
        account: AccountId,
        /// The intended action.
        action: Action,
        /// Whether the action took effect.
        took_effect: bool,
        /// The outcome in words.
        summary: String,
        /// The record of the act, so that a check notices if the record is missing.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        record: Option<RecordReference>,
    },
    /// A recorded act was compared with CloudTrail.
    Verified {
        /// The account.
        account: AccountId,
        /// The record's name.
        #[schemars(with = "RecordName")]
        record: String,
        /// What CloudTrail shows of the act.
        finding: Verification,
        /// The events on which the finding is based.
        events: Vec<TrailEvent>,
    },
    /// An operator reviewed and accepted the damage to journal and records. The chain continues from here.
    Repaired {
        /// Number of lines before this one, without those that a crash left unfinished.
        lines: u64,
        /// SHA-256 of the concatenated hexadecimal SHA-256 digests of those lines. It commits to the lines as they were reviewed.
        #[schemars(with = "Sha256")]
        lines_hash: String,
        /// All records, in the order that applies from now on.
        records: Vec<RecordReference>,
        /// The accepted damage.
        accepted: Vec<Accepted>,
        /// User and host of the operator who accepted it, if known.
        operator: String,
    },
    /// A run ended without being interrupted.
    Ended {
        /// Number of acts that took effect.
        done: u64,
    },
}

/// An intent whose run ended before it wrote an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIntent {
    /// The account and the act that was planned for it.
    pub planned: PlannedAccount,
    /// The intended action.
    pub action: Action,
    /// The plan's digest.
    pub digest: Digest,
    /// Id of the run.
    pub run: String,
    /// Reported approvers of that run.
    pub approved_by: Vec<Approver>,
    /// When the intent was written.
    pub at: Timestamp,
    /// The invitation that was sent, if any.
    pub invited: Option<SentInvitation>,
}

impl OpenIntent {
    /// Whether the intent only waits for the account to answer the invitation: its own outcome is not in doubt.
    #[must_use]
    pub const fn waits_for_answer(&self) -> bool {
        self.invited.is_some()
    }
}
