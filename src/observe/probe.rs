//! Reads about a member: in the account, with a session of a role, or from the management account where AWS allows it.

use std::future::Future;

use jiff::Timestamp;
use tokio::join;

use crate::api::{ApiError, Operation, ReadMember, ReadOrganization};
use crate::org::{
    AccountId, After, AttestationKind, Consequence, ContextEntry, DesiredRoster, Enforcement, FailedRole, GateName, Leaving,
    ObservedOrganization, OrganizationId, Probe, Probes, Provenance, ReadFailure,
};

/// The service whose trusted access lets the management account read members' contact data (Account Management API reference).
pub const ACCOUNT_MANAGEMENT: &str = "account.amazonaws.com";

/// What to read in an account.
#[derive(Debug, Clone, Copy)]
pub struct MemberProbe<'a> {
    /// The account.
    pub account: AccountId,
    /// The role that makes the call.
    pub role_arn: &'a str,
    /// Whether it leaves by its own call for nowhere, so that IAM's simulator is asked about that, and what a standalone account needs is read.
    pub stands_alone: bool,
    /// Where to ask for resource shares, as [`crate::org::ProviderSettings`] has it; `None` if the organization shares none.
    pub share_regions: Option<&'a [String]>,
    /// Whether to ask for payment instruments, as `asks_payment` says.
    pub payment: bool,
    /// The organization whose id is searched for in policies, where that is asked for, as `asks_conditions` says.
    pub conditions: Option<&'a OrganizationId>,
    /// Condition keys of the call that are known, for IAM's simulator.
    pub known: &'a [ContextEntry],
}

impl<'a> MemberProbe<'a> {
    /// What to read in an account that is to leave: the same for a plan and for its apply.
    #[must_use]
    pub fn of(
        roster: &'a DesiredRoster,
        observed: &'a ObservedOrganization,
        (account, leaving): (AccountId, &Leaving),
        role_arn: &'a str,
        (known, now): (&'a [ContextEntry], Timestamp),
    ) -> Self {
        let share_regions = share_regions(observed, &roster.provider.regions);
        let stands_alone = leaving.action().after() == After::Standalone;
        let payment = stands_alone && asks_payment(roster, observed, (account, leaving), now);
        let conditions = asks_conditions(roster, observed);
        Self { account, role_arn, stands_alone, share_regions, payment, conditions, known }
    }
}

/// Whether to ask an account for its payment instruments: only where the gate is on, and nobody's word on them counts.
fn asks_payment(roster: &DesiredRoster, observed: &ObservedOrganization, (id, departure): (AccountId, &Leaving), now: Timestamp) -> bool {
    let kind = AttestationKind::PaymentMethod;
    let is_off = roster.gates.get(&GateName::PaymentMethod) == Some(&Enforcement::Off);
    !is_off && departure.attestation(kind, now, observed.refusal(id, kind)).is_none()
}

/// Where to ask for resource shares from inside an account: nowhere unless Resource Access Manager has trusted access.
#[must_use]
fn share_regions<'a>(observed: &ObservedOrganization, regions: &'a [String]) -> Option<&'a [String]> {
    let enabled = observed.service_access.as_ref().ok()?;
    Consequence::ResourceShares.integrated_by(enabled).map(|_| regions)
}

/// The organization whose id is searched for in an account's policies: only where the gate is on, which it is not by default.
fn asks_conditions<'a>(roster: &DesiredRoster, observed: &'a ObservedOrganization) -> Option<&'a OrganizationId> {
    roster.reads_conditions().then_some(&observed.organization.id)
}

/// Asks only where there is something to ask.
pub(super) async fn when<T>(is_on: bool, asked: impl Future<Output = T>) -> Option<T> {
    if is_on { Some(asked.await) } else { None }
}

