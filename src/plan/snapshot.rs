//! Observed facts as a file, from which a plan can be made without credentials, such as for a pull request from a fork.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{
    AccountId, Action, Address, Arn, DesiredAccount, DesiredRoster, Estate, FormatVersion, JoiningStory, ObservedOrganization, Probe,
    ProgramVersion, UnitId, Unserializable, json_line,
};

use super::PastAct;

/// The version of the format that this program writes. It also reads newer minor versions.
const FORMAT_VERSION: &str = "1.0";

/// The file that `snapshot` writes: the facts that one run observed for the accounts of one configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    /// The version of this format.
    #[schemars(with = "FormatVersion")]
    format_version: String,
    /// The version of orgroster that wrote it.
    #[schemars(with = "ProgramVersion")]
    version: String,
    /// Whether the organization is the sandbox's.
    pub sandbox: bool,
    /// The accounts of the configuration, each with the facts that were read for it.
    covers: BTreeMap<AccountId, Coverage>,
    /// Accounts with a record, each with its latest act.
    pub records: BTreeMap<AccountId, PastAct>,
    /// The journal's content about joinings, by account.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub joinings: BTreeMap<AccountId, JoiningStory>,
    /// The observed organization. Without `estate`, email addresses of accounts that the configuration does not declare are empty.
    observed: ObservedOrganization,
    /// The parts of the organization on which its accounts depend, declared or not; absent unless requested.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    estate: Option<Estate>,
}

/// The facts that a snapshot contains for one declared account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "membership", rename_all = "snake_case")]
enum Coverage {
    /// The facts that are read for every account.
    Member,
    /// The facts of a member, and those on which joining depends.
    Joining {
        /// The id of the unit in which the account should be placed; absent for the root, or if the departure record decides.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<UnitId>")]
        unit: Option<String>,
        /// Whether the unit is that of the departure record.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        restore: bool,
        /// The name that the account must have, for a copy of the organization.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        name: Option<String>,
        /// The email address that the account must have, for a copy of the organization.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        email: Option<String>,
        /// The ARN of the role in the account that accepts, for a copy of the organization.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(with = "Option<Arn>")]
        accept_role: Option<String>,
    },
    /// The facts of a member, and those on which leaving depends.
    Detached {
        /// The planned action. If the member makes the call, service control policies were read.
        action: Action,
        /// The ARN of the role about which facts were read.
        #[schemars(with = "Arn")]
        member_role: String,
    },
}

/// The declaration of an account that should join.
#[derive(Debug, Clone, Copy)]
pub struct JoiningAccount<'s> {
    /// The account's id.
    pub id: AccountId,
    /// The declared name.
    pub name: Option<&'s str>,
    /// The declared email address.
    pub email: Option<&'s str>,
    /// The ARN of the role in the account that accepts.
    pub accept_role: Option<&'s str>,
}

/// The reason that a file can't be used as a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The file is not JSON, or truncated.
    #[error("it is not a whole JSON document ({0})")]
    NotJson(String),
    /// The file is JSON of something else.
    #[error("it is JSON, but not a snapshot of orgroster: {0}")]
    NotASnapshot(String),
    /// This program does not read the file's version.
    #[error("its format_version is {0:?}, but this version of orgroster reads 1.x; use the version that wrote it")]
    UnknownVersion(String),
}

impl Snapshot {
    /// The snapshot of an observation that was made for the accounts of `roster`. With the estate, it covers the whole organization,
    /// including the email addresses of undeclared accounts.
    #[must_use]
    pub fn of(
        observed: &ObservedOrganization,
        estate: Option<Estate>,
        roster: &DesiredRoster,
        (records, joinings): (BTreeMap<AccountId, PastAct>, BTreeMap<AccountId, JoiningStory>),
        sandbox: bool,
    ) -> Self {
        let partition = &observed.organization.partition;
        let covers: BTreeMap<_, _> = roster.accounts.iter().map(|account| (account.id, Coverage::of(account, partition))).collect();
        let mut observed = observed.clone();
        for account in observed.accounts.iter_mut().filter(|account| estate.is_none() && !covers.contains_key(&account.id)) {
            account.email = String::new();
        }
        let version = env!("CARGO_PKG_VERSION").to_owned();
        Self { format_version: FORMAT_VERSION.to_owned(), version, sandbox, covers, records, joinings, observed, estate }
    }

