//! Settling what earlier runs did not live to conclude, by asking AWS.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::api::{ApiError, FindAccount};
use crate::journal::{DepartureRecord, JournalEnd, JournalError, OpenIntent, Proof, Run, Store};
use crate::org::{AccountId, ObservedOrganization};
use crate::plan::{DepartureOnRecord, PlannedOrganization};

/// What became of the open intents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// Accounts that turned out to have left; each has a record now.
    pub departed: Vec<AccountId>,
    /// Accounts that AWS still shows as members. Their intents stay open: AWS's answers agree only after a while.
    pub still_members: BTreeSet<AccountId>,
}

/// Why open intents could not be settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// AWS could not be asked.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Settles the open intents of a run. Records that are missing are written and put into `records`.
///
/// # Errors
///
/// AWS could not be asked, or the journal not be written.
pub async fn settle<S: Store>(
    read: &impl FindAccount,
    run: &Run<'_, S>,
    observed: &ObservedOrganization,
    sandbox: bool,
    now: Timestamp,
    records: &mut BTreeMap<AccountId, DepartureOnRecord>,
) -> Result<Settled, SettleError> {
    let mut settled = Settled::default();
    for intent in run.open_intents() {
        let id = intent.detachment.id;
        let recorded = run.record_of(intent).await?;
        if recorded.is_none() && (observed.account(id).is_some() || read.find_account(id).await?.is_some()) {
            settled.still_members.insert(id);
            continue;
        }
        let recorded = match recorded {
            Some(recorded) => recorded,
            None => {
                let recorded = run.record(late_record(intent, observed, sandbox, now)).await?;
                records.insert(id, DepartureOnRecord { departed_at: now, record: recorded.name.clone() });
                recorded
            }
        };
        run.departed(now, id, recorded, "found to be out by a later run").await?;
        settled.departed.push(id);
    }
    Ok(settled)
}

fn late_record(intent: &OpenIntent, observed: &ObservedOrganization, sandbox: bool, now: Timestamp) -> DepartureRecord {
    DepartureRecord {
        version: 1,
        organization: PlannedOrganization {
            id: observed.organization.id.clone(),
            management_account_id: observed.organization.management_account_id,
            members: observed.members().count() as u64,
        },
        sandbox,
        detachment: intent.detachment.clone(),
        digest: intent.digest.clone(),
        run: intent.run.clone(),
        operator: observed.callers.last().map_or_else(String::new, |caller| caller.arn.clone()),
        intended_at: intent.at,
        departed_at: now,
        request_id: None,
        proof: Proof::SettledByLaterRun,
        journal: JournalEnd::default(),
        previous: String::new(),
    }
}
