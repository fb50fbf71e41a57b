//! The record of an act that took effect, and its outcome in the journal.

use jiff::Timestamp;

use crate::journal::{JournalEnd, OpenIntent, Proof, Record, Store};
use crate::org::ObservedOrganization;
use crate::plan::{Act, Change, PlannedAccount, PlannedOrganization};

use super::Outcome;
use super::executor::{Executor, Read, Write};
use super::steps::Done;

/// The journal's words for an act that a later run found to be done.
pub(super) const FOUND_DONE: &str = "found to be done by a later run";

impl<R: Read, W: Write, S: Store> Executor<'_, R, W, S> {
    pub(super) async fn record(&self, planned: &PlannedAccount, act: &Act, done: Done) -> Outcome {
        let Done { intended_at, receipt, proof, gates } = done;
        let record = Record {
            version: 1,
            action: act.action,
            organization: self.context.organization.clone(),
            sandbox: self.context.sandbox,
            planned: planned.with_change(Change::Act(Act { gates, ..act.clone() })),
            digest: self.context.digest.clone(),
            run: self.run.id().to_owned(),
            operator: self.context.operator.to_owned(),
            approved_by: self.context.approved_by.to_vec(),
            intended_at,
            effective_at: (self.context.clock)(),
            request_id: receipt.request_id,
            proof,
            journal: JournalEnd::default(),
            previous: String::new(),
        };
        self.write_record(record, "verified").await
    }

    /// Records an act whose call an earlier run made, before it ended without seeing the result.
    pub(super) async fn record_earlier(&self, intent: &OpenIntent, proof: Proof) -> Outcome {
        let record = late_record(intent, self.context.observed, self.context.sandbox, (self.context.clock)(), proof);
        self.write_record(record, FOUND_DONE).await
    }

    /// The record is written before the outcome: a run that dies between the two leaves an intent that the next run resolves.
    async fn write_record(&self, record: Record, summary: &str) -> Outcome {
        let Record { effective_at, proof, .. } = record;
        let (act, request_id) = ((record.planned.id, record.action), record.request_id.clone());
        let recorded = match self.run.record(record).await {
            Ok(recorded) => recorded,
            Err(error) => return Outcome::Unrecorded(error.to_string()),
        };
        match self.run.took_effect(effective_at, act, recorded.clone(), summary).await {
            Ok(()) => Outcome::Done { record: recorded.name, request_id, proof },
            Err(error) => Outcome::Unrecorded(error.to_string()),
        }
    }
}

/// The record of an act that an earlier run intended.
pub(super) fn late_record(intent: &OpenIntent, observed: &ObservedOrganization, sandbox: bool, now: Timestamp, proof: Proof) -> Record {
    Record {
        version: 1,
        action: intent.action,
        organization: PlannedOrganization {
            id: observed.organization.id.clone(),
            management_account_id: observed.organization.management_account_id,
            members: observed.members().count() as u64,
        },
        sandbox,
        planned: intent.planned.clone(),
        digest: intent.digest.clone(),
        run: intent.run.clone(),
        operator: observed.callers.last().map_or_else(String::new, |caller| caller.arn.clone()),
        approved_by: intent.approved_by.clone(),
        intended_at: intent.at,
        effective_at: now,
        request_id: None,
        proof,
        journal: JournalEnd::default(),
        previous: String::new(),
    }
}
