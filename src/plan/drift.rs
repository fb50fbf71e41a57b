//! Comparing members with their blocks.

use crate::org::{AccountState, DesiredAccount, ObservedOrganization};

use super::Drift;

/// How a member differs from its block.
pub fn of(account: &DesiredAccount, observed: &ObservedOrganization) -> Vec<Drift> {
    let Some(live) = observed.account(account.id) else {
        return vec![Drift::Missing { departed: observed.ends.departed.get(&account.id).cloned() }];
    };
    let state = (live.state != AccountState::Active).then(|| Drift::State {
        state: live.state.clone(),
        removed_by: live.state.removed_by(observed.ends.closed.get(&account.id).copied(), observed.observed_at),
    });
    let differs = |declared: &Option<String>, live: &String| declared.clone().filter(|declared| declared != live);
    let name = differs(&account.name, &live.name).map(|declared| Drift::Name { declared, live: live.name.clone() });
    let email = differs(&account.email, &live.email).map(|declared| Drift::Email { declared, live: live.email.clone() });
    [state, name, email].into_iter().flatten().collect()
}
