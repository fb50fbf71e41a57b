//! One call, repeated until AWS gives a final answer.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep, sleep_until};

use crate::api::{ApiError, ApiErrorKind, Receipt};
use crate::failpoint::test_speedup;
use crate::gate::GateResult;
use crate::journal::{Proof, Store};
use crate::org::counted;
use crate::plan::PlannedAccount;

use super::executor::{Executor, Progress, Read, Write};
use super::steps::Done;
use super::steps::{Effect, Meaning, Step};
use super::{Outcome, Refusal};

/// How long the calls of one account may continue without a final answer, unless the run's time ends earlier. This is longer than any
/// reported throttle or conflicting change, and shorter than the 15 minutes of a member's session.
pub const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// How long AWS's answers may take to become consistent after a change: AWS is eventually consistent (user guide, troubleshooting) and
/// documents no limit.
pub(super) const VISIBLE_WITHIN: Duration = Duration::from_secs(2 * 60);
/// The longest pause between two attempts.
const MAX_PAUSE: Duration = Duration::from_secs(20);
/// LeaveOrganization and DescribeOrganization: one call per second from one account (quotas page).
pub(super) const BETWEEN_CALLS: Duration = Duration::from_secs(1);

/// The state of repeated calls.
struct Attempts {
    /// The number of calls sent.
    made: u32,
    /// The last answer, as a clause.
    last: String,
    /// Whether the last answer came from AWS.
    was_answered: bool,
    /// Whether a call may have taken effect although its answer does not show it.
    ambiguous: bool,
    /// When the account may call again.
    again_at: Option<Instant>,
    /// When to stop sending calls.
    until: Instant,
}

impl Attempts {
    fn begin(patience: Duration) -> Self {
        Self { made: 0, last: String::new(), was_answered: false, ambiguous: false, again_at: None, until: Instant::now() + patience }
    }

    fn note(&mut self, error: &ApiError) {
        self.last = error.to_string();
        self.was_answered = error.kind != ApiErrorKind::Unreachable;
    }

    /// The pause before the next call.
    fn pause(&self) -> Duration {
        pause(self.made.saturating_sub(1))
    }

    /// The outcome of attempts without a final answer. If none of them can have taken effect, nothing was done.
    fn unfinished(&self, why: &str) -> Outcome {
        let Self { last, .. } = self;
        if self.ambiguous {
            Outcome::Unknown(format!("{why}, and the last answer was {last}"))
        } else if self.was_answered {
            Outcome::NotDone(format!("AWS was busy: {why}, and no call took effect; the last answer was {last}"))
        } else {
            Outcome::NotDone(format!("AWS could not be reached: {why}; the last failure was {last}"))
        }
    }
}

