//! How this program identifies itself to AWS.

/// `User-Agent` of every request, which conditions see as `aws:UserAgent` and CloudTrail as `userAgent`.
pub const USER_AGENT: &str = concat!("orgroster/", env!("CARGO_PKG_VERSION"));
