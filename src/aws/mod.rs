//! The AWS client: implements the traits of `api` with the SDK. Only this module uses the SDK.

mod connect;
mod member;
pub mod permissions;
mod services;
mod wire;

pub use connect::{ConnectError, Connection, connect};
pub use member::MemberCredentials;
#[cfg(feature = "s3")]
pub use services::s3::{S3Lock, S3Store};
#[cfg(feature = "cloudtrail")]
pub use services::trail::Trail;

use aws_sdk_organizations::Client as Organizations;
use aws_sdk_sts::Client as Sts;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::org::{Caller, ReadingCost};
use wire::meter::Meter;
use wire::pace::Pace;

/// The clients of one run, with their request counts and their pace.
#[derive(Debug, Clone)]
pub struct Aws {
    organizations: Organizations,
    sts: Sts,
    /// The caller before `assume_role`, if that is set.
    base_caller: Option<Caller>,
    http: SharedHttpClient,
    sdk: aws_config::SdkConfig,
    meter: Meter,
    pace: Pace,
}

/// The clients that may write, separate from [`Aws`] so that a command that only reads never has them.
#[derive(Debug, Clone)]
pub struct AwsWriter(Aws);

impl Aws {
    /// The S3 backend in a bucket, with orgroster's own credentials.
    ///
    /// For an endpoint other than AWS's, the bucket is in the path, because such a server seldom has a host name for each bucket.
    #[cfg(feature = "s3")]
    #[must_use]
    pub fn s3_store(&self, bucket: &str, prefix: &str, region: Option<&str>, path_style: bool) -> S3Store {
        let elsewhere = self.sdk.endpoint_url().is_some() || path_style;
        let mut config =
            aws_sdk_s3::config::Builder::from(&self.sdk).force_path_style(elsewhere).interceptor(wire::request_log::RequestLog::default());
        if let Some(region) = region {
            config = config.region(aws_config::Region::new(region.to_owned()));
        }
        S3Store::new(aws_sdk_s3::Client::from_conf(config.build()), bucket, prefix)
    }

    /// The endpoint that replaces AWS's own, if the environment or a profile sets one for all services.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.sdk.endpoint_url()
    }

    /// The requests so far, and the time spent waiting for quotas.
    #[must_use]
    pub fn cost(&self) -> ReadingCost {
        self.meter.cost()
    }

    /// The writer, for apply.
    #[must_use]
    pub fn writer(&self) -> AwsWriter {
        AwsWriter(self.clone())
    }
}

#[cfg(test)]
mod tests;
