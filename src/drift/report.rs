//! What `drift` found.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{DateTime, FormatVersion, IdOrName, Organization, OrganizationId};

/// Version of the format of `drift -json`.
const FORMAT_VERSION: &str = "1.0";

/// What `drift -json` prints: what changed in an organization between two snapshots of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationDrift {
    /// Version of this format.
    #[schemars(with = "FormatVersion")]
    format_version: String,
    /// The organization.
    pub organization: OrganizationId,
    /// When the earlier snapshot was taken.
    #[schemars(with = "DateTime")]
    pub from: Timestamp,
    /// When the later snapshot was taken.
    #[schemars(with = "DateTime")]
    pub to: Timestamp,
    /// What is different, by kind and subject.
    pub changes: Vec<OrganizationChange>,
    /// What one of the two snapshots does not have, so that changes of it are not reported.
    pub not_compared: Vec<Gap>,
    /// Changes of which it is not known who made them, and why not.
    pub not_attributed: Vec<Gap>,
}

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationChange {
    /// What changed.
    pub kind: ChangeKind,
    /// The id of what it happened to: an account, a unit or a policy; a service principal for trusted access, a type for a policy type.
    #[schemars(with = "IdOrName")]
    pub subject: String,
    /// The subject's name in the later snapshot, or in the earlier one where it is gone. Names of accounts are not unique.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// What of the subject: the key of a tag, a delegated service, or what a policy is attached to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<String>,
    /// What was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<String>,
    /// What is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<String>,
    /// Who made the change and when, where CloudTrail has an event of it. Where several events do, the latest one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Cause>,
}

/// The event of CloudTrail that reports a change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// When it happened.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
    /// The event's name, such as `MoveAccount` or `AccountDepartedOrganization`.
    pub event: String,
    /// The event's id.
    pub event_id: String,
    /// Who called: the ARN of a user, a root user or a role's session, or an AWS service. For an account that joined, who invited it. Absent
    /// where a member called for itself, which is in its own event history.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// The source identity of the session that called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source_identity: Option<String>,
    /// How an account departed or joined: `LEFT`, `REMOVED`, `CLEANED`, `INVITED` or what else AWS writes there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<String>,
}

/// What changed, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// An account is no longer in the organization.
    Left,
    /// An account accepted an invitation.
    Joined,
    /// An account was created in the organization.
    Created,
    /// An account was closed, or is being closed.
    Closed,
    /// Another change of an account's state.
    StateChanged,
    /// An account is in another unit.
    Moved,
    /// An account has another name.
    Renamed,
    /// The root user of an account has another address.
    AddressChanged,
    /// A tag of an account is new.
    TagAdded,
    /// A tag of an account is gone.
    TagRemoved,
    /// A tag of an account has another value.
    TagChanged,
    /// An account became delegated administrator for a service.
    Delegated,
    /// An account is no longer delegated administrator for a service.
    DelegationEnded,
    /// A unit above accounts has another name.
    UnitRenamed,
    /// Policies of a type apply.
    PolicyTypeEnabled,
    /// Policies of a type no longer apply.
    PolicyTypeDisabled,
    /// A policy is new.
    PolicyCreated,
    /// A policy is gone.
    PolicyDeleted,
    /// A policy has another name.
    PolicyRenamed,
    /// A policy says something else.
    PolicyChanged,
    /// A policy was attached.
    PolicyAttached,
    /// A policy was detached.
    PolicyDetached,
    /// A service has trusted access.
    TrustedAccessEnabled,
    /// A service no longer has trusted access.
    TrustedAccessDisabled,
}

impl ChangeKind {
    /// What happened to the subject, in a word or two.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Joined => "joined",
            Self::Created => "created",
            Self::Closed => "closed",
            Self::StateChanged => "state changed",
            Self::Moved => "moved",
            Self::Renamed | Self::UnitRenamed | Self::PolicyRenamed => "renamed",
            Self::AddressChanged => "address changed",
            Self::TagAdded => "tag added",
            Self::TagRemoved => "tag removed",
            Self::TagChanged => "tag changed",
            Self::Delegated => "delegated",
            Self::DelegationEnded => "delegation ended",
            Self::PolicyTypeEnabled => "policy type enabled",
            Self::PolicyTypeDisabled => "policy type disabled",
            Self::PolicyCreated => "policy created",
            Self::PolicyDeleted => "policy deleted",
            Self::PolicyChanged => "policy changed",
            Self::PolicyAttached => "policy attached",
            Self::PolicyDetached => "policy detached",
            Self::TrustedAccessEnabled => "trusted access enabled",
            Self::TrustedAccessDisabled => "trusted access disabled",
        }
    }
}

/// Something that the report does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// Why two snapshots can't be compared at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Incomparable {
    /// They are of two organizations.
    #[error(
        "the earlier one is of organization {} (management account {}), the later one of {} ({})",
        before.id, before.management_account_id, after.id, after.management_account_id
    )]
    OtherOrganization {
        /// The organization of the earlier snapshot.
        before: Box<Organization>,
        /// The organization of the later snapshot.
        after: Box<Organization>,
    },
    /// One of them is a rehearsal.
    #[error("the {} one is of the sandbox, the other one of AWS", if *before { "earlier" } else { "later" })]
    Sandbox {
        /// Whether that is the earlier one.
        before: bool,
    },
    /// The later one is the older.
    #[error("the one that should be the earlier was taken at {before}, after the other ({after})")]
    Backwards {
        /// When the earlier snapshot was taken.
        before: Timestamp,
        /// When the later snapshot was taken.
        after: Timestamp,
    },
}

impl OrganizationDrift {
    /// A report without changes.
    #[must_use]
    pub(super) fn about(organization: OrganizationId, from: Timestamp, to: Timestamp) -> Self {
        let format_version = FORMAT_VERSION.to_owned();
        Self { format_version, organization, from, to, changes: Vec::new(), not_compared: Vec::new(), not_attributed: Vec::new() }
    }

    /// The same with every text of somebody else's put through `map`.
    #[must_use]
    pub fn map_texts(mut self, map: impl Fn(&str) -> String) -> Self {
        for change in &mut self.changes {
            let OrganizationChange { kind: _, subject, name, about, before, after, cause } = change;
            *subject = map(subject);
            let (by, source_identity) = match cause {
                Some(Cause { by, source_identity, .. }) => (Some(by), Some(source_identity)),
                None => (None, None),
            };
            let texts = [name, about, before, after].into_iter().chain(by).chain(source_identity);
            texts.flatten().for_each(|text| *text = map(text));
        }
        for Gap { what, why } in self.not_compared.iter_mut().chain(&mut self.not_attributed) {
            (*what, *why) = (map(what), map(why));
        }
        self
    }

    /// Notes a change.
    pub(super) fn note(&mut self, change: OrganizationChange) {
        self.changes.push(change);
    }
}

impl OrganizationChange {
    /// Something that happened to `subject`.
    pub(super) fn of(kind: ChangeKind, subject: impl ToString, name: Option<&str>) -> Self {
        Self { kind, subject: subject.to_string(), name: name.map(str::to_owned), about: None, before: None, after: None, cause: None }
    }

    /// The same, of a part of it.
    pub(super) fn about(self, about: &str) -> Self {
        Self { about: Some(about.to_owned()), ..self }
    }

    /// The same, with what was and what is.
    pub(super) fn values(self, before: Option<&str>, after: Option<&str>) -> Self {
        Self { before: before.map(str::to_owned), after: after.map(str::to_owned), ..self }
    }
}
