//! AWS itself: the traits of `api` over the SDK. The only module that knows the SDK.

mod connect;
mod error;
mod inside;
mod member;
mod meter;
mod organization;
mod pace;
pub mod permissions;

pub use connect::{Connection, connect};
pub use member::MemberCredentials;

use aws_sdk_organizations::Client as Organizations;
use aws_sdk_sts::Client as Sts;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::org::Caller;
use meter::Meter;
use pace::Pace;

/// Clients of one run, with its request counts and its pace.
#[derive(Debug, Clone)]
pub struct Aws {
    organizations: Organizations,
    sts: Sts,
    /// Who the credentials are before `assume_role`, where there is one.
    base_caller: Option<Caller>,
    http: SharedHttpClient,
    sdk: aws_config::SdkConfig,
    meter: Meter,
    pace: Pace,
}

/// What may write, kept apart from [`Aws`] so that a command that only reads never holds it.
#[derive(Debug, Clone)]
pub struct AwsWriter(Aws);

impl Aws {
    /// The capability to change the organization, for apply.
    #[must_use]
    pub fn writer(&self) -> AwsWriter {
        AwsWriter(self.clone())
    }
}