impl<R: Read, W: Write, S: Store> Executor<'_, R, W, S> {
    /// Sends the call until AWS gives a final answer, once its intent is in the journal. If an answer leaves open whether the call took
    /// effect, reads the state before repeating it.
    pub(super) async fn call_until_final<T: Step>(
        &self,
        planned: &PlannedAccount,
        step: &T,
        gates: Vec<GateResult>,
        intended_at: Option<Timestamp>,
    ) -> Result<Done, Outcome> {
        let intended_at = match intended_at {
            Some(intended_at) => intended_at,
            None => self.intend(planned).await?,
        };
        let patience = self.context.patience / test_speedup();
        let mut attempts = Attempts::begin(patience);
        let outcome = loop {
            match self.attempt(planned, step, &mut attempts).await {
                Ok(Some((receipt, proof))) => return Ok(Done { intended_at, receipt, proof, gates }),
                Ok(None) => {}
                Err(outcome) => break outcome,
            }
            if let Some(why) = self.halted() {
                break attempts.unfinished(why);
            }
            if attempts.until <= Instant::now() {
                break attempts.unfinished(&format!("{} in {}", counted(attempts.made.into(), "attempt"), in_words(self.context.patience)));
            }
        };
        Err(if attempts.ambiguous { outcome.left_open() } else { outcome })
    }

    /// Sends the call once and evaluates its answer. `None` if the call may be repeated.
    async fn attempt<T: Step>(
        &self,
        planned: &PlannedAccount,
        step: &T,
        attempts: &mut Attempts,
    ) -> Result<Option<(Receipt, Proof)>, Outcome> {
        if let Some(again_at) = attempts.again_at {
            sleep_until(again_at).await;
        }
        self.context.pace.wait(T::ACTION).await;
        // If the run ended while this call waited for its turn, no other call is sent.
        if attempts.made > 0 && self.halted().is_some() {
            return Ok(None);
        }
        attempts.made += 1;
        attempts.again_at = Some(Instant::now() + BETWEEN_CALLS / test_speedup());
        crate::fail_point!("before-call");
        let answer = step.call().await;
        crate::fail_point!("call-answered");
        let error = match answer {
            Ok(receipt) => {
                self.context.pace.answered();
                // Whatever the state read shows, this call was accepted.
                attempts.ambiguous = true;
                let proof = self.wait_until_done(planned, step).await;
                let unverified = |last| Outcome::Unknown(format!("AWS accepted the call, but it could not be verified: {last}"));
                return proof.map(|proof| Some((receipt, proof))).map_err(unverified);
            }
            Err(error) => error,
        };
        attempts.note(&error);
        let receipt = Receipt { request_id: error.request_id.clone() };
        match step.meaning(&error) {
            Meaning::Throttled => {
                (self.context.progress)(Progress::Waiting(planned, &attempts.last));
                self.context.pace.throttled(attempts.pause());
                Ok(None)
            }
            Meaning::Conflict => {
                (self.context.progress)(Progress::Waiting(planned, &attempts.last));
                self.context.pace.conflicted(attempts.pause());
                Ok(None)
            }
            Meaning::NotSent => {
                (self.context.progress)(Progress::Waiting(planned, &attempts.last));
                sleep(attempts.pause()).await;
                Ok(None)
            }
            Meaning::Lost => {
                attempts.ambiguous = true;
                (self.context.progress)(Progress::Waiting(planned, &attempts.last));
                sleep(attempts.pause()).await;
                let proof = self.ask(planned, step, attempts).await?;
                Ok(proof.map(|proof| (receipt, proof)))
            }
            Meaning::AlreadyDone => {
                let called_before = attempts.ambiguous;
                attempts.ambiguous = true;
                let unverified = |last| Outcome::Unknown(format!("AWS answered {error}, and the effect could not be verified: {last}"));
                let proof = self.wait_until_done(planned, step).await.map_err(unverified)?;
                // If no call of this run can have done it, an earlier call did, and AWS's stale answers made this run ignore its
                // record.
                match self.recorded(planned.id).filter(|_| T::ACTION.after().is_out()) {
                    Some(record) if !called_before => Err(Outcome::Done { record, request_id: None, proof }),
                    _ => Ok(Some((receipt, proof))),
                }
            }
            Meaning::Refused(refusal) => self.refused(planned, step, attempts, refusal).await,
        }
    }

    /// A refusal is believed only if the account is unchanged: it may answer a request that was resent in transit after the first one took
    /// effect. If an earlier call may have taken effect, AWS's answers get time to become consistent.
    async fn refused(
        &self,
        planned: &PlannedAccount,
        step: &impl Step,
        attempts: &Attempts,
        refusal: Refusal,
    ) -> Result<Option<(Receipt, Proof)>, Outcome> {
        let receipt = Receipt { request_id: refusal.request_id.clone() };
        let outcome = Outcome::Refused(refusal);
        let called_before = attempts.ambiguous || self.earlier_intent(planned.id).is_some();
        let proof = if called_before {
            self.wait_until_done(planned, step).await.ok()
        } else {
            match self.ask(planned, step, attempts).await {
                Ok(proof) => proof,
                // The state could not be read, so the intent stays open and the next run reads it.
                Err(_) => return Err(outcome.left_open()),
            }
        };
        proof.map_or(Err(outcome), |proof| Ok(Some((receipt, proof))))
    }

    /// Reads once whether it is done, and retries if the read fails. `None` if AWS shows the account as it was before.
    async fn ask<T: Step>(&self, planned: &PlannedAccount, step: &T, attempts: &Attempts) -> Result<Option<Proof>, Outcome> {
        let mut asked = 0;
        let unknown = |why: String| Outcome::Unknown(format!("{}; {why}", attempts.last));
        loop {
            match step.done().await {
                Ok(Effect::Done(proof)) => return Ok(Some(proof)),
                Ok(Effect::Before) => return Ok(None),
                Ok(Effect::Elsewhere(_)) => return self.wait_until_done(planned, step).await.map(Some).map_err(unknown),
                Err(error) if error.kind.is_transient() && attempts.until > Instant::now() && self.halted().is_none() => {
                    sleep(pause(asked)).await;
                }
                Err(error) => {
                    return Err(unknown(format!("AWS could not be asked {}: {error}", T::ACTION.verbs().question)));
                }
            }
            asked += 1;
        }
    }

    /// Reads until AWS shows that it is done. AWS's answers become consistent only after a while.
    ///
    /// # Errors
    ///
    /// Returns what AWS showed last, as a clause.
    async fn wait_until_done<T: Step>(&self, planned: &PlannedAccount, step: &T) -> Result<Proof, String> {
        let verbs = T::ACTION.verbs();
        let until = Instant::now() + VISIBLE_WITHIN / test_speedup();
        let mut asked = 0;
        loop {
            let last = match step.done().await {
                Ok(Effect::Done(proof)) => return Ok(proof),
                Ok(Effect::Before) => format!("AWS still shows {} {}", planned.id, verbs.before),
                Ok(Effect::Elsewhere(found)) => step.elsewhere(found.as_ref()),
                // Waiting does not change a policy.
                Err(error) if error.kind == ApiErrorKind::AccessDenied => {
                    return Err(format!("{} may not be asked: {error}", verbs.question));
                }
                Err(error) => error.to_string(),
            };
            let next = Instant::now() + BETWEEN_CALLS / test_speedup() + pause(asked);
            if next > until {
                return Err(last);
            }
            sleep_until(next).await;
            asked += 1;
        }
    }
}

/// The pause before another attempt. It doubles from one second; a random factor between one half and one keeps many callers from retrying
/// together.
pub(super) fn pause(attempt: u32) -> Duration {
    let whole = Duration::from_secs(1 << attempt.min(10)).min(MAX_PAUSE);
    let jitter = RandomState::new().build_hasher().finish() % 500;
    whole.mul_f64(0.5 + jitter as f64 / 1000.0) / test_speedup()
}

fn in_words(time: Duration) -> String {
    let count = |number: u64, what: &str| if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") };
    match time.as_secs() {
        seconds if seconds < 60 => count(seconds, "second"),
        seconds => count(seconds / 60, "minute"),
    }
}
