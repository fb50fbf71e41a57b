//! The invitations of organizations, and how many more they may send.

use jiff::Timestamp;

use crate::org::AccountId;

use super::World;
use super::handshake::{Handshake, HandshakeAction, HandshakeState};
use super::organization::Organization;

/// The number of invitations that every organization may send within 24 hours. The account quota replaces it if that is larger
/// (Organizations User Guide, quotas).
const LEAST_INVITATIONS: u64 = 20;

impl World {
    /// Whether an organization has started to enable all features.
    #[must_use]
    pub fn all_features_pending(&self, organization: &str, now: Timestamp) -> bool {
        let mut enabling = self.handshakes.values().filter(|handshake| handshake.action == HandshakeAction::EnableAllFeatures);
        enabling.any(|handshake| {
            let waits = matches!(handshake.state_at(now), HandshakeState::Open | HandshakeState::Requested);
            handshake.organization == organization && waits
        })
    }

    /// The invitations that an organization sent, in any state.
    pub fn invitations(&self, organization: &str) -> impl Iterator<Item = &Handshake> {
        let sent = self.handshakes.values().filter(|handshake| handshake.action == HandshakeAction::Invite);
        sent.filter(move |handshake| handshake.organization == organization)
    }

    /// The pending invitations of an organization.
    pub fn open_invitations(&self, organization: &str, now: Timestamp) -> impl Iterator<Item = &Handshake> {
        self.invitations(organization).filter(move |handshake| handshake.waits_for_answer(now))
    }

    /// How much of its account quota an organization uses: closed accounts and pending invitations count (Organizations User Guide,
    /// quotas).
    #[must_use]
    pub fn taken_places(&self, organization: &Organization, now: Timestamp) -> u64 {
        (organization.members.len() + self.open_invitations(&organization.id, now).count()) as u64
    }

    /// How many invitations an organization may send within 24 hours.
    #[must_use]
    pub fn invitation_quota(&self, organization: &Organization) -> u64 {
        self.settings.invitations_per_day.unwrap_or(organization.account_quota.max(LEAST_INVITATIONS))
    }

    /// The account whose root user has this email address.
    #[must_use]
    pub fn account_with(&self, email: &str) -> Option<AccountId> {
        self.accounts.values().find(|account| account.email.eq_ignore_ascii_case(email)).map(|account| account.id)
    }
}
