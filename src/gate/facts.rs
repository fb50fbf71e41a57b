//! What gates read.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::org::{
    Account, AccountId, Assumptions, AttestationKind, DeclaredOrganization, DesiredAccount, Enforcement, GateName, Guardrails, JoinStep,
    Joining, JoiningStory, Leaving, ObservedOrganization, OrganizationId, Probe, Probes, Provenance, Refused, RoleFailure, SessionIdentity,
};

/// Everything that the gates of one account may read. Gates read no clock: `now` is the run's.
#[derive(Debug, Clone, Copy)]
pub struct GateFacts<'a> {
    /// The run's one time.
    pub now: Timestamp,
    /// The organization that the configuration declares.
    pub declared: &'a DeclaredOrganization,
    /// The configuration's guardrails.
    pub guardrails: &'a Guardrails,
    /// Enforcements that the configuration sets.
    pub enforcements: &'a BTreeMap<GateName, Enforcement>,
    /// What the configuration says about policies that facts can't decide.
    pub assumptions: &'a Assumptions,
    /// The block.
    pub desired: &'a DesiredAccount,
    /// What the block declares of the departure.
    pub departure: &'a Leaving,
    /// The live organization.
    pub observed: &'a ObservedOrganization,
    /// The live account with the block's id.
    pub live: Option<&'a Account>,
    /// What came of assuming the member role.
    pub inside: &'a MemberAccess,
    /// What was seen from inside the account, or of it from the management account.
    pub probes: &'a Probes,
}

/// Everything that the gates of one account that is to join may read.
#[derive(Debug, Clone, Copy)]
pub struct JoiningFacts<'a> {
    /// The run's one time.
    pub now: Timestamp,
    /// The organization that the configuration declares.
    pub declared: &'a DeclaredOrganization,
    /// Enforcements that the configuration sets.
    pub enforcements: &'a BTreeMap<GateName, Enforcement>,
    /// The block.
    pub desired: &'a DesiredAccount,
    /// Its `join` block.
    pub joining: &'a Joining,
    /// The step that comes next.
    pub step: JoinStep,
    /// The live organization.
    pub observed: &'a ObservedOrganization,
    /// Invitations of the same plan that go before this one: they use AWS's quotas first.
    pub ahead: usize,
    /// What the journal knows of the account's joining.
    pub story: &'a JoiningStory,
    /// When the account joined by orgroster before, as a record says.
    pub joined: Option<Timestamp>,
    /// Where it is to be placed.
    ///
    /// # Errors
    ///
    /// Why that is not known: `restore` without a record.
    pub unit: Result<&'a str, &'static str>,
    /// Its tags.
    pub tags: &'a BTreeMap<String, String>,
    /// The live account with the block's id.
    pub live: Option<&'a Account>,
    /// What came of assuming the role that accepts.
    pub inside: &'a MemberAccess,
    /// The account's name as it says itself, where that was read.
    pub own_name: Option<&'a str>,
    /// The plan that the account is on, as it says itself.
    pub account_plan: &'a Probe<String>,
}

impl<'a> GateFacts<'a> {
    /// AWS's last refusal of this membership's departure for the lack of what such an attestation is about.
    #[must_use]
    pub fn refused(&self, kind: AttestationKind) -> Option<&'a Refused> {
        self.observed.refusal(self.desired.id, kind)
    }

    /// The tags of the role that makes the call, where they were read.
    #[must_use]
    pub const fn role_tags(&self) -> Option<&'a BTreeMap<String, String>> {
        self.probes.role_tags.value()
    }

    /// Whether a later read in the account includes the role's tags.
    #[must_use]
    pub const fn role_tags_may_come(&self) -> bool {
        matches!(self.probes.role_tags, Probe::NotRun)
    }
}

impl MemberAccess {
    /// Whether the session is proven to be in this account, and the account in this organization.
    #[must_use]
    pub fn is_in(&self, id: AccountId, wanted: &OrganizationId) -> bool {
        matches!(self, Self::Assumed { account, organization: Some(found), .. } if *account == id && found == wanted)
    }
}

/// What came of assuming the member role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberAccess {
    /// Plan does not assume the role that can do everything in the account.
    Deferred,
    /// The session was made, and this is what it says of itself.
    Assumed {
        /// The account of GetCallerIdentity.
        account: AccountId,
        /// The organization of DescribeOrganization; absent where the account is in none.
        organization: Option<OrganizationId>,
        /// What the session is, as STS answered it.
        session: SessionIdentity,
        /// GetCallerIdentity and DescribeOrganization.
        evidence: Vec<Provenance>,
    },
    /// It could not be made, or could not be asked.
    Failed {
        /// AWS's error code and message.
        error: String,
        /// Why the role could not be assumed; absent where it was, and its session could not be asked.
        failure: Option<RoleFailure>,
        /// The call that failed.
        evidence: Provenance,
    },
}
