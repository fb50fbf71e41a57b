//! Joining: what a block declares about it, where the account is placed, and what the journal contains about it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Consequence, DateTime, Day, HandshakeId, JoinStep, MemberRole, OrganizationId, Sha256, UnitId, UnitPath};

/// The `join` block of a member: how the account may be invited and where it is placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Joining {
    /// The `name` of the account block; the account must have this name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The `email` of the account block; the account must have this address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// Why the account joins, for the record.
    pub reason: String,
    /// The day (UTC) on which joining was decided. It permits one invitation.
    #[schemars(with = "Day")]
    pub on: Date,
    /// The id of the organization that the account may leave to join this one; absent if it must be a standalone account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<OrganizationId>,
    /// The id of the root or organizational unit in which the account is placed; the root if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<UnitId>")]
    pub unit: Option<String>,
    /// Tags of the account object.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub tags: BTreeMap<String, String>,
    /// Whether the unit and the tags come from the account's departure record.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub restore: bool,
    /// The role in the account that accepts the invitation; if absent, a person accepts it there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accept_role: Option<MemberRole>,
    /// Consequences that the block acknowledges.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub acknowledge: BTreeSet<Consequence>,
}

impl Joining {
    /// The last step that an approval of the joining covers: without a role that accepts, an apply can only invite.
    #[must_use]
    pub const fn last_step(&self) -> JoinStep {
        if self.accept_role.is_some() { JoinStep::Place } else { JoinStep::Invite }
    }

    /// Whether an event at `at` belongs to this decision: it is on the day of the decision or later.
    #[must_use]
    pub fn covers(&self, at: Timestamp) -> bool {
        at.to_zoned_datetime(TimeZone::UTC).date() >= self.on
    }
}

/// Where an account is placed after it has joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// The id of the root or organizational unit.
    #[schemars(with = "UnitId")]
    pub unit: String,
    /// The path from the root down to the unit, by id and name; absent if it could not be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<UnitPath>,
    /// Tags of the account object.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub tags: BTreeMap<String, String>,
}

/// A root or organizational unit in which accounts should be placed, as AWS reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JoinUnit {
    /// The path from the root down to the unit.
    pub path: UnitPath,
    /// The policies that apply below the unit: policy type by policy id.
    pub policies: BTreeMap<String, String>,
}

/// An invitation that a run sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentInvitation {
    /// The handshake's id.
    #[schemars(with = "HandshakeId")]
    pub handshake: String,
    /// When the invitation expires; absent if AWS did not report it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub until: Option<Timestamp>,
}

/// What the journal contains about the joining of one account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct JoiningStory {
    /// The joining that has begun and has not ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub open: Option<OpenJoining>,
    /// When the last invitation was sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub last_invited: Option<Timestamp>,
}

/// A joining that a run began: it was approved, and its invitation may have been sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenJoining {
    /// The time of the intent in the journal.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
    /// The `join` block that was approved.
    pub declared: Joining,
    /// The digest of the plan that was approved.
    pub digest: String,
    /// The hash of this account's part of the plan, which is part of that digest.
    #[schemars(with = "Sha256")]
    pub part: String,
    /// The invitation; absent until AWS has confirmed it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invited: Option<SentInvitation>,
}

/// How long AWS lists a handshake after its end (Organizations API reference, ListHandshakesForOrganization).
const LISTED_AFTER_END: SignedDuration = SignedDuration::from_hours(30 * 24);

impl OpenJoining {
    /// Whether the invitation was sent, or could have been sent so long ago that AWS no longer lists it.
    #[must_use]
    pub fn may_have_ended(&self, now: Timestamp) -> bool {
        self.invited.is_some() || now.duration_since(self.at) > LISTED_AFTER_END
    }
}
