//! The organization and its accounts, as its management account sees them.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::oneshot;
use tokio::try_join;

use crate::api::{ApiError, Operation, Pages, ReadOrganization};
use crate::org::{ACCOUNTS_OF_A_PAGE, Account, AccountEnds, AccountId, DelegatedServices, Observed, ObservedOrganization, Probe};

use super::details::{Details, Listed};
use super::queue::each;
use super::scope::{Accounts, ObserveError, Scope, Surroundings};

/// The list of all accounts.
const LIST: Operation = Operation::ListAccounts;

/// The pages of the account list that the burst allows at the default `api_share`. A longer list waits for its quota; reads about the
/// accounts that should be detached need not wait for it.
const PAGES_AT_ONCE: usize = 7;

/// Reads the organization and its accounts. The number of requests grows with the pages of the account list and with the accounts that
/// should be detached.
///
/// # Errors
///
/// Returns the error of the first call that failed, or an error if the credentials belong to another organization.
pub async fn organization(api: &impl ReadOrganization, scope: &Scope<'_>) -> Result<ObservedOrganization, ObserveError> {
    let callers = api.callers().await?;
    let called_from = callers.last().map_or(scope.declared.management_account_id, |caller| caller.account);
    let organization = api.describe_organization().await?;
    if organization.id != scope.declared.id || organization.management_account_id != scope.declared.management_account_id {
        return Err(ObserveError::WrongOrganization { found: Box::new(organization), called_from });
    }
    let (tell, told) = oneshot::channel::<Listed>();
    let details = async {
        let root = api.root().await?;
        // If the sender is gone, reading the list has failed, and so will this run.
        let listed = told.await.unwrap_or_default();
        let ids = if listed.complete {
            listed.accounts.iter().map(|account| account.id).collect()
        } else {
            scope.detached.difference(&scope.departed).copied().collect()
        };
        let details = Details::read(api, Surroundings { scope, root: &root, organization: &organization }, &ids, listed).await?;
        Ok((root, ids, details))
    };
    // Every operation has its own quota, so independent reads run concurrently.
    let (mut accounts, delegated_administrators, service_access, (root, asked, mut details)) =
        try_join!(read_accounts(api, scope, tell), read_delegations(api, &scope.detached), read_service_access(api, scope), details)?;
    // Accounts that are listed although they had left have rejoined. This is rare, so it is acceptable to read shared levels again.
    let back = accounts.iter().filter(|account| scope.detached.contains(&account.id) && !asked.contains(&account.id));
    let listed = Listed { accounts: back.cloned().collect(), complete: true };
    let ids = listed.accounts.iter().map(|account| account.id).collect();
    details.add(Details::read(api, Surroundings { scope, root: &root, organization: &organization }, &ids, listed).await?);

    let Details { accounts: detached, policies, tags, attached, unit_names } = details;
    // AWS's lists still contain accounts that have just left; the details are current.
    accounts.retain(|account| !scope.detached.contains(&account.id));
    accounts.extend(detached);
    accounts.sort_by_key(|account| account.id);
    accounts.dedup_by_key(|account| account.id);
    Ok(ObservedOrganization {
        organization,
        root,
        accounts,
        delegated_administrators,
        policies,
        service_access,
        tags,
        attached,
        refused: BTreeMap::new(),
        probes: BTreeMap::new(),
        unit_names,
        sent_handshakes: Probe::NotRun,
        account_quota: Probe::NotRun,
        join_units: BTreeMap::new(),
        ends: AccountEnds::default(),
        callers,
        called_from,
        observed_at: scope.now,
        answers: api.answers(),
        requests: api.requests(),
    })
}

