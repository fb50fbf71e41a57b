//! Resolves what earlier runs left open, by reading the state from AWS.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::api::{ApiError, FindAccount, MemberIdentity, SessionNames, VisitMember};
use crate::journal::{JournalError, OpenIntent, Proof, Run, Store};
use crate::org::{AccountId, Action, Leaving, ObservedOrganization, Transfer};
use crate::plan::{PastAct, PlannedAccount};

use crate::apply::record::{FOUND_DONE, late_record};
use crate::apply::steps::{Effect, contradictory, misplaced, source_identity};
use joining::{Fate, fate};

mod joining;

/// If AWS shows an account unchanged this long after the intent, the call had no effect. AWS documents no limit for its eventual
/// consistency; reported delays are minutes.
const STAYED_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// The results of resolving open intents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResolvedIntents {
    /// Acts that turned out to have taken effect. Each has a record now.
    pub done: Vec<(AccountId, Action)>,
    /// Intents of accounts that AWS still shows unchanged. They stay open, because AWS's answers become consistent only after a while.
    pub open: BTreeMap<AccountId, OpenIntent>,
}

/// Why open intents could not be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// AWS could not be read.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Resolves the open intents of a run. Writes missing records and adds them to `records`.
///
/// # Errors
///
/// Returns an error if AWS can't be read or the journal can't be written.
pub async fn resolve_intents<S: Store>(
    read: &(impl FindAccount + VisitMember),
    run: &Run<'_, S>,
    observed: &ObservedOrganization,
    sandbox: bool,
    now: Timestamp,
    records: &mut BTreeMap<AccountId, PastAct>,
) -> Result<ResolvedIntents, ResolveError> {
    let mut resolved = ResolvedIntents::default();
    for intent in run.open_intents() {
        let (id, action) = (intent.planned.id, intent.action);
        if let Some(recorded) = run.record_of(intent).await? {
            run.took_effect(now, (id, action), recorded, FOUND_DONE).await?;
            resolved.done.push((id, action));
            continue;
        }
        if action.is_joining() {
            let goes_on = resolve_joining(run, intent, observed, now).await?;
            resolved.open.extend(goes_on.then(|| (id, intent.clone())));
            continue;
        }
        let proof = match standing(intent, read, observed).await? {
            Effect::Before if now.duration_since(intent.at) < STAYED_AFTER => {
                resolved.open.insert(id, intent.clone());
                continue;
            }
            Effect::Before => {
                let summary = format!("AWS shows it {} long after the call, so the call had no effect", action.verbs().before);
                run.had_no_effect(now, (id, action), &summary).await?;
                continue;
            }
            Effect::Elsewhere(found) => {
                let to = intent.planned.leaving().and_then(Leaving::transfer).map(|transfer| &transfer.to);
                let summary = to.map_or_else(|| contradictory(id, found.as_ref()), |to| misplaced(id, found.as_ref(), to));
                run.had_no_effect(now, (id, action), &summary).await?;
                continue;
            }
            Effect::Done(proof) => proof,
        };
        if let Some(known) = records.get(&id).filter(|known| ends_membership_of(known, intent)) {
            let summary = format!("it had already {}, according to {}", action.verbs().past, known.record);
            run.had_no_effect(now, (id, action), &summary).await?;
        } else {
            let late = late_record(intent, observed, sandbox, now, proof);
            let recorded = run.record(late.clone()).await?;
            records.extend(late.on_record(recorded.name.clone()).map(|past| (id, past)));
            run.took_effect(now, (id, action), recorded, FOUND_DONE).await?;
            resolved.done.push((id, action));
        }
    }
    Ok(resolved)
}

/// Journals the state of a joining: its invitation, and its end. Returns whether the joining continues.
async fn resolve_joining<S: Store>(
    run: &Run<'_, S>,
    intent: &OpenIntent,
    observed: &ObservedOrganization,
    now: Timestamp,
) -> Result<bool, JournalError> {
    let id = intent.planned.id;
    let (unjournaled, end) = match fate(intent, observed, now) {
        Fate::GoesOn { unjournaled } => (unjournaled, None),
        Fate::Over { unjournaled, how } => (unjournaled, Some(how)),
    };
    if let Some(invitation) = unjournaled {
        run.invited(now, id, &invitation).await?;
    }
    match end {
        Some(how) => run.had_no_effect(now, (id, intent.action), &how).await.map(|()| false),
        None => Ok(true),
    }
}

/// Where AWS shows the account of an intent. That it is not a member proves that it left; only the account itself shows that it moved, and
/// where.
async fn standing(
    intent: &OpenIntent,
    read: &(impl FindAccount + VisitMember),
    observed: &ObservedOrganization,
) -> Result<Effect, ApiError> {
    let id = intent.planned.id;
    if observed.account(id).is_some() || read.find_account(id).await?.is_some() {
        return Ok(Effect::Before);
    }
    match intent.planned.leaving().and_then(|leaving| Some((leaving, leaving.transfer()?))) {
        None => Ok(Effect::Done(Proof::FoundByLaterRun)),
        Some((leaving, transfer)) => Ok(destination(read, observed, intent, (leaving, transfer)).await),
    }
}

/// Where an account went that has left. Its role may still answer that; if it does not, only the departure is known.
async fn destination(
    read: &impl VisitMember,
    observed: &ObservedOrganization,
    intent: &OpenIntent,
    (leaving, transfer): (&Leaving, &Transfer),
) -> Effect {
    let OpenIntent { planned: PlannedAccount { id, .. }, digest: approved, .. } = intent;
    let unseen = Effect::Done(Proof::OutDestinationUnseen);
    let role = leaving.member_role.arn(&observed.organization.partition, *id);
    let names = SessionNames { session: "orgroster-resolve", source_identity: source_identity(&leaving.member_role, approved) };
    let Ok(session) = read.visit(&role, &leaving.member_role, names).await else { return unseen };
    if session.account().await != Ok(*id) {
        return unseen;
    }
    match session.organization().await {
        Ok(Some(found)) if found == transfer.to => Effect::Done(Proof::MemberInTarget),
        Ok(found) => Effect::Elsewhere(found),
        Err(_) => unseen,
    }
}

/// Whether a record documents the end of the membership that an intent is about. Stale answers can make a run act on an account that has
/// already left.
fn ends_membership_of(known: &PastAct, intent: &OpenIntent) -> bool {
    let joined_at = intent.planned.before.as_ref().and_then(|account| account.joined_at);
    known.action.after().is_out() && known.effective_at <= intent.at && joined_at.is_none_or(|joined_at| joined_at <= known.effective_at)
}
