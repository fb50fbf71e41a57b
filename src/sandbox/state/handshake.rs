//! Handshakes: invitations to an organization, and approvals of all features.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::org::AccountId;

use super::partition::Partition;
use super::words::{Word, words};

words! {
    /// `HandshakeState`.
    HandshakeState {
        /// Waits for the answers of other handshakes.
        Requested = "REQUESTED",
        /// Waits for an answer.
        Open = "OPEN",
        /// Canceled by the organization.
        Canceled = "CANCELED",
        /// Accepted by the account.
        Accepted = "ACCEPTED",
        /// Declined by the account.
        Declined = "DECLINED",
        /// Expired without an answer.
        Expired = "EXPIRED",
    }
}

words! {
    /// `ActionType`.
    HandshakeAction {
        /// An account is invited to join.
        Invite = "INVITE",
        /// The management account enables all features.
        EnableAllFeatures = "ENABLE_ALL_FEATURES",
        /// An invited account is requested to approve all features.
        ApproveAllFeatures = "APPROVE_ALL_FEATURES",
    }
}

/// Approvals of all features expire after 90 days (Organizations User Guide, enabling all features).
pub const APPROVAL_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);
/// An invitation expires after 15 days (Organizations User Guide, quotas).
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(15 * 24);
/// A handshake is listed for 30 days after its end (Organizations User Guide, quotas).
pub const LISTED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handshake {
    /// `h-…`.
    pub id: String,
    /// The action that it asks for.
    pub action: HandshakeAction,
    /// The parent handshake, if it is part of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The organization that sent it.
    pub organization: String,
    /// That organization's management account at the time of the invitation; the ARN contains it.
    pub management: AccountId,
    /// The account that receives it.
    pub account: AccountId,
    /// The address that the invitation was sent to, if it was sent to an address instead of an account id.
    pub email: Option<String>,
    /// The inviter's notes.
    pub notes: Option<String>,
    /// The tags that the account gets when it joins.
    pub tags: std::collections::BTreeMap<String, String>,
    /// When it was sent.
    pub requested: Timestamp,
    /// When it expires.
    pub expires: Timestamp,
    /// Its stored state; see [`Handshake::state_at`] for expiry.
    pub state: HandshakeState,
    /// When it reached its final state.
    pub ended: Option<Timestamp>,
}

impl Handshake {
    /// Its state at a given time.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> HandshakeState {
        let waits = matches!(self.state, HandshakeState::Open | HandshakeState::Requested);
        if waits && now >= self.expires { HandshakeState::Expired } else { self.state }
    }

    /// Whether its account can still answer it. For invitations, AWS's model documents `REQUESTED` and its examples show `OPEN`; both are
    /// pending.
    #[must_use]
    pub fn waits_for_answer(&self, now: Timestamp) -> bool {
        match self.state_at(now) {
            HandshakeState::Open => true,
            HandshakeState::Requested => self.action == HandshakeAction::Invite,
            _ => false,
        }
    }

    /// Whether lists still contain it.
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
