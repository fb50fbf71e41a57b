//! The scope of an observation.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::api::ApiError;
use crate::org::{
    ACCOUNTS_OF_A_PAGE, AccountId, Address, DeclaredOrganization, DesiredAccount, DesiredRoster, Guardrails, Joining, Leaving,
    Organization, Refused, Root, is_targeted,
};

/// What a caller needs to know about an organization.
#[derive(Debug, Clone, Copy)]
pub enum ObserveScope<'a> {
    /// Every account, and all facts about the accounts that need an action; with addresses, only about these.
    Plan(&'a [Address]),
    /// All facts about the accounts that need an action, and about others only what needs no more requests: enough to judge acts, not to
    /// compare the roster.
    Acts,
    /// Every account.
    Accounts,
}

impl ObserveScope<'_> {
    /// Whether the act of this account is in scope.
    fn is_act(&self, address: &Address) -> bool {
        match self {
            Self::Plan(targets) => is_targeted(targets, address),
            Self::Acts => true,
            Self::Accounts => false,
        }
    }

    /// Whether a member is compared with its block.
    #[must_use]
    pub fn is_compared(&self, address: &Address) -> bool {
        match self {
            Self::Plan(targets) => is_targeted(targets, address),
            Self::Acts => false,
            Self::Accounts => true,
        }
    }

    /// The declarations of the accounts in scope that should leave.
    fn leaving<'r>(&self, roster: &'r DesiredRoster) -> impl Iterator<Item = (AccountId, &'r Leaving)> {
        let wanted = roster.accounts.iter().filter(|account| self.is_act(&account.address));
        wanted.filter_map(|account| Some((account.id, account.leaving()?)))
    }

    /// The declarations of the accounts in scope that may join.
    fn joining<'r>(&self, roster: &'r DesiredRoster) -> impl Iterator<Item = (AccountId, &'r Joining)> {
        let wanted = roster.accounts.iter().filter(|account| self.is_act(&account.address));
        wanted.filter_map(|account| Some((account.id, account.joining()?)))
    }

    /// Whether the journal's content about joinings is needed. Callers read it before they observe.
    #[must_use]
    pub fn reads_joinings(&self, roster: &DesiredRoster) -> bool {
        let raised = roster.guardrails.max_joins != Guardrails::default().max_joins;
        let declared = roster.accounts.iter().any(|account| DesiredAccount::joining(account).is_some());
        self.joining(roster).next().is_some() || (matches!(self, Self::Plan([])) && (raised || declared))
    }

    /// The accounts in scope that should leave. Callers read their records before they observe.
    #[must_use]
    pub fn detached(&self, roster: &DesiredRoster) -> BTreeSet<AccountId> {
        self.leaving(roster).map(|(id, _)| id).collect()
    }
}

/// Facts about accounts that are known before AWS is called.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Accounts that have left, according to a record.
    pub departed: BTreeSet<AccountId>,
    /// Refusals by AWS in earlier runs because something was missing that a person can attest, by account.
    pub refused: BTreeMap<AccountId, Vec<Refused>>,
    /// Ids of the former units of departed accounts that should be restored.
    pub former_units: BTreeSet<String>,
    /// Whether a joining has begun and has not ended.
    pub is_joining: bool,
}

/// What is known before the details are read.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub scope: &'a Scope<'a>,
    pub root: &'a Root,
    pub organization: &'a Organization,
}

/// Which accounts to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accounts {
    /// Every account, as a comparison with the roster needs.
    All,
    /// Only accounts that should be detached, with one request each. For a few accounts this is cheaper than the whole list.
    OnlyDetached,
}

/// What to read.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The organization that the credentials must belong to.
    pub declared: &'a DeclaredOrganization,
    /// Which accounts to read.
    pub accounts: Accounts,
    /// The expected number of accounts. It only decides which requests are cheaper.
    pub expected: usize,
    /// Accounts that the configuration detaches. Units and delegated services are read only for these.
    pub detached: BTreeSet<AccountId>,
    /// Those of them that are known to have left. Nothing is read about them unless AWS still lists them.
    pub departed: BTreeSet<AccountId>,
    /// Those of `detached` that make the call themselves. Service control policies are read only for these.
    pub leaving: BTreeSet<AccountId>,
    /// Whether handshakes and units are read, for accounts that should join.
    pub reads_joinings: bool,
    /// The units in which accounts should be placed; `None` means the root.
    pub join_units: BTreeSet<Option<String>>,
    /// The run's time.
    pub now: Timestamp,
}

impl Scope<'_> {
    /// The ids of the units in which accounts should be placed.
    pub(super) fn units(&self, root: &str) -> BTreeSet<String> {
        self.join_units.iter().map(|unit| unit.clone().unwrap_or_else(|| root.to_owned())).collect()
    }
}

/// An error of an observation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObserveError {
    /// A call failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The credentials belong to another organization. Nothing else was read of it.
    #[error("the credentials belong to organization {} of management account {}", found.id, found.management_account_id)]
    WrongOrganization {
        /// The organization of the credentials.
        found: Box<Organization>,
        /// The account of the credentials.
        called_from: AccountId,
    },
}

impl<'a> Scope<'a> {
    /// The scope for a roster.
    #[must_use]
    pub fn of(roster: &'a DesiredRoster, wanted: ObserveScope<'_>, known: &Known, now: Timestamp) -> Self {
        let detached = wanted.detached(roster);
        // The number of live accounts is not known yet; the number of declared ones is close enough to choose the cheaper requests.
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
