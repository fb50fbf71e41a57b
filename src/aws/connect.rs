//! Credentials, endpoints and HTTP.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_organizations::config::SharedCredentialsProvider;
use aws_smithy_http_client::Builder as HttpBuilder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;

use crate::api::{ApiError, Operation};
use crate::org::{AccountId, Caller, ProviderSettings};

use super::Aws;
use super::wire::error::{malformed, translate, without_credentials};
use super::wire::meter::Meter;
use super::wire::pace::Pace;

/// The signing region for Organizations, unless the profile's region is in another partition.
const DEFAULT_REGION: &str = "us-east-1";

/// How to reach an organization.
#[derive(Debug, Clone)]
pub enum Connection<'a> {
    /// AWS, with the credential chain of all AWS tools: environment, profiles, SSO, web identity, containers and instances.
    Aws(&'a ProviderSettings),
    /// The sandbox: every endpoint is the sandbox's, the credentials are dummies, and the environment and profiles are not read.
    Sandbox {
        /// `http://127.0.0.1:PORT`.
        endpoint: &'a str,
        /// The account of the dummy credentials; if `None`, the management account.
        account: Option<AccountId>,
        /// The region from the fixture.
        region: String,
    },
}

/// Why there are no clients.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The source credentials failed.
    #[error(transparent)]
    Credentials(ApiError),
    /// The provider block's `assume_role` failed.
    #[error("{error}")]
    Role {
        /// The answer from STS.
        error: ApiError,
        /// The ARN of the caller.
        caller: String,
    },
}

/// Creates the clients. For AWS, this also finds the credentials and assumes `assume_role`, so that errors about them are reported
/// separately.
///
/// # Errors
///
/// Returns an error if there are no credentials, or if the role can't be assumed.
pub async fn connect(connection: Connection<'_>, clock: fn() -> Timestamp) -> Result<Aws, ConnectError> {
    match connection {
        Connection::Aws(settings) => connect_to_aws(settings, clock).await,
        Connection::Sandbox { endpoint, account, region } => Ok(connect_to_sandbox(endpoint, account, region, clock)),
    }
}

async fn connect_to_aws(settings: &ProviderSettings, clock: fn() -> Timestamp) -> Result<Aws, ConnectError> {
    let http = HttpBuilder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let mut sdk = load(settings, settings.region.as_deref(), &http).await;
    if sdk.region().is_none() {
        // Load again, because roles on the way to the credentials need a region too.
        sdk = load(settings, Some(DEFAULT_REGION), &http).await;
    }
    let chain = match (&settings.profile, sdk.credentials_provider()) {
        // The configuration's profile has precedence over an access key in the environment, as in Terraform.
        (Some(profile), _) => SharedCredentialsProvider::new(of_profile(profile, &sdk, &http)),
        (None, Some(chain)) => chain,
        (None, None) => SharedCredentialsProvider::new(DefaultCredentialsChain::builder().build().await),
    };
    let chain = Primed::new(chain).await.map_err(|error| ConnectError::Credentials(without_credentials(CREDENTIALS, &error)))?;
    let sdk = sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(chain.clone())).build();
    let pace = Pace::new(Some(settings.api_share_percent));
    let base = Aws::new(sdk.clone(), http.clone(), Meter::new(clock, pace.clone()), pace);
    let Some(role) = &settings.assume_role else { return Ok(base) };

    let identity = base.sts.get_caller_identity().send().await;
    let identity = identity.map_err(|error| ConnectError::Credentials(translate(IDENTITY, &error)))?;
    let account = identity.account().and_then(|account| account.parse().ok());
    let (Some(account), Some(arn)) = (account, identity.arn) else {
        return Err(ConnectError::Credentials(malformed(IDENTITY, "Account or Arn")));
    };
    let mut provider =
        AssumeRoleProvider::builder(&role.role_arn).session_name(role.session_name.as_deref().unwrap_or("orgroster")).configure(&sdk);
    if let Some(external_id) = &role.external_id {
        provider = provider.external_id(external_id);
    }
    let assumed = SharedCredentialsProvider::new(provider.build_from_provider(chain).await);
    let assumed = Primed::new(assumed).await;
    let assumed = assumed
        .map_err(|error| ConnectError::Role { error: without_credentials(Operation::AssumeRole.action(), &error), caller: arn.clone() })?;
    let assumed = sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(assumed)).build();
    Ok(Aws { base_caller: Some(Caller { account, arn }), ..Aws::new(assumed, http, base.meter, base.pace) })
}

/// The settings from the environment and the shared files.
async fn load(settings: &ProviderSettings, region: Option<&str>, http: &SharedHttpClient) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http.clone()).timeout_config(timeouts());
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    let sdk = loader.load().await;
    // AWS_MAX_ATTEMPTS and the profile's `max_attempts` count, as in the AWS CLI. The default is raised, because a run makes many reads.
    let attempts = sdk.retry_config().map_or(SDK_ATTEMPTS, RetryConfig::max_attempts);
    let attempts = if attempts == SDK_ATTEMPTS { ATTEMPTS } else { attempts };
    sdk.to_builder().retry_config(RetryConfig::standard().with_max_attempts(attempts)).build()
}

/// Attempts of one request, including the first.
const ATTEMPTS: u32 = 5;
/// The SDK's default (AWS SDKs and Tools Reference Guide, "Retry behavior").
const SDK_ATTEMPTS: u32 = 3;

/// The name of the search for credentials in place of an operation's name.
const CREDENTIALS: &str = "credentials";
const IDENTITY: Operation = Operation::GetCallerIdentity;

/// The credentials of a profile, and no others.
fn of_profile(profile: &str, sdk: &SdkConfig, http: &SharedHttpClient) -> ProfileFileCredentialsProvider {
    let config = ProviderConfig::without_region().with_region(sdk.region().cloned()).with_http_client(http.clone());
    ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&config).build()
}

/// Credentials that were already loaded once: the first request uses them, and each later one the current ones.
#[derive(Debug, Clone)]
struct Primed {
    first: Arc<Mutex<Option<Credentials>>>,
    rest: SharedCredentialsProvider,
}

impl Primed {
    async fn new(rest: SharedCredentialsProvider) -> Result<Self, CredentialsError> {
        let first = rest.provide_credentials().await?;
        Ok(Self { first: Arc::new(Mutex::new(Some(first))), rest })
    }
}

impl ProvideCredentials for Primed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        match self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(first) => future::ProvideCredentials::ready(Ok(first)),
            None => self.rest.provide_credentials(),
        }
    }
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
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts())
        // The sandbox's clock moves on request, and the sandbox verifies no signatures. With the correction, the SDK would take each denial
        // for a sign of a wrong clock, and repeat it after a pause.
        .disable_clock_skew_correction(true)
        .build();
    let pace = Pace::new(None);
    Aws::new(sdk, http, Meter::new(clock, pace.clone()), pace)
}

/// Without timeouts the SDK waits forever.
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
