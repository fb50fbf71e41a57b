//! The interface to AWS as traits: reading the organization, removing a member, and acting in a member account.
//!
//! Readers and writers are different values, so that `plan` can't receive a writer. Errors are typed here and never show an SDK's own text.

mod error;
mod integrations;
mod operation;
mod pages;
mod root;
mod slowdown;
mod trail;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::SessionIdentity;
use crate::org::{
    Account, AccountId, Answers, Caller, ContactInformation, ContextEntry, DelegatedServices, Handshake, MemberRole, Organization,
    OrganizationConditions, OrganizationId, PaymentInstrument, PolicySummary, ResourceShares, Root, Simulation, SupportEvidence,
};

pub use error::{ApiError, ApiErrorKind};
pub use integrations::ReadIntegrations;
pub use operation::{Duty, Operation, Permission, Quota, Resource, permissions};
pub use pages::Pages;
pub use root::{AuditRoot, IAM};
pub use slowdown::Slowdown;
pub use trail::{CLOSE, DEPARTED, JOINED, LatestChanges, ReadTrail, read_change, read_event};

/// Knows the times of AWS's answers to one set of credentials. All evidence comes from here.
pub trait Answering {
    /// The times of all answers so far.
    fn answers(&self) -> Answers;
    /// When `operation` was last answered about `subject`, or about anything if `subject` is `None`.
    fn answered(&self, operation: Operation, subject: Option<&str>) -> Option<Timestamp>;
}

