//! What a plan reads, in which order, and by whom.
//!
//! The organization comes first, from its management account; then what services hold of the accounts that something is to be done to, and
//! what can be read in them or of them. Nothing here decides, and nothing writes.

mod changes;
mod details;
mod ends;
mod estate;
mod integrations;
mod joining;
mod members;
mod organization;
mod policies;
mod probe;
mod protections;
mod queue;
mod root;
mod scope;
mod units;

use jiff::Timestamp;

use crate::api::{AuditRoot, ReadIntegrations, ReadOrganization, VisitMember};
use crate::org::{DesiredRoster, ObservedOrganization};

pub use changes::change_history;
pub use ends::account_ends;
pub use estate::estate;
pub use integrations::probe_integrations;
pub use members::{KnownKeys, probe_members};
pub use organization::{every_account, organization};
pub use probe::{MemberProbe, probe_member};
pub use root::{asks_root, audit_root};
pub use scope::{Accounts, Known, ObserveError, ObserveScope, Scope};
pub use units::unit_names;

/// Reads everything that a plan of this roster depends on, as far as it is wanted; `keys` are what is known of the calls that it leads to. How accounts ended is left to [`account_ends`], which needs
/// CloudTrail.
///
/// # Errors
///
/// The first call that failed, or that this is another organization.
pub async fn observe<A>(
    api: &A,
    roster: &DesiredRoster,
    wanted: ObserveScope<'_>,
    known: Known,
    keys: &KnownKeys<'_>,
    now: Timestamp,
) -> Result<ObservedOrganization, ObserveError>
where
    A: ReadOrganization + ReadIntegrations + VisitMember + AuditRoot,
{
    let scope = Scope::of(roster, wanted, &known, now);
    let mut observed = Box::pin(organization(api, &scope)).await?;
    if scope.reads_joinings {
        let units = scope.units(&observed.root.id);
        Box::pin(joining::read_joinings(api, &mut observed, &units)).await?;
    }
    // What AWS refused before decides what is asked now.
    observed.refused = known.refused;
    // On the heap: what is asked of an account is a wide tree of requests.
    observed.probes = Box::pin(probe_members(api, &observed, roster, &scope.detached, keys)).await;
    observed.requests = api.requests();
    Ok(observed)
}
