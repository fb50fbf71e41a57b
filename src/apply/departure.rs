//! One departure, from intent to record.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;

use crate::api::{ApiError, ApiErrorKind, AssumeMember, MemberSession, ReadOrganization, Receipt, RemoveMember, look_inside};
use crate::gate::{self, GateFacts, GateResult, MemberAccess};
use crate::journal::{DepartureRecord, Proof, Store};
use crate::org::{Looks, Provenance, Via};
use crate::plan::Detachment;

use super::executor::{Executor, Progress};
use super::{Outcome, Refusal};

/// How often a call is sent at most.
const ATTEMPTS: u32 = 6;
/// How often membership is asked for after a call, until AWS's answers agree: it is eventually consistent (user guide, troubleshooting).
const LOOKS: u32 = 8;
/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// An account that is out.
struct Out {
    receipt: Receipt,
    proof: Proof,
    gates: Vec<GateResult>,
}

/// Makes the call, and asks whether the account is out, by one of the two ways of leaving.
trait Departing {
    async fn call(&self) -> Result<Receipt, ApiError>;
    async fn is_out(&self) -> Result<bool, ApiError>;
    fn proof(&self) -> Proof;
}

/// The member leaves by its own call, with credentials that were proven to be its own.
struct Leaving<'s, M>(&'s M);

impl<M: MemberSession> Departing for Leaving<'_, M> {
    async fn call(&self) -> Result<Receipt, ApiError> {
        self.0.leave().await
    }

    async fn is_out(&self) -> Result<bool, ApiError> {
        Ok(self.0.organization().await?.is_none())
    }

    fn proof(&self) -> Proof {
        Proof::MemberNotInOrganization
    }
}

/// The management account removes the member.
struct Removing<'a, R, W> {
    read: &'a R,
    write: &'a W,
    detachment: &'a Detachment,
}

impl<R: ReadOrganization, W: RemoveMember> Departing for Removing<'_, R, W> {
    async fn call(&self) -> Result<Receipt, ApiError> {
        self.write.remove_account(self.detachment.id).await
    }

    async fn is_out(&self) -> Result<bool, ApiError> {
        Ok(self.read.describe_account(self.detachment.id).await?.is_none())
    }

    fn proof(&self) -> Proof {
        Proof::ManagementDoesNotFindIt
    }
}

