//! How the world behaves beyond what it holds.

use serde::{Deserialize, Serialize};

/// Behaviour that a fixture sets and the control endpoint can change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether the documented request quotas are enforced as token buckets.
    pub throttles: bool,
    /// Real milliseconds that every request takes at least.
    pub latency_ms: u64,
    /// Real milliseconds during which reads still show the world before a write.
    pub visibility_delay_ms: u64,
    /// Real milliseconds between CreateAccount and the account's existence.
    pub creation_delay_ms: u64,
    /// Seconds of the world's clock between an event and its appearance in CloudTrail.
    pub trail_delay_seconds: u64,
    /// Whether a paginated list begins with an empty page that carries a token, which AWS documents as possible.
    pub empty_pages: bool,
    /// Minutes of the world's clock that an account must wait after leaving before it can accept an invitation. AWS documents that there is such
    /// a limit, not how long it lasts.
    pub rejoin_wait_minutes: u64,
    /// Invitations that an organization can send within 24 hours, accepted ones not counted.
    pub invitations_per_day: u64,
    /// Whether denials by policies name an id under which AWS keeps what it evaluated. For which services it does AWS does not say.
    pub authorization_ids: bool,
    /// What `aws:SourceIp` is in conditions; absent: the address that the request came from.
    pub source_ip: Option<String>,
}

/// What CloudTrail usually takes, in seconds (CloudTrail User Guide: about 5 minutes on average).
pub const USUAL_TRAIL_DELAY: u64 = 300;

impl Default for Settings {
    fn default() -> Self {
        Self {
            throttles: false,
            latency_ms: 0,
            visibility_delay_ms: 0,
            creation_delay_ms: 0,
            trail_delay_seconds: USUAL_TRAIL_DELAY,
            empty_pages: false,
            rejoin_wait_minutes: 60,
            invitations_per_day: 20,
            authorization_ids: false,
            source_ip: None,
        }
    }
}
