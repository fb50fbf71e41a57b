//! The facts that a plan reads about accounts that should be detached: in the account, with a role that may only read, and from the
//! management account.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};
use tokio::join;

use crate::api::{ApiError, AuditRoot, MemberIdentity, Operation, ReadIntegrations, ReadOrganization, SessionNames, VisitMember};
use crate::org::{AccountId, ContextEntry, DesiredRoster, FailedRole, Leaving, MemberRole, ObservedOrganization, Probes, RoleFailure};

use crate::observe::accounts::integrations::probe_integrations;
use crate::observe::accounts::probe::{ACCOUNT_MANAGEMENT, MemberProbe, not_inside, probe_from_management, probe_member};
use crate::observe::accounts::protections::probe_protections;
use crate::observe::accounts::root::probe_root_users;

/// Returns the condition keys whose values are known for the call that an account will make.
pub type KnownKeys<'k> = dyn Fn(&ObservedOrganization, AccountId, &Leaving) -> Vec<ContextEntry> + 'k;

/// The number of accounts that are probed concurrently.
const AT_ONCE: usize = 8;

/// Reads what plan may read about the accounts that should be detached: in the account with `member_read_role`, from the management account
/// if Account Management has trusted access, and from integrated services. Apply probes the rest.
pub async fn probe_members<A>(
    api: &A,
    observed: &ObservedOrganization,
    roster: &DesiredRoster,
    detached: &BTreeSet<AccountId>,
    known: &KnownKeys<'_>,
) -> BTreeMap<AccountId, Probes>
where
    A: ReadOrganization + ReadIntegrations + VisitMember + AuditRoot,
{
    let wanted = roster.accounts.iter().filter(|account| detached.contains(&account.id));
    let live = wanted.filter(|account| observed.account(account.id).is_some());
    let departures: Vec<_> = live.filter_map(|account| Some((account.id, account.leaving()?))).collect();
    let probes = departures.iter().copied().map(|(id, departure)| async move {
        (id, Box::pin(probe_departure(api, Visited { observed, roster, id, departure, known })).await)
    });
    let probes = stream::iter(probes).buffer_unordered(AT_ONCE).collect::<BTreeMap<_, _>>();
    let (mut probes, held, root, protections) = join!(
        probes,
        Box::pin(probe_integrations(api, observed, detached, &roster.provider.regions)),
        Box::pin(probe_root_users(api, roster, observed, &departures)),
        probe_protections(api, observed, detached),
    );
    for (id, held) in held.into_iter().chain(root).chain(protections) {
        let seen = probes.remove(&id).unwrap_or_default();
        probes.insert(id, seen.or(held));
    }
    probes
}

/// Probes an account with the read role, and from the management account for what the role could not read.
async fn probe_departure<A: ReadOrganization + VisitMember>(api: &A, visited: Visited<'_>) -> Probes {
    let Visited { observed, roster, id, departure, known: _ } = visited;
    let inside = match &roster.provider.member_read_role {
        Some(reader) if departure.action().is_called_by_member() => Box::pin(probe_with_role(api, reader, visited)).await,
        _ => Probes::default(),
    };
    let trusted = observed.service_access.as_ref().is_ok_and(|services| services.contains(ACCOUNT_MANAGEMENT));
    if !trusted || inside.contact.is_seen() && inside.created.is_seen() {
        return inside;
    }
    inside.or(probe_from_management(api, (id, departure), observed.called_from).await)
}

/// An account to probe.
#[derive(Clone, Copy)]
struct Visited<'a> {
    observed: &'a ObservedOrganization,
    roster: &'a DesiredRoster,
    id: AccountId,
    departure: &'a Leaving,
    known: &'a KnownKeys<'a>,
}

/// Reads in the account with the read role. If the role can't be used, every read fails with AWS's answer.
async fn probe_with_role(api: &impl VisitMember, reader: &MemberRole, visited: Visited<'_>) -> Probes {
    let Visited { observed, roster, id, departure, known } = visited;
    let partition = &observed.organization.partition;
    let arn = reader.arn(partition, id);
    let role_arn = departure.member_role.arn(partition, id);
    let known = known(observed, id, departure);
    let scope = MemberProbe::of(roster, observed, (id, departure), &role_arn, (&known, observed.observed_at));
    let failed = |error: &ApiError, failure| {
        let role = FailedRole { arn: arn.clone(), with_external_id: reader.external_id.is_some(), failure };
        not_inside(error, &role, scope)
    };
    let session = match api.visit(&arn, reader, SessionNames::of("orgroster-plan")).await {
        Ok(session) => session,
        Err(error) => return failed(&error, error.role_failure().unwrap_or(RoleFailure::Other)),
    };
    match session.account().await {
        Ok(account) if account == id => Box::pin(probe_member(&session, scope)).await,
        Ok(account) => {
            let why = format!("the session belongs to account {account}");
            failed(&ApiError::malformed(Operation::GetCallerIdentity, why), RoleFailure::OtherAccount)
        }
        Err(error) => failed(&error, RoleFailure::Other),
    }
}
