//! AWS Payments (API reference, version 2026-09-23), of which no SDK crate is published: one operation in JSON 1.0, signed and sent by the
//! SDK's own parts. When there is a crate, its client takes the place of this file.

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation as SdkOperation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{AuthSchemeOptionResolverParams, SharedAuthSchemeOptionResolver};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_types::region::{Region, SigningRegion};
use aws_types::service_config::ServiceConfigKey;
use aws_types::{SdkConfig, SigningName};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{ApiError, Operation, Pages};
use crate::org::{PaymentInstrument, partition_of_region};

use super::Aws;
use super::error::translate;

const OPERATION: Operation = Operation::ListPaymentInstruments;
const TARGET: &str = "AWSPayments.ListPaymentInstruments";
/// Where the credentials lead to no region of their own.
const DEFAULT_REGION: &str = "us-east-1";

/// The service's one region in each partition, and the suffix of its dual-stack host (its endpoint rule set).
const HOMES: &[(&str, &str, &str)] = &[
    ("aws", "us-east-1", "api.aws"),
    ("aws-cn", "cn-northwest-1", "api.amazonwebservices.com.cn"),
    ("aws-us-gov", "us-gov-west-1", "api.aws"),
    ("aws-eusc", "eusc-de-east-1", "api.amazonwebservices.eu"),
];

/// A page of the answer. Ids, ARNs and times are not read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    payment_instrument_summaries: Vec<Summary>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    payment_method: String,
    status: String,
}

impl Aws {
    /// Payment instruments of the caller's account: the operation takes no other.
    pub(super) async fn payment_instruments(&self) -> Result<Vec<PaymentInstrument>, ApiError> {
        let operation = self.list_payment_instruments()?;
        let (mut instruments, mut pages) = (Vec::new(), Pages::new(OPERATION));
        loop {
            self.pace.wait(OPERATION).await;
            let page = operation.invoke(pages.token()).await.map_err(|error| translate(OPERATION, &error))?;
            let found = page.payment_instrument_summaries;
            let more = pages.turn(found.len(), page.next_token)?;
            instruments.extend(found.into_iter().map(|found| PaymentInstrument { method: found.payment_method, status: found.status }));
            if !more {
                instruments.sort();
                return Ok(instruments);
            }
        }
    }

    fn list_payment_instruments(&self) -> Result<SdkOperation<Option<String>, Page, ErrorMetadata>, ApiError> {
        let unusable = |why: String| ApiError::malformed(OPERATION, why);
        let home = Home::of(&self.sdk).map_err(unusable)?;
        let credentials = self.sdk.credentials_provider().ok_or_else(|| unusable("there are no credentials to sign it with".to_owned()))?;
        let mut config = Layer::new("payments");
        config.store_put(AuthSchemeOptionResolverParams::new(()));
        config.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(Region::new(home.region.clone()))),
            region_set: None,
            name: Some(SigningName::from_static("payments")),
            signing_options: SigningOptions::default(),
        });
        let mut components = RuntimeComponentsBuilder::new("payments")
            .with_auth_scheme(SigV4AuthScheme::new())
            .with_identity_cache(Some(IdentityCache::no_cache()))
            .with_identity_resolver(SCHEME_ID, credentials);
        components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(StaticAuthSchemeOptionResolver::new(vec![
            SCHEME_ID,
        ]))));
        let plugin = StaticRuntimePlugin::new().with_config(config.freeze()).with_runtime_components(components);
        let mut operation = SdkOperation::builder()
            .service_name("Payments")
            .operation_name(OPERATION.name())
            .http_client(self.http.clone())
            .endpoint_url(&home.endpoint)
            .runtime_plugin(plugin)
            .interceptor(self.meter.clone())
            .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new());
        if let Some(retry) = self.sdk.retry_config() {
            operation = operation.standard_retry(retry);
        }
        if let Some(timeouts) = self.sdk.timeout_config() {
            operation = operation.timeout_config(timeouts.clone());
        }
        Ok(operation.serializer(request).deserializer(answer).build())
    }
}

/// Where the service is reached, and the region that its requests are signed for.
struct Home {
    endpoint: String,
    region: String,
}

