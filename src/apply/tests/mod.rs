//! Stories: these departures are approved, AWS answers this, and this is what becomes of them. Time is paused.

mod answers;
mod declared;
mod intents;
mod join;
mod order;
mod store;
mod transfer;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use crate::api::{
    AcceptingSession, Answering, ApiError, ApiErrorKind, AssumeMember, AuditRoot, FindAccount, MemberIdentity, MemberSession, Operation,
    ReadMember, Receipt, RemoveMember, SessionNames, VisitMember,
};
use crate::config;
use crate::diag::SourceMap;
use crate::gate::testing::{NOW, Story};
use crate::journal::{Chain, Ledger, LockHolder, OpenIntent};
use crate::org::{
    Account, AccountId, Answers, ContactInformation, ContextEntry, DesiredRoster, Handshake, MemberRole, ObservedOrganization,
    OrganizationConditions, OrganizationId, PaymentInstrument, ResourceShares, RootUser, SessionIdentity, Simulation, SupportEvidence,
    testing,
};
use crate::plan::{Act, Change, PastAct, Plan, PlanInput, PlannedAccount, plan};

use super::{ApplyReport, Executor, Outcome, PATIENCE, Pace, Progress, ResolvedIntents, RunContext, resolve_intents};
use store::Memory;

/// How long every answer of the fake takes.
const LATENCY: Duration = Duration::from_millis(20);

/// What the fake answers to a call.
#[derive(Debug, Clone)]
struct Answer {
    error: ApiError,
    /// Whether the call takes effect all the same.
    takes_effect: bool,
}

/// AWS, as far as an executor sees it.
#[derive(Default)]
struct Fake {
    members: RefCell<BTreeSet<AccountId>>,
    /// Where an account is that is in another organization.
    elsewhere: RefCell<BTreeMap<AccountId, OrganizationId>>,
    /// What the next calls of an account are answered; then they succeed.
    script: RefCell<BTreeMap<AccountId, VecDeque<Answer>>>,
    /// What assuming the role is answered.
    locked: RefCell<BTreeMap<AccountId, ApiError>>,
    /// Sessions that belong to another account than was asked for.
    wrong: RefCell<BTreeMap<AccountId, AccountId>>,
    /// How many questions after a departure are still answered with the state before.
    stale: Cell<u32>,
    lag: RefCell<BTreeMap<AccountId, u32>>,
    /// How many questions fail.
    mute: Cell<u32>,
    /// What the account's own session is answered about its organization once a call was made.
    unusable: RefCell<BTreeMap<AccountId, ApiError>>,
    /// What IAM's simulator answers in an account, where it does not answer.
    unsimulated: RefCell<BTreeMap<AccountId, ApiError>>,
    /// What reading the contact information in an account is answered, where it may not be read.
    uninformed: RefCell<BTreeMap<AccountId, ApiError>>,
    /// Accounts whose root user has no password, and those that were audited.
    bare: RefCell<BTreeSet<AccountId>>,
    audits: RefCell<Vec<AccountId>>,
    /// The source identities of the sessions that were made.
    source_identities: RefCell<Vec<Option<String>>>,
    /// Accounts that the management account still finds although they are out.
    lingering: RefCell<BTreeSet<AccountId>>,
    /// Invitations that accounts have, and the ARNs of those that were accepted.
    invitations: RefCell<BTreeMap<AccountId, Vec<Handshake>>>,
    accepted: RefCell<Vec<String>>,
    /// Whether an account that accepts ends in no organization.
    vanishes: Cell<bool>,
    /// Sessions that are to accept and belong to another account than the one that probed.
    strays: RefCell<BTreeMap<AccountId, AccountId>>,
    /// Handshakes that the organization sent, and the calls that take accounts in, in their order.
    sent: RefCell<Vec<Handshake>>,
    taking_in: RefCell<Vec<String>>,
    taken_in_at: RefCell<Vec<Instant>>,
    /// How often all handshakes were listed.
    listings: Cell<usize>,
    /// What happens to the invitations between two reads of them.
    meanwhile: RefCell<Option<fn(&mut Handshake)>>,
    /// The plan of the accounts, where it is not the paid one.
    account_plan: RefCell<Option<String>>,
    /// What the next calls that take accounts in are answered, and whether they take effect all the same.
    refusals: RefCell<VecDeque<Answer>>,
    /// Where accounts stand that joined.
    units: RefCell<BTreeMap<AccountId, String>>,
    /// The name of whoever comes in.
    stranger: RefCell<Option<String>>,
    calls: RefCell<Vec<(Instant, AccountId)>>,
    flights: Cell<usize>,
    most_flights: Cell<usize>,
    /// Interrupt once so many calls were made.
    interrupt_after: Cell<usize>,
    interrupted: AtomicBool,
}

