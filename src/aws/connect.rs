//! Credentials, endpoints and HTTP.

use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_organizations::config::SharedCredentialsProvider;
use aws_smithy_http_client::Builder as HttpBuilder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;

use crate::api::ApiError;
use crate::org::{AccountId, Caller, ProviderSettings};

use super::Aws;
use super::error::translate;
use super::meter::Meter;
use super::pace::Pace;

/// Where Organizations is signed for unless the profile's region is of another partition.
const DEFAULT_REGION: &str = "us-east-1";

/// How to reach an organization.
#[derive(Debug, Clone)]
pub enum Connection<'a> {
    /// AWS, with the credential chain that every AWS tool has: environment, profiles, SSO, web identity, containers and instances.
    Aws(&'a ProviderSettings),
    /// The embedded organization: every endpoint is the sandbox's, the credentials are dummies, environment and profiles are not read.
    Sandbox {
        /// `http://127.0.0.1:PORT`.
        endpoint: &'a str,
        /// The account that the dummy credentials stand for; the management account where none is known.
        account: Option<AccountId>,
        /// The region of the fixture.
        region: String,
    },
}

/// Makes the clients. For AWS this assumes `assume_role` lazily, with the first request, but asks STS where the credentials start.
///
/// # Errors
///
/// Where credentials start can't be told.
pub async fn connect(connection: Connection<'_>, clock: fn() -> Timestamp) -> Result<Aws, ApiError> {
    match connection {
        Connection::Aws(settings) => connect_to_aws(settings, clock).await,
        Connection::Sandbox { endpoint, account, region } => Ok(connect_to_sandbox(endpoint, account, region, clock)),
    }
}

async fn connect_to_aws(settings: &ProviderSettings, clock: fn() -> Timestamp) -> Result<Aws, ApiError> {
    let http = HttpBuilder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        .timeout_config(timeouts());
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    let mut sdk = loader.load().await;
    if sdk.region().is_none() {
        sdk = sdk.to_builder().region(Region::new(DEFAULT_REGION)).build();
    }
    let pace = Pace::new(Some(settings.api_share_percent));
    let base = Aws::new(sdk.clone(), http.clone(), Meter::new(clock, pace.clone()), pace);
    let Some(role) = &settings.assume_role else { return Ok(base) };

    let identity = base.sts.get_caller_identity().send().await.map_err(|error| translate("sts:GetCallerIdentity", &error))?;
    let mut provider =
        AssumeRoleProvider::builder(&role.role_arn).session_name(role.session_name.as_deref().unwrap_or("orgroster")).configure(&sdk);
    if let Some(external_id) = &role.external_id {
        provider = provider.external_id(external_id);
    }
    let chain = match sdk.credentials_provider() {
        Some(chain) => provider.build_from_provider(chain).await,
        None => provider.build_from_provider(DefaultCredentialsChain::builder().build().await).await,
    };
    let assumed = sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(chain)).build();
    let base_caller = identity
        .account()
        .and_then(|account| account.parse().ok())
        .map(|account| Caller { account, arn: identity.arn.unwrap_or_default() });
    Ok(Aws { base_caller, ..Aws::new(assumed, http, base.meter, base.pace) })
}

fn connect_to_sandbox(endpoint: &str, account: Option<AccountId>, region: String, clock: fn() -> Timestamp) -> Aws {
    let http = HttpBuilder::new().build_http();
    let credentials = Credentials::new(
        account.map_or_else(|| "management".to_owned(), |account| account.to_string()),
        "rehearsal",
        None,
        None,
        "orgroster sandbox",
    );
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http.clone())
        .region(Region::new(region))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        .timeout_config(timeouts())
        // The sandbox's clock moves as told, and it verifies no signature: without this the SDK takes each denial for a sign of a wrong
        // clock, and sends it again after a pause.
        .disable_clock_skew_correction(true)
        .build();
    let pace = Pace::new(None);
    Aws::new(sdk, http, Meter::new(clock, pace.clone()), pace)
}

/// Without these the SDK waits for ever.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_secs(90))
        .build()
}

impl Aws {
    pub(super) fn new(sdk: SdkConfig, http: SharedHttpClient, meter: Meter, pace: Pace) -> Self {
        let organizations = aws_sdk_organizations::config::Builder::from(&sdk).interceptor(meter.clone()).build();
        let sts = aws_sdk_sts::config::Builder::from(&sdk).interceptor(meter.clone()).build();
        Self {
            organizations: aws_sdk_organizations::Client::from_conf(organizations),
            sts: aws_sdk_sts::Client::from_conf(sts),
            base_caller: None,
            http,
            sdk,
            meter,
            pace,
        }
    }
}
