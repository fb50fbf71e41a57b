//! The order of acts: first one alone, then several at a time, until something stops the run.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::api::{AssumeMember, AuditRoot, FindAccount, ReadJoining, RemoveMember, TakeIn, VisitMember};
use crate::gate::GateResult;
use crate::journal::{JournalError, OpenIntent, Run, Store};
use crate::org::{AccountId, Action, Approver, DesiredRoster, ObservedOrganization};
use crate::plan::{Digest, PastAct, PlannedAccount, PlannedOrganization};

use super::{ApplyReport, Outcome, Pace};

/// What every act of a run shares.
pub struct RunContext<'a> {
    /// The configuration, for the gates.
    pub roster: &'a DesiredRoster,
    /// What was observed when the run began.
    pub observed: &'a ObservedOrganization,
    /// The organization, for the records.
    pub organization: &'a PlannedOrganization,
    /// Whether the organization is a sandbox.
    pub sandbox: bool,
    /// The digest of the approved plan.
    pub digest: &'a Digest,
    /// The ARN of the caller that runs the apply.
    pub operator: &'a str,
    /// The people named as approvers.
    pub approved_by: &'a [Approver],
    /// The run's clock.
    pub clock: &'a dyn Fn() -> Timestamp,
    /// Set when no new act may begin.
    pub interrupted: &'a AtomicBool,
    /// The time from which no new act may begin.
    pub deadline: Option<Instant>,
    /// Accounts that have a record, each with its latest act.
    pub records: &'a BTreeMap<AccountId, PastAct>,
    /// Intents of earlier runs whose call may have taken effect: [`super::ResolvedIntents::open`].
    pub unresolved: &'a BTreeMap<AccountId, OpenIntent>,
    /// How long the calls of one account may continue without a final answer, such as [`super::PATIENCE`].
    pub patience: Duration,
    /// The maximum number of acts in flight.
    pub parallelism: usize,
    /// The minimum spacing of calls.
    pub pace: Pace,
    /// Receives the progress of acts.
    pub progress: &'a dyn Fn(Progress<'_>),
}

/// The progress of acts, for display.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// An act begins.
    Began(&'a PlannedAccount),
    /// AWS answered that the call has to wait.
    Waiting(&'a PlannedAccount, &'a str),
    /// An act ended, with any outcome.
    Ended(&'a PlannedAccount, &'a Outcome),
    /// These acts were not begun, with the reason.
    NotBegun(&'a [PlannedAccount], &'a str),
}

/// What keeps further acts from beginning.
#[derive(Debug, Default)]
struct Stop {
    why: Option<String>,
    /// Why no further invitation is sent: AWS's refusal of an invitation says nothing about departures.
    why_no_joining: Option<String>,
    not_begun: Vec<PlannedAccount>,
}

/// What acts may need to read from the management account.
pub trait Read: FindAccount + AuditRoot + VisitMember + ReadJoining {}

impl<R: FindAccount + AuditRoot + VisitMember + ReadJoining> Read for R {}

/// What acts may need to change.
pub trait Write: AssumeMember + RemoveMember + TakeIn {}

impl<W: AssumeMember + RemoveMember + TakeIn> Write for W {}

/// Carries out approved acts.
pub struct Executor<'a, R, W, S: Store> {
    /// Reads from the management account.
    pub read: &'a R,
    /// Makes the changes.
    pub write: &'a W,
    /// The journal.
    pub run: &'a Run<'a, S>,
    /// Everything else.
    pub context: &'a RunContext<'a>,
}

