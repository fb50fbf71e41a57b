//! What is to be observed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::api::ApiError;
use crate::org::{
    ACCOUNTS_OF_A_PAGE, AccountId, Address, DeclaredOrganization, DesiredAccount, DesiredRoster, Guardrails, Joining, Leaving,
    Organization, Refused, Root, is_targeted,
};

/// What somebody wants to know of an organization.
#[derive(Debug, Clone, Copy)]
pub enum ObserveScope<'a> {
    /// Every account, and everything about those that something is to be done to; where addresses are named, about these alone.
    Plan(&'a [Address]),
    /// Everything about the accounts that something is to be done to, and of others no more than costs nothing: enough to judge acts, not to
    /// compare the roster.
    Acts,
    /// Every account.
    Accounts,
}

impl ObserveScope<'_> {
    /// Whether what is to be done to this account is wanted.
    fn is_act(&self, address: &Address) -> bool {
        match self {
            Self::Plan(targets) => is_targeted(targets, address),
            Self::Acts => true,
            Self::Accounts => false,
        }
    }

    /// Whether a member is held against its block.
    #[must_use]
    pub fn is_compared(&self, address: &Address) -> bool {
        match self {
            Self::Plan(targets) => is_targeted(targets, address),
            Self::Acts => false,
            Self::Accounts => true,
        }
    }

    /// What the configuration declares of the accounts that are to leave and are in scope.
    fn leaving<'r>(&self, roster: &'r DesiredRoster) -> impl Iterator<Item = (AccountId, &'r Leaving)> {
        let wanted = roster.accounts.iter().filter(|account| self.is_act(&account.address));
        wanted.filter_map(|account| Some((account.id, account.leaving()?)))
    }

    /// What the configuration declares of the accounts that may be taken in and are in scope.
    fn joining<'r>(&self, roster: &'r DesiredRoster) -> impl Iterator<Item = (AccountId, &'r Joining)> {
        let wanted = roster.accounts.iter().filter(|account| self.is_act(&account.address));
        wanted.filter_map(|account| Some((account.id, account.joining()?)))
    }

    /// Whether what the journal knows of joinings is wanted: whoever observes finds out before.
    #[must_use]
    pub fn reads_joinings(&self, roster: &DesiredRoster) -> bool {
        let raised = roster.guardrails.max_joins != Guardrails::default().max_joins;
        let declared = roster.accounts.iter().any(|account| DesiredAccount::joining(account).is_some());
        self.joining(roster).next().is_some() || (matches!(self, Self::Plan([])) && (raised || declared))
    }

    /// The accounts in scope that are to leave: whoever observes finds out before what is known of them.
    #[must_use]
    pub fn detached(&self, roster: &DesiredRoster) -> BTreeSet<AccountId> {
        self.leaving(roster).map(|(id, _)| id).collect()
    }
}

/// What is known of accounts before AWS is asked.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Accounts that left once, as a record says.
    pub departed: BTreeSet<AccountId>,
    /// What AWS refused in earlier runs for the lack of what a person can attest.
    pub refused: BTreeMap<AccountId, Vec<Refused>>,
    /// Units that departed accounts stood in that are to be restored.
    pub former_units: BTreeSet<String>,
    /// Whether a joining was begun and is not over.
    pub is_joining: bool,
}

/// What is known from the start.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub scope: &'a Scope<'a>,
    pub root: &'a Root,
    pub organization: &'a Organization,
}

/// Which accounts to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accounts {
    /// Every account: what a comparison with the roster needs.
    All,
    /// Those to be detached, with one request for each: for few of them cheaper than the pages of the whole list.
    OnlyDetached,
}

/// What to observe.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The organization that must be met.
    pub declared: &'a DeclaredOrganization,
    /// Which accounts to read.
    pub accounts: Accounts,
    /// How many accounts are expected: it decides only which way is cheaper.
    pub expected: usize,
    /// Accounts that the configuration detaches: only for these are units and delegated services read.
    pub detached: BTreeSet<AccountId>,
    /// Those of them that are known to have left: nobody asks about them unless they are listed all the same.
    pub departed: BTreeSet<AccountId>,
    /// Those of `detached` that leave by their own call: only for these are service control policies read.
    pub leaving: BTreeSet<AccountId>,
    /// Whether handshakes and units are read, for accounts that are to be taken in.
    pub reads_joinings: bool,
    /// The units that accounts are to be placed in; `None` stands for the root.
    pub join_units: BTreeSet<Option<String>>,
    /// The run's time.
    pub now: Timestamp,
}

impl Scope<'_> {
    /// The ids of the units that accounts are to be placed in.
    pub(super) fn units(&self, root: &str) -> BTreeSet<String> {
        self.join_units.iter().map(|unit| unit.clone().unwrap_or_else(|| root.to_owned())).collect()
    }
}

/// Why there is no observation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObserveError {
    /// A call failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The credentials belong to another organization. Nothing else was read of it.
    #[error("the credentials belong to organization {} of management account {}", found.id, found.management_account_id)]
    WrongOrganization {
        /// The organization that was met.
        found: Box<Organization>,
        /// The account that asked.
        called_from: AccountId,
    },
}

impl<'a> Scope<'a> {
    /// What to read for a roster.
    #[must_use]
    pub fn of(roster: &'a DesiredRoster, wanted: ObserveScope<'_>, known: &Known, now: Timestamp) -> Self {
        let detached = wanted.detached(roster);
        // Nobody knows how many accounts are live; as many as are declared is near enough to choose the fewer requests.
        let expected = roster.accounts.len();
        let few = detached.len() <= expected.div_ceil(ACCOUNTS_OF_A_PAGE);
        let declared_out = wanted.leaving(roster).filter(|(_, leaving)| leaving.departed.is_some()).map(|(id, _)| id);
        Self {
            declared: &roster.organization,
            accounts: if matches!(wanted, ObserveScope::Acts) && few { Accounts::OnlyDetached } else { Accounts::All },
            expected,
            departed: declared_out.chain(known.departed.iter().copied()).collect(),
            reads_joinings: wanted.reads_joinings(roster) || known.is_joining,
            join_units: wanted
                .joining(roster)
                .filter(|(_, joining)| !joining.restore)
                .map(|(_, joining)| joining.unit.clone())
                .chain(known.former_units.iter().cloned().map(Some))
                .collect(),
            leaving: wanted.leaving(roster).filter(|(_, leaving)| leaving.action().is_called_by_member()).map(|(id, _)| id).collect(),
            detached,
            now,
        }
    }
}
