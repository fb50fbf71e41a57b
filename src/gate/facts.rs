//! The facts that gates read.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::org::{
    Account, AccountId, Assumptions, AttestationKind, DeclaredOrganization, DesiredAccount, Enforcement, GateName, Guardrails, JoinStep,
    Joining, JoiningStory, Leaving, ObservedOrganization, OrganizationId, Probe, Probes, Provenance, Refused, RoleFailure, SessionIdentity,
};

/// All facts that the gates of an account that leaves may read. Gates read no clock: `now` is the run's time.
#[derive(Debug, Clone, Copy)]
pub struct GateFacts<'a> {
    /// The time of the run.
    pub now: Timestamp,
    /// The organization that the configuration declares.
    pub declared: &'a DeclaredOrganization,
    /// The configuration's guardrails.
    pub guardrails: &'a Guardrails,
    /// Enforcements that the configuration sets.
    pub enforcements: &'a BTreeMap<GateName, Enforcement>,
    /// What the configuration declares about policies that facts alone can't decide.
    pub assumptions: &'a Assumptions,
    /// The account's block.
    pub desired: &'a DesiredAccount,
    /// The departure that the block declares.
    pub departure: &'a Leaving,
    /// The live organization.
    pub observed: &'a ObservedOrganization,
    /// The live account with the block's id, if there is one.
    pub live: Option<&'a Account>,
    /// The result of assuming the member role.
    pub inside: &'a MemberAccess,
    /// What was read in the account, and what was read about it from the management account.
    pub probes: &'a Probes,
}

/// All facts that the gates of an account that joins may read.
#[derive(Debug, Clone, Copy)]
pub struct JoiningFacts<'a> {
    /// The time of the run.
    pub now: Timestamp,
    /// The organization that the configuration declares.
    pub declared: &'a DeclaredOrganization,
    /// Enforcements that the configuration sets.
    pub enforcements: &'a BTreeMap<GateName, Enforcement>,
    /// The account's block.
    pub desired: &'a DesiredAccount,
    /// Its `join` block.
    pub joining: &'a Joining,
    /// The step that comes next.
    pub step: JoinStep,
    /// The live organization.
    pub observed: &'a ObservedOrganization,
    /// How many invitations of the same plan are sent before this one; they use AWS's quotas first.
    pub ahead: usize,
    /// What the journal contains about the account's joining.
    pub story: &'a JoiningStory,
    /// When the account joined through orgroster before, according to a record.
    pub joined: Option<Timestamp>,
    /// The id of the unit in which the account will be placed, or why it is not known: `restore` without a record.
    pub unit: Result<&'a str, &'static str>,
    /// The tags that the account will get.
    pub tags: &'a BTreeMap<String, String>,
    /// The live account with the block's id, if there is one.
    pub live: Option<&'a Account>,
    /// The result of assuming the role that accepts.
    pub inside: &'a MemberAccess,
    /// The account's name as read in the account, if it was read.
    pub own_name: Option<&'a str>,
    /// The account's plan (free or paid), as read in the account.
    pub account_plan: &'a Probe<String>,
}

impl<'a> GateFacts<'a> {
    /// AWS's last refusal, during this membership, to let the account leave for lack of what `kind` attests.
    #[must_use]
    pub fn refused(&self, kind: AttestationKind) -> Option<&'a Refused> {
        self.observed.refusal(self.desired.id, kind)
    }

    /// The tags of the role that makes the call, if they were read.
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

/// The result of assuming the member role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberAccess {
    /// Not tried: plan does not assume a role that can do everything in the account.
    Deferred,
    /// The role was assumed, and its session reported who it is.
    Assumed {
        /// The account that GetCallerIdentity returned.
        account: AccountId,
        /// The organization that DescribeOrganization returned; `None` if the account is in no organization.
        organization: Option<OrganizationId>,
        /// The session's identity, as STS returned it.
        session: SessionIdentity,
        /// The calls of GetCallerIdentity and DescribeOrganization.
        evidence: Vec<Provenance>,
    },
    /// The role could not be assumed, or a call of its session failed.
    Failed {
        /// AWS's error code and message.
        error: String,
        /// Why the role could not be assumed; `None` if it was assumed and a call of its session failed.
        failure: Option<RoleFailure>,
        /// The call that failed.
        evidence: Provenance,
    },
}
