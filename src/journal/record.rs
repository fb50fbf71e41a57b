//! The record of an act on one account.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, Action, Approver, ArnOrEmpty, DateTime, OrganizationId, Sha256OrEmpty};
use crate::plan::{Digest, PastAct, PlannedAccount, PlannedOrganization};

/// The permanent record of an act: one immutable file. The hash chain shows whether a record is missing or was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// Version of the format.
    pub version: u32,
    /// The action.
    pub action: Action,
    /// The organization in which the act took effect.
    pub organization: PlannedOrganization,
    /// Whether this was a rehearsal in the sandbox.
    pub sandbox: bool,
    /// The account: its declaration, its observed state, and the answer of every gate when the call was made.
    pub planned: PlannedAccount,
    /// The digest of the plan that was carried out.
    pub digest: Digest,
    /// Id of the run.
    pub run: String,
    /// ARN of the identity that ran apply.
    #[schemars(with = "ArnOrEmpty")]
    pub operator: String,
    /// Reported approvers, without duplicates, with the names that the run was given.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub approved_by: Vec<Approver>,
    /// When the intent was written.
    #[schemars(with = "DateTime")]
    pub intended_at: Timestamp,
    /// When a run saw that the act had taken effect.
    #[schemars(with = "DateTime")]
    pub effective_at: Timestamp,
    /// AWS's id of the request that took effect, if its answer arrived.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
    /// How the act is known to have taken effect.
    pub proof: Proof,
    /// The journal's end when the record was written. It commits to every line up to there: a check notices a journal that was cut off.
    #[serde(default)]
    pub journal: JournalEnd,
    /// SHA-256 of the record before this one; empty in the first record.
    #[schemars(with = "Sha256OrEmpty")]
    pub previous: String,
}

impl Record {
    /// The part of this record, stored under `name`, that a plan needs. `None` if the account in it has no act; a ledger refuses to read
    /// such a record.
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

/// Keeps the latest act of each account.
pub(super) fn keep_latest(latest: &mut BTreeMap<AccountId, PastAct>, record: &Record, name: String) {
    let Some(found) = record.on_record(name) else { return };
    let known = latest.entry(record.planned.id).or_insert_with(|| found.clone());
    if known.effective_at <= found.effective_at {
        *known = found;
    }
}

/// A position in the journal: the end that it had at some time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct JournalEnd {
    /// Number of the last line, from 1; 0 if there is none.
    pub sequence: u64,
    /// SHA-256 of the last line without its newline; empty if there is none.
    #[schemars(with = "Sha256OrEmpty")]
    pub hash: String,
}

/// How an act is known to have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The account's own session reports that it is not in an organization (DescribeOrganization: AWSOrganizationsNotInUseException).
    MemberNotInOrganization,
    /// The account's own session reports that it is now in another organization (DescribeOrganization).
    MemberInAnotherOrganization,
    /// The management account does not find the account (DescribeAccount: AccountNotFoundException).
    ManagementDoesNotFindIt,
    /// The account's own session reports that it is in the target organization (DescribeOrganization).
    MemberInTarget,
    /// AWS confirmed that the invitation is accepted, and the management account does not find the account. The account may not read which
    /// organization it is in.
    AcceptedAndOut,
    /// The management account does not find the account. Which organization it joined could not be read.
    OutDestinationUnseen,
    /// An interrupted run made the call; a later run no longer found the account among the members.
    FoundByLaterRun,
    /// The management account finds the account in the organizational unit in which it should be placed.
    MemberInUnit,
    /// The account is a member in a different organizational unit, to which somebody moved it; orgroster left it there.
    MemberElsewhere,
    /// The invitation is open, or was accepted (ListHandshakesForOrganization).
    InvitationSent,
    /// The management account finds the account among the members.
    Member,
}

/// The organization that a backend belongs to, and the ends of its chains. The first object that a run writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// Version of the format.
    pub version: u32,
    /// The organization that the backend belongs to.
    pub organization: OrganizationId,
    /// Number of records.
    pub records: u64,
    /// SHA-256 of the last record's bytes; empty if there is none.
    #[schemars(with = "Sha256OrEmpty")]
    pub hash: String,
    /// The journal's end when the head was written. A shorter journal was cut off.
    pub journal: JournalEnd,
}
