//! Reading everything on which a plan depends.
//!
//! The organization is read first, from its management account; then, for the accounts that need an action, the items of integrated
//! services and the facts in and about these accounts. Nothing here decides or writes.

mod accounts;
mod changes;
mod details;
mod estate;
mod organization;
mod policies;
mod queue;
mod scope;
mod units;

use jiff::Timestamp;

use crate::api::{AuditRoot, ReadIntegrations, ReadOrganization, VisitMember};
use crate::org::{DesiredRoster, ObservedOrganization};

pub use accounts::ends::account_ends;
pub use accounts::integrations::probe_integrations;
pub use accounts::members::{KnownKeys, probe_members};
pub use accounts::probe::{MemberProbe, probe_member};
pub use accounts::root::{asks_root, audit_root};
pub use changes::change_history;
pub use estate::estate;
pub use organization::{every_account, organization};
pub use scope::{Accounts, Known, ObserveError, ObserveScope, Scope};
pub use units::unit_names;

/// Reads everything on which a plan of this roster depends, within the scope `wanted`. `keys` returns the known condition keys of the calls
/// that follow from the plan. [`account_ends`] reads separately how accounts left or were closed, because it needs CloudTrail.
///
/// # Errors
///
/// Returns the error of the first call that failed, or an error if the credentials belong to another organization.
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
        Box::pin(accounts::joining::read_joinings(api, &mut observed, &units)).await?;
    }
    // Earlier refusals by AWS decide what is probed now.
    observed.refused = known.refused;
    // Boxed, because the future of an account's requests is large.
    observed.probes = Box::pin(probe_members(api, &observed, roster, &scope.detached, keys)).await;
    observed.requests = api.requests();
    Ok(observed)
}