struct Session<'f> {
    fake: &'f Fake,
    account: AccountId,
    /// The ARN of the one invitation that it may accept.
    invitation: Option<String>,
}

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn error(kind: ApiErrorKind, code: &str, reason: Option<&str>) -> ApiError {
    ApiError {
        operation: "organizations:LeaveOrganization".into(),
        kind,
        code: Some(code.into()),
        reason: reason.map(str::to_owned),
        message: "said AWS".into(),
        request_id: Some("r-1".into()),
    }
}

impl Fake {
    async fn call(&self, account: AccountId) -> Result<Receipt, ApiError> {
        self.calls.borrow_mut().push((Instant::now(), account));
        if self.calls.borrow().len() == self.interrupt_after.get() {
            self.interrupted.store(true, Ordering::Relaxed);
        }
        self.flights.set(self.flights.get() + 1);
        self.most_flights.set(self.most_flights.get().max(self.flights.get()));
        sleep(LATENCY).await;
        self.flights.set(self.flights.get() - 1);
        let answer = self.script.borrow_mut().get_mut(&account).and_then(VecDeque::pop_front);
        if answer.as_ref().is_none_or(|answer| answer.takes_effect) {
            if !self.members.borrow_mut().remove(&account) {
                return Err(error(ApiErrorKind::NotInOrganization, "AWSOrganizationsNotInUseException", None));
            }
            self.lag.borrow_mut().insert(account, self.stale.get());
        }
        answer.map_or_else(|| Ok(Receipt { request_id: Some("r-0".into()) }), |answer| Err(answer.error))
    }

    async fn is_member(&self, account: AccountId) -> Result<bool, ApiError> {
        sleep(LATENCY).await;
        if self.mute.get() > 0 && !self.calls.borrow().is_empty() {
            self.mute.set(self.mute.get() - 1);
            return Err(error(ApiErrorKind::NoAnswer, "timeout", None));
        }
        if let Some(left) = self.lag.borrow_mut().get_mut(&account)
            && *left > 0
        {
            *left -= 1;
            return Ok(true);
        }
        Ok(self.members.borrow().contains(&account))
    }

    fn calls_of(&self, account: &str) -> usize {
        self.calls.borrow().iter().filter(|(_, by)| *by == id(account)).count()
    }
}

impl FindAccount for Fake {
    async fn find_account(&self, account: AccountId) -> Result<Option<Account>, ApiError> {
        let found = self.is_member(account).await? || self.lingering.borrow().contains(&account);
        let stranger = self.stranger.borrow().clone();
        Ok(found.then(|| Account { name: stranger.unwrap_or_else(|| format!("a{account}")), ..live(account) }))
    }
}

impl Answering for Fake {
    fn answers(&self) -> Answers {
        Answers::default()
    }

    fn answered(&self, _: Operation, _: Option<&str>) -> Option<Timestamp> {
        Some(NOW)
    }
}

impl AuditRoot for Fake {
    async fn manages_root(&self) -> Result<bool, ApiError> {
        Ok(true)
    }

    async fn root_user(&self, account: AccountId) -> Result<(RootUser, Timestamp), ApiError> {
        self.audits.borrow_mut().push(account);
        Ok((RootUser { password: !self.bare.borrow().contains(&account), mfa_devices: 0 }, NOW))
    }
}

impl RemoveMember for Fake {
    async fn remove_account(&self, account: AccountId) -> Result<Receipt, ApiError> {
        self.call(account).await
    }
}

/// The executor's reader and writer borrow the fake, as sessions do.
struct Client<'f>(&'f Fake);

impl FindAccount for Client<'_> {
    async fn find_account(&self, account: AccountId) -> Result<Option<Account>, ApiError> {
        self.0.find_account(account).await
    }
}

impl Answering for Client<'_> {
    fn answers(&self) -> Answers {
        self.0.answers()
    }

    fn answered(&self, operation: Operation, subject: Option<&str>) -> Option<Timestamp> {
        self.0.answered(operation, subject)
    }
}

impl AuditRoot for Client<'_> {
    async fn manages_root(&self) -> Result<bool, ApiError> {
        self.0.manages_root().await
    }

    async fn root_user(&self, account: AccountId) -> Result<(RootUser, Timestamp), ApiError> {
        self.0.root_user(account).await
    }
}

