//! Reads about a member: in the account, with a role session, or from the management account if AWS allows it.

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

/// The reads to make in an account.
#[derive(Debug, Clone, Copy)]
pub struct MemberProbe<'a> {
    /// The account.
    pub account: AccountId,
    /// The role that makes the call.
    pub role_arn: &'a str,
    /// Whether the account becomes a standalone account, so that IAM's simulator and the facts that a standalone account needs are read.
    pub stands_alone: bool,
    /// The regions in which to read resource shares, as in [`crate::org::ProviderSettings`]; `None` if sharing has no trusted access.
    pub share_regions: Option<&'a [String]>,
    /// Whether to read payment instruments; see `asks_payment`.
    pub payment: bool,
    /// The organization whose id is searched for in policies; `None` if they are not read. See `asks_conditions`.
    pub conditions: Option<&'a OrganizationId>,
    /// Known condition keys of the call, for IAM's simulator.
    pub known: &'a [ContextEntry],
}

impl<'a> MemberProbe<'a> {
    /// The reads to make in an account that should leave; the same for a plan and for its apply.
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

/// Whether to read an account's payment instruments: only if the gate is enabled and no attestation of them counts.
fn asks_payment(roster: &DesiredRoster, observed: &ObservedOrganization, (id, departure): (AccountId, &Leaving), now: Timestamp) -> bool {
    let kind = AttestationKind::PaymentMethod;
    let is_off = roster.gates.get(&GateName::PaymentMethod) == Some(&Enforcement::Off);
    !is_off && departure.attestation(kind, now, observed.refusal(id, kind)).is_none()
}

/// The regions in which to read resource shares in an account; `None` unless Resource Access Manager has trusted access.
#[must_use]
fn share_regions<'a>(observed: &ObservedOrganization, regions: &'a [String]) -> Option<&'a [String]> {
    let enabled = observed.service_access.as_ref().ok()?;
    Consequence::ResourceShares.integrated_by(enabled).map(|_| regions)
}

/// The organization whose id is searched for in an account's policies; `None` unless the gate is enabled, which it is not by default.
fn asks_conditions<'a>(roster: &DesiredRoster, observed: &'a ObservedOrganization) -> Option<&'a OrganizationId> {
    roster.reads_conditions().then_some(&observed.organization.id)
}

/// Awaits the read only if it is enabled.
pub(in crate::observe) async fn when<T>(is_on: bool, asked: impl Future<Output = T>) -> Option<T> {
    if is_on { Some(asked.await) } else { None }
}

/// Makes all reads in the account with a session. Gates report the reads that fail.
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

/// The probes of an account in which the read role can't be used: every read has failed for that reason.
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

/// Reads what the management account may read about a member, which needs trusted access for Account Management.
pub async fn probe_from_management(
    api: &impl ReadOrganization,
    (account, leaving): (AccountId, &Leaving),
    called_from: AccountId,
) -> Probes {
    let stands_alone = leaving.action().after() == After::Standalone;
    let (contact, created) = join!(when(stands_alone, api.contact_information_of(account)), api.created_at_of(account));
    let about = account.to_string();
    let seen = |operation: Operation| Some(seen_from(called_from, operation, api.answered(operation, Some(&about))?));
    // A read that fails here may still succeed in the account, so it does not count as failed.
    Probes {
        contact: contact.and_then(Result::ok).map_or(Probe::NotRun, |value| look(Ok(value), || seen(Operation::GetContactInformation))),
        created: created.map_or(Probe::NotRun, |value| look(Ok(value), || seen(Operation::GetAccountInformation))),
        ..Probes::default()
    }
}

pub(in crate::observe) fn seen_from(account: AccountId, operation: Operation, at: Timestamp) -> Provenance {
    Provenance { operation: operation.action().to_owned(), account, at }
}

/// A failed read, if it would have been made.
fn unread_where<T>(is_asked: bool, unreadable: impl FnOnce() -> ReadFailure) -> Probe<T> {
    if is_asked { Probe::Failed(unreadable()) } else { Probe::NotRun }
}

/// The result of a read that may not have been made.
fn asked<T>(answer: Option<Result<T, ApiError>>, provenance: impl FnOnce() -> Option<Provenance>) -> Probe<T> {
    answer.map_or(Probe::NotRun, |answer| look(answer, provenance))
}

/// The result of a read. A value without the answer from which it came does not count.
pub(in crate::observe) fn look<T>(answer: Result<T, ApiError>, provenance: impl FnOnce() -> Option<Provenance>) -> Probe<T> {
    match answer {
        Ok(value) => provenance().map_or(Probe::NotRun, |provenance| Probe::Seen { value, provenance }),
        Err(error) => Probe::Failed(error.into_read_failure()),
    }
}
