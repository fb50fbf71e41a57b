//! Handshakes: invitations to an organization, and approvals of all features.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::org::AccountId;

use super::partition::Partition;
use super::words::{Word, words};

words! {
    /// `HandshakeState`.
    HandshakeState {
        /// Waits for the answers of others.
        Requested = "REQUESTED",
        /// Waits for an answer.
        Open = "OPEN",
        /// Taken back by the organization.
        Canceled = "CANCELED",
        /// Accepted by the account.
        Accepted = "ACCEPTED",
        /// Declined by the account.
        Declined = "DECLINED",
        /// Not answered in time.
        Expired = "EXPIRED",
    }
}

words! {
    /// `ActionType`.
    HandshakeAction {
        /// An account is asked to join.
        Invite = "INVITE",
        /// The management account enables all features.
        EnableAllFeatures = "ENABLE_ALL_FEATURES",
        /// An invited account is asked to approve that.
        ApproveAllFeatures = "APPROVE_ALL_FEATURES",
    }
}

/// Approvals of all features expire after 90 days (Organizations User Guide, enabling all features).
pub const APPROVAL_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// An invitation expires after 15 days (Organizations User Guide, quotas).
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(15 * 24);
/// A handshake is listed for 30 days after its end (the same).
pub const LISTED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// `h-…`.
    pub id: String,
    /// What it is about.
    pub action: HandshakeAction,
    /// The handshake that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The organization that asks.
    pub organization: String,
    /// Its management account at the time of the invitation, which the ARN embeds.
    pub management: AccountId,
    /// The account that is asked.
    pub account: AccountId,
    /// The address that the invitation was sent to, where it named one instead of the account's id.
    pub email: Option<String>,
    /// What the inviter wrote.
    pub notes: Option<String>,
    /// Tags for the account, once it is a member.
    pub tags: std::collections::BTreeMap<String, String>,
    /// When it was sent.
    pub requested: Timestamp,
    /// When it expires.
    pub expires: Timestamp,
    /// Its state, expiry not considered.
    pub state: HandshakeState,
    /// When it reached its final state.
    pub ended: Option<Timestamp>,
}

impl Handshake {
    /// Its state at a time.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> HandshakeState {
        let waits = matches!(self.state, HandshakeState::Open | HandshakeState::Requested);
        if waits && now >= self.expires { HandshakeState::Expired } else { self.state }
    }

    /// Whether the account that is asked can answer it. Of invitations AWS's model says `REQUESTED` and its examples `OPEN`; both wait.
    #[must_use]
    pub fn waits_for_answer(&self, now: Timestamp) -> bool {
        match self.state_at(now) {
            HandshakeState::Open => true,
            HandshakeState::Requested => self.action == HandshakeAction::Invite,
            _ => false,
        }
    }

    /// Whether lists still show it.
    #[must_use]
    pub fn is_listed(&self, now: Timestamp) -> bool {
        let ended = self.ended.or_else(|| (now >= self.expires).then_some(self.expires));
        ended.is_none_or(|ended| now.duration_since(ended) <= LISTED)
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self, partition: Partition) -> String {
        let action = self.action.as_str().to_lowercase();
        partition.arn("organizations", self.management, format_args!("handshake/{}/{action}/{}", self.organization, self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_expires_after_fifteen_days_and_is_listed_for_thirty_more() {
        let requested: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let handshake = Handshake {
            id: "h-examplehandshake".into(),
            action: HandshakeAction::Invite,
            parent: None,
            organization: "o-exampleorgid".into(),
            management: "111111111111".parse().unwrap(),
            account: "999999999999".parse().unwrap(),
            email: None,
            notes: None,
            tags: std::collections::BTreeMap::new(),
            requested,
            expires: requested.checked_add(LIFETIME).unwrap(),
            state: HandshakeState::Open,
            ended: None,
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(handshake.state_at(at("2026-11-15T23:59:59Z")), HandshakeState::Open);
        assert_eq!(handshake.state_at(at("2026-11-16T00:00:00Z")), HandshakeState::Expired);
        assert!(handshake.is_listed(at("2026-12-16T00:00:00Z")) && !handshake.is_listed(at("2026-12-16T00:00:01Z")));
    }
}