/// Reads everything that a session in the account can read. What fails is unreadable, and the gates say so.
pub async fn probe_member(session: &impl ReadMember, scope: MemberProbe<'_>) -> Probes {
    let MemberProbe { account, role_arn, stands_alone, share_regions, payment, conditions, known } = scope;
    let conditions = async {
        match conditions {
            Some(organization) => Some(session.organization_conditions(organization).await),
            None => None,
        }
    };
    let (role_tags, simulation, handshakes, contact, created, support, payment, conditions, shares) = join!(
        session.role_tags(role_arn),
        when(stands_alone, session.simulate_leaving(role_arn, known)),
        session.open_handshakes(),
        when(stands_alone, session.contact_information()),
        session.created_at(),
        when(stands_alone, session.support_evidence()),
        when(payment, session.payment_instruments()),
        conditions,
        when(share_regions.is_some(), session.resource_shares(share_regions.unwrap_or_default())),
    );
    let seen = |operation: Operation| Some(seen_from(account, operation, session.answered(operation, None)?));
    Probes {
        role_tags: look(role_tags, || seen(Operation::GetRole)),
        simulation: asked(simulation, || seen(Operation::SimulatePrincipalPolicy)),
        handshakes: look(handshakes, || seen(Operation::ListHandshakesForAccount)),
        contact: asked(contact, || seen(Operation::GetContactInformation)),
        created: look(created, || seen(Operation::GetAccountInformation)),
        support: asked(support, || seen(Operation::DescribeSeverityLevels)),
        payment: asked(payment, || seen(Operation::ListPaymentInstruments)),
        conditions: asked(conditions, || seen(Operation::GetAccountAuthorizationDetails)),
        shares: asked(shares, || seen(Operation::GetResourceShares)),
        ..Probes::default()
    }
}

/// What is known of an account in which the role that reads can't be used: of everything that it would have read, why it is not.
pub fn not_inside(error: &ApiError, role: &FailedRole, scope: MemberProbe<'_>) -> Probes {
    let unreadable = |operation: Operation| {
        let why = error.clone().into_read_failure().why;
        ReadFailure { operation: operation.action().to_owned(), why, role: Some(role.clone()), not_built_in: false }
    };
    Probes {
        role_tags: Probe::Failed(unreadable(Operation::GetRole)),
        simulation: unread_where(scope.stands_alone, || unreadable(Operation::SimulatePrincipalPolicy)),
        handshakes: Probe::Failed(unreadable(Operation::ListHandshakesForAccount)),
        contact: unread_where(scope.stands_alone, || unreadable(Operation::GetContactInformation)),
        created: Probe::Failed(unreadable(Operation::GetAccountInformation)),
        support: unread_where(scope.stands_alone, || unreadable(Operation::DescribeSeverityLevels)),
        payment: unread_where(scope.payment, || unreadable(Operation::ListPaymentInstruments)),
        conditions: unread_where(scope.conditions.is_some(), || unreadable(Operation::GetAccountAuthorizationDetails)),
        shares: unread_where(scope.share_regions.is_some(), || unreadable(Operation::GetResourceShares)),
        ..Probes::default()
    }
}

/// Reads what the management account may read of a member, which needs trusted access for Account Management.
pub async fn probe_from_management(
    api: &impl ReadOrganization,
    (account, leaving): (AccountId, &Leaving),
    called_from: AccountId,
) -> Probes {
    let stands_alone = leaving.action().after() == After::Standalone;
    let (contact, created) = join!(when(stands_alone, api.contact_information_of(account)), api.created_at_of(account));
    let about = account.to_string();
    let seen = |operation: Operation| Some(seen_from(called_from, operation, api.answered(operation, Some(&about))?));
    // What the management account may not see may yet be seen from inside.
    Probes {
        contact: contact.and_then(Result::ok).map_or(Probe::NotRun, |value| look(Ok(value), || seen(Operation::GetContactInformation))),
        created: created.map_or(Probe::NotRun, |value| look(Ok(value), || seen(Operation::GetAccountInformation))),
        ..Probes::default()
    }
}

pub(super) fn seen_from(account: AccountId, operation: Operation, at: Timestamp) -> Provenance {
    Provenance { operation: operation.action().to_owned(), account, at }
}

/// What can't be read of a question, where it would have been asked.
fn unread_where<T>(is_asked: bool, unreadable: impl FnOnce() -> ReadFailure) -> Probe<T> {
    if is_asked { Probe::Failed(unreadable()) } else { Probe::NotRun }
}

/// A question that may not have been asked.
fn asked<T>(answer: Option<Result<T, ApiError>>, provenance: impl FnOnce() -> Option<Provenance>) -> Probe<T> {
    answer.map_or(Probe::NotRun, |answer| look(answer, provenance))
}

/// A value without an answer that it came from does not count.
pub(super) fn look<T>(answer: Result<T, ApiError>, provenance: impl FnOnce() -> Option<Provenance>) -> Probe<T> {
    match answer {
        Ok(value) => provenance().map_or(Probe::NotRun, |provenance| Probe::Seen { value, provenance }),
        Err(error) => Probe::Failed(error.into_read_failure()),
    }
}