impl<R: Read, W: Write, S: Store> Executor<'_, R, W, S> {
    /// Carries out the acts.
    ///
    /// For each action, the first account goes alone. If its refusal concerns only that account, the next one goes alone instead. Once one
    /// has taken effect, the rest follow, several at a time. Accounts whose call only tests whether AWS allows it come last, one by one.
    /// Anything that may concern every account keeps further acts from beginning; acts in flight finish.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal can't be started. Nothing was done in that case.
    pub async fn execute(&self, approved: &[PlannedAccount]) -> Result<ApplyReport, JournalError> {
        let RunContext { digest, operator, approved_by, clock, .. } = *self.context;
        self.run.began(clock(), digest, approved.len() as u64, operator, approved_by).await?;
        let stop = RefCell::new(Stop::default());
        let mut outcomes = Vec::new();
        let (alone, others): (Vec<_>, Vec<_>) = approved.iter().partition(|planned| planned.gates().iter().any(GateResult::is_tried));
        for action in Action::ALL {
            let same: Vec<_> = others.iter().copied().filter(|planned| planned.act().is_some_and(|act| act.action == *action)).collect();
            outcomes.extend(Box::pin(self.execute_one_action(&same, &stop)).await);
        }
        for planned in alone {
            outcomes.push((planned.clone(), self.perform_unless_stopped(planned, &stop).await));
        }
        outcomes.sort_by_key(|(planned, _)| planned.id);
        let Stop { why, why_no_joining, not_begun } = stop.into_inner();
        let (joining, leaving): (Vec<_>, Vec<_>) = not_begun.into_iter().partition(is_joining);
        for (not_begun, why) in [(leaving, &why), (joining, &why_no_joining.or_else(|| why.clone()))] {
            if !not_begun.is_empty() {
                (self.context.progress)(Progress::NotBegun(&not_begun, why.as_deref().unwrap_or_default()));
            }
        }
        let pace = &self.context.pace;
        Ok(ApplyReport { outcomes, head: self.run.head().await, throttles: pace.throttles(), conflicts: pace.conflicts() })
    }

    /// Carries out one act alone, and then several at a time.
    async fn execute_one_action(&self, approved: &[&PlannedAccount], stop: &RefCell<Stop>) -> Vec<(PlannedAccount, Outcome)> {
        let mut waiting = approved.iter().copied();
        let mut outcomes = Vec::new();
        for canary in waiting.by_ref() {
            let outcome = self.perform_unless_stopped(canary, stop).await;
            let took_effect = outcome.took_effect();
            outcomes.push((canary.clone(), outcome));
            if took_effect {
                break;
            }
        }
        outcomes.extend(self.several(waiting, stop).await);
        outcomes
    }

    /// Why nothing new may be sent, if something outside the run says so.
    pub(super) fn halted(&self) -> Option<&'static str> {
        if self.context.interrupted.load(Ordering::Relaxed) {
            Some("the run was interrupted")
        } else if self.context.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            Some("the run's time is used up")
        } else {
            None
        }
    }

    async fn several<'p>(
        &self,
        mut waiting: impl Iterator<Item = &'p PlannedAccount>,
        stop: &RefCell<Stop>,
    ) -> Vec<(PlannedAccount, Outcome)> {
        let mut flights = FuturesUnordered::new();
        let mut outcomes = Vec::new();
        loop {
            while flights.len() < self.context.parallelism.max(1) {
                let Some(next) = waiting.next() else { break };
                flights.push(async move { (next.clone(), self.perform_unless_stopped(next, stop).await) });
            }
            match flights.next().await {
                Some(landed) => outcomes.push(landed),
                None => return outcomes,
            }
        }
    }

    async fn perform_unless_stopped(&self, planned: &PlannedAccount, stop: &RefCell<Stop>) -> Outcome {
        if let Some(why) = self.why_not_begin(planned, stop) {
            stop.borrow_mut().not_begun.push(planned.clone());
            return Outcome::NotStarted(why);
        }
        (self.context.progress)(Progress::Began(planned));
        let outcome = self.perform(planned).await;
        if let Some(why) = outcome.stops_the_run() {
            let mut stop = stop.borrow_mut();
            let joins_only = is_joining(planned) && matches!(outcome, Outcome::Refused(_));
            let reason = if joins_only { &mut stop.why_no_joining } else { &mut stop.why };
            reason.get_or_insert_with(|| format!("{} stopped the run: {why}", planned.address));
        }
        (self.context.progress)(Progress::Ended(planned, &outcome));
        outcome
    }

    /// The first reason counts for all acts that are not begun.
    fn why_not_begin(&self, planned: &PlannedAccount, stop: &RefCell<Stop>) -> Option<String> {
        let mut stop = stop.borrow_mut();
        if stop.why.is_none() {
            stop.why = self.halted().map(str::to_owned);
        }
        stop.why.clone().or_else(|| stop.why_no_joining.clone().filter(|_| is_joining(planned)))
    }
}

fn is_joining(planned: &PlannedAccount) -> bool {
    planned.act().is_some_and(|act| act.action.is_joining())
}
