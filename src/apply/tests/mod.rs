//! Scenarios: these departures are approved, AWS answers this, and this is the outcome. Time is paused.

mod answers;
mod declared;
mod fake;
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
use fake::{Answer, Client, Fake, LATENCY, error, id, live};
use store::Memory;

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
    /// The backend's contents when the run began.
    records: BTreeMap<AccountId, PastAct>,
    /// The reports of departures that were not begun: how many at a time, and why.
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

    /// `more` is added to every account block, and `header` precedes the blocks.
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

    /// Plans with what is observed now.
    fn plan_again(&mut self) {
        self.plan = plan_of(&self.roster, &self.sources, &self.observed);
    }

    /// The next calls of an account are answered with these errors, without effect.
    fn refuses(&self, account: &str, errors: &[ApiError]) {
        let answers = errors.iter().map(|error| Answer { error: error.clone(), takes_effect: false });
        self.fake.script.borrow_mut().entry(id(account)).or_default().extend(answers);
    }

    /// The next call of an account takes effect, but is answered with this error.
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

/// The acts of a plan, for a test to change.
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
