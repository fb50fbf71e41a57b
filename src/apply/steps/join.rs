//! An account joins: it is invited and, if the block names a role for that, accepts with its own role; then it is tagged and placed.

use std::cell::{Cell, RefCell};

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep, sleep_until};

use crate::api::{AcceptingSession, ApiError, ApiErrorKind, FindAccount, Operation, ReadJoining, ReadMember, Receipt, TakeIn};
use crate::gate::{self, GateResult, MemberAccess};
use crate::journal::{Proof, Store};
use crate::org::{
    Account, AccountId, Action, DeclaredOrganization, Enforcement, GateName, Handshake, JoinStep, Joining, MemberRole, OrganizationId,
    Probe, Provenance, SentInvitation,
};
use crate::plan::{Act, PlannedAccount};

use super::{Done, Effect, Meaning, Step, meaning};
use crate::apply::call::{BETWEEN_CALLS, VISIBLE_WITHIN, pause};
use crate::apply::executor::{Executor, Read, Write};
use crate::apply::meanings::Asked;
use crate::apply::probe::against;
use crate::apply::{Outcome, Refusal};
use crate::failpoint::test_speedup;

/// The maximum difference between AWS's clock and the local one.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Sends the invitation, by the account's id.
struct Invite<'a, R, W> {
    read: &'a R,
    write: &'a W,
    id: AccountId,
    declared: &'a DeclaredOrganization,
    intended_at: Timestamp,
    now: &'a dyn Fn() -> Timestamp,
    /// The handshake id from AWS's answer.
    answered: RefCell<Option<String>>,
    /// The invitation as AWS shows it.
    sent: RefCell<Option<Handshake>>,
}

impl<R: ReadJoining, W: TakeIn> Step for Invite<'_, R, W> {
    const ACTION: Action = Action::Join(JoinStep::Invite);

    async fn call(&self) -> Result<Receipt, ApiError> {
        let (handshake, receipt) = self.write.invite(self.id).await?;
        *self.answered.borrow_mut() = Some(handshake);
        Ok(receipt)
    }

    async fn done(&self) -> Result<Effect, ApiError> {
        let answered = self.answered.borrow().clone();
        let handshakes = match answered {
            // The whole list would grow with the joinings of a run; this handshake's id is known.
            Some(id) => self.read.handshake(&id).await?.into_iter().collect(),
            None => self.read.handshakes().await?,
        };
        let since = self.intended_at.checked_sub(TOLERANCE).unwrap_or(self.intended_at);
        let mut ours: Vec<_> =
            handshakes.into_iter().filter(|found| found.invites(self.id, &self.declared.id, self.declared.management_account_id)).collect();
        // An invitation that was answered at once was still sent.
        ours.retain(|found| found.is_open((self.now)()) || found.requested_at.is_some_and(|at| at >= since));
        ours.sort_by_key(|found| (found.is_open((self.now)()), found.requested_at));
        *self.sent.borrow_mut() = ours.pop();
        Ok(if self.sent.borrow().is_some() { Effect::Done(Proof::InvitationSent) } else { Effect::Before })
    }

    fn meaning(&self, error: &ApiError) -> Meaning {
        // For a duplicate invitation or an existing member, the read after a refusal shows the actual state.
        meaning(Asked::Invite, error)
    }

    fn elsewhere(&self, _: Option<&OrganizationId>) -> String {
        format!("account {} is not invited", self.id)
    }
}

/// Accepts the invitation, with a session in the account that can't accept any other.
struct Accept<'a, S, R> {
    session: &'a S,
    read: &'a R,
    id: AccountId,
    to: &'a OrganizationId,
    from: Option<&'a OrganizationId>,
    handshake: &'a str,
    /// When the account last read its organization. Two reads came before the call: AWS admits two at once, and then one per second.
    asked_at: Instant,
}