    /// Reads a snapshot from the bytes of its file.
    ///
    /// # Errors
    ///
    /// Returns an error if the bytes are not a valid snapshot.
    pub fn parse(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|error| SnapshotError::NotJson(error.to_string()))?;
        let not_one = |why: String| SnapshotError::NotASnapshot(why);
        let version = value.get("format_version").and_then(serde_json::Value::as_str);
        let version = version.ok_or_else(|| not_one("it has no format_version".to_owned()))?;
        if value.get("observed").is_none() {
            return Err(not_one("it has no key \"observed\"; is it a plan?".to_owned()));
        }
        if version.split_once('.').is_none_or(|(major, _)| major != "1") {
            return Err(SnapshotError::UnknownVersion(version.to_owned()));
        }
        let mut snapshot: Self = serde_json::from_value(value).map_err(|error| not_one(error.to_string()))?;
        snapshot.observed.accounts.sort_by_key(|account| account.id);
        Ok(snapshot)
    }

    /// The file's text: one line and a newline.
    ///
    /// # Errors
    ///
    /// Returns an error if the snapshot can't be written as JSON.
    pub fn to_json(&self) -> Result<String, Unserializable> {
        Ok(json_line(self)? + "\n")
    }

    /// The observed organization, unchanged.
    #[must_use]
    pub const fn observed(&self) -> &ObservedOrganization {
        &self.observed
    }

    /// The parts of the organization on which its accounts depend, if they were read.
    #[must_use]
    pub const fn estate(&self) -> Option<&Estate> {
        self.estate.as_ref()
    }

    /// Accounts of a configuration for which the snapshot lacks facts, so that a plan from it could be wrong about them.
    #[must_use]
    pub fn uncovered<'r>(&self, roster: &'r DesiredRoster) -> Vec<&'r Address> {
        let lacks = |account: &&DesiredAccount| match (account.leaving(), self.covers.get(&account.id)) {
            (_, None) | (Some(_), Some(Coverage::Member | Coverage::Joining { .. })) => true,
            (Some(leaving), Some(Coverage::Detached { action, .. })) => !action.reads_for(leaving.action()),
            (None, Some(Coverage::Joining { unit, restore, .. })) => {
                account.joining().is_some_and(|joining| joining.restore != *restore || joining.unit != *unit)
            }
            (None, Some(_)) => account.joining().is_some(),
        };
        roster.accounts.iter().filter(lacks).map(|account| &account.address).collect()
    }

    /// The observed organization, for planning with a configuration. Reads about another role than the one that a block declares now count
    /// as not made.
    #[must_use]
    pub fn observed_for(&self, roster: &DesiredRoster) -> ObservedOrganization {
        let mut observed = self.observed.clone();
        for account in &roster.accounts {
            let now = Coverage::of(account, &observed.organization.partition);
            let Some(probes) = observed.probes.get_mut(&account.id) else { continue };
            let role = |coverage: &Coverage| match coverage {
                Coverage::Detached { member_role, .. } => Some(member_role.clone()),
                Coverage::Member | Coverage::Joining { .. } => None,
            };
            if self.covers.get(&account.id).and_then(role) != role(&now) {
                probes.role_tags = Probe::NotRun;
                probes.simulation = Probe::NotRun;
            }
        }
        observed
    }

    /// The accounts that should join, as declared.
    pub fn joining_accounts(&self) -> impl Iterator<Item = JoiningAccount<'_>> {
        self.covers.iter().filter_map(|(id, coverage)| match coverage {
            Coverage::Joining { name, email, accept_role, .. } => {
                Some(JoiningAccount { id: *id, name: name.as_deref(), email: email.as_deref(), accept_role: accept_role.as_deref() })
            }
            Coverage::Detached { .. } | Coverage::Member => None,
        })
    }

    /// The ARNs of the roles that should make the calls, by account.
    pub fn member_roles(&self) -> impl Iterator<Item = (AccountId, &str)> {
        self.covers.iter().filter_map(|(id, coverage)| match coverage {
            Coverage::Detached { action, member_role } if action.is_called_by_member() => Some((*id, member_role.as_str())),
            Coverage::Detached { .. } | Coverage::Member | Coverage::Joining { .. } => None,
        })
    }
}

impl Coverage {
    fn of(account: &DesiredAccount, partition: &str) -> Self {
        match (account.leaving(), account.joining()) {
            (Some(leaving), _) => Self::Detached { action: leaving.action(), member_role: leaving.member_role.arn(partition, account.id) },
            (None, Some(joining)) => Self::Joining {
                unit: joining.unit.clone(),
                restore: joining.restore,
                name: joining.name.clone(),
                email: joining.email.clone(),
                accept_role: joining.accept_role.as_ref().map(|role| role.arn(partition, account.id)),
            },
            (None, None) => Self::Member,
        }
    }
}
