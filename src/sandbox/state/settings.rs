//! The settings of a world's behavior.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Behavior that a fixture sets and the control endpoint can change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether the documented request quotas are enforced as token buckets.
    pub throttles: bool,
    /// The minimum duration of every request, in real milliseconds.
    pub latency_ms: u64,
    /// How long reads still show the world before a write, in real milliseconds.
    pub visibility_delay_ms: u64,
    /// The time between CreateAccount and the account's existence, in real milliseconds.
    pub creation_delay_ms: u64,
    /// The time between an event and its appearance in CloudTrail, in seconds of the world's clock.
    pub trail_delay_seconds: u64,
    /// Whether a paginated list begins with an empty page that has a token, which AWS documents as possible.
    pub empty_pages: bool,
    /// How long an account must wait after leaving before it can accept an invitation, in minutes of the world's clock. AWS documents that
    /// there is such a limit, but not its length.
    pub rejoin_wait_minutes: u64,
    /// How many invitations an organization can send within 24 hours, not counting accepted ones; if absent, its account quota, and at
    /// least 20.
    pub invitations_per_day: Option<u64>,
    /// How old an organization must be before members of others can move to it directly, in days of the world's clock.
    pub transfer_target_age_days: u64,
    /// Whether a member that accepts an invitation also needs the permission to leave. AWS's pages contradict each other.
    pub transfer_asks_leave: bool,
    /// Whether denials by policies contain AWS's id for the evaluation. AWS does not document which services return it.
    pub authorization_ids: bool,
    /// The value of `aws:SourceIp` in conditions; if absent, the source address of the request.
    pub source_ip: Option<String>,
}

/// The usual delay of CloudTrail in seconds (CloudTrail User Guide: about 5 minutes on average).
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
    /// How old an organization must be before members of others can move to it directly.
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