impl<S: AcceptingSession, R: FindAccount> Step for Accept<'_, S, R> {
    const ACTION: Action = Action::Join(JoinStep::Accept);

    async fn call(&self) -> Result<Receipt, ApiError> {
        self.session.accept(self.handshake).await
    }

    async fn done(&self) -> Result<Effect, ApiError> {
        sleep_until(self.asked_at + BETWEEN_CALLS / test_speedup()).await;
        match self.session.organization().await {
            Ok(Some(found)) if found == *self.to => Ok(Effect::Done(Proof::MemberInTarget)),
            Ok(None) => Ok(Effect::Before),
            Ok(Some(found)) if Some(&found) == self.from => Ok(Effect::Before),
            Ok(found) => Ok(Effect::Elsewhere(found)),
            Err(error) if error.kind.is_transient() && error.kind != ApiErrorKind::Malformed => Err(error),
            // Our own policies may now deny this read, or the session may have expired. The management account also knows who is a member.
            Err(error) => match self.read.find_account(self.id).await {
                Ok(Some(_)) => Ok(Effect::Done(Proof::Member)),
                Ok(None) => Ok(Effect::Before),
                Err(_) => Err(error),
            },
        }
    }

    fn meaning(&self, error: &ApiError) -> Meaning {
        meaning(Asked::AcceptOurs, error)
    }

    fn elsewhere(&self, found: Option<&OrganizationId>) -> String {
        super::misplaced(self.id, found, self.to)
    }
}

/// Moves the account out of the root, where AWS puts every account that joins.
struct Place<'a, R, W> {
    read: &'a R,
    write: &'a W,
    id: AccountId,
    root: &'a str,
    unit: &'a str,
}

impl<R: ReadJoining, W: TakeIn> Step for Place<'_, R, W> {
    const ACTION: Action = Action::Join(JoinStep::Place);

    async fn call(&self) -> Result<Receipt, ApiError> {
        self.write.move_account(self.id, self.root, self.unit).await
    }

    async fn done(&self) -> Result<Effect, ApiError> {
        Ok(match self.read.unit_of(self.id).await? {
            Some(found) if found == self.unit => Effect::Done(Proof::MemberInUnit),
            Some(found) if found == self.root => Effect::Before,
            // A person moved it elsewhere, so it is no longer ours to place.
            Some(_) => Effect::Done(Proof::MemberElsewhere),
            None => Effect::Elsewhere(None),
        })
    }

    fn meaning(&self, error: &ApiError) -> Meaning {
        meaning(Asked::Place, error)
    }

    fn elsewhere(&self, _: Option<&OrganizationId>) -> String {
        format!("account {} is no longer a member", self.id)
    }
}

/// How far a run got with a joining.
enum Joined {
    /// The account is invited, and its answer is awaited.
    Invited(SentInvitation),
    /// The account is a member in its unit, as observed there.
    Placed(Done, Box<Account>),
}

/// What a joining needs.
struct Joins<'a> {
    planned: &'a PlannedAccount,
    act: &'a Act,
    joining: &'a Joining,
    step: JoinStep,
    intended_at: Timestamp,
    /// Whether an invitation is open, so that the intent stays open whatever else happens in this run.
    is_invited: Cell<bool>,
}

