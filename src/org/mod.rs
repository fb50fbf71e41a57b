//! The core types: accounts, organizations, the roster that a configuration declares, and the organization as observed.
//!
//! Nothing here does I/O, reads a clock or knows a rule of AWS. Every other module uses these types.

mod action;
mod condition_keys;
mod declared;
mod gate_name;
mod ids;
mod joining;
mod observed;
mod probed;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;

pub use action::{Action, After, Counts, JoinStep, TerraformAction, Verbs};
pub use condition_keys::{GLOBAL_CONDITION_KEYS, is_global_condition_key};
pub use declared::address::{Address, InvalidAddress, is_targeted};
pub use declared::approver::{Approver, ApproverSource, InvalidApprover, MAX_APPROVERS};
pub use declared::attestation::day_of;
pub use declared::guardrails::{Guardrails, UnmanagedPolicy};
pub use declared::roster::{
    Attestation, DeclaredOrganization, Desired, DesiredAccount, DesiredRoster, Leaving, SettingSpans, Transfer, Via,
};
pub use declared::settings::{AssumeRole, Backend, MemberRole, ProviderSettings};
pub use declared::span::{FileId, SourceSpan, Spanned};
pub use gate_name::{AttestationKind, Consequence, Enforcement, GateName};
pub use ids::{AccountId, InvalidAccountId, InvalidOrganizationId, OrganizationId};
pub use joining::{JoinUnit, Joining, JoiningStory, OpenJoining, Placement, SentInvitation};
pub use observed::account::{Account, AccountState, JoinedMethod, NamedUnit, OrganizationPath, UnitPath};
pub use observed::answers::Answers;
pub use observed::cost::{ACCOUNTS_OF_A_PAGE, OperationCost, OperationQuota, ReadingCost};
pub use observed::estate::{Estate, EstatePolicy};
pub use observed::handshake::{Handshake, Party};
pub use observed::organization::{Caller, DelegatedServices, ObservedOrganization, Organization, Provenance, Refused};
pub use observed::partition::{home_region, is_partition, partition_of_region};
pub use observed::policies::{Assumptions, AttachedPolicies, PolicySummary, PolicyText, Root, SERVICE_CONTROL_POLICY, is_protective};
pub use observed::trail::{AccountEnds, ChangeEvent, ChangeHistory, SeenDeparture, TrailEvent};
pub use probed::authorization::authorization_id;
pub use probed::context_entry::{ContextEntry, EntryKind, SessionIdentity};
pub use probed::organization_conditions::OrganizationConditions;
pub use probed::payment::PaymentInstrument;
pub use probed::probes::{ContactInformation, Held, Probe, Probes, ResourceShare, ResourceShares, Simulation, SupportEvidence};
pub use probed::read_failure::{FULL_BUILD, Observed, ReadFailure};
pub use probed::role_failure::{FailedRole, RoleFailure};
pub use probed::root_user::{RootUser, root_task};
pub use text::agent::USER_AGENT;
pub use text::escape::{begins_command, escaped, escaped_line, is_hidden};
pub use text::invocation::{Invocation, shell_quoted};
pub use text::message::{Message, MessageLine};
pub use text::schema::{
    Arn, ArnOrEmpty, DateTime, Day, FormatVersion, HandshakeId, IdOrName, OperationName, PolicyId, PolicyTargetId, ProgramVersion,
    RecordName, Sha256, Sha256OrEmpty, UnitId,
};
pub use text::sentence::{capitalized, counted, sentence};
pub use text::serialize::{Unserializable, json_line, json_lines, json_value};
pub use text::terraform::{ActionReason, IMPLIED_PROVIDER, PROVIDER_ADDRESS, RESOURCE_TYPE, TERRAFORM_VERSION};
