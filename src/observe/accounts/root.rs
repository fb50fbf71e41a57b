//! Root users of accounts that should leave.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use crate::api::{AuditRoot, IAM, Operation};
use crate::org::{
    AccountId, After, AttestationKind, DesiredRoster, Enforcement, GateName, Leaving, ObservedOrganization, Probe, Probes, RootUser,
};

use crate::observe::accounts::probe::{look, seen_from};

/// The number of root users that are audited concurrently.
const AT_ONCE: usize = 4;

/// Reads whether the root users of departing accounts are managed centrally and, if the configuration lets plan open root sessions, which
/// credentials each of them has.
pub async fn probe_root_users(
    api: &impl AuditRoot,
    roster: &DesiredRoster,
    observed: &ObservedOrganization,
    departures: &[(AccountId, &Leaving)],
) -> BTreeMap<AccountId, Probes> {
    let trusted = observed.service_access.as_ref().is_ok_and(|services| services.contains(IAM));
    let departures: Vec<_> = departures.iter().copied().filter(|(_, leaving)| leaving.action().after() == After::Standalone).collect();
    if !trusted || departures.is_empty() || is_off(roster) {
        return BTreeMap::new();
    }
    let managed = api.manages_root().await;
    let operation = Operation::ListOrganizationsFeatures;
    let seen = || Some(seen_from(observed.called_from, operation, api.answered(operation, None)?));
    let central_root = look(managed, seen);
    let look_at = |(id, departure): (AccountId, &Leaving)| {
        let probes = Probes { central_root: central_root.clone(), ..Probes::default() };
        let wanted = roster.provider.root_audit && asks_root(roster, observed, (id, departure), &probes, observed.observed_at);
        async move {
            let root = if wanted { audit_root(api, id).await } else { Probe::NotRun };
            (id, Probes { root, ..probes })
        }
    };
    stream::iter(departures.into_iter().map(look_at)).buffer_unordered(AT_ONCE).collect().await
}

/// Whether to audit the root user of an account: only if root credentials are managed centrally, the gate is enabled, and no attestation of
/// access to the root user counts.
#[must_use]
pub fn asks_root(
    roster: &DesiredRoster,
    observed: &ObservedOrganization,
    (id, departure): (AccountId, &Leaving),
    probes: &Probes,
    now: Timestamp,
) -> bool {
    let kind = AttestationKind::RootAccess;
    let managed = probes.central_root.value() == Some(&true);
    // If the account moves, the other organization is responsible for its root user.
    departure.action().after() == After::Standalone
        && managed
        && !is_off(roster)
        && departure.attestation(kind, now, observed.refusal(id, kind)).is_none()
}

/// Audits the root user of an account.
pub async fn audit_root(api: &impl AuditRoot, account: AccountId) -> Probe<RootUser> {
    match api.root_user(account).await {
        Ok((value, at)) => Probe::Seen { value, provenance: seen_from(account, Operation::GetLoginProfile, at) },
        Err(error) => Probe::Failed(error.into_read_failure()),
    }
}

fn is_off(roster: &DesiredRoster) -> bool {
    roster.gates.get(&GateName::RootCredentials) == Some(&Enforcement::Off)
}