impl<'f> Client<'f> {
    fn enter(&self, arn: &str) -> Result<Session<'f>, ApiError> {
        let account: AccountId = arn.split(':').nth(4).unwrap().parse().unwrap();
        match self.0.locked.borrow().get(&account) {
            Some(error) => Err(error.clone()),
            None => {
                Ok(Session { fake: self.0, account: self.0.wrong.borrow().get(&account).copied().unwrap_or(account), invitation: None })
            }
        }
    }
}

impl<'f> VisitMember for Client<'f> {
    type Visit = Session<'f>;

    async fn visit(&self, arn: &str, _: &MemberRole, _: SessionNames<'_>) -> Result<Session<'f>, ApiError> {
        self.enter(arn)
    }
}

impl RemoveMember for Client<'_> {
    async fn remove_account(&self, account: AccountId) -> Result<Receipt, ApiError> {
        self.0.remove_account(account).await
    }
}

impl<'f> AssumeMember for Client<'f> {
    type Session = Session<'f>;
    type Accepting = Session<'f>;

    async fn assume(&self, arn: &str, _: &MemberRole, names: SessionNames<'_>) -> Result<Session<'f>, ApiError> {
        self.0.source_identities.borrow_mut().push(names.source_identity.map(str::to_owned));
        self.enter(arn)
    }

    async fn assume_accepting(
        &self,
        arn: &str,
        _: &MemberRole,
        names: SessionNames<'_>,
        invitation: &str,
    ) -> Result<Session<'f>, ApiError> {
        self.0.source_identities.borrow_mut().push(names.source_identity.map(str::to_owned));
        let session = self.enter(arn)?;
        let strayed = self.0.strays.borrow().get(&session.account).copied();
        Ok(Session { account: strayed.unwrap_or(session.account), invitation: Some(invitation.to_owned()), ..session })
    }
}

impl Answering for Session<'_> {
    fn answers(&self) -> Answers {
        Answers::default()
    }

    fn answered(&self, _: Operation, _: Option<&str>) -> Option<Timestamp> {
        Some("2026-11-22T09:00:00Z".parse().unwrap())
    }
}

impl MemberIdentity for Session<'_> {
    async fn account(&self) -> Result<AccountId, ApiError> {
        Ok(self.account)
    }

    async fn organization(&self) -> Result<Option<OrganizationId>, ApiError> {
        if let Some(error) = self.fake.unusable.borrow().get(&self.account)
            && self.fake.calls.borrow().iter().any(|(_, by)| *by == self.account)
        {
            return Err(error.clone());
        }
        let is_member = self.fake.is_member(self.account).await?;
        let ours = "o-exampleorgid".parse().unwrap();
        Ok(if is_member { Some(ours) } else { self.fake.elsewhere.borrow().get(&self.account).cloned() })
    }

    fn identity(&self) -> SessionIdentity {
        SessionIdentity { user_id: Some("AROAEXAMPLE:orgroster".to_owned()), source_identity: None }
    }
}

impl ReadMember for Session<'_> {
    async fn role_tags(&self, _: &str) -> Result<BTreeMap<String, String>, ApiError> {
        Ok(BTreeMap::new())
    }

    async fn simulate_leaving(&self, _: &str, _: &[ContextEntry]) -> Result<Simulation, ApiError> {
        if let Some(error) = self.fake.unsimulated.borrow().get(&self.account) {
            return Err(error.clone());
        }
        Ok(Simulation { decision: "allowed".into(), allowed_by_organizations: Some(true) })
    }

    async fn open_handshakes(&self) -> Result<Vec<Handshake>, ApiError> {
        Ok(self.fake.invitations.borrow().get(&self.account).cloned().unwrap_or_default())
    }

    async fn contact_information(&self) -> Result<ContactInformation, ApiError> {
        match self.fake.uninformed.borrow().get(&self.account) {
            Some(error) => Err(error.clone()),
            None => Ok(ContactInformation::default()),
        }
    }

    async fn created_at(&self) -> Result<Timestamp, ApiError> {
        Ok("2024-03-01T10:00:00Z".parse().unwrap())
    }

    async fn support_evidence(&self) -> Result<SupportEvidence, ApiError> {
        Ok(SupportEvidence::PaidPlan)
    }

    async fn account_plan(&self) -> Result<String, ApiError> {
        Ok(self.fake.account_plan.borrow().clone().unwrap_or_else(|| "PAID".to_owned()))
    }

    async fn own_name(&self) -> Result<String, ApiError> {
        Ok(format!("a{}", self.account))
    }

    async fn payment_instruments(&self) -> Result<Vec<PaymentInstrument>, ApiError> {
        Ok(Vec::new())
    }

    async fn organization_conditions(&self, _: &OrganizationId) -> Result<OrganizationConditions, ApiError> {
        Ok(OrganizationConditions::default())
    }

    async fn resource_shares(&self, _: &[String]) -> Result<ResourceShares, ApiError> {
        Ok(ResourceShares::default())
    }
}