impl<R: ReadOrganization, W: AssumeMember + RemoveMember, S: Store> Executor<'_, R, W, S> {
    /// Journals the intent, makes the departure, and journals what became of it.
    pub(super) async fn depart(&self, detachment: &Detachment) -> Outcome {
        let intended_at = (self.context.clock)();
        if let Err(error) = self.run.intend(intended_at, detachment, self.context.digest).await {
            return Outcome::NotStarted(format!("the intent could not be journaled: {error}"));
        }
        let made = match detachment.declared.via {
            Via::Leave => self.leave(detachment).await,
            Via::Remove => {
                let removing = Removing { read: self.read, write: self.write, detachment };
                self.carry_out(detachment, &removing, detachment.gates.clone()).await
            }
        };
        match made {
            Ok(out) => self.record(detachment, intended_at, out).await,
            Err(outcome) => self.conclude(detachment, outcome).await,
        }
    }

    async fn leave(&self, detachment: &Detachment) -> Result<Out, Outcome> {
        let role = detachment.declared.member_role.arn(&self.context.observed.organization.partition, detachment.id);
        let assumed = self.write.assume(&role, &detachment.declared.member_role, &self.session_name()).await;
        let access = match &assumed {
            Ok(session) => self.identify(session).await,
            Err(error) => self.failed(error),
        };
        let gates = self.with_looks(detachment, &access, &self.look(assumed.as_ref().ok(), detachment, &access, &role).await);
        let was_intended_before = self.context.unsettled.contains(&detachment.id);
        if let (Ok(session), MemberAccess::Assumed { account, organization: None, .. }) = (&assumed, &access)
            && *account == detachment.id
            && was_intended_before
        {
            // An earlier run made the call and did not live to see it; these are the account's own credentials saying so.
            return Ok(Out { receipt: Receipt::default(), proof: Leaving(session).proof(), gates });
        }
        match (assumed, gates.iter().find(|result| result.is_blocking())) {
            (Ok(session), None) => self.carry_out(detachment, &Leaving(&session), gates).await,
            (_, Some(blocking)) => Err(Outcome::HeldBack(Box::new(blocking.clone()))),
            (Err(error), None) => Err(Outcome::Refused(Refusal::from(&error))),
        }
    }

    /// Sends the call until it is answered for good. After an answer that leaves open whether it took effect, asks before repeating.
    async fn carry_out(&self, detachment: &Detachment, departing: &impl Departing, gates: Vec<GateResult>) -> Result<Out, Outcome> {
        let out = |receipt| Out { receipt, proof: departing.proof(), gates };
        let mut last = String::new();
        for attempt in 0..ATTEMPTS {
            self.context.pace.wait(detachment.declared.via).await;
            let error = match departing.call().await {
                Ok(receipt) => return self.see_it_out(detachment, departing).await.map(|()| out(receipt)),
                Err(error) => error,
            };
            last = error.to_string();
            match error.kind {
                ApiErrorKind::Throttled | ApiErrorKind::Concurrent => {
                    (self.context.progress)(Progress::Waiting(detachment, &last));
                    self.context.pace.hold(pause(attempt));
                }
                ApiErrorKind::Unreachable => sleep(pause(attempt)).await,
                ApiErrorKind::ServiceFailure | ApiErrorKind::NoAnswer => {
                    (self.context.progress)(Progress::Waiting(detachment, &last));
                    sleep(pause(attempt)).await;
                    match departing.is_out().await {
                        Ok(true) => return Ok(out(Receipt { request_id: error.request_id })),
                        Ok(false) => {}
                        Err(question) => return Err(Outcome::Unknown(format!("{last}; whether it is out could not be asked: {question}"))),
                    }
                }
                // Only the proven identity makes these a success: see `leave`.
                ApiErrorKind::NotInOrganization | ApiErrorKind::AccountNotFound => {
                    return self.see_it_out(detachment, departing).await.map(|()| out(Receipt { request_id: error.request_id }));
                }
                _ => return Err(Outcome::Refused(Refusal::from(&error))),
            }
        }
        Err(Outcome::Unknown(format!("{ATTEMPTS} attempts had no final answer, the last one {last}")))
    }

    /// Asks until AWS shows the account out: its answers agree only after a while.
    async fn see_it_out(&self, detachment: &Detachment, departing: &impl Departing) -> Result<(), Outcome> {
        let mut last = format!("AWS still shows {} in the organization", detachment.id);
        for look in 0..LOOKS {
            match departing.is_out().await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) => last = error.to_string(),
            }
            sleep(pause(look)).await;
        }
        Err(Outcome::Unknown(format!("AWS accepted the call, and it could not be verified: {last}")))
    }

    async fn record(&self, detachment: &Detachment, intended_at: Timestamp, out: Out) -> Outcome {
        let Out { receipt, proof, gates } = out;
        let departed_at = (self.context.clock)();
        let record = DepartureRecord {
            version: 1,
            organization: self.context.organization.clone(),
            sandbox: self.context.sandbox,
            detachment: Detachment { gates, ..detachment.clone() },
            digest: self.context.digest.clone(),
            run: self.run.id().to_owned(),
            operator: self.context.operator.to_owned(),
            intended_at,
            departed_at,
            request_id: receipt.request_id.clone(),
            proof,
            previous: String::new(),
        };
        // The record goes before the outcome: whoever dies between the two leaves an intent that the next run settles.
        let written = match self.run.record(record).await {
            Ok(name) => self.run.conclude(departed_at, detachment.id, true, &format!("departed, recorded as {name}")).await.map(|()| name),
            Err(error) => Err(error),
        };
        match written {
            Ok(record) => Outcome::Departed { record, request_id: receipt.request_id, proof },
            Err(error) => Outcome::Unrecorded(error.to_string()),
        }
    }

    /// Journals that nothing changed. What is not known stays an open intent.
    async fn conclude(&self, detachment: &Detachment, outcome: Outcome) -> Outcome {
        let summary = match &outcome {
            Outcome::HeldBack(result) => format!("held back by {}: {}", result.gate, result.explanation()),
            Outcome::Refused(refusal) => format!("refused: {}", refusal.code_and_reason),
            Outcome::NotStarted(why) => why.clone(),
            Outcome::Departed { .. } | Outcome::Unrecorded(_) | Outcome::Unknown(_) => return outcome,
        };
        match self.run.conclude((self.context.clock)(), detachment.id, false, &summary).await {
            Ok(()) => outcome,
            Err(error) => Outcome::Unknown(format!("{summary}; and the journal could not be written: {error}")),
        }
    }

    async fn identify(&self, session: &impl MemberSession) -> MemberAccess {
        let account = match session.account().await {
            Ok(account) => account,
            Err(error) => return self.failed(&error),
        };
        let seen = |operation: &str| Provenance { operation: operation.to_owned(), account, at: (self.context.clock)() };
        match session.organization().await {
            Ok(organization) => MemberAccess::Assumed {
                account,
                organization,
                evidence: vec![seen("sts:GetCallerIdentity"), seen("organizations:DescribeOrganization")],
            },
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&self, error: &ApiError) -> MemberAccess {
        let evidence =
            Provenance { operation: error.operation.clone(), account: self.context.observed.called_from, at: (self.context.clock)() };
        MemberAccess::Failed { error: error.to_string(), evidence }
    }

    /// Looks at everything that only shows from inside, once the session is known to be in the account and its organization.
    async fn look(&self, session: Option<&impl MemberSession>, detachment: &Detachment, access: &MemberAccess, role: &str) -> Looks {
        match (session, access) {
            (Some(session), MemberAccess::Assumed { account, organization: Some(organization), .. })
                if *account == detachment.id && *organization == self.context.organization.id =>
            {
                look_inside(session, role, *account, (self.context.clock)()).await
            }
            _ => Looks::default(),
        }
    }

    /// The plan's answers, with those that a look from inside gives or changes.
    fn with_looks(&self, detachment: &Detachment, inside: &MemberAccess, looks: &Looks) -> Vec<GateResult> {
        let roster = self.context.roster;
        let Some(desired) = roster.accounts.iter().find(|account| account.id == detachment.id) else { return detachment.gates.clone() };
        let facts = GateFacts {
            now: (self.context.clock)(),
            declared: &roster.organization,
            guardrails: &roster.guardrails,
            enforcements: &roster.gates,
            assumptions: &roster.assumptions,
            desired,
            departure: &detachment.declared,
            observed: self.context.observed,
            live: self.context.observed.account(detachment.id),
            inside,
            looks,
        };
        let mut gates = detachment.gates.clone();
        for result in gates.iter_mut().filter(|result| gate::needs_inside(result.gate)) {
            if let Some(answer) = gate::evaluate_gate(result.gate, &facts) {
                *result = answer;
            }
        }
        gates
    }

    /// Leads from AWS's logs back to the run; 2 to 64 of the characters that STS allows.
    fn session_name(&self) -> String {
        let run: String =
            self.run.id().chars().filter(|character| character.is_ascii_alphanumeric() || *character == '-').take(53).collect();
        format!("orgroster-{run}")
    }
}

/// The pause before another attempt: doubling from one second, and between half and all of that, so that many don't knock at once.
fn pause(attempt: u32) -> Duration {
    let whole = Duration::from_secs(1 << attempt.min(10)).min(LONGEST_PAUSE);
    let jitter = RandomState::new().build_hasher().finish() % 500;
    whole.mul_f64(0.5 + jitter as f64 / 1000.0)
}