impl<R: Read, W: Write, S: Store> Executor<'_, R, W, S> {
    /// Continues a joining from its next step, as far as it was approved.
    pub(in crate::apply) async fn take_in(&self, planned: &PlannedAccount, act: &Act, (joining, step): (&Joining, JoinStep)) -> Outcome {
        let earlier = self.earlier_intent(planned.id).filter(|intent| intent.planned.desired == planned.desired);
        let intended_at = match earlier {
            Some(intent) => intent.at,
            None => match self.intend(planned).await {
                Ok(intended_at) => intended_at,
                Err(outcome) => return outcome,
            },
        };
        let is_invited = Cell::new(step != JoinStep::Invite);
        let joins = Joins { planned, act, joining, step, intended_at, is_invited };
        match Box::pin(self.join(&joins)).await {
            Ok(Joined::Invited(SentInvitation { handshake, until })) => Outcome::Invited { handshake, until },
            Ok(Joined::Placed(done, live)) => {
                let as_it_is = PlannedAccount { before: Some(*live), ..planned.clone() };
                self.record(&as_it_is, act, done).await
            }
            Err(outcome) if joins.is_invited.get() => outcome,
            Err(outcome) => self.conclude(planned, act.action, outcome).await,
        }
    }

    async fn join(&self, joins: &Joins<'_>) -> Result<Joined, Outcome> {
        let Joins { planned, act, joining, step, intended_at, .. } = *joins;
        let gates = match &joining.accept_role {
            Some(role) if step != JoinStep::Place => self.prove(joins, role).await?,
            _ => act.gates.clone(),
        };
        if let Some(against) = against(&gates) {
            return Err(Outcome::HeldBack(Box::new(against.clone())));
        }
        let sent = match step {
            JoinStep::Invite => Some(self.invite(joins, gates.clone()).await?),
            JoinStep::Accept => self.open_invitation(planned.id).await?,
            JoinStep::Place => None,
        };
        match (&joining.accept_role, sent) {
            (Some(role), sent) if step != JoinStep::Place => self.accept(joins, role, sent, gates.clone()).await?,
            (None, Some(Handshake { id: handshake, expires_at: until, .. })) => {
                return Ok(Joined::Invited(SentInvitation { handshake, until }));
            }
            _ => {}
        }
        let live = self.who_came_in(planned.id, joining).await?;
        let done = self.place(planned, act, gates, intended_at).await?;
        Ok(Joined::Placed(done, Box::new(live)))
    }

    /// Reads the account's identity and organization with a read-only session, before anything is sent.
    async fn prove(&self, joins: &Joins<'_>, role: &MemberRole) -> Result<Vec<GateResult>, Outcome> {
        let Joins { planned, act, joining, step, .. } = *joins;
        let arn = role.arn(&self.context.observed.organization.partition, planned.id);
        let session = self.session_name();
        let (visited, access) = self.entered(self.read.visit(&arn, role, self.names(&session, role)).await).await?;
        let (name, plan) = match &visited {
            // If the role may not read the name, the name is compared after the account has joined.
            Some(session) => (session.own_name().await.ok(), self.account_plan(session, planned.id).await),
            None => (None, Probe::NotRun),
        };
        let (roster, observed) = (self.context.roster, self.context.observed);
        let (story, tags) = Default::default();
        let facts = gate::JoiningFacts {
            now: (self.context.clock)(),
            declared: &roster.organization,
            enforcements: &roster.gates,
            desired: self.desired(planned.id)?,
            joining,
            step,
            observed,
            ahead: 0,
            story: &story,
            joined: None,
            unit: Err("it is not read again"),
            tags: &tags,
            live: None,
            inside: &access,
            own_name: name.as_deref(),
            account_plan: &plan,
        };
        let mut gates = act.gates.clone();
        for result in &mut gates {
            let row = gate::gate(result.gate);
            if row.needs == gate::Needs::Inside
                && let Some(answer) = row.evaluate_joining(&facts)
            {
                *result = answer;
            }
        }
        Ok(act.within_approval(gates))
    }

    /// The account's plan, unless the gate that needs it is off.
    async fn account_plan(&self, session: &impl ReadMember, account: AccountId) -> Probe<String> {
        if self.context.roster.gates.get(&GateName::FreePlan) == Some(&Enforcement::Off) {
            return Probe::NotRun;
        }
        let operation = Operation::GetAccountPlanState.action().to_owned();
        match session.account_plan().await {
            Ok(value) => Probe::Seen { value, provenance: Provenance { operation, account, at: (self.context.clock)() } },
            Err(error) => Probe::Failed(error.into_read_failure()),
        }
    }

    async fn invite(&self, joins: &Joins<'_>, gates: Vec<GateResult>) -> Result<Handshake, Outcome> {
        let Joins { planned, intended_at, is_invited, .. } = joins;
        let step = Invite {
            read: self.read,
            write: self.write,
            id: planned.id,
            declared: &self.context.roster.organization,
            intended_at: *intended_at,
            now: self.context.clock,
            answered: RefCell::default(),
            sent: RefCell::default(),
        };
        self.call_until_final(planned, &step, gates, Some(*intended_at)).await?;
        is_invited.set(true);
        let Some(sent) = step.sent.into_inner() else {
            return Err(Outcome::Unknown("the invitation was sent, but AWS does not show it".to_owned()));
        };
        let invitation = SentInvitation { handshake: sent.id.clone(), until: sent.expires_at };
        crate::fail_point!("invited");
        let written = self.run.invited((self.context.clock)(), planned.id, &invitation).await;
        written.map_err(|error| Outcome::Unjournaled(error.to_string()))?;
        Ok(sent)
    }

    /// The only open invitation of an account in the run's list, as AWS shows it now. The list is as old as the plan, and approval may have
    /// taken time.
    async fn open_invitation(&self, id: AccountId) -> Result<Option<Handshake>, Outcome> {
        let (observed, declared) = (self.context.observed, &self.context.roster.organization);
        let [listed] = gate::open_invitations(observed, declared, id, (self.context.clock)())[..] else { return Ok(None) };
        let shown = self.read.handshake(&listed.id).await;
        shown.map_err(|error| Outcome::NotStarted(format!("the invitation can't be read: {error}")))
    }

    /// Accepts the invitation, which must be ours, for this account and open. The credentials are proven once more to be the account's.
    async fn accept(&self, joins: &Joins<'_>, role: &MemberRole, sent: Option<Handshake>, gates: Vec<GateResult>) -> Result<(), Outcome> {
        let Joins { planned, joining, intended_at, .. } = *joins;
        let (id, declared) = (planned.id, &self.context.roster.organization);
        let now = (self.context.clock)();
        let is_open = |found: &Handshake| found.invites(id, &declared.id, declared.management_account_id) && found.is_open(now);
        let Some(Handshake { id: handshake, arn, .. }) = &sent.filter(is_open) else {
            // A person may already have accepted it.
            return match self.read.find_account(id).await {
                Ok(Some(_)) => Ok(()),
                _ => Err(Outcome::NotStarted(format!("account {id} has no open invitation"))),
            };
        };
        let role_arn = role.arn(&self.context.observed.organization.partition, id);
        let session = self.session_name();
        let session = self.write.assume_accepting(&role_arn, role, self.names(&session, role), arn).await;
        let session = session.map_err(|error| Outcome::Refused(Refusal::in_account(&error)))?;
        let is_declared = |found: &Option<OrganizationId>| found.is_none() || *found == joining.from;
        match self.identify(&session).await {
            MemberAccess::Assumed { account, organization, .. } if account == id && is_declared(&organization) => {}
            _ => {
                return Err(Outcome::NotStarted(format!(
                    "the session that accepts is not proven to be in account {id} and its declared organization"
                )));
            }
        }
        let (read, to, from, asked_at) = (self.read, &declared.id, joining.from.as_ref(), Instant::now());
        let step = Accept { session: &session, read, id, to, from, handshake, asked_at };
        self.call_until_final(planned, &step, gates, Some(intended_at)).await?;
        crate::fail_point!("accepted");
        Ok(())
    }

    /// The member that joined, which must be the declared one. AWS shows it only after a while.
    async fn who_came_in(&self, id: AccountId, joining: &Joining) -> Result<Account, Outcome> {
        let until = Instant::now() + VISIBLE_WITHIN / test_speedup();
        let mut asked = 0;
        let live = loop {
            let last = match self.read.find_account(id).await {
                Ok(Some(live)) => break live,
                Ok(None) => "AWS does not show it among the members".to_owned(),
                Err(error) => error.to_string(),
            };
            if until <= Instant::now() {
                return Err(Outcome::Unknown(format!("account {id} joined, but it could not be verified: {last}")));
            }
            sleep(pause(asked)).await;
            asked += 1;
        };
        let differs = |declared: &Option<String>, found: &str| declared.as_deref().is_some_and(|declared| declared != found);
        if differs(&joining.name, &live.name) || differs(&joining.email, &live.email) {
            let declared: Vec<_> = [&joining.name, &joining.email].into_iter().flatten().map(|text| format!("{text:?}")).collect();
            return Err(Outcome::Stranger(format!(
                "account {id} joined as {:?} ({}), but {} is declared",
                live.name,
                live.email,
                declared.join(", ")
            )));
        }
        Ok(live)
    }

    /// Tags the account and moves it out of the root. If it was moved already, it stays there.
    async fn place(&self, planned: &PlannedAccount, act: &Act, gates: Vec<GateResult>, intended_at: Timestamp) -> Result<Done, Outcome> {
        let id = planned.id;
        let Some(placement) = &act.placement else {
            return Err(Outcome::NotStarted(format!("the unit for account {id} is not known")));
        };
        let root = self.context.observed.root.id.as_str();
        let mut asked = 0;
        while !placement.tags.is_empty() {
            match self.write.tag_account(id, &placement.tags).await {
                Ok(()) => break,
                Err(error) if is_lagging(&error) && asked < MAX_TAGGINGS && self.halted().is_none() => sleep(pause(asked)).await,
                Err(error) => return Err(Outcome::Refused(Refusal::of(Asked::Place, &error))),
            }
            asked += 1;
        }
        crate::fail_point!("tagged");
        let step = Place { read: self.read, write: self.write, id, root, unit: &placement.unit };
        match step.done().await {
            Ok(Effect::Done(proof)) => Ok(Done { intended_at, receipt: Receipt::default(), proof, gates }),
            _ => self.call_until_final(planned, &step, gates, Some(intended_at)).await,
        }
    }
}

/// How often tags are tried before a refusal is final.
const MAX_TAGGINGS: u32 = 8;

/// Whether a retry may succeed, because not all of AWS knows the new member yet.
fn is_lagging(error: &ApiError) -> bool {
    matches!(meaning(Asked::Place, error), Meaning::Throttled | Meaning::Conflict | Meaning::NotSent | Meaning::Lost)
}
