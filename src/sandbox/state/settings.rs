//! How the world behaves beyond what it holds.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Behavior that a fixture sets and the control endpoint can change.
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
    /// Invitations that an organization can send within 24 hours, accepted ones not counted; absent: its account quota, at least 20.
    pub invitations_per_day: Option<u64>,
    /// Days of the world's clock that an organization must have existed before members of others can move to it directly.
    pub transfer_target_age_days: u64,
    /// Whether a member that accepts an invitation needs the permission to leave as well. AWS's pages disagree about it.
    pub transfer_asks_leave: bool,
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
            invitations_per_day: None,
            transfer_target_age_days: 7,
            transfer_asks_leave: true,
            authorization_ids: false,
            source_ip: None,
        }
    }
}

impl Settings {
    /// How long an organization must have existed before members of others can move to it directly.
    #[must_use]
    pub fn transfer_target_age(&self) -> SignedDuration {
        days(self.transfer_target_age_days)
    }

    /// How long an account must wait between two changes of its membership.
    #[must_use]
    pub fn rejoin_wait(&self) -> SignedDuration {
        minutes(self.rejoin_wait_minutes)
    }
}

fn days(count: u64) -> SignedDuration {
    minutes(count.saturating_mul(24 * 60))
}

fn minutes(count: u64) -> SignedDuration {
    let minutes = i64::try_from(count).unwrap_or(i64::MAX);
    SignedDuration::from_secs(minutes.min(i64::MAX / 60).saturating_mul(60))
}
