//! The record of what was done to one account.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Action, Approver, ArnOrEmpty, DateTime, OrganizationId, Sha256OrEmpty};
use crate::plan::{Digest, PastAct, PlannedAccount, PlannedOrganization};

/// What is kept of an act for good. One immutable file; the chain makes a missing or changed one visible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Version of this format.
    pub version: u32,
    /// What was done.
    pub action: Action,
    /// The organization.
    pub organization: PlannedOrganization,
    /// Whether this was a rehearsal in the sandbox.
    pub sandbox: bool,
    /// The account, what was declared and seen of it, and every gate's answer when the call was made.
    pub planned: PlannedAccount,
    /// The digest of the plan that was carried out.
    pub digest: Digest,
    /// The run.
    pub run: String,
    /// The ARN of who ran it.
    #[schemars(with = "ArnOrEmpty")]
    pub operator: String,
    /// Who is said to have approved it, each once, as the run was given their names.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub approved_by: Vec<Approver>,
    /// When the intent was written.
    #[schemars(with = "DateTime")]
    pub intended_at: Timestamp,
    /// When it was seen to have taken effect.
    #[schemars(with = "DateTime")]
    pub effective_at: Timestamp,
    /// AWS's id of the request that took effect, where its answer arrived.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
    /// How it is known to have taken effect.
    pub proof: Proof,
    /// The journal's end when this was written: it commits to every line up to there, so that a cut-off journal is noticed.
    #[serde(default)]
    pub journal: JournalEnd,
    /// SHA-256 of the record before this one; empty in the first.
    #[schemars(with = "Sha256OrEmpty")]
    pub previous: String,
}

impl Record {
    /// What a plan needs to know of this record, which is kept under that name; `None` where nothing was to be done to the account in it, which
    /// no ledger reads.
    #[must_use]
    pub fn on_record(&self, name: String) -> Option<PastAct> {
        let part = self.planned.approved_part()?;
        let kept = self.planned.act().filter(|act| act.action.after().is_out()).map(|act| act.kept.clone());
        let path = self.planned.before.as_ref().and_then(|account| account.path.clone());
        Some(PastAct {
            action: self.action,
            effective_at: self.effective_at,
            record: name,
            digest: self.digest.clone(),
            part,
            kept: kept.unwrap_or_default(),
            path,
        })
    }
}

/// Keeps an account's latest act.
pub(super) fn keep_latest(latest: &mut BTreeMap<AccountId, PastAct>, record: &Record, name: String) {
    let Some(found) = record.on_record(name) else { return };
    let known = latest.entry(record.planned.id).or_insert_with(|| found.clone());
    if known.effective_at <= found.effective_at {
        *known = found;
    }
}

/// An end of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct JournalEnd {
    /// The last line's number, from 1; 0 where there is none.
    pub sequence: u64,
    /// SHA-256 of the last line without its newline; empty where there is none.
    #[schemars(with = "Sha256OrEmpty")]
    pub hash: String,
}

/// How an act is known to have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Its own session says that it is in no organization (DescribeOrganization: AWSOrganizationsNotInUseException).
    MemberNotInOrganization,
    /// Its own session says that it is in another organization by now (DescribeOrganization).
    MemberInAnotherOrganization,
    /// The management account does not find it (DescribeAccount: AccountNotFoundException).
    ManagementDoesNotFindIt,
    /// Its own session says that it is in the organization that it was to move to (DescribeOrganization).
    MemberInTarget,
    /// AWS answered that the invitation is accepted, and the management account does not find it; it may not ask where it is.
    AcceptedAndOut,
    /// It is out: the management account does not find it. Nobody could see which organization it came to.
    OutDestinationUnseen,
    /// A run that did not live to see it made the call; a later one no longer found the account among the members.
    FoundByLaterRun,
    /// The management account shows it in the unit that it was to be placed in.
    MemberInUnit,
    /// It is a member and stands in another unit: somebody moved it, and there it was left.
    MemberElsewhere,
    /// The invitation is open, or was accepted (ListHandshakesForOrganization).
    InvitationSent,
    /// The management account finds it among the members.
    Member,
}

/// Whose a backend is, and the end of the chain of records. The first object that a run writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// Version of this format.
    pub version: u32,
    /// The organization that the backend belongs to.
    pub organization: OrganizationId,
    /// How many records there are.
    pub records: u64,
    /// SHA-256 of the last one's bytes; empty where there is none.
    #[schemars(with = "Sha256OrEmpty")]
    pub hash: String,
    /// The journal's end when this was written: a journal that is shorter was cut off.
    pub journal: JournalEnd,
}
