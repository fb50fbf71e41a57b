//! One departure, from intent to record.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep, sleep_until};

use crate::api::{
    ApiError, ApiErrorKind, AssumeMember, FindAccount, InsideScope, MemberSession, Receipt, RemoveMember, look_inside, share_regions,
};
use crate::failpoint::haste;
use crate::gate::{self, GateFacts, GateResult, MemberAccess};
use crate::journal::{DepartureRecord, JournalEnd, Proof, Store};
use crate::org::{AccountId, Looks, OrganizationId, Provenance, Via};
use crate::plan::Detachment;

use super::executor::{Executor, Progress};
use super::{Outcome, Refusal};

/// How often a call is sent at most.
const ATTEMPTS: u32 = 6;
/// How often membership is asked for after a call, until AWS's answers agree: it is eventually consistent (user guide, troubleshooting).
const LOOKS: u32 = 8;
/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// How often whether an account is out is asked for while the question itself fails.
const QUESTIONS: u32 = 4;
/// LeaveOrganization: one a second from one account (quotas page).
const BETWEEN_CALLS: Duration = Duration::from_secs(1);

/// An account that is out.
struct Out {
    receipt: Receipt,
    proof: Proof,
    gates: Vec<GateResult>,
}

/// What repeated calls have come to.
#[derive(Default)]
struct Attempts {
    /// The last answer, in words.
    last: String,
    /// Whether some call may have taken effect without saying so.
    ambiguous: bool,
    /// When the account may call again.
    again_at: Option<Instant>,
}

/// Makes the call, and asks whether the account is out, by one of the two ways of leaving.
trait Departing {
    async fn call(&self) -> Result<Receipt, ApiError>;
    /// How the account is known to be out; nothing while it is a member.
    async fn proof(&self) -> Result<Option<Proof>, ApiError>;
}

/// The member leaves by its own call, with credentials that were proven to be its own.
struct Leaving<'s, M> {
    session: &'s M,
    organization: &'s OrganizationId,
}

impl<M: MemberSession> Departing for Leaving<'_, M> {
    async fn call(&self) -> Result<Receipt, ApiError> {
        self.session.leave().await
    }

    async fn proof(&self) -> Result<Option<Proof>, ApiError> {
        Ok(match self.session.organization().await? {
            None => Some(Proof::MemberNotInOrganization),
            Some(organization) if organization == *self.organization => None,
            // It left ours. Another call would take it out of an organization that no plan names.
            Some(_) => Some(Proof::MemberInAnotherOrganization),
        })
    }
}

/// The management account removes the member.
struct Removing<'a, R, W> {
    read: &'a R,
    write: &'a W,
    id: AccountId,
}

impl<R: FindAccount, W: RemoveMember> Departing for Removing<'_, R, W> {
    async fn call(&self) -> Result<Receipt, ApiError> {
        self.write.remove_account(self.id).await
    }

    async fn proof(&self) -> Result<Option<Proof>, ApiError> {
        let found = self.read.find_account(self.id).await?;
        Ok(found.is_none().then_some(Proof::ManagementDoesNotFindIt))
    }
}

