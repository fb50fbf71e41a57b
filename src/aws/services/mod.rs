//! One file per service or subject: the calls that orgroster makes, and what it takes from their answers.

#[cfg(feature = "iam")]
pub mod conditions;
pub mod free_tier;
pub mod inside;
pub mod integrations;
pub mod organization;
pub mod payments;
pub mod quotas;
pub mod root;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "cloudtrail")]
pub mod trail;
