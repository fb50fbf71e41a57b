//! Counts requests by operation, and reads AWS's clock from the answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::api::ClockReading;

/// Shared by every client of a run.
#[derive(Debug, Clone)]
pub struct Meter {
    shared: Arc<Mutex<Readings>>,
    clock: fn() -> Timestamp,
}

#[derive(Debug, Default)]
struct Readings {
    requests: BTreeMap<String, u64>,
    clock: Option<ClockReading>,
}

impl Meter {
    /// A meter that holds AWS's clock against `clock`.
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self { shared: Arc::default(), clock }
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
            let operation = format!("{}:{}", metadata.service().to_lowercase(), metadata.name());
            *self.lock().requests.entry(operation).or_default() += 1;
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
}
