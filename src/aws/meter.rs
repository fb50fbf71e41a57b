//! Stands in every client: counts requests by operation, reads AWS's clock from the answers, reports throttles to the pace, and refuses what
//! is no answer.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use tokio::time::Instant;

use crate::api::ClockReading;
use crate::org::{OperationCost, ReadingCost};

use super::answers;
use super::error::is_throttle;
use super::pace::Pace;

/// Shared by every client of a run.
#[derive(Debug, Clone)]
pub struct Meter {
    shared: Arc<Mutex<Readings>>,
    clock: fn() -> Timestamp,
    pace: Pace,
    began: Instant,
}

#[derive(Debug, Default)]
struct Readings {
    requests: BTreeMap<String, u64>,
    /// Requests that were announced.
    expected: BTreeMap<String, u64>,
    clock: Option<ClockReading>,
}

impl Meter {
    /// A meter that holds AWS's clock against `clock`, and slows `pace` down when AWS throttles.
    pub fn new(clock: fn() -> Timestamp, pace: Pace) -> Self {
        Self { shared: Arc::default(), clock, pace, began: Instant::now() }
    }

    /// What was asked so far, and what it waited for.
    pub fn cost(&self) -> ReadingCost {
        let readings = self.lock();
        let cost = |operation: &String| {
            let name = operation.split_once(':').map_or(operation.as_str(), |(_, name)| name);
            let count = |of: &BTreeMap<String, u64>| of.get(operation).copied().unwrap_or(0);
            let cost = OperationCost { requests: count(&readings.requests), expected: count(&readings.expected), ..self.pace.cost(name) };
            (operation.clone(), cost)
        };
        ReadingCost {
            operations: readings.requests.keys().chain(readings.expected.keys()).map(cost).collect(),
            share_percent: self.pace.share_percent(),
            elapsed: self.began.elapsed(),
        }
    }

    /// So many requests more of an operation of Organizations are announced, or fewer.
    pub fn expect(&self, operation: &str, more: i64) {
        if more != 0 {
            let mut readings = self.lock();
            let expected = readings.expected.entry(format!("organizations:{operation}")).or_default();
            *expected = expected.saturating_add_signed(more);
        }
    }

    /// Requests so far, retries included, by `service:Operation`.
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.lock().requests.clone()
    }

    /// The clocks at the last answer.
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

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(metadata) = config.load::<Metadata>() {
            *self.lock().requests.entry(named(metadata)).or_default() += 1;
        }
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").and_then(|date| rfc2822::parse(date).ok());
        if let Some(date) = date {
            self.lock().clock = Some(ClockReading { aws: date.timestamp(), local: (self.clock)() });
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
            if is_throttle(context.response()) {
                self.pace.throttled(metadata.name());
            }
            answers::check(&named(metadata), context.response())?;
        }
        Ok(())
    }
}

/// The operation, named as IAM's actions are.
fn named(metadata: &Metadata) -> String {
    let service = match metadata.service() {
        "SSO Admin" => "sso".to_owned(),
        other => other.to_lowercase(),
    };
    format!("{service}:{}", metadata.name())
}