impl Home {
    /// The endpoint of the environment or the profile, for this service or for all; else AWS's own.
    fn of(sdk: &SdkConfig) -> Result<Self, String> {
        let region = sdk.region().map_or(DEFAULT_REGION, AsRef::as_ref);
        let partition = partition_of_region(region);
        let home = HOMES.iter().find(|(name, ..)| *name == partition);
        let key = ServiceConfigKey::builder().service_id("Payments").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
        let own = key.ok().and_then(|key| sdk.service_config()?.load_config(key));
        if let Some(endpoint) = own.or_else(|| sdk.endpoint_url().map(str::to_owned)) {
            return Ok(Self { endpoint, region: home.map_or(region, |(_, region, _)| *region).to_owned() });
        }
        let (_, region, suffix) = home.ok_or_else(|| format!("AWS Payments has no endpoint in the partition {partition}"))?;
        let fips = if sdk.use_fips() == Some(true) { "-fips" } else { "" };
        Ok(Self { endpoint: format!("https://payments{fips}.{region}.{suffix}"), region: (*region).to_owned() })
    }
}

fn request(next: Option<String>) -> Result<HttpRequest, BoxError> {
    let body = next.map_or_else(|| json!({}), |next| json!({ "nextToken": next })).to_string();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST")?;
    request.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    request.headers_mut().insert("x-amz-target", TARGET);
    Ok(request)
}

fn answer(response: &HttpResponse) -> Result<Page, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return serde_json::from_slice(body).map_err(|error| OrchestratorError::response(error.into()));
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    // A service may write its namespace before the code, and more behind it.
    let code = response.headers().get("x-amzn-errortype").or_else(|| text("__type"));
    let code = code.and_then(|code| code.rsplit('#').next()?.split(':').next());
    let mut error = ErrorMetadata::builder();
    if let Some(code) = code {
        error = error.code(code);
    }
    if let Some(message) = text("message").or_else(|| text("Message")) {
        error = error.message(message);
    }
    Err(OrchestratorError::operation(error.build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdk(region: &str) -> aws_types::sdk_config::Builder {
        SdkConfig::builder().region(Region::new(region.to_owned()))
    }

    #[test]
    fn the_service_has_one_home_in_each_partition_and_the_environment_another_endpoint() {
        for (region, endpoint, signed_for) in [
            ("eu-west-1", "https://payments.us-east-1.api.aws", "us-east-1"),
            ("cn-north-1", "https://payments.cn-northwest-1.api.amazonwebservices.com.cn", "cn-northwest-1"),
            ("us-gov-east-1", "https://payments.us-gov-west-1.api.aws", "us-gov-west-1"),
        ] {
            let home = Home::of(&sdk(region).build()).unwrap();
            assert_eq!((home.endpoint.as_str(), home.region.as_str()), (endpoint, signed_for));
        }
        let fips = Home::of(&sdk("us-east-1").use_fips(true).build()).unwrap();
        assert_eq!(fips.endpoint, "https://payments-fips.us-east-1.api.aws");
        let elsewhere = Home::of(&sdk("eu-west-1").endpoint_url("http://127.0.0.1:4566").build()).unwrap();
        assert_eq!((elsewhere.endpoint.as_str(), elsewhere.region.as_str()), ("http://127.0.0.1:4566", "us-east-1"));
        assert!(Home::of(&sdk("us-iso-east-1").build()).is_err());
    }

    #[test]
    fn an_error_keeps_its_code_and_message_wherever_they_stand() {
        for (header, body) in [
            (None, r#"{"__type":"com.amazonaws.payments#AccessDeniedException","message":"no"}"#),
            (Some("AccessDeniedException:http://internal"), r#"{"Message":"no"}"#),
        ] {
            let mut response = HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body));
            header.map(|header| response.headers_mut().insert("x-amzn-errortype", header));
            let error = answer(&response).unwrap_err();
            let found = error.as_operation_error().unwrap();
            assert_eq!((found.code(), found.message()), (Some("AccessDeniedException"), Some("no")), "{body}");
        }
    }
}