impl<R: FindAccount, W: AssumeMember + RemoveMember, S: Store> Executor<'_, R, W, S> {
    /// Journals the intent, makes the departure, and journals what became of it.
    pub(super) async fn depart(&self, detachment: &Detachment) -> Outcome {
        let intended_at = (self.context.clock)();
        if let Err(error) = self.run.intend(intended_at, detachment, self.context.digest).await {
            return Outcome::Unjournaled(error.to_string());
        }
        let made = match detachment.declared.via {
            Via::Leave => self.leave(detachment).await,
            Via::Remove => {
                let removing = Removing { read: self.read, write: self.write, id: detachment.id };
                self.carry_out(detachment, &removing, detachment.gates.clone()).await
            }
        };
        match made {
            Ok(out) => self.record(detachment, intended_at, out).await,
            Err(outcome) => self.conclude(detachment, outcome).await,
        }
    }

    async fn leave(&self, detachment: &Detachment) -> Result<Out, Outcome> {
        let organization = &self.context.roster.organization.id;
        let role = detachment.declared.member_role.arn(&self.context.observed.organization.partition, detachment.id);
        let assumed = self.write.assume(&role, &detachment.declared.member_role, &self.session_name()).await;
        if let Err(error) = &assumed
            && error.kind.concerns_credentials()
        {
            return Err(Outcome::Refused(Refusal::from(error)));
        }
        let access = match &assumed {
            Ok(session) => self.identify(session).await,
            Err(error) => self.failed(error),
        };
        let gates = self.with_looks(detachment, &access, &self.look(assumed.as_ref().ok(), detachment, &access, &role).await);
        let (account, found) = match &access {
            MemberAccess::Assumed { account, organization, .. } => (Some(*account), organization.as_ref()),
            MemberAccess::Failed { .. } | MemberAccess::Deferred => (None, None),
        };
        if let Ok(session) = &assumed
            && account == Some(detachment.id)
        {
            let leaving = Leaving { session, organization };
            if found == Some(organization) && !gates.iter().any(GateResult::is_blocking) {
                return self.carry_out(detachment, &leaving, gates).await;
            }
            if found.is_none()
                && let Some(record) = self.recorded(detachment.id)
            {
                return Err(Outcome::Departed { record, request_id: None, proof: Proof::MemberNotInOrganization });
            }
            if found.is_none() && self.context.unsettled.contains(&detachment.id) {
                // An earlier run made the call and did not live to see it; these are the account's own credentials saying so.
                return Ok(Out { receipt: Receipt::default(), proof: Proof::MemberNotInOrganization, gates });
            }
        }
        // Whatever the configuration says about a gate: without proof of identity there is no call.
        Err(match gates.into_iter().find(GateResult::is_blocking) {
            Some(blocking) => Outcome::HeldBack(Box::new(blocking)),
            None => Outcome::NotStarted(format!("the session is not proven to be in account {} of {organization}", detachment.id)),
        })
    }

    /// Sends the call until it is answered for good. After an answer that leaves open whether it took effect, asks before repeating.
    async fn carry_out(&self, detachment: &Detachment, departing: &impl Departing, gates: Vec<GateResult>) -> Result<Out, Outcome> {
        let mut attempts = Attempts::default();
        for attempt in 0..ATTEMPTS {
            if let Some((receipt, proof)) = self.attempt(detachment, departing, attempt, &mut attempts).await? {
                return Ok(Out { receipt, proof, gates });
            }
            if let Some(why) = self.halted() {
                // What may have taken effect stays an open intent; the rest was not done.
                return Err(if attempts.ambiguous {
                    Outcome::Unknown(format!("{}; {why}", attempts.last))
                } else {
                    Outcome::NotStarted(format!("{why}; AWS's last answer was {}", attempts.last))
                });
            }
        }
        Err(Outcome::Unknown(format!("{ATTEMPTS} attempts had no final answer, the last one {}", attempts.last)))
    }

    /// The record of this very membership's end. An account that joined again since has another one to come.
    fn recorded(&self, id: AccountId) -> Option<String> {
        let departure = self.context.records.get(&id)?;
        let joined_at = self.context.observed.account(id).and_then(|account| account.joined_at);
        joined_at.is_none_or(|joined_at| joined_at <= departure.departed_at).then(|| departure.record.clone())
    }

    /// One call, and what its answer means (API reference, errors of LeaveOrganization). Nothing where the call may be repeated.
    async fn attempt(
        &self,
        detachment: &Detachment,
        departing: &impl Departing,
        attempt: u32,
        attempts: &mut Attempts,
    ) -> Result<Option<(Receipt, Proof)>, Outcome> {
        if let Some(again_at) = attempts.again_at {
            sleep_until(again_at).await;
        }
        self.context.pace.wait(detachment.declared.via).await;
        attempts.again_at = Some(Instant::now() + BETWEEN_CALLS / haste());
        crate::fail_point!("before-call");
        let answer = departing.call().await;
        crate::fail_point!("call-answered");
        let error = match answer {
            Ok(receipt) => {
                self.context.pace.answered();
                return Ok(Some((receipt, self.see_it_out(detachment, departing).await?)));
            }
            Err(error) => error,
        };
        attempts.last = error.to_string();
        let receipt = Receipt { request_id: error.request_id.clone() };
        match error.kind {
            ApiErrorKind::Throttled | ApiErrorKind::Concurrent => {
                (self.context.progress)(Progress::Waiting(detachment, &attempts.last));
                self.context.pace.throttled(pause(attempt));
                Ok(None)
            }
            ApiErrorKind::Unreachable => {
                (self.context.progress)(Progress::Waiting(detachment, &attempts.last));
                sleep(pause(attempt)).await;
                Ok(None)
            }
            ApiErrorKind::ServiceFailure | ApiErrorKind::NoAnswer | ApiErrorKind::Malformed => {
                attempts.ambiguous = true;
                (self.context.progress)(Progress::Waiting(detachment, &attempts.last));
                sleep(pause(attempt)).await;
                let proof = self.ask(departing, &attempts.last).await?;
                Ok(proof.map(|proof| (receipt, proof)))
            }
            // Only the proven identity makes these a success: see `leave`.
            ApiErrorKind::NotInOrganization | ApiErrorKind::AccountNotFound => {
                let proof = self.see_it_out(detachment, departing).await?;
                // Where no call of this run can have done it, it was an earlier one's, whose record AWS's stale answers made us pass over.
                match self.recorded(detachment.id) {
                    Some(record) if !attempts.ambiguous => Err(Outcome::Departed { record, request_id: None, proof }),
                    _ => Ok(Some((receipt, proof))),
                }
            }
            _ if attempts.ambiguous => match self.ask(departing, &attempts.last).await? {
                Some(proof) => Ok(Some((receipt, proof))),
                None => Err(Outcome::Refused(Refusal::from(&error))),
            },
            _ => Err(Outcome::Refused(Refusal::from(&error))),
        }
    }

    /// Asks whether the account is out, again while the question itself fails.
    async fn ask(&self, departing: &impl Departing, last: &str) -> Result<Option<Proof>, Outcome> {
        let mut asked = 0;
        loop {
            match departing.proof().await {
                Ok(proof) => return Ok(proof),
                Err(error) if asked + 1 < QUESTIONS && error.kind.is_passing() => sleep(pause(asked)).await,
                Err(error) => return Err(Outcome::Unknown(format!("{last}; whether it is out could not be asked: {error}"))),
            }
            asked += 1;
        }
    }

    /// Asks until AWS shows the account out: its answers agree only after a while.
    async fn see_it_out(&self, detachment: &Detachment, departing: &impl Departing) -> Result<Proof, Outcome> {
        let mut last = format!("AWS still shows {} in the organization", detachment.id);
        for look in 0..LOOKS {
            match departing.proof().await {
                Ok(Some(proof)) => return Ok(proof),
                Ok(None) => {}
                // Patience changes no policy.
                Err(error) if error.kind == ApiErrorKind::AccessDenied => {
                    return Err(Outcome::Unknown(format!(
                        "AWS accepted the call, and whether the account is out may not be asked: {error}"
                    )));
                }
                Err(error) => last = error.to_string(),
            }
            // DescribeOrganization: one a second from one account (quotas page).
            sleep(BETWEEN_CALLS / haste() + pause(look)).await;
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
            journal: JournalEnd::default(),
            previous: String::new(),
        };
        // The record goes before the outcome: whoever dies between the two leaves an intent that the next run settles.
        let recorded = match self.run.record(record).await {
            Ok(recorded) => recorded,
            Err(error) => return Outcome::Unrecorded(error.to_string()),
        };
        match self.run.departed(departed_at, detachment.id, recorded.clone(), "departed").await {
            Ok(()) => Outcome::Departed { record: recorded.name, request_id: receipt.request_id, proof },
            Err(error) => Outcome::Unrecorded(error.to_string()),
        }
    }

    /// Journals that nothing changed. What is not known stays an open intent.
    async fn conclude(&self, detachment: &Detachment, outcome: Outcome) -> Outcome {
        let summary = match &outcome {
            Outcome::HeldBack(result) => format!("held back by {}: {}", result.gate, result.explanation()),
            Outcome::Refused(refusal) => {
                let contradicted =
                    refusal.contradicted(detachment).map_or_else(String::new, |found| format!(", which contradicts {found}"));
                format!("refused: {}{contradicted}", refusal.code_and_reason)
            }
            Outcome::NotStarted(why) => why.clone(),
            Outcome::Departed { record, .. } => format!("it had left before, as {record} says"),
            Outcome::Unrecorded(_) | Outcome::Unknown(_) | Outcome::Unjournaled(_) => return outcome,
        };
        match self.run.not_departed((self.context.clock)(), detachment.id, &summary).await {
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
        MemberAccess::Failed { error: error.to_string(), failure: error.role_failure(), evidence }
    }

    /// Looks at everything that only shows from inside, once the session is known to be in the account and its organization.
    async fn look(&self, session: Option<&impl MemberSession>, detachment: &Detachment, access: &MemberAccess, role: &str) -> Looks {
        match (session, access) {
            (Some(session), MemberAccess::Assumed { account, organization: Some(organization), .. })
                if *account == detachment.id && *organization == self.context.organization.id =>
            {
                let share_regions = share_regions(self.context.observed, &self.context.roster.provider.regions);
                let scope = InsideScope { account: *account, role_arn: role, share_regions, now: (self.context.clock)() };
                // What this apply's own observation saw, from the management account or with another role, counts where this role may not look.
                let before = self.context.observed.looks.get(account).cloned().unwrap_or_default();
                look_inside(session, scope).await.or(before)
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
    whole.mul_f64(0.5 + jitter as f64 / 1000.0) / haste()
}
