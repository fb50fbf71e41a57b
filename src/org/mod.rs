//! The nouns: accounts, organizations, the roster that a configuration declares and the organization that is observed.
//!
//! Nothing here does I/O, reads a clock or knows a rule of AWS. Every other module speaks in these types.

mod account;
mod action;
mod address;
mod agent;
mod answers;
mod approver;
mod attestation;
mod authorization;
mod condition_keys;
mod context_entry;
mod cost;
mod escape;
mod estate;
mod gate_name;
mod guardrails;
mod handshake;
mod ids;
mod invocation;
mod joining;
mod message;
mod observed;
mod organization_conditions;
mod partition;
mod payment;
mod policies;
mod probes;
mod read_failure;
mod role_failure;
mod root_user;
mod roster;
mod schema;
mod serialize;
mod settings;
mod span;
mod terraform;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod trail;

pub use account::{Account, AccountState, JoinedMethod, NamedUnit, OrganizationPath, UnitPath};
pub use action::{Action, After, Counts, JoinStep, TerraformAction, Verbs};
pub use address::{Address, InvalidAddress, is_targeted};
pub use agent::USER_AGENT;
pub use answers::Answers;
pub use approver::{Approver, ApproverSource, InvalidApprover, MAX_APPROVERS};
pub use attestation::day_of;
pub use authorization::authorization_id;
pub use condition_keys::{GLOBAL_CONDITION_KEYS, is_global_condition_key};
pub use context_entry::{ContextEntry, EntryKind, SessionIdentity};
pub use cost::{ACCOUNTS_OF_A_PAGE, OperationCost, OperationQuota, ReadingCost};
pub use escape::{begins_command, escaped, escaped_line, is_hidden};
pub use estate::{Estate, EstatePolicy};
pub use gate_name::{AttestationKind, Consequence, Enforcement, GateName};
pub use guardrails::{Guardrails, UnmanagedPolicy};
pub use handshake::{Handshake, Party};
pub use ids::{AccountId, InvalidAccountId, InvalidOrganizationId, OrganizationId};
pub use invocation::{Invocation, shell_quoted};
pub use joining::{JoinUnit, Joining, JoiningStory, OpenJoining, Placement, SentInvitation};
pub use message::{Message, MessageLine};
pub use observed::{Caller, DelegatedServices, ObservedOrganization, Organization, Provenance, Refused};
pub use organization_conditions::OrganizationConditions;
pub use partition::home_region;
pub use payment::PaymentInstrument;
pub use policies::{Assumptions, AttachedPolicies, PolicySummary, PolicyText, Root, SERVICE_CONTROL_POLICY, is_protective};
pub use probes::{ContactInformation, Held, Probe, Probes, ResourceShare, ResourceShares, Simulation, SupportEvidence};
pub use read_failure::{FULL_BUILD, Observed, ReadFailure};
pub use role_failure::{FailedRole, RoleFailure};
pub use root_user::{RootUser, root_task};
pub use roster::{Attestation, DeclaredOrganization, Desired, DesiredAccount, DesiredRoster, Leaving, SettingSpans, Transfer, Via};
pub use schema::{
    Arn, ArnOrEmpty, DateTime, Day, FormatVersion, HandshakeId, IdOrName, OperationName, PolicyId, PolicyTargetId, ProgramVersion,
    RecordName, Sha256, Sha256OrEmpty, UnitId,
};
pub use serialize::{Unserializable, json_line, json_lines, json_value};
pub use settings::{AssumeRole, Backend, MemberRole, ProviderSettings, partition_of_region};
pub use span::{FileId, SourceSpan, Spanned};
pub use terraform::{ActionReason, IMPLIED_PROVIDER, PROVIDER_ADDRESS, RESOURCE_TYPE, TERRAFORM_VERSION};
pub use trail::{AccountEnds, ChangeEvent, ChangeHistory, SeenDeparture, TrailEvent};
