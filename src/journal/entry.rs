//! One line of the journal.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{
    AccountId, Action, Approver, ArnOrEmpty, DateTime, OrganizationId, RecordName, SentInvitation, Sha256, Sha256OrEmpty, TrailEvent,
};
use crate::plan::{Digest, PlannedAccount};

/// A line of `journal.jsonl`: what a run intended or found, chained to the line before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Version of this format.
    pub version: u32,
    /// Counts entries from 1.
    pub sequence: u64,
    /// When it was written.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
    /// The organization that it is about. A line of another one is never read as ours.
    pub organization: OrganizationId,
    /// The run that wrote it.
    pub run: String,
    /// SHA-256 of the line before, without its newline; empty in the first.
    #[schemars(with = "Sha256OrEmpty")]
    pub previous: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl Entry {
    /// Whether this is what CloudTrail said, and the account's own history was part of it.
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
    /// SHA-256 of its bytes.
    #[schemars(with = "Sha256")]
    pub hash: String,
}

/// Something that a repair accepted as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// The object.
    pub object: String,
    /// What is wrong with it.
    pub what: String,
}

/// What CloudTrail says about a recorded act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// It shows the act.
    Proven,
    /// It shows another act than the recorded one.
    Contradicted,
}

/// What a line reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run began to carry out a plan.
    Began {
        /// The plan's digest.
        digest: Digest,
        /// How many acts were approved.
        approved: u64,
        /// The ARN of who runs it.
        #[schemars(with = "ArnOrEmpty")]
        operator: String,
        /// Who is said to have approved it, each once.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        approved_by: Vec<Approver>,
    },
    /// Something is about to be done to an account. Whoever finds this without an outcome must ask AWS before anything else.
    Intent {
        /// Everything the record will need, should this run not live to write it.
        planned: Box<PlannedAccount>,
        /// The plan's digest.
        digest: Digest,
    },
    /// AWS answered that an account is invited. Its joining goes on: whoever finds this without an outcome asks what became of the invitation.
    Invited {
        /// The account.
        account: AccountId,
        /// The invitation.
        invitation: SentInvitation,
    },
    /// What became of an intent.
    Outcome {
        /// The account.
        account: AccountId,
        /// What was to be done.
        action: Action,
        /// Whether it took effect.
        took_effect: bool,
        /// In words.
        summary: String,
        /// The record of the act, so that a record that is missing later is missed.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        record: Option<RecordReference>,
    },
    /// CloudTrail was asked about a recorded act.
    Verified {
        /// The account.
        account: AccountId,
        /// The record's name.
        #[schemars(with = "RecordName")]
        record: String,
        /// What CloudTrail says about it.
        finding: Verification,
        /// The events it rests on.
        events: Vec<TrailEvent>,
    },
    /// Somebody reviewed what is wrong with journal and records and accepted it: the chain goes on from here.
    Repaired {
        /// How many lines stand before this one, without torn ones.
        lines: u64,
        /// SHA-256 over their SHA-256 digests in hexadecimal, one after the other. It commits to the lines as they were reviewed.
        #[schemars(with = "Sha256")]
        lines_hash: String,
        /// Every record, in the order that holds from now on.
        records: Vec<RecordReference>,
        /// What was wrong.
        accepted: Vec<Accepted>,
        /// Who accepted it: user and host, where known.
        operator: String,
    },
    /// A run ended by itself.
    Ended {
        /// How many acts took effect.
        done: u64,
    },
}

/// What a run intended to do and did not live to conclude.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIntent {
    /// The account, with what was about to be done to it.
    pub planned: PlannedAccount,
    /// What that was.
    pub action: Action,
    /// The plan's digest.
    pub digest: Digest,
    /// The run.
    pub run: String,
    /// Who is said to have approved that run.
    pub approved_by: Vec<Approver>,
    /// When it was intended.
    pub at: Timestamp,
    /// The invitation that was sent for it.
    pub invited: Option<SentInvitation>,
}

impl OpenIntent {
    /// Whether it waits for the account's answer, and nothing about it is in doubt.
    #[must_use]
    pub const fn waits_for_answer(&self) -> bool {
        self.invited.is_some()
    }
}
