//! The live organization, as observed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{
    Account, AccountEnds, AccountId, Answers, Arn, AttachedPolicies, AttestationKind, DateTime, Handshake, JoinUnit, NamedUnit, Observed,
    OperationName, OrganizationId, Probe, Probes, Root, UnitId, UnitPath,
};

/// The organization, as DescribeOrganization describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Organization {
    /// The organization's id.
    pub id: OrganizationId,
    /// The id of the management account (`MasterAccountId`).
    pub management_account_id: AccountId,
    /// The feature set: `ALL` or `CONSOLIDATED_BILLING`.
    pub feature_set: String,
    /// The partition in the organization's ARN, such as `aws`.
    pub partition: String,
}

/// The source of a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// The API operation, such as `organizations:ListAccounts`.
    #[schemars(with = "OperationName")]
    pub operation: String,
    /// The account that called the operation.
    pub account: AccountId,
    /// When AWS answered.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
}

/// A refusal by AWS of a departure in an earlier run, because something was missing that a person can attest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// The kind of attestation for what was missing.
    pub of: AttestationKind,
    /// AWS's error code and `Reason`, verbatim.
    pub answer: String,
    /// The refused call and its time.
    pub provenance: Provenance,
}

/// The identity of credentials, as GetCallerIdentity reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Caller {
    /// The account of the credentials.
    pub account: AccountId,
    /// The ARN of the user, role or session.
    #[schemars(with = "Arn")]
    pub arn: String,
}

/// The services for which an account is a delegated administrator; empty if AWS lists the account without services.
pub type DelegatedServices = Vec<String>;

/// Everything that one run read, before it decided anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObservedOrganization {
    /// The organization.
    pub organization: Organization,
    /// The root.
    pub root: Root,
    /// The accounts that were read, sorted by id: every account including the management account, or only those that should be detached.
    pub accounts: Vec<Account>,
    /// Delegated administrators, each with its services. Services are read only for accounts that the configuration detaches.
    pub delegated_administrators: BTreeMap<AccountId, DelegatedServices>,
    /// Service control policies on the paths of the accounts that call LeaveOrganization themselves.
    pub policies: Observed<AttachedPolicies>,
    /// Service principals with trusted access (organizations:ListAWSServiceAccessForOrganization). Read only if an account should be
    /// detached.
    pub service_access: Observed<BTreeSet<String>>,
    /// Tags of the account objects of accounts that should be detached (organizations:ListTagsForResource).
    pub tags: BTreeMap<AccountId, Observed<BTreeMap<String, String>>>,
    /// Policies attached directly to accounts that should be detached: policy type by policy id (organizations:ListPoliciesForTarget). Only
    /// enabled types that don't decide whether the account may leave. The departure record contains them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub attached: BTreeMap<AccountId, Observed<BTreeMap<String, String>>>,
    /// Facts about accounts that should be detached, read in the account or from the management account.
    pub probes: BTreeMap<AccountId, Probes>,
    /// Departures that AWS refused in earlier runs because something was missing that a person can attest, by account.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub refused: BTreeMap<AccountId, Vec<Refused>>,
    /// Names of the organizational units on the paths of the accounts that the configuration detaches.
    #[schemars(with = "BTreeMap<UnitId, String>")]
    pub unit_names: BTreeMap<String, String>,
    /// Handshakes that the organization sent, including those that ended in the last 30 days. Read only if an account should join.
    #[serde(skip_serializing_if = "Probe::is_not_run", default)]
    pub sent_handshakes: Probe<Vec<Handshake>>,
    /// The quota of accounts in the organization, against which open invitations count. Read only if an account should join.
    #[serde(skip_serializing_if = "Probe::is_not_run", default)]
    pub account_quota: Probe<u64>,
    /// The units in which accounts should be placed, by id; null if there is no such unit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    #[schemars(with = "BTreeMap<UnitId, Probe<Option<JoinUnit>>>")]
    pub join_units: BTreeMap<String, Probe<Option<JoinUnit>>>,
    /// How accounts that the configuration declares as members left or were closed.
    #[serde(skip_serializing_if = "AccountEnds::is_empty", default)]
    pub ends: AccountEnds,
    /// The identities of the program's own credentials: first the initial ones, last those that call Organizations.
    pub callers: Vec<Caller>,
    /// The account from which the Organizations operations were called.
    pub called_from: AccountId,
    /// When the observation began.
    #[schemars(with = "DateTime")]
    pub observed_at: Timestamp,
    /// The times of AWS's answers, by operation and subject.
    pub answers: Answers,
    /// The number of requests that were sent, by operation.
    pub requests: BTreeMap<String, u64>,
}

impl ObservedOrganization {
    /// The live account with this id.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.binary_search_by_key(&id, |account| account.id).ok().map(|index| &self.accounts[index])
    }

    /// Whether every account was read, not only those that should be detached.
    #[must_use]
    pub fn has_every_account(&self) -> bool {
        self.account(self.organization.management_account_id).is_some()
    }

    /// Live accounts other than the management account.
    pub fn members(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.id != self.organization.management_account_id)
    }

    /// The account's path, with the names of the units that were read, such as Root, Workloads, Prod.
    #[must_use]
    pub fn unit_path(&self, account: &Account) -> Option<UnitPath> {
        let path = account.path.as_ref()?;
        let name = |id: &String| match self.unit_names.get(id) {
            Some(name) => name.clone(),
            None if *id == self.root.id => "Root".to_owned(),
            None => id.clone(),
        };
        Some(UnitPath(path.0.iter().map(|id| NamedUnit { id: id.clone(), name: name(id) }).collect()))
    }

    /// The last answer of `operation`, such as `organizations:ListRoots`; `None` if it was not called.
    #[must_use]
    pub fn evidence(&self, operation: &str) -> Option<Provenance> {
        self.called(operation, self.answers.last(operation)?)
    }

    /// The last answer of `operation` about `subject`; `None` if it was not called about that subject.
    #[must_use]
    pub fn evidence_about(&self, operation: &str, subject: impl ToString) -> Option<Provenance> {
        self.called(operation, self.answers.about(operation, &subject.to_string())?)
    }

    /// The answer that reported an account or its absence: that of DescribeAccount if it was called for the account, else the list's.
    #[must_use]
    pub fn evidence_of_account(&self, id: AccountId) -> Option<Provenance> {
        self.evidence_about("organizations:DescribeAccount", id).or_else(|| self.evidence("organizations:ListAccounts"))
    }

    fn called(&self, operation: &str, at: Timestamp) -> Option<Provenance> {
        Some(Provenance { operation: operation.to_owned(), account: self.called_from, at })
    }
}