/// Reads the organization from its management account, or from a delegated administrator.
pub trait ReadOrganization: Answering {
    /// The callers that the credentials belong to: the original one, and the one after `assume_role` (sts:GetCallerIdentity). The last one
    /// calls Organizations.
    fn callers(&self) -> impl Future<Output = Result<Vec<Caller>, ApiError>>;
    /// organizations:DescribeOrganization.
    fn describe_organization(&self) -> impl Future<Output = Result<Organization, ApiError>>;
    /// The root (organizations:ListRoots).
    fn root(&self) -> impl Future<Output = Result<Root, ApiError>>;
    /// A page of all accounts, in any order (organizations:ListAccounts). An empty page need not be the last one.
    fn accounts(&self, next: Option<String>) -> impl Future<Output = Result<Page<Account>, ApiError>>;
    /// One account (organizations:DescribeAccount). `None` only if AWS answered AccountNotFoundException. An answer without this account is
    /// an error, because it proves nothing.
    fn describe_account(&self, id: AccountId) -> impl Future<Output = Result<Option<Account>, ApiError>>;
    /// Id of the root or unit above an account or unit (organizations:ListParents).
    fn parent_of(&self, child: &str) -> impl Future<Output = Result<String, ApiError>>;
    /// The name of an organizational unit (organizations:DescribeOrganizationalUnit).
    fn unit_name(&self, unit: &str) -> impl Future<Output = Result<String, ApiError>>;
    /// Names of the organizational units directly below a root or unit, by their ids (organizations:ListOrganizationalUnitsForParent).
    fn units_below(&self, parent: &str) -> impl Future<Output = Result<BTreeMap<String, String>, ApiError>>;
    /// Accounts that are delegated administrators (organizations:ListDelegatedAdministrators).
    fn delegated_administrators(&self) -> impl Future<Output = Result<Vec<AccountId>, ApiError>>;
    /// The services that an account administers as a delegated administrator (organizations:ListDelegatedServicesForAccount).
    fn delegated_services(&self, id: AccountId) -> impl Future<Output = Result<DelegatedServices, ApiError>>;
    /// Every policy of a type (organizations:ListPolicies).
    fn policies(&self, policy_type: &str) -> impl Future<Output = Result<Vec<PolicySummary>, ApiError>>;
    /// Service control policies attached directly to a root, unit or account (organizations:ListPoliciesForTarget).
    fn policies_at(&self, target: &str) -> impl Future<Output = Result<Vec<PolicySummary>, ApiError>>;
    /// Ids of the policies of any type attached directly to a root, unit or account (organizations:ListPoliciesForTarget).
    fn policies_of_type_at(&self, target: &str, policy_type: &str) -> impl Future<Output = Result<Vec<String>, ApiError>>;
    /// A page of the ids of the roots, units and accounts that a policy is attached to (organizations:ListTargetsForPolicy).
    fn targets_of(&self, policy: &str, next: Option<String>) -> impl Future<Output = Result<Page<String>, ApiError>>;
    /// A policy's content (organizations:DescribePolicy).
    fn policy_content(&self, policy: &str) -> impl Future<Output = Result<String, ApiError>>;
    /// Handshakes that the organization sent, including those that ended within the last 30 days
    /// (organizations:ListHandshakesForOrganization).
    fn sent_handshakes(&self) -> impl Future<Output = Result<Vec<Handshake>, ApiError>>;
    /// One handshake of the organization (organizations:DescribeHandshake). `None` only if AWS answered HandshakeNotFoundException. An
    /// answer without this handshake is an error, because it proves nothing.
    fn describe_handshake(&self, id: &str) -> impl Future<Output = Result<Option<Handshake>, ApiError>>;
    /// How many accounts the organization may have (servicequotas:ListServiceQuotas).
    fn account_quota(&self) -> impl Future<Output = Result<u64, ApiError>>;
    /// Services with trusted access (organizations:ListAWSServiceAccessForOrganization).
    fn service_access(&self) -> impl Future<Output = Result<BTreeSet<String>, ApiError>>;
    /// Tags of an account object (organizations:ListTagsForResource).
    fn tags_of(&self, account: AccountId) -> impl Future<Output = Result<BTreeMap<String, String>, ApiError>>;
    /// The effective policy of a management policy type for an account (organizations:DescribeEffectivePolicy). `None` if there is none.
    fn effective_policy(&self, account: AccountId, policy_type: &str) -> impl Future<Output = Result<Option<String>, ApiError>>;
    /// The organization's resource-based policy (organizations:DescribeResourcePolicy). `None` if there is none.
    fn resource_policy(&self) -> impl Future<Output = Result<Option<String>, ApiError>>;
    /// What is missing from a member's contact information, and whether its phone number is verified (account:GetContactInformation).
    fn contact_information_of(&self, account: AccountId) -> impl Future<Output = Result<ContactInformation, ApiError>>;
    /// When a member was created (account:GetAccountInformation).
    fn created_at_of(&self, account: AccountId) -> impl Future<Output = Result<Timestamp, ApiError>>;
    /// Adds to the expected requests of an operation, for the progress display. `more` may be negative.
    fn expect(&self, operation: Operation, more: i64);
    /// Requests made so far, retries included, by operation.
    fn requests(&self) -> BTreeMap<String, u64>;
    /// AWS's clock and the local one at the last answer. `None` if AWS sent no `Date`.
    fn last_clock_reading(&self) -> Option<ClockReading>;
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The page's items.
    pub items: Vec<T>,
    /// The token of the next page. `None` after the last page.
    pub next: Option<String>,
}

/// Finds one account. Once an apply has begun, it reads nothing else of the organization.
pub trait FindAccount {
    /// The account. `None` only if AWS answered AccountNotFoundException (organizations:DescribeAccount).
    fn find_account(&self, id: AccountId) -> impl Future<Output = Result<Option<Account>, ApiError>>;
}

impl<R: ReadOrganization> FindAccount for R {
    async fn find_account(&self, id: AccountId) -> Result<Option<Account>, ApiError> {
        self.describe_account(id).await
    }
}

