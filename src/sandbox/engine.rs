//! From a request to its answer: who makes the request, for which operation, whether a fault or throttle intercepts it, and how it changes
//! the world.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::operations::{self, Call, Operation};
use super::rules::caller::Caller;
use super::rules::context::Circumstances;
use super::rules::pages::Pages;
use super::state::{World, ids};
use super::store::Store;
use super::weather::throttle::Throttles;
use super::weather::{Effect, Schedule};
use super::wire::credentials::Scope;
use super::wire::protocol::Asked;
use super::wire::{Answer, Incoming, Outgoing, Protocol, Refusal};

/// What the client receives for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// An answer.
    Answer(Outgoing),
    /// The connection is reset.
    Reset,
}

/// The world, together with the state that does not persist.
#[derive(Debug)]
pub struct Engine {
    /// The world.
    pub world: World,
    /// The faults that are still scheduled.
    pub schedule: Schedule,
    /// How often each operation was called, as `service:Operation`.
    pub requests: BTreeMap<String, u64>,
    pages: Pages,
    throttles: Throttles,
    store: Option<Store>,
    serial: u64,
    /// The world before each write that reads don't show yet, with the time of the write. Oldest first.
    unseen: VecDeque<(Instant, World)>,
    /// When this process first saw each pending item.
    waiting: BTreeMap<String, Instant>,
}

