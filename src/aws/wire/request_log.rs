//! Logs every request as an event of this crate: the operation, the calling account, the attempt, the duration of the answer, and its
//! request id. Events contain no bodies, headers or credentials.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use log::Level;
use tokio::time::Instant;

use crate::org::{AccountId, escaped};

use crate::aws::wire::error::{is_throttle, request_id};

/// An interceptor in every client.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestLog {
    /// The account whose credentials make the request, if they are a session in a member. `None` for the run's own credentials.
    pub account: Option<AccountId>,
}

/// When a request was sent.
#[derive(Debug)]
struct Sent(Instant);

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for RequestLog {
    fn name(&self) -> &'static str {
        "orgroster request log"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(Sent(Instant::now()));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (Some(metadata), Some(Sent(sent))) = (config.load::<Metadata>(), config.load::<Sent>()) else { return Ok(()) };
        let operation = format!("{}:{}", metadata.service().to_lowercase().replace(' ', "-"), metadata.name());
        let account = self.account.map_or_else(|| "-".to_owned(), |account| account.to_string());
        let attempt = config.load::<RequestAttempts>().map_or(1, RequestAttempts::attempts);
        let latency_ms = u64::try_from(sent.elapsed().as_millis()).unwrap_or(u64::MAX);
        let response = context.response();
        let status = response.map_or(0, |response| response.status().as_u16());
        let id = response.and_then(request_id).unwrap_or_else(|| "-".to_owned());
        let request_id = escaped(&id);
        let (level, what) = match response {
            None => (Level::Error, "no answer"),
            Some(response) if is_throttle(response) => (Level::Warn, "throttled"),
            Some(_) if status >= 500 => (Level::Warn, "AWS failed"),
            Some(_) if status >= 400 => (Level::Info, "refused"),
            Some(_) => (Level::Debug, "answered"),
        };
        log::log!(target: "orgroster::request", level, operation:%, account:%, attempt, latency_ms, status, request_id:%; "{what}");
        Ok(())
    }
}
