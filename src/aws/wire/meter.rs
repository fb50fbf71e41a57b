//! An interceptor in every client. It identifies this program, counts requests by operation, reads AWS's clock from the answers, reports
//! throttles to the pace, and rejects invalid answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::Value;
use tokio::time::Instant;

use crate::api::{ClockReading, Operation};
use crate::org::{AccountId, Answers, OperationCost, ReadingCost, USER_AGENT};

use crate::aws::wire::answers;
use crate::aws::wire::error::is_throttle;
use crate::aws::wire::pace::Pace;
use crate::aws::wire::request_log::RequestLog;

/// Shared by every client of a run.
#[derive(Debug, Clone)]
pub struct Meter {
    shared: Arc<Mutex<Readings>>,
    answered: Answered,
    clock: fn() -> Timestamp,
    pace: Pace,
    began: Instant,
    log: RequestLog,
}

#[derive(Debug, Default)]
struct Readings {
    requests: BTreeMap<Operation, u64>,
    /// The expected requests, by operation.
    expected: BTreeMap<Operation, u64>,
    clock: Option<ClockReading>,
}

/// The answers to one set of credentials.
type Answered = Arc<Mutex<Answers>>;

impl Meter {
    /// Creates a meter that compares AWS's clock with `clock`, and slows `pace` down when AWS throttles.
    pub fn new(clock: fn() -> Timestamp, pace: Pace) -> Self {
        Self { shared: Arc::default(), answered: Arc::default(), clock, pace, began: Instant::now(), log: RequestLog::default() }
    }

    /// A meter with the same counts, but with separate answers: those of a session in `account`.
    pub fn of_session(&self, account: Option<AccountId>) -> Self {
        Self { answered: Arc::default(), log: RequestLog { account }, ..self.clone() }
    }

    /// The times of AWS's answers.
    pub fn answers(&self) -> Answers {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When AWS last answered `operation`, about `subject` if it is set.
    pub fn answered(&self, operation: Operation, subject: Option<&str>) -> Option<Timestamp> {
        let answers = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        subject.map_or_else(|| answers.last(operation.action()), |subject| answers.about(operation.action(), subject))
    }

    /// The requests so far, and the time spent waiting for quotas.
    pub fn cost(&self) -> ReadingCost {
        let readings = self.lock();
        let cost = |operation: &Operation| {
            let count = |of: &BTreeMap<Operation, u64>| of.get(operation).copied().unwrap_or(0);
            let cost =
                OperationCost { requests: count(&readings.requests), expected: count(&readings.expected), ..self.pace.cost(*operation) };
            (operation.action().to_owned(), cost)
        };
        ReadingCost {
            operations: readings.requests.keys().chain(readings.expected.keys()).map(cost).collect(),
            share_percent: self.pace.share_percent(),
            elapsed: self.began.elapsed(),
        }
    }

    /// Adds to the expected requests of an operation. `more` may be negative.
    pub fn expect(&self, operation: Operation, more: i64) {
        if more != 0 {
            let mut readings = self.lock();
            let expected = readings.expected.entry(operation).or_default();
            *expected = expected.saturating_add_signed(more);
        }
    }

    /// Requests so far, retries included, by `service:Operation`.
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.lock().requests.iter().map(|(operation, count)| (operation.action().to_owned(), *count)).collect()
    }

    /// Both clocks at the last answer.
    pub fn clock(&self) -> Option<ClockReading> {
        self.lock().clock
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Readings> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "orgroster meter"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        context.request_mut().headers_mut().insert("user-agent", USER_AGENT);
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.log.read_before_transmit(context, components, config)?;
        if let Some(metadata) = config.load::<Metadata>() {
            *self.lock().requests.entry(operation_of(metadata)?).or_default() += 1;
        }
        let subject = Subject(subject(context.request()).unwrap_or_default());
        config.interceptor_state().store_put(subject);
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = date_of(context.response()) {
            self.lock().clock = Some(ClockReading { aws: date, local: (self.clock)() });
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(metadata) = config.load::<Metadata>() {
            let operation = operation_of(metadata)?;
            if is_throttle(context.response()) {
                self.pace.throttled(operation);
            }
            answers::check(operation, context.response())?;
            if context.response().status().as_u16() < 500 {
                let at = date_of(context.response()).unwrap_or_else(self.clock);
                let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
                answered.note(operation.action(), config.load::<Subject>().map_or("", |subject| subject.0.as_str()), at);
            }
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.log.read_after_attempt(context, components, config)
    }
}

/// When the answer was made, by the server's clock.
fn date_of(response: &HttpResponse) -> Option<Timestamp> {
    response.headers().get("date").and_then(|date| rfc2822::parse(date).ok()).map(|date| date.timestamp())
}

/// What a request is about, kept until its answer arrives.
#[derive(Debug)]
struct Subject(String);

impl Storable for Subject {
    type Storer = StoreReplace<Self>;
}

/// Members of requests that identify what they are about.
const SUBJECTS: &[&str] = &["AccountId", "TargetId", "ResourceId", "ChildId", "PolicyId", "OrganizationalUnitId", "ParentId"];

/// What a request is about: an account, a policy or a level, if its JSON contains one.
fn subject(request: &HttpRequest) -> Option<String> {
    let body: BTreeMap<String, Value> = serde_json::from_slice(request.body().bytes()?).ok()?;
    SUBJECTS.iter().find_map(|name| body.get(*name)?.as_str()).map(str::to_owned)
}

/// The operation of a request. A request that is not in the table is not sent.
fn operation_of(metadata: &Metadata) -> Result<Operation, BoxError> {
    // Named like IAM's actions.
    let service = match metadata.service() {
        "SSO Admin" => "sso".to_owned(),
        other => other.to_lowercase(),
    };
    Operation::find(&service, metadata.name())
        .ok_or_else(|| format!("{service}:{} is not in the table of operations", metadata.name()).into())
}
