//! Compares accounts: which joined or left, and how the others changed.

use std::collections::{BTreeMap, BTreeSet};

use crate::org::{Account, AccountId, AccountState, JoinedMethod, ObservedOrganization, counted};

use super::{ChangeKind, Gap, Moment, OrganizationChange, OrganizationDrift};

pub(super) fn compare(before: Moment<'_>, after: Moment<'_>, drift: &mut OrganizationDrift) {
    let names = [before, after].map(unit_names);
    let (were, are) = (by_id(before.observed), by_id(after.observed));
    let mut unknown = Unknown::default();
    for id in were.keys().chain(are.keys()).copied().collect::<BTreeSet<AccountId>>() {
        match (were.get(&id), are.get(&id)) {
            (Some(was), Some(is)) if came_back(was, is) => {
                drift.note(left(was));
                drift.note(came(is, &names[1]));
            }
            (Some(was), Some(is)) => both(was, is, &names, &mut unknown, drift),
            (Some(was), None) => drift.note(left(was)),
            (None, Some(is)) => drift.note(came(is, &names[1])),
            (None, None) => {}
        }
    }
    unknown.note(drift);
}

fn by_id(observed: &ObservedOrganization) -> BTreeMap<AccountId, &Account> {
    observed.accounts.iter().map(|account| (account.id, account)).collect()
}

/// Number of accounts of which a value could not be compared.
#[derive(Default)]
struct Unknown {
    addresses: usize,
    paths: usize,
}

impl Unknown {
    fn note(&self, drift: &mut OrganizationDrift) {
        let mut note = |what: &str, count: usize, why: &str| {
            if count > 0 {
                let accounts = counted(count as u64, "account");
                drift.not_compared.push(Gap { what: format!("{what} of {accounts}"), why: why.to_owned() });
            }
        };
        note("the address", self.addresses, "a snapshot without -whole contains it only for accounts with a block");
        note("the unit", self.paths, "AWS did not return it");
    }
}

type UnitNames = BTreeMap<String, String>;

fn unit_names(moment: Moment<'_>) -> UnitNames {
    let estate = moment.estate.into_iter().flat_map(|estate| &estate.unit_names);
    let names = moment.observed.unit_names.iter().chain(estate).map(|(id, name)| (id.clone(), name.clone()));
    names.chain([(moment.observed.root.id.clone(), "Root".to_owned())]).collect()
}

/// Whether an account left and came back: its joining time changed.
fn came_back(was: &Account, is: &Account) -> bool {
    was.joined_at.zip(is.joined_at).is_some_and(|(was, is)| was != is)
}

fn left(was: &Account) -> OrganizationChange {
    let state = (was.state != AccountState::Active).then(|| was.state.as_str());
    OrganizationChange::of(ChangeKind::Left, was.id, Some(&was.name)).values(state, None)
}

fn came(is: &Account, names: &UnitNames) -> OrganizationChange {
    let kind = if is.joined_method == JoinedMethod::Created { ChangeKind::Created } else { ChangeKind::Joined };
    OrganizationChange::of(kind, is.id, Some(&is.name)).values(None, place(is, names).as_deref())
}

fn both(was: &Account, is: &Account, names: &[UnitNames; 2], unknown: &mut Unknown, drift: &mut OrganizationDrift) {
    let of = |kind| OrganizationChange::of(kind, is.id, Some(&is.name));
    if was.state != is.state {
        let closing = |state: &AccountState| matches!(state, AccountState::PendingClosure | AccountState::Closed);
        let kind = if closing(&is.state) && !closing(&was.state) { ChangeKind::Closed } else { ChangeKind::StateChanged };
        drift.note(of(kind).values(Some(was.state.as_str()), Some(is.state.as_str())));
    }
    if was.name != is.name {
        drift.note(of(ChangeKind::Renamed).values(Some(&was.name), Some(&is.name)));
    }
    if was.email.is_empty() || is.email.is_empty() {
        unknown.addresses += 1;
    } else if was.email != is.email {
        drift.note(of(ChangeKind::AddressChanged).values(Some(&was.email), Some(&is.email)));
    }
    match (&was.path, &is.path) {
        (Some(from), Some(to)) if from != to => {
            drift.note(of(ChangeKind::Moved).values(place(was, &names[0]).as_deref(), place(is, &names[1]).as_deref()));
        }
        (Some(_), Some(_)) => {}
        (None, _) | (_, None) => unknown.paths += 1,
    }
}

/// The account's path, as names of units.
fn place(account: &Account, names: &UnitNames) -> Option<String> {
    let path = account.path.as_ref()?;
    Some(path.0.iter().map(|id| names.get(id).unwrap_or(id).as_str()).collect::<Vec<_>>().join("/"))
}