impl AcceptingSession for Session<'_> {
    async fn accept(&self, handshake: &str) -> Result<Receipt, ApiError> {
        let arn = self.invitation.as_deref().unwrap();
        assert!(arn.ends_with(&format!("/{handshake}")), "{handshake} is not what the session's policy names: {arn}");
        self.fake.accepted.borrow_mut().push(arn.to_owned());
        if arn.contains(":handshake/o-exampleorgid/") {
            return self.fake.come_in(self.account, handshake);
        }
        let receipt = self.fake.call(self.account).await;
        if !self.fake.members.borrow().contains(&self.account) && !self.fake.vanishes.get() {
            let to = arn.split('/').nth(1).unwrap().parse().unwrap();
            self.fake.elsewhere.borrow_mut().entry(self.account).or_insert(to);
        }
        receipt
    }
}

impl MemberSession for Session<'_> {
    async fn leave(&self) -> Result<Receipt, ApiError> {
        self.fake.call(self.account).await
    }
}

fn live(account: AccountId) -> Account {
    testing::account(&account.to_string(), &format!("a{account}"), &[])
}

/// Approved departures and the AWS that they meet.
struct World {
    roster: DesiredRoster,
    sources: SourceMap,
    observed: ObservedOrganization,
    plan: Plan,
    fake: Fake,
    ledger: Ledger<Memory>,
    parallelism: usize,
    pace_percent: u32,
    timeout: Option<Duration>,
    /// What the backend held when the run began.
    records: BTreeMap<AccountId, PastAct>,
    /// Departures that were not begun, as they were reported: how many at a time, and why.
    not_begun: RefCell<Vec<(usize, String)>>,
    /// Set by `resolve_intents`.
    unresolved: BTreeMap<AccountId, OpenIntent>,
}

const A: &str = "222222222222";
const B: &str = "333333333333";
const C: &str = "444444444444";
const D: &str = "555555555555";

fn plan_of(roster: &DesiredRoster, sources: &SourceMap, observed: &ObservedOrganization) -> Plan {
    let (records, now) = (BTreeMap::new(), NOW);
    let input = PlanInput {
        roster,
        sources,
        observed,
        records: &records,
        joinings: &BTreeMap::new(),
        targets: &[],
        now,
        sandbox: false,
        snapshot: None,
    };
    plan(&input).0
}

impl World {
    fn new(accounts: &[&str]) -> Self {
        Self::with(accounts, "", "")
    }

    /// `more` stands in every account block, `header` before them.
    fn with(accounts: &[&str], more: &str, header: &str) -> Self {
        let block = |account: &&str| {
            format!(
                "account \"a{account}\" {{\n  id = \"{account}\"\n  name = \"a{account}\"\n  membership = \"detached\"\n  reason = \"Divested\"\n{more}\n}}\n"
            )
        };
        let organization = "organization {\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";
        let guardrails =
            format!("guardrails {{\n  max_detachments = 1000\n  max_detachments_percent = 100\n  allow_remove = true\n  {header}\n}}\n");
        let directory = tempfile::tempdir().unwrap();
        let text = format!("{organization}{guardrails}{}", accounts.iter().map(block).collect::<String>());
        std::fs::write(directory.path().join("main.roster.hcl"), text).unwrap();
        let mut sources = SourceMap::default();
        let (roster, _) = config::load(directory.path(), &mut sources).unwrap();
        let mut observed = Story::new().seen;
        observed.accounts = accounts.iter().map(|account| live(id(account))).collect();
        if let Ok(policies) = &mut observed.policies {
            let own = policies.at["333333333333"].clone();
            policies.at.extend(accounts.iter().map(|account| ((*account).to_owned(), own.clone())));
        }
        let plan = plan_of(&roster, &sources, &observed);
        assert_eq!(plan.eligible().len(), accounts.len(), "{:?}", plan.blocked());
        let fake = Fake { members: RefCell::new(accounts.iter().map(|account| id(account)).collect()), ..Fake::default() };
        fake.interrupt_after.set(usize::MAX);
        let (parallelism, pace_percent) = (10, 100);
        let ledger = Ledger::new(Memory::default(), "o-exampleorgid".parse().unwrap());
        Self {
            roster,
            sources,
            observed,
            plan,
            fake,
            ledger,
            parallelism,
            pace_percent,
            timeout: None,
            records: BTreeMap::new(),
            not_begun: RefCell::default(),
            unresolved: BTreeMap::new(),
        }
    }

