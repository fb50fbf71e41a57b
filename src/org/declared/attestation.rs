//! Which attestation counts: it must be in its period of validity, and later than AWS's last refusal.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::org::{AccountId, Attestation, AttestationKind, Leaving, ObservedOrganization, Refused};

impl Attestation {
    /// Whether the attestation counts on a day (UTC): from `on` through `expires`.
    #[must_use]
    pub fn counts_on(&self, today: Date) -> bool {
        self.on <= today && self.expires.is_none_or(|expires| today <= expires)
    }
}

impl Leaving {
    /// The attestation of `kind` that counts at `now`. After a refusal by AWS, only an attestation of a later day counts, because
    /// attestations have no time of day.
    #[must_use]
    pub fn attestation(&self, kind: AttestationKind, now: Timestamp, refused: Option<&Refused>) -> Option<&Attestation> {
        let today = day_of(now);
        let is_later = |attestation: &Attestation| refused.is_none_or(|refused| day_of(refused.provenance.at) < attestation.on);
        let of_kind = |attestation: &&Attestation| attestation.of.contains(&kind);
        self.attestations.iter().filter(of_kind).find(|attestation| attestation.counts_on(today) && is_later(attestation))
    }
}

impl ObservedOrganization {
    /// AWS's last refusal of the account's departure, during its present membership, because of something that this kind of attestation
    /// covers.
    #[must_use]
    pub fn refusal(&self, id: AccountId, kind: AttestationKind) -> Option<&Refused> {
        let joined_at = self.account(id).and_then(|live| live.joined_at);
        let of_this_membership = |refused: &&Refused| joined_at.is_none_or(|joined_at| joined_at <= refused.provenance.at);
        self.refused.get(&id)?.iter().filter(|refused| refused.of == kind).rfind(of_this_membership)
    }
}

/// The day of a point in time, in UTC.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned_datetime(TimeZone::UTC).date()
}