/// Reads the accounts, and sends those that should be detached as soon as it is clear how to read their details: when all of them are
/// known, or when the list is so long that it is better to describe them one by one.
async fn read_accounts(api: &impl ReadOrganization, scope: &Scope<'_>, tell: oneshot::Sender<Listed>) -> Result<Vec<Account>, ApiError> {
    let detached = |accounts: &[Account], complete| Listed {
        accounts: accounts.iter().filter(|account| scope.detached.contains(&account.id)).cloned().collect(),
        complete,
    };
    if scope.accounts == Accounts::OnlyDetached {
        let found =
            each(api, Operation::DescribeAccount, scope.detached.iter().copied(), async |id| api.describe_account(id).await).await?;
        let accounts: Vec<_> = found.into_iter().flatten().collect();
        let _ = tell.send(detached(&accounts, true));
        return Ok(accounts);
    }
    let expected_pages = scope.expected.div_ceil(ACCOUNTS_OF_A_PAGE);
    api.expect(Operation::ListAccounts, expected_pages as i64);
    let (mut accounts, mut pages, mut read) = (Vec::new(), Pages::new(LIST), 0);
    let mut tell = Some(tell);
    loop {
        if read.max(expected_pages) > PAGES_AT_ONCE
            && let Some(tell) = tell.take()
        {
            let _ = tell.send(detached(&accounts, false));
        }
        let page = api.accounts(pages.token()).await?;
        let more = pages.turn(page.items.len(), page.next)?;
        accounts.extend(page.items);
        read += 1;
        if !more {
            api.expect(Operation::ListAccounts, read as i64 - expected_pages as i64);
            complete(&accounts, scope.declared.management_account_id)?;
            if let Some(tell) = tell {
                let _ = tell.send(detached(&accounts, true));
            }
            return Ok(accounts);
        }
    }
}

/// Checks that the list contains the management account, as every complete list does. With an incomplete list, other accounts would seem
/// to be gone.
fn complete(accounts: &[Account], management: AccountId) -> Result<(), ApiError> {
    if accounts.iter().any(|account| account.id == management) {
        return Ok(());
    }
    Err(ApiError::malformed(LIST, format!("the list of {} accounts lacks the management account {management}", accounts.len())))
}

/// Reads every account of the organization with this management account, in any order.
///
/// # Errors
///
/// Returns an error if a call failed, or if the list is not complete.
pub async fn every_account(api: &impl ReadOrganization, management: AccountId) -> Result<Vec<Account>, ApiError> {
    let (mut accounts, mut pages) = (Vec::new(), Pages::new(LIST));
    loop {
        let page = api.accounts(pages.token()).await?;
        let more = pages.turn(page.items.len(), page.next)?;
        accounts.extend(page.items);
        if !more {
            complete(&accounts, management)?;
            return Ok(accounts);
        }
    }
}

/// Reads the services with trusted access. They matter only to accounts that leave; without such accounts nothing is read.
async fn read_service_access(api: &impl ReadOrganization, scope: &Scope<'_>) -> Result<Observed<BTreeSet<String>>, ApiError> {
    if scope.detached.is_empty() {
        return Ok(Ok(BTreeSet::new()));
    }
    match api.service_access().await {
        Ok(services) => Ok(Ok(services)),
        Err(error) => error.denied().map(Err),
    }
}

/// Reads the delegated administrators. Their services are read only if they should be detached, because ListDelegatedServicesForAccount
/// allows one call per second.
async fn read_delegations(
    api: &impl ReadOrganization,
    detached: &BTreeSet<AccountId>,
) -> Result<BTreeMap<AccountId, DelegatedServices>, ApiError> {
    let administrators = api.delegated_administrators().await?;
    let (asked, others): (Vec<_>, Vec<_>) = administrators.into_iter().partition(|id| detached.contains(id));
    let services = async |id| {
        let mut services = api.delegated_services(id).await?;
        services.sort();
        Ok((id, services))
    };
    let found = each(api, Operation::ListDelegatedServicesForAccount, asked, services).await?;
    Ok(found.into_iter().chain(others.into_iter().map(|id| (id, Vec::new()))).collect())
}