    /// Plans with what is observed by now.
    fn plan_again(&mut self) {
        self.plan = plan_of(&self.roster, &self.sources, &self.observed);
    }

    /// The next calls of an account are answered with these errors, without effect.
    fn refuses(&self, account: &str, errors: &[ApiError]) {
        let answers = errors.iter().map(|error| Answer { error: error.clone(), takes_effect: false });
        self.fake.script.borrow_mut().entry(id(account)).or_default().extend(answers);
    }

    /// The next call of an account takes effect and is answered with this error.
    fn loses(&self, account: &str, error: ApiError) {
        self.fake.script.borrow_mut().entry(id(account)).or_default().push_back(Answer { error, takes_effect: true });
    }

    async fn apply(&self) -> ApplyReport {
        let run = self.ledger.begin(&holder()).await.unwrap();
        let report = self.execute(&run, &self.approved()).await;
        run.release().await.unwrap();
        report
    }

    fn approved(&self) -> Vec<PlannedAccount> {
        self.plan.eligible().into_iter().cloned().collect()
    }

    async fn execute(&self, run: &crate::journal::Run<'_, Memory>, approved: &[PlannedAccount]) -> ApplyReport {
        let client = Client(&self.fake);
        let context = RunContext {
            roster: &self.roster,
            observed: &self.observed,
            organization: &self.plan.organization,
            sandbox: false,
            digest: &self.plan.digest,
            operator: "arn:aws:iam::111111111111:role/Admin",
            approved_by: &[],
            clock: &|| NOW,
            interrupted: &self.fake.interrupted,
            deadline: self.timeout.map(|timeout| Instant::now() + timeout),
            records: &self.records,
            unresolved: &self.unresolved,
            patience: PATIENCE,
            parallelism: self.parallelism,
            pace: Pace::new(self.pace_percent),
            progress: &|progress| {
                if let Progress::NotBegun(departures, why) = progress {
                    self.not_begun.borrow_mut().push((departures.len(), why.to_owned()));
                }
            },
        };
        Executor { read: &client, write: &client, run, context: &context }.execute(approved).await.unwrap()
    }

    /// What a run does before it plans.
    async fn resolve_intents(&mut self, run: &crate::journal::Run<'_, Memory>) -> ResolvedIntents {
        let mut observed = self.observed.clone();
        observed.accounts.retain(|account| self.fake.members.borrow().contains(&account.id));
        let resolved = resolve_intents(&Client(&self.fake), run, &observed, false, NOW, &mut BTreeMap::new()).await.unwrap();
        self.unresolved = resolved.open.clone();
        resolved
    }

    async fn chain(&self) -> Chain {
        let chain = self.ledger.check(None).await.unwrap();
        assert_eq!(chain.damage, []);
        chain
    }

    /// Accounts with a record, in the order of the chain.
    async fn recorded(&self) -> Vec<String> {
        self.chain().await.records.iter().map(|found| found.record.planned.id.to_string()).collect()
    }

    fn still_members(&self) -> Vec<String> {
        self.fake.members.borrow().iter().map(ToString::to_string).collect()
    }
}

/// What is to be done, to be changed by a test.
fn acts(plan: &mut Plan) -> Vec<&mut Act> {
    fn act(planned: &mut PlannedAccount) -> &mut Act {
        match &mut planned.change {
            Change::Act(act) => act,
            Change::None(why) => panic!("{why:?}"),
        }
    }
    plan.accounts.iter_mut().map(act).collect()
}

fn holder() -> LockHolder {
    LockHolder { id: "run-1".into(), operation: "apply".into(), who: "ci".into(), created: Some(NOW) }
}

/// The outcomes as words, in the order of the accounts.
fn words(report: &ApplyReport) -> Vec<&'static str> {
    let word = |outcome: &Outcome| match outcome {
        Outcome::Done { .. } => "done",
        Outcome::Invited { .. } => "invited",
        Outcome::Stranger(_) => "stranger",
        Outcome::HeldBack(_) => "held back",
        Outcome::Refused(_) => "refused",
        Outcome::NotDone(_) => "not done",
        Outcome::Open(_) => "open",
        Outcome::Unknown(_) => "unknown",
        Outcome::Unrecorded(_) => "unrecorded",
        Outcome::NotStarted(_) => "not started",
        Outcome::Unjournaled(_) => "unjournaled",
    };
    report.outcomes.iter().map(|(_, outcome)| word(outcome)).collect()
}
