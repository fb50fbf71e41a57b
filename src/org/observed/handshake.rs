//! Handshakes, with which organizations invite accounts.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, DateTime, HandshakeId, OrganizationId};

/// A handshake (Organizations API reference, `Handshake`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Handshake {
    /// The handshake's id, `h-...`.
    #[schemars(with = "HandshakeId")]
    pub id: String,
    /// The handshake's `Action`, such as `INVITE`, verbatim.
    pub action: String,
    /// The handshake's `State`, such as `REQUESTED`, `OPEN` or `ACCEPTED`, verbatim.
    pub state: String,
    /// The handshake's ARN. That of an invitation has the form `arn:aws:organizations::SENDER:handshake/ORGANIZATION/invite/ID`.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub arn: String,
    /// The parties of the handshake.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub parties: Vec<Party>,
    /// When the handshake was sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub requested_at: Option<Timestamp>,
    /// When the handshake expires.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub expires_at: Option<Timestamp>,
}

/// A party of a handshake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Party {
    /// The id of an account or organization, or an email address.
    pub id: String,
    /// The type of the id: `ACCOUNT`, `ORGANIZATION` or `EMAIL`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// States in which a handshake has ended (Organizations API reference, `Handshake`).
const CONCLUDED: &[&str] = &["ACCEPTED", "CANCELED", "DECLINED", "EXPIRED"];

impl Handshake {
    /// Whether the handshake has ended, by its state. A state that this program does not know does not count as ended.
    #[must_use]
    pub fn is_concluded(&self) -> bool {
        CONCLUDED.contains(&self.state.as_str())
    }

    /// Whether the handshake may still be accepted.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        !self.is_concluded() && !self.has_expired(now)
    }

    /// Whether the handshake invites an account by this email address, and not by an account id.
    #[must_use]
    pub fn invites_address(&self, email: &str) -> bool {
        let has = |kind: &str| self.parties.iter().any(|party| party.kind == kind);
        let addressed = self.parties.iter().any(|party| party.kind == "EMAIL" && party.id.eq_ignore_ascii_case(email));
        self.is_invitation() && addressed && !has("ACCOUNT")
    }

    /// Whether the handshake invites an account.
    #[must_use]
    pub fn is_invitation(&self) -> bool {
        self.action == "INVITE"
    }

    /// Whether the handshake has expired. AWS may show an expired handshake as open for a while, so its own expiry date counts.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// Whether the handshake invites this account by its id, and this organization sent it from its management account. Both the ARN and
    /// the parties must match.
    #[must_use]
    pub fn invites(&self, account: AccountId, organization: &OrganizationId, sender: AccountId) -> bool {
        let party = |kind: &str| {
            let mut found = self.parties.iter().filter(|party| party.kind == kind).map(|party| party.id.as_str());
            found.next().filter(|_| found.next().is_none())
        };
        self.is_invitation()
            && self.is_sent_by(organization, sender)
            && party("ACCOUNT").is_some_and(|id| id.parse() == Ok(account))
            && party("ORGANIZATION") == Some(organization.as_str())
    }

    /// Whether the ARN contains this organization and its management account.
    fn is_sent_by(&self, organization: &OrganizationId, sender: AccountId) -> bool {
        let parts: Vec<_> = self.arn.splitn(6, ':').collect();
        let ["arn", _, "organizations", "", account, resource] = parts.as_slice() else { return false };
        *account == sender.to_string() && *resource == format!("handshake/{organization}/invite/{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invitation() -> Handshake {
        let party = |id: &str, kind: &str| Party { id: id.into(), kind: kind.into() };
        Handshake {
            id: "h-examplehandshake".into(),
            action: "INVITE".into(),
            state: "OPEN".into(),
            arn: "arn:aws:organizations::999999999999:handshake/o-targetorgid/invite/h-examplehandshake".into(),
            parties: vec![party("o-targetorgid", "ORGANIZATION"), party("333333333333", "ACCOUNT")],
            requested_at: None,
            expires_at: None,
        }
    }

    #[test]
    fn an_invitation_is_one_by_its_action_its_arn_and_both_of_its_parties() {
        let (account, to, sender) = ("333333333333".parse().unwrap(), "o-targetorgid".parse().unwrap(), "999999999999".parse().unwrap());
        assert!(invitation().invites(account, &to, sender));
        let others: &[fn(&mut Handshake)] = &[
            |it| it.action = "TRANSFER_RESPONSIBILITY".into(),
            |it| it.arn = it.arn.replace("999999999999", "888888888888"),
            |it| it.arn = it.arn.replace("o-targetorgid", "o-strangerorg"),
            |it| it.arn = it.arn.replace("h-example", "h-another"),
            |it| it.arn = it.arn.replace("handshake/o-", "policy/o-"),
            |it| it.arn.clear(),
            |it| it.parties[0].id = "o-strangerorg".into(),
            |it| it.parties[1].id = "333333333334".into(),
            |it| it.parties[1].kind = "EMAIL".into(),
            |it| it.parties.push(Party { id: "333333333333".into(), kind: "ACCOUNT".into() }),
            |it| it.parties.clear(),
        ];
        for (index, change) in others.iter().enumerate() {
            let mut other = invitation();
            change(&mut other);
            assert!(!other.invites(account, &to, sender), "{index}: {other:?}");
        }
    }

    #[test]
    fn an_invitation_ends_at_its_own_date() {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let until = |text: &str| Handshake { expires_at: Some(text.parse().unwrap()), ..invitation() };
        assert!(until("2026-11-28T12:00:00Z").has_expired(now) && !until("2026-11-28T12:00:01Z").has_expired(now));
        assert!(!invitation().has_expired(now));
    }
}
