//! Taking an account in: what is declared of it, where it is placed, and what the journal knows of it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Consequence, DateTime, Day, HandshakeId, JoinStep, MemberRole, OrganizationId, Sha256, UnitId, UnitPath};

/// The `join` block of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Joining {
    /// The block's name, which the account must have.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The block's email, which the account must have.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// Why the account joins, for the record.
    pub reason: String,
    /// The day (UTC) on which that was decided. It permits one invitation.
    #[schemars(with = "Day")]
    pub on: Date,
    /// The one organization that the account may be taken out of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<OrganizationId>,
    /// The root or organizational unit that it is placed in; the root where none is declared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<UnitId>")]
    pub unit: Option<String>,
    /// Tags of the account object.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub tags: BTreeMap<String, String>,
    /// Whether unit and tags are those of its departure record.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub restore: bool,
    /// The role in the account that accepts; without one, a person there does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accept_role: Option<MemberRole>,
    /// Consequences that are accepted.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub acknowledge: BTreeSet<Consequence>,
}

impl Joining {
    /// The last step that an approval of it allows: without a role that accepts, an apply can do no more than invite.
    #[must_use]
    pub const fn last_step(&self) -> JoinStep {
        if self.accept_role.is_some() { JoinStep::Place } else { JoinStep::Invite }
    }

    /// Whether something that happened then belongs to this decision: on its day or later.
    #[must_use]
    pub fn covers(&self, at: Timestamp) -> bool {
        at.to_zoned(TimeZone::UTC).date() >= self.on
    }
}

/// Where an account is placed once it has joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// The id of the root or organizational unit.
    #[schemars(with = "UnitId")]
    pub unit: String,
    /// The root and the units down to it, by id and name; absent where they could not be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<UnitPath>,
    /// Tags of the account object.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub tags: BTreeMap<String, String>,
}

/// A root or organizational unit that accounts are to be placed in, as AWS has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JoinUnit {
    /// The root and the units down to it.
    pub path: UnitPath,
    /// Ids of the policies that apply below it, each with its type.
    pub policies: BTreeMap<String, String>,
}

/// An invitation that a run sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentInvitation {
    /// The handshake's id.
    #[schemars(with = "HandshakeId")]
    pub handshake: String,
    /// Until when it may be accepted, where AWS says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub until: Option<Timestamp>,
}

/// What the journal knows of the joining of one account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct JoiningStory {
    /// The joining that began and has not ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub open: Option<OpenJoining>,
    /// When the last invitation was sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub last_invited: Option<Timestamp>,
}

/// A joining that a run began: it was approved, and its invitation may be on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenJoining {
    /// When it was intended.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
    /// What was declared and approved.
    pub declared: Joining,
    /// The digest of the plan that was approved.
    pub digest: String,
    /// This account's own part of that digest.
    #[schemars(with = "Sha256")]
    pub part: String,
    /// The invitation, once AWS answered that it is sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invited: Option<SentInvitation>,
}

/// How long AWS lists a handshake that has ended (Organizations API reference, ListHandshakesForOrganization).
const LISTED_AFTER_END: SignedDuration = SignedDuration::from_hours(30 * 24);

impl OpenJoining {
    /// Whether its invitation was sent, or may have been so long ago that AWS no longer lists it.
    #[must_use]
    pub fn may_have_ended(&self, now: Timestamp) -> bool {
        self.invited.is_some() || now.duration_since(self.at) > LISTED_AFTER_END
    }
}