impl Engine {
    /// Creates an engine for a world.
    #[must_use]
    pub fn new(world: World, schedule: Schedule, store: Option<Store>) -> Self {
        Self {
            world,
            schedule,
            requests: BTreeMap::new(),
            pages: Pages::default(),
            throttles: Throttles::default(),
            store,
            serial: 0,
            unseen: VecDeque::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// Begins a request and returns its id.
    pub fn begin(&mut self) -> String {
        self.serial += 1;
        self.advance();
        // The serial starts at zero in each process; the world's sequence and trail continue, so that ids don't repeat.
        let World { seed, sequence, trail, .. } = &self.world;
        ids::uuid(&["request", &seed.to_string(), &self.serial.to_string(), &sequence.to_string(), &trail.len().to_string()])
    }

    /// Answers a request to AWS.
    pub fn handle(&mut self, request: &Incoming, request_id: String) -> Reply {
        let scope = Scope::read(request.authorization.as_deref());
        let asked = match Asked::read(request, scope.as_ref().ok()) {
            Ok(asked) => asked,
            Err((protocol, refusal)) => return Reply::Answer(protocol.write(None, request_id, Err(refusal))),
        };
        let answer = match scope {
            Ok(scope) => self.answer(request, &asked, &scope, &request_id),
            Err(refusal) => Some(Err(refusal)),
        };
        match answer {
            Some(answer) => Reply::Answer(asked.protocol.write(Some(&asked), request_id, answer)),
            None => Reply::Reset,
        }
    }

    /// The answer; `None` if the connection is reset instead.
    fn answer(&mut self, request: &Incoming, asked: &Asked, scope: &Scope, request_id: &str) -> Option<Answer> {
        let Some(operation) = operations::find(asked.service, &asked.operation) else {
            return Some(Err(asked.unknown_operation(request)));
        };
        *self.requests.entry(operation.action()).or_default() += 1;
        let caller = match Caller::identify(scope, request.security_token.as_deref(), &self.world) {
            Ok(caller) => caller,
            Err(refusal) => return Some(Err(refusal)),
        };
        if !self.admitted(operation, &caller, request, asked) {
            return Some(Err(Refusal::too_many_requests()));
        }
        let (before, struck) = (self.schedule.clone(), self.schedule.strike(&operation.action(), caller.account));
        if self.schedule != before
            && let Err(refusal) = self.save()
        {
            return Some(Err(refusal));
        }
        match struck {
            None => Some(self.run(request, asked, operation, &caller, request_id)),
            Some(Effect::Refuse(refusal)) => Some(Err(refusal)),
            Some(Effect::Reset) => None,
            Some(Effect::RunThenRefuse(refusal)) => Some(self.run(request, asked, operation, &caller, request_id).and(Err(refusal))),
            Some(Effect::RunThenReset) => self.run(request, asked, operation, &caller, request_id).err().map(Err),
        }
    }

    /// Completes pending items that are due. Items that were pending when the process ended are due at once.
    fn advance(&mut self) {
        let delay = Duration::from_millis(self.world.settings.creation_delay_ms);
        let under_way = self.world.under_way();
        let now = self.world.now();
        for id in under_way {
            let due = self.waiting.get(&id).is_none_or(|since| since.elapsed() >= delay);
            if due {
                self.waiting.remove(&id);
                self.world.complete(&id, now);
            }
        }
        self.world.clean_closed(now);
    }

    fn admitted(&mut self, operation: &'static Operation, caller: &Caller, request: &Incoming, asked: &Asked) -> bool {
        if !self.world.settings.throttles {
            return true;
        }
        // If a standalone account answers a handshake, the request counts against the quota of the organization that sent it.
        let asks = || {
            let input = asked.input(&request.body).ok()?;
            self.world.handshakes.get(input.optional("HandshakeId").ok()??).map(|handshake| handshake.organization.as_str())
        };
        let organization = self.world.organization_of(caller.account).map(|organization| organization.id.as_str()).or_else(asks);
        self.throttles.admit(operation.name, caller.account, organization, Instant::now())
    }

    fn run(&mut self, request: &Incoming, asked: &Asked, operation: &'static Operation, caller: &Caller, request_id: &str) -> Answer {
        let input = asked.input(&request.body)?;
        let now = self.world.now();
        let source = self.world.settings.source_ip.clone().unwrap_or_else(|| request.source.to_string());
        let region = if operation.service.is_global() { self.world.partition.home_region() } else { caller.region.as_str() };
        let circumstances = Circumstances { now, source_ip: &source, user_agent: request.user_agent.as_deref(), region };
        let delay = Duration::from_millis(self.world.settings.visibility_delay_ms);
        self.forget_seen(delay);
        let before = (operation.writes && !delay.is_zero()).then(|| self.world.clone());
        let world = match self.unseen.front_mut() {
            // A read is answered from the older world, unless it appears in the event history: such a read is recorded in the current
            // world. The record is saved with the next change, so that a world that was only read stays as its fixture describes it.
            Some((_, stale)) if !operation.writes && !operation.in_history => stale,
            _ => &mut self.world,
        };
        let answer = Call { world, pages: &mut self.pages, caller, input: &input, operation, circumstances, request_id }.run();
        if operation.writes && answer.is_ok() {
            self.unseen.extend(before.map(|before| (Instant::now(), before)));
            for id in self.world.under_way() {
                self.waiting.entry(id).or_insert_with(Instant::now);
            }
            self.save()?;
        }
        answer
    }

    /// Drops the older worlds whose writes are visible by now.
    fn forget_seen(&mut self, delay: Duration) {
        while self.unseen.front().is_some_and(|(written, _)| written.elapsed() >= delay) {
            self.unseen.pop_front();
        }
    }

    /// Saves the world, if it persists.
    ///
    /// # Errors
    ///
    /// Returns `ServiceException` with the name of the file: the change was made, but would be lost when this process ends.
    pub fn save(&self) -> Result<(), Refusal> {
        let Some(store) = &self.store else { return Ok(()) };
        store
            .save(&self.world, self.schedule.pending())
            .map_err(|error| Refusal::service(format!("The sandbox state {} can't be written: {error}.", store.path().display())))
    }

    /// The world's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// An answer that belongs to no operation, in the JSON protocol.
    #[must_use]
    pub fn refuse(refusal: Refusal) -> Reply {
        Reply::Answer(Protocol::Json.write(None, String::new(), Err(refusal)))
    }
}
