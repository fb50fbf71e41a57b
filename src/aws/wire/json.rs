//! Operations in AWS's JSON protocols that are signed and sent with the SDK's own parts. They belong to services without a published SDK
//! crate, or to services of which orgroster calls a single operation, for which a crate would cost more.

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
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api::{ApiError, Operation};
use crate::org::partition_of_region;

use crate::aws::Aws;

/// Used if the credentials set no region.
const DEFAULT_REGION: &str = "us-east-1";

/// An operation of a service, with what its request needs.
pub(in crate::aws) struct Question {
    /// The operation.
    pub operation: Operation,
    /// The service's id in the environment and in profiles, as in `AWS_ENDPOINT_URL_SERVICE_QUOTAS`.
    pub service_id: &'static str,
    /// The signing name of its requests.
    pub signing_name: &'static str,
    /// `x-amz-target`.
    pub target: &'static str,
    /// The protocol's version.
    pub version: &'static str,
    /// The service's only region in each partition, and the suffix of its host name (its endpoint rule set).
    pub homes: &'static [(&'static str, &'static str, &'static str)],
}

impl Aws {
    /// The SDK operation for a question. Its input is the request's JSON.
    pub(in crate::aws) fn question<A>(&self, question: &'static Question) -> Result<SdkOperation<Value, A, ErrorMetadata>, ApiError>
    where
        A: DeserializeOwned + std::fmt::Debug + Send + Sync + 'static,
    {
        let unusable = |why: String| ApiError::malformed(question.operation, why);
        let home = Home::of(&self.sdk, question).map_err(unusable)?;
        let credentials = self.sdk.credentials_provider().ok_or_else(|| unusable("there are no credentials to sign it with".to_owned()))?;
        let mut config = Layer::new(question.signing_name);
        config.store_put(AuthSchemeOptionResolverParams::new(()));
        config.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(Region::new(home.region.clone()))),
            region_set: None,
            name: Some(SigningName::from_static(question.signing_name)),
            signing_options: SigningOptions::default(),
        });
        let mut components = RuntimeComponentsBuilder::new(question.signing_name)
            .with_auth_scheme(SigV4AuthScheme::new())
            .with_identity_cache(Some(IdentityCache::no_cache()))
            .with_identity_resolver(SCHEME_ID, credentials);
        components.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(StaticAuthSchemeOptionResolver::new(vec![
            SCHEME_ID,
        ]))));
        let plugin = StaticRuntimePlugin::new().with_config(config.freeze()).with_runtime_components(components);
        let mut operation = SdkOperation::builder()
            .service_name(question.signing_name)
            .operation_name(question.operation.name())
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
        Ok(operation.serializer(|body: Value| request(question, &body)).deserializer(answer::<A>).build())
    }
}

/// A service's endpoint, and the signing region of its requests.
pub(in crate::aws) struct Home {
    pub(in crate::aws) endpoint: String,
    pub(in crate::aws) region: String,
}

impl Home {
    /// The endpoint from the environment or the profile, for this service or for all; otherwise AWS's own.
    pub(in crate::aws) fn of(sdk: &SdkConfig, question: &Question) -> Result<Self, String> {
        let Question { service_id, signing_name, homes, .. } = question;
        let region = sdk.region().map_or(DEFAULT_REGION, AsRef::as_ref);
        let partition = partition_of_region(region);
        let home = homes.iter().find(|(name, ..)| *name == partition);
        let key = ServiceConfigKey::builder().service_id(service_id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
        let own = key.ok().and_then(|key| sdk.service_config()?.load_config(key));
        if let Some(endpoint) = own.or_else(|| sdk.endpoint_url().map(str::to_owned)) {
            return Ok(Self { endpoint, region: home.map_or(region, |(_, region, _)| *region).to_owned() });
        }
        let (_, region, suffix) = home.ok_or_else(|| format!("{service_id} has no endpoint in the partition {partition}"))?;
        let fips = if sdk.use_fips() == Some(true) { "-fips" } else { "" };
        Ok(Self { endpoint: format!("https://{signing_name}{fips}.{region}.{suffix}"), region: (*region).to_owned() })
    }
}

fn request(question: &Question, body: &Value) -> Result<HttpRequest, BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(body.to_string()));
    request.set_method("POST")?;
    request.headers_mut().insert("content-type", format!("application/x-amz-json-{}", question.version));
    request.headers_mut().insert("x-amz-target", question.target);
    Ok(request)
}

fn answer<A: DeserializeOwned>(response: &HttpResponse) -> Result<A, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return serde_json::from_slice(body).map_err(|error| OrchestratorError::response(error.into()));
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    // A service may write its namespace before the code, and more text after it.
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

    #[test]
    fn an_error_keeps_its_code_and_message_wherever_they_stand() {
        for (header, body) in [
            (None, r#"{"__type":"com.amazonaws.payments#AccessDeniedException","message":"no"}"#),
            (Some("AccessDeniedException:http://internal"), r#"{"Message":"no"}"#),
        ] {
            let mut response = HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body));
            header.map(|header| response.headers_mut().insert("x-amzn-errortype", header));
            let error = answer::<Value>(&response).unwrap_err();
            let found = error.as_operation_error().unwrap();
            assert_eq!((found.code(), found.message()), (Some("AccessDeniedException"), Some("no")), "{body}");
        }
    }
}
