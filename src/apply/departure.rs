//! One departure, from what the account shows of itself to the record.

use jiff::Timestamp;

use crate::api::{ApiError, AssumeMember, FindAccount, Receipt, RemoveMember};
use crate::gate::{GateResult, MemberAccess};
use crate::journal::{DepartureRecord, JournalEnd, JournalError, OpenIntent, Proof, Store};
use crate::org::{AccountId, OrganizationId, Via};
use crate::plan::Detachment;

use super::executor::Executor;
use super::probe::against;
use super::settle::{FOUND_OUT, late_record};
use super::step::{Leave, Remove, Standing, by_management, elsewhere};
use super::{Outcome, Refusal};

/// An account that is out by a call of this run.
pub(super) struct Out {
    pub intended_at: Timestamp,
    pub receipt: Receipt,
    pub proof: Proof,
    pub gates: Vec<GateResult>,
}

impl<R: FindAccount, W: AssumeMember + RemoveMember, S: Store> Executor<'_, R, W, S> {
    /// Journals the intent, makes the departure, and journals what became of it.
    pub(super) async fn depart(&self, detachment: &Detachment) -> Outcome {
        // An earlier intent that is still open stands for this one too, until this run makes a call of its own.
        let intended_at = match self.earlier_intent(detachment.id) {
            Some(_) => None,
            None => match self.intend(detachment).await {
                Ok(intended_at) => Some(intended_at),
                Err(outcome) => return outcome,
            },
        };
        let made = match detachment.declared.via {
            Via::Leave => self.leave(detachment, intended_at).await,
            Via::Remove => self.remove(detachment, intended_at).await,
        };
        match made {
            Ok(out) => self.record(detachment, out).await,
            Err(outcome) => self.conclude(detachment, outcome).await,
        }
    }

    /// When this returns, a crash can no longer hide the departure.
    pub(super) async fn intend(&self, detachment: &Detachment) -> Result<Timestamp, Outcome> {
        let intended_at = (self.context.clock)();
        let written = self.run.intend(intended_at, detachment, self.context.digest).await;
        written.map(|()| intended_at).map_err(|error| Outcome::Unjournaled(error.to_string()))
    }

    async fn remove(&self, detachment: &Detachment, intended_at: Option<Timestamp>) -> Result<Out, Outcome> {
        if let Some(against) = against(&detachment.gates) {
            return Err(Outcome::HeldBack(Box::new(against.clone())));
        }
        let step = Remove { read: self.read, write: self.write, id: detachment.id };
        self.call_until_final(detachment, &step, detachment.gates.clone(), intended_at).await
    }

    async fn leave(&self, detachment: &Detachment, intended_at: Option<Timestamp>) -> Result<Out, Outcome> {
        let organization = &self.context.roster.organization.id;
        let role = detachment.declared.member_role.arn(&self.context.observed.organization.partition, detachment.id);
        let Some(desired) = self.context.roster.accounts.iter().find(|account| account.id == detachment.id) else {
            return Err(Outcome::NotStarted(format!("no block of the configuration is about account {}", detachment.id)));
        };
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
        if let Some(outcome) = self.out_before(detachment.id, &access).await {
            return Err(outcome);
        }
        let probed = self.probe(assumed.as_ref().ok(), detachment, &access, &role).await;
        let gates = self.gates_now(desired, detachment, &access, probed);
        // Whatever the configuration says about a gate: without proof of identity there is no call.
        let is_proven = matches!(&access, MemberAccess::Assumed { account, organization: Some(found), .. }
            if *account == detachment.id && found == organization);
        match (&assumed, against(&gates)) {
            (_, Some(against)) => Err(Outcome::HeldBack(Box::new(against.clone()))),
            (Ok(session), None) if is_proven => {
                let step = Leave { session, read: self.read, id: detachment.id, organization };
                self.call_until_final(detachment, &step, gates, intended_at).await
            }
            _ => {
                let why = format!("the session is not proven to be in account {} of {organization}", detachment.id);
                Err(Outcome::NotStarted(why))
            }
        }
    }

    /// What becomes of an account that turns out to have left before: by a departure on record, or by the call of an earlier run that did
    /// not live to see it. `None` if nothing shows that it is out, or if no call of ours can have done it.
    async fn out_before(&self, id: AccountId, access: &MemberAccess) -> Option<Outcome> {
        let earlier = self.earlier_intent(id);
        let standing = match access {
            MemberAccess::Assumed { account, organization: None, .. } if *account == id => Standing::Out(Proof::MemberNotInOrganization),
            // The rest needs a question of its own, which is worth it only where an earlier call may be the reason.
            _ if earlier.is_none() => return None,
            MemberAccess::Assumed { account, organization: Some(found), .. } if *account == id => self.compare(id, found).await.ok()?,
            MemberAccess::Assumed { .. } | MemberAccess::Failed { .. } | MemberAccess::Deferred => {
                by_management(self.read, id).await.ok()?
            }
        };
        match standing {
            Standing::Out(proof) => match (self.recorded(id), earlier) {
                (Some(record), _) => Some(Outcome::Departed { record, request_id: None, proof }),
                (None, Some(intent)) => Some(self.record_earlier(intent, proof).await),
                (None, None) => None,
            },
            Standing::Contradicted(organization) => Some(Outcome::Unknown(format!(
                "account {id} says that it is in organization {organization}, and the management account still finds it"
            ))),
            Standing::Member => None,
        }
    }

    /// Where an account stands that names this organization.
    async fn compare(&self, id: AccountId, found: &OrganizationId) -> Result<Standing, ApiError> {
        if *found == self.context.roster.organization.id {
            return Ok(Standing::Member);
        }
        elsewhere(self.read, id, found.clone()).await
    }

    /// An earlier run's intent whose call may have taken effect.
    pub(super) fn earlier_intent(&self, id: AccountId) -> Option<&OpenIntent> {
        self.context.unsettled.get(&id)
    }

    /// The record of this very membership's end. An account that joined again since has another one to come.
    pub(super) fn recorded(&self, id: AccountId) -> Option<String> {
        let departure = self.context.records.get(&id)?;
        let joined_at = self.context.observed.account(id).and_then(|account| account.joined_at);
        joined_at.is_none_or(|joined_at| joined_at <= departure.departed_at).then(|| departure.record.clone())
    }

    async fn record(&self, detachment: &Detachment, out: Out) -> Outcome {
        let Out { intended_at, receipt, proof, gates } = out;
        let record = DepartureRecord {
            version: 1,
            organization: self.context.organization.clone(),
            sandbox: self.context.sandbox,
            detachment: Detachment { gates, ..detachment.clone() },
            digest: self.context.digest.clone(),
            run: self.run.id().to_owned(),
            operator: self.context.operator.to_owned(),
            intended_at,
            departed_at: (self.context.clock)(),
            request_id: receipt.request_id,
            proof,
            journal: JournalEnd::default(),
            previous: String::new(),
        };
        self.write_record(record, "departed").await
    }

    /// An earlier run made the call and did not live to see it.
    async fn record_earlier(&self, intent: &OpenIntent, proof: Proof) -> Outcome {
        let record = late_record(intent, self.context.observed, self.context.sandbox, (self.context.clock)(), proof);
        self.write_record(record, FOUND_OUT).await
    }

    /// The record goes before the outcome: whoever dies between the two leaves an intent that the next run settles.
    async fn write_record(&self, record: DepartureRecord, summary: &str) -> Outcome {
        let DepartureRecord { departed_at, proof, .. } = record;
        let (id, request_id) = (record.detachment.id, record.request_id.clone());
        let recorded = match self.run.record(record).await {
            Ok(recorded) => recorded,
            Err(error) => return Outcome::Unrecorded(error.to_string()),
        };
        match self.run.departed(departed_at, id, recorded.clone(), summary).await {
            Ok(()) => Outcome::Departed { record: recorded.name, request_id, proof },
            Err(error) => Outcome::Unrecorded(error.to_string()),
        }
    }

    /// Keeps what AWS found lacking, so that the next plan does not offer the departure on the same word.
    async fn remember(&self, detachment: &Detachment, refusal: &Refusal, at: Timestamp) -> Result<(), JournalError> {
        let caller = match detachment.declared.via {
            Via::Leave => detachment.id,
            Via::Remove => self.context.observed.called_from,
        };
        let Some(refused) = refusal.to_remember(caller, at) else { return Ok(()) };
        self.run.refused(&self.context.organization.id, detachment.id, &refused).await
    }

    /// Journals that nothing changed. An intent whose call may have taken effect, of this run or of an earlier one, stays open.
    async fn conclude(&self, detachment: &Detachment, outcome: Outcome) -> Outcome {
        let at = (self.context.clock)();
        let kept = match &outcome {
            Outcome::Refused(refusal) => self.remember(detachment, refusal, at).await,
            _ => Ok(()),
        };
        let outcome = if self.earlier_intent(detachment.id).is_some() { outcome.left_open() } else { outcome };
        let summary = match &outcome {
            Outcome::HeldBack(_) | Outcome::Refused(_) | Outcome::NotDone(_) | Outcome::NotStarted(_) => outcome.in_words(detachment),
            // Its own record closed the intent.
            Outcome::Departed { record, .. } if self.context.records.get(&detachment.id).is_some_and(|known| known.record == *record) => {
                format!("it had left before, as {record} says")
            }
            Outcome::Departed { .. } | Outcome::Open(_) | Outcome::Unrecorded(_) | Outcome::Unknown(_) | Outcome::Unjournaled(_) => {
                return outcome;
            }
        };
        let written = kept.and(self.run.not_departed(at, detachment.id, &summary).await);
        match written {
            Ok(()) => outcome,
            Err(error) => Outcome::Unknown(format!("{summary}; and the journal could not be written: {error}")),
        }
    }

    /// Leads from AWS's logs back to the run; 2 to 64 of the characters that STS allows.
    fn session_name(&self) -> String {
        let run: String =
            self.run.id().chars().filter(|character| character.is_ascii_alphanumeric() || *character == '-').take(53).collect();
        format!("orgroster-{run}")
    }
}
