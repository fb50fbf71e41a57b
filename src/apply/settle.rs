//! Settling what earlier runs did not live to conclude, by asking AWS.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::api::{ApiError, FindAccount};
use crate::journal::{DepartureRecord, JournalEnd, JournalError, OpenIntent, Proof, Run, Store};
use crate::org::{AccountId, ObservedOrganization};
use crate::plan::{DepartureOnRecord, PlannedOrganization};

/// Where AWS shows a member this long after the intent, the call had no effect. AWS documents no bound for its eventual consistency; the
/// lags that were reported are of minutes.
const STAYED_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// What became of the open intents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// Accounts that turned out to have left; each has a record now.
    pub departed: Vec<AccountId>,
    /// Intents of accounts that AWS still shows as members. They stay open: AWS's answers agree only after a while.
    pub still_members: BTreeMap<AccountId, OpenIntent>,
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
        if let Some(recorded) = run.record_of(intent).await? {
            run.departed(now, id, recorded, FOUND_OUT).await?;
            settled.departed.push(id);
        } else if observed.account(id).is_some() || read.find_account(id).await?.is_some() {
            if now.duration_since(intent.at) < STAYED_AFTER {
                settled.still_members.insert(id, intent.clone());
            } else {
                run.not_departed(now, id, "AWS shows it as a member, so long after the call that it had no effect").await?;
            }
        } else if let Some(known) = records.get(&id).filter(|known| ends_membership_of(known, intent)) {
            run.not_departed(now, id, &format!("it had left before, as {} says", known.record)).await?;
        } else {
            let late = late_record(intent, observed, sandbox, now, Proof::SettledByLaterRun);
            let recorded = run.record(late.clone()).await?;
            records.insert(id, late.on_record(recorded.name.clone()));
            run.departed(now, id, recorded, FOUND_OUT).await?;
            settled.departed.push(id);
        }
    }
    Ok(settled)
}

/// How the journal says that a later run found it out.
pub(super) const FOUND_OUT: &str = "found to be out by a later run";

/// Whether a record tells of the end of the membership that an intent is about: stale answers can lead a run to an account that is gone.
fn ends_membership_of(known: &DepartureOnRecord, intent: &OpenIntent) -> bool {
    let joined_at = intent.detachment.account.as_ref().and_then(|account| account.joined_at);
    known.departed_at <= intent.at && joined_at.is_none_or(|joined_at| joined_at <= known.departed_at)
}

/// The record of a departure that an earlier run intended.
pub(super) fn late_record(
    intent: &OpenIntent,
    observed: &ObservedOrganization,
    sandbox: bool,
    now: Timestamp,
    proof: Proof,
) -> DepartureRecord {
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
        proof,
        journal: JournalEnd::default(),
        previous: String::new(),
    }
}