/// What an apply reads while an account joins.
pub trait ReadJoining {
    /// Handshakes that the organization sent, including those that ended within the last 30 days
    /// (organizations:ListHandshakesForOrganization).
    fn handshakes(&self) -> impl Future<Output = Result<Vec<Handshake>, ApiError>>;
    /// One of these handshakes (organizations:DescribeHandshake). `None` if AWS does not find it.
    fn handshake(&self, id: &str) -> impl Future<Output = Result<Option<Handshake>, ApiError>>;
    /// The root or unit that contains an account (organizations:ListParents). `None` if AWS does not find the account.
    fn unit_of(&self, id: AccountId) -> impl Future<Output = Result<Option<String>, ApiError>>;
}

impl<R: ReadOrganization> ReadJoining for R {
    async fn handshakes(&self) -> Result<Vec<Handshake>, ApiError> {
        self.sent_handshakes().await
    }

    async fn handshake(&self, id: &str) -> Result<Option<Handshake>, ApiError> {
        self.describe_handshake(id).await
    }

    async fn unit_of(&self, id: AccountId) -> Result<Option<String>, ApiError> {
        match self.parent_of(&id.to_string()).await {
            Ok(parent) => Ok(Some(parent)),
            Err(error) if error.kind == ApiErrorKind::TargetNotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Invites accounts, tags and places them, from the management account.
pub trait TakeIn {
    /// organizations:InviteAccountToOrganization by the account's id, sent once. Returns the invitation's id and the receipt. An answer
    /// without an invitation of this account is an error, because it proves nothing.
    fn invite(&self, id: AccountId) -> impl Future<Output = Result<(String, Receipt), ApiError>>;
    /// organizations:TagResource. Setting an existing tag again does no harm.
    fn tag_account(&self, id: AccountId, tags: &BTreeMap<String, String>) -> impl Future<Output = Result<(), ApiError>>;
    /// organizations:MoveAccount, sent once.
    fn move_account(&self, id: AccountId, from: &str, to: &str) -> impl Future<Output = Result<Receipt, ApiError>>;
}

/// Two clocks at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockReading {
    /// The time in AWS's `Date` header, to the second.
    pub aws: Timestamp,
    /// The local time.
    pub local: Timestamp,
}

/// Removes members, from the management account.
pub trait RemoveMember {
    /// organizations:RemoveAccountFromOrganization, sent once.
    fn remove_account(&self, id: AccountId) -> impl Future<Output = Result<Receipt, ApiError>>;
}

/// Makes sessions in member accounts that can only read.
pub trait VisitMember {
    /// The session.
    type Visit: ReadMember;

    /// Assumes the role for 15 minutes, with a session policy that allows only reading.
    fn visit(&self, arn: &str, role: &MemberRole, names: SessionNames<'_>) -> impl Future<Output = Result<Self::Visit, ApiError>>;
}

/// The names of a session in AWS's logs.
#[derive(Debug, Clone, Copy)]
pub struct SessionNames<'a> {
    /// `RoleSessionName`.
    pub session: &'a str,
    /// `SourceIdentity`: at most 64 characters, because not every region accepts more.
    pub source_identity: Option<&'a str>,
}

impl<'a> SessionNames<'a> {
    /// A session without a source identity.
    #[must_use]
    pub const fn of(session: &'a str) -> Self {
        Self { session, source_identity: None }
    }
}

/// Makes sessions in member accounts that can act.
pub trait AssumeMember {
    /// The session that can leave.
    type Session: MemberSession;
    /// The session that can accept an invitation.
    type Accepting: AcceptingSession;

    /// Assumes the role for 15 minutes, with a session policy that allows only what a departure needs. The names lead from AWS's logs back
    /// to the run.
    fn assume(&self, arn: &str, role: &MemberRole, names: SessionNames<'_>) -> impl Future<Output = Result<Self::Session, ApiError>>;

    /// Assumes the role for 15 minutes, with a session policy whose only permitted changes are accepting the invitation with this ARN and
    /// the consequences of accepting.
    fn assume_accepting(
        &self,
        arn: &str,
        role: &MemberRole,
        names: SessionNames<'_>,
        invitation: &str,
    ) -> impl Future<Output = Result<Self::Accepting, ApiError>>;
}

/// The identity of a session in an account.
pub trait MemberIdentity {
    /// The account that the credentials belong to (sts:GetCallerIdentity).
    fn account(&self) -> impl Future<Output = Result<AccountId, ApiError>>;
    /// The organization that the account is in (organizations:DescribeOrganization). `None` only if AWS answered
    /// AWSOrganizationsNotInUseException. An answer without an organization is an error, because it proves nothing.
    fn organization(&self) -> impl Future<Output = Result<Option<OrganizationId>, ApiError>>;
    /// The session's unique id, `AROA…:SESSION`, and its source identity, as STS returned them when the role was assumed.
    fn identity(&self) -> SessionIdentity;
}

/// A session in a member account for reading.
pub trait ReadMember: Answering + MemberIdentity {
    /// Tags of a role of the account (iam:GetRole).
    fn role_tags(&self, role_arn: &str) -> impl Future<Output = Result<BTreeMap<String, String>, ApiError>>;
    /// The answer of IAM's simulator about LeaveOrganization by a role of the account, in a call with these condition keys
    /// (iam:SimulatePrincipalPolicy).
    fn simulate_leaving(&self, role_arn: &str, known: &[ContextEntry]) -> impl Future<Output = Result<Simulation, ApiError>>;
    /// Handshakes that are not concluded (organizations:ListHandshakesForAccount).
    fn open_handshakes(&self) -> impl Future<Output = Result<Vec<Handshake>, ApiError>>;
    /// What is missing from the contact information, and whether its phone number is verified (account:GetContactInformation).
    fn contact_information(&self) -> impl Future<Output = Result<ContactInformation, ApiError>>;
    /// When the account was created (account:GetAccountInformation).
    fn created_at(&self) -> impl Future<Output = Result<Timestamp, ApiError>>;
    /// What the Support API shows about the support plan (support:DescribeSeverityLevels).
    fn support_evidence(&self) -> impl Future<Output = Result<SupportEvidence, ApiError>>;
    /// The account's plan, `FREE` or `PAID` (freetier:GetAccountPlanState).
    fn account_plan(&self) -> impl Future<Output = Result<String, ApiError>>;
    /// The account's name (account:GetAccountInformation).
    fn own_name(&self) -> impl Future<Output = Result<String, ApiError>>;
    /// Payment instruments of the account (payments:ListPaymentInstruments).
    fn payment_instruments(&self) -> impl Future<Output = Result<Vec<PaymentInstrument>, ApiError>>;
    /// Identity and trust policies of the account that depend on an organization (iam:GetAccountAuthorizationDetails).
    fn organization_conditions(&self, organization: &OrganizationId) -> impl Future<Output = Result<OrganizationConditions, ApiError>>;
    /// Resource shares in the given regions; by default, in the session's own (ram:GetResourceShares, ram:ListPrincipals).
    fn resource_shares(&self, regions: &[String]) -> impl Future<Output = Result<ResourceShares, ApiError>>;
}

/// A session in a member account that can leave.
pub trait MemberSession: ReadMember {
    /// organizations:LeaveOrganization, sent once. It detaches the account that owns the credentials, whichever that is.
    fn leave(&self) -> impl Future<Output = Result<Receipt, ApiError>>;
}

/// A session in a member account that can accept only the invitation in its policy. It can't leave the organization any other way.
pub trait AcceptingSession: MemberIdentity {
    /// organizations:AcceptHandshake, sent once. An answer other than ACCEPTED for this handshake is an error, because it proves nothing.
    fn accept(&self, handshake: &str) -> impl Future<Output = Result<Receipt, ApiError>>;
}

/// The answer to a call that changed something.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// AWS's request id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
}
