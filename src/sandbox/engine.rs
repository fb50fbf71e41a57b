//! From a request to its answer: who asks, for what, whether something happens to it on its way, and what it does to the world.

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

/// What the client sees of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// An answer.
    Answer(Outgoing),
    /// A connection that is reset.
    Reset,
}

/// The world with everything around it that does not persist.
#[derive(Debug)]
pub struct Engine {
    /// The world.
    pub world: World,
    /// Faults to come.
    pub schedule: Schedule,
    /// How often each operation was called, as `service:Operation`.
    pub requests: BTreeMap<String, u64>,
    pages: Pages,
    throttles: Throttles,
    store: Option<Store>,
    serial: u64,
    /// The world before each write that reads don't show yet, and when the write was made. Oldest first.
    unseen: VecDeque<(Instant, World)>,
    /// Since when this process has known of what is under way.
    waiting: BTreeMap<String, Instant>,
}

impl Engine {
    /// An engine over a world.
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

    /// Begins a request, and returns its id.
    pub fn begin(&mut self) -> String {
        self.serial += 1;
        self.advance();
        // The serial begins anew in each process; what the world holds by then does not.
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

    /// The answer; none where the connection is reset instead.
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

    /// Completes what is under way and due. What was under way when the process ended is due at once.
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
        // An account that stands alone answers a handshake within the quota of the organization that asks.
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
            // What the history shows is kept in the world as it is, with the next change: a world that was only read stays as its fixture has it.
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

    /// Forgets the worlds before writes that reads show by now.
    fn forget_seen(&mut self, delay: Duration) {
        while self.unseen.front().is_some_and(|(written, _)| written.elapsed() >= delay) {
            self.unseen.pop_front();
        }
    }

    /// Saves the world, where it persists.
    ///
    /// # Errors
    ///
    /// `ServiceException` naming the file: the effect has happened, but would not outlive this process.
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

    /// An answer outside any operation, in the JSON protocol.
    #[must_use]
    pub fn refuse(refusal: Refusal) -> Reply {
        Reply::Answer(Protocol::Json.write(None, String::new(), Err(refusal)))
    }
}
