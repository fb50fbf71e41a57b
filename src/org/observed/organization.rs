//! What was seen of the live organization.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{
    Account, AccountEnds, AccountId, Answers, Arn, AttachedPolicies, AttestationKind, DateTime, Handshake, JoinUnit, NamedUnit, Observed,
    OperationName, OrganizationId, Probe, Probes, Root, UnitId, UnitPath,
};

/// The organization, as DescribeOrganization answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its management account (`MasterAccountId`).
    pub management_account_id: AccountId,
    /// `ALL` or `CONSOLIDATED_BILLING`.
    pub feature_set: String,
    /// The partition of its ARN, such as `aws`.
    pub partition: String,
}

/// Where a fact comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// The API operation, such as `organizations:ListAccounts`.
    #[schemars(with = "OperationName")]
    pub operation: String,
    /// The account that called it.
    pub account: AccountId,
    /// When the answer came.
    #[schemars(with = "DateTime")]
    pub at: Timestamp,
}

/// AWS's refusal of a departure, in an earlier run, for the lack of something that a person can attest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// What AWS finds lacking.
    pub of: AttestationKind,
    /// AWS's code with its Reason, verbatim.
    pub answer: String,
    /// The call that was refused, and when.
    pub provenance: Provenance,
}

/// Who some credentials are, as GetCallerIdentity answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Caller {
    /// The account.
    pub account: AccountId,
    /// The user's, role's or session's ARN.
    #[schemars(with = "Arn")]
    pub arn: String,
}

/// The services that an account is delegated administrator for; empty where AWS lists the account without any.
pub type DelegatedServices = Vec<String>;

/// Everything that one run read, before anything is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObservedOrganization {
    /// The organization.
    pub organization: Organization,
    /// The root.
    pub root: Root,
    /// Every account of the organization, sorted by id, the management account included.
    pub accounts: Vec<Account>,
    /// Delegated administrators. Services are read only for accounts that the configuration detaches.
    pub delegated_administrators: BTreeMap<AccountId, DelegatedServices>,
    /// Service control policies on the paths of the accounts that leave by their own call.
    pub policies: Observed<AttachedPolicies>,
    /// Services with trusted access (organizations:ListAWSServiceAccessForOrganization). Read only where an account is to be detached.
    pub service_access: Observed<BTreeSet<String>>,
    /// Tags of the account objects of accounts to be detached (organizations:ListTagsForResource).
    pub tags: BTreeMap<AccountId, Observed<BTreeMap<String, String>>>,
    /// Ids of the policies attached directly to accounts to be detached, each with its type (organizations:ListPoliciesForTarget): those of
    /// the enabled types that don't decide whether the account may leave. Kept for the departure record.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub attached: BTreeMap<AccountId, Observed<BTreeMap<String, String>>>,
    /// What was seen of accounts to be detached, from inside or from the management account.
    pub probes: BTreeMap<AccountId, Probes>,
    /// What AWS refused in earlier runs for the lack of what a person can attest, for accounts to be detached.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub refused: BTreeMap<AccountId, Vec<Refused>>,
    /// Names of the organizational units on the paths of the accounts that the configuration detaches.
    #[schemars(with = "BTreeMap<UnitId, String>")]
    pub unit_names: BTreeMap<String, String>,
    /// Handshakes that the organization sent, concluded ones of the last 30 days among them. Read only where an account is to be taken in.
    #[serde(skip_serializing_if = "Probe::is_not_run", default)]
    pub sent_handshakes: Probe<Vec<Handshake>>,
    /// How many accounts the organization may have; open invitations count. Read for the same.
    #[serde(skip_serializing_if = "Probe::is_not_run", default)]
    pub account_quota: Probe<u64>,
    /// The units that accounts are to be placed in, by id: `None` if there is no such unit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    #[schemars(with = "BTreeMap<UnitId, Probe<Option<JoinUnit>>>")]
    pub join_units: BTreeMap<String, Probe<Option<JoinUnit>>>,
    /// How accounts ended that the configuration declares members.
    #[serde(skip_serializing_if = "AccountEnds::is_empty", default)]
    pub ends: AccountEnds,
    /// Who the tool's own credentials are: where they start, and last who calls Organizations.
    pub callers: Vec<Caller>,
    /// The account that the Organizations operations were called from.
    pub called_from: AccountId,
    /// When the observation began.
    #[schemars(with = "DateTime")]
    pub observed_at: Timestamp,
    /// When AWS answered what.
    pub answers: Answers,
    /// How many requests it took, by operation.
    pub requests: BTreeMap<String, u64>,
}

impl ObservedOrganization {
    /// The live account with this id.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.binary_search_by_key(&id, |account| account.id).ok().map(|index| &self.accounts[index])
    }

    /// Whether every account was read, and not only those to be detached.
    #[must_use]
    pub fn has_every_account(&self) -> bool {
        self.account(self.organization.management_account_id).is_some()
    }

    /// Live accounts other than the management account.
    pub fn members(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter().filter(|account| account.id != self.organization.management_account_id)
    }

    /// The account's path with names for the units that have been read, such as Root, Workloads, Prod.
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

    /// The last answer of `operation`, such as `organizations:ListRoots`; `None` where it was not called.
    #[must_use]
    pub fn evidence(&self, operation: &str) -> Option<Provenance> {
        self.called(operation, self.answers.last(operation)?)
    }

    /// The last answer of `operation` about `subject`; `None` where it was not called about that.
    #[must_use]
    pub fn evidence_about(&self, operation: &str, subject: impl ToString) -> Option<Provenance> {
        self.called(operation, self.answers.about(operation, &subject.to_string())?)
    }

    /// The answer that reported an account, or that it is not there: its own where it was asked about, else the list's.
    #[must_use]
    pub fn evidence_of_account(&self, id: AccountId) -> Option<Provenance> {
        self.evidence_about("organizations:DescribeAccount", id).or_else(|| self.evidence("organizations:ListAccounts"))
    }

    fn called(&self, operation: &str, at: Timestamp) -> Option<Provenance> {
        Some(Provenance { operation: operation.to_owned(), account: self.called_from, at })
    }
}
