//! The report of `drift`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{DateTime, FormatVersion, IdOrName, Organization, OrganizationId};

/// Version of the format of `drift -json`.
const FORMAT_VERSION: &str = "1.0";

/// Output of `drift -json`: what changed in an organization between two snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationDrift {
    /// Version of the format.
    #[schemars(with = "FormatVersion")]
    format_version: String,
    /// Id of the organization.
    pub organization: OrganizationId,
    /// When the earlier snapshot was taken.
    #[schemars(with = "DateTime")]
    pub from: Timestamp,
    /// When the later snapshot was taken.
    #[schemars(with = "DateTime")]
    pub to: Timestamp,
    /// The changes, sorted by kind and subject.
    pub changes: Vec<OrganizationChange>,
    /// What could not be compared because one of the two snapshots lacks it.
    pub not_compared: Vec<Gap>,
    /// Changes whose author is unknown, and why.
    pub not_attributed: Vec<Gap>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationChange {
    /// The kind of change.
    pub kind: ChangeKind,
    /// The id of the account, unit or policy that changed; for trusted access the service principal; for a policy type the type.
    #[schemars(with = "IdOrName")]
    pub subject: String,
    /// The subject's name in the later snapshot, or in the earlier one if it no longer exists. Names of accounts are not unique.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The part of the subject that changed: the key of a tag, a delegated service, or the target of a policy.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub about: Option<String>,
    /// The value in the earlier snapshot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<String>,
    /// The value in the later snapshot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<String>,
    /// Who made the change and when, if CloudTrail has an event of it. If there are several, the latest one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Cause>,
}

/// The CloudTrail event that reports a change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// When the event happened.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
    /// The event's name, such as `MoveAccount` or `AccountDepartedOrganization`.
    pub event: String,
    /// The event's id.
    pub event_id: String,
    /// The caller: the ARN of a user, a root user or a role session, or an AWS service. For an account that joined, the caller who invited
    /// it. Absent if a member made the call, because the call is then in the member's own event history.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// The source identity of the caller's session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source_identity: Option<String>,
    /// How an account departed or joined: `LEFT`, `REMOVED`, `CLEANED`, `INVITED` or another value of AWS.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub method: Option<String>,
}

/// The kind of a change, the most serious first.
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
    /// The state of an account changed in another way.
    StateChanged,
    /// An account was moved to another organizational unit.
    Moved,
    /// An account was renamed.
    Renamed,
    /// The email address of an account's root user changed.
    AddressChanged,
    /// A tag was added to an account.
    TagAdded,
    /// A tag was removed from an account.
    TagRemoved,
    /// The value of an account's tag changed.
    TagChanged,
    /// An account became a delegated administrator for a service.
    Delegated,
    /// An account is no longer a delegated administrator for a service.
    DelegationEnded,
    /// An organizational unit that contains accounts was renamed.
    UnitRenamed,
    /// A policy type was enabled.
    PolicyTypeEnabled,
    /// A policy type was disabled.
    PolicyTypeDisabled,
    /// A policy was created.
    PolicyCreated,
    /// A policy was deleted.
    PolicyDeleted,
    /// A policy was renamed.
    PolicyRenamed,
    /// The content of a policy changed.
    PolicyChanged,
    /// A policy was attached.
    PolicyAttached,
    /// A policy was detached.
    PolicyDetached,
    /// Trusted access was enabled for a service.
    TrustedAccessEnabled,
    /// Trusted access was disabled for a service.
    TrustedAccessDisabled,
}

impl ChangeKind {
    /// The change in a word or two.
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

/// Something that the report lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What is missing.
    pub what: String,
    /// Why it is missing.
    pub why: String,
}

/// Why two snapshots can't be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Incomparable {
    /// They are of different organizations.
    #[error(
        "the earlier snapshot is of organization {} (management account {}), the later one of {} ({})",
        before.id, before.management_account_id, after.id, after.management_account_id
    )]
    OtherOrganization {
        /// The organization of the earlier snapshot.
        before: Box<Organization>,
        /// The organization of the later snapshot.
        after: Box<Organization>,
    },
    /// Only one of them is of the sandbox.
    #[error("the {} snapshot is of the sandbox, the other one of AWS", if *before { "earlier" } else { "later" })]
    Sandbox {
        /// Whether the earlier one is.
        before: bool,
    },
    /// The second snapshot is older than the first.
    #[error("the first snapshot was taken at {before}, after the second one ({after})")]
    Backwards {
        /// When the first snapshot was taken.
        before: Timestamp,
        /// When the second snapshot was taken.
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

    /// Applies `map` to every text that comes from outside orgroster.
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

    /// Adds a change.
    pub(super) fn note(&mut self, change: OrganizationChange) {
        self.changes.push(change);
    }
}

impl OrganizationChange {
    /// A change of `subject`.
    pub(super) fn of(kind: ChangeKind, subject: impl ToString, name: Option<&str>) -> Self {
        Self { kind, subject: subject.to_string(), name: name.map(str::to_owned), about: None, before: None, after: None, cause: None }
    }

    /// Sets the part of the subject that changed.
    pub(super) fn about(self, about: &str) -> Self {
        Self { about: Some(about.to_owned()), ..self }
    }

    /// Sets the values before and after.
    pub(super) fn values(self, before: Option<&str>, after: Option<&str>) -> Self {
        Self { before: before.map(str::to_owned), after: after.map(str::to_owned), ..self }
    }
}
