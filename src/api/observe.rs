//! One look at the organization, before anything is decided.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tokio::try_join;

use crate::org::{
    Account, AccountId, AttachedPolicies, DeclaredOrganization, ObservedOrganization, Organization, OrganizationPath, Reading, Root,
    SERVICE_CONTROL_POLICY,
};

use super::{ApiError, ApiErrorKind, ReadOrganization, policies};

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
    /// Accounts that the configuration detaches: only for these are units and delegated services read.
    pub detached: BTreeSet<AccountId>,
    /// Those of them that leave by their own call: only for these are service control policies read.
    pub leaving: BTreeSet<AccountId>,
    /// The run's time.
    pub now: Timestamp,
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

/// Why something about an account could not be read.
pub enum Missing {
    /// The account is listed and is not there: it left, and AWS's lists show that only after a while.
    Gone(AccountId),
    /// A call failed.
    Api(ApiError),
}

impl From<ApiError> for Missing {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl Missing {
    /// A failure of a request that names the account.
    pub fn about(id: AccountId, error: ApiError) -> Self {
        if error.kind == ApiErrorKind::TargetNotFound { Self::Gone(id) } else { Self::Api(error) }
    }
}

/// What is read of the accounts to be detached.
struct Details {
    delegated_administrators: BTreeMap<AccountId, Vec<String>>,
    policies: Reading<AttachedPolicies>,
    tags: BTreeMap<AccountId, Reading<BTreeMap<String, String>>>,
    attached: BTreeMap<AccountId, Reading<BTreeMap<String, String>>>,
    unit_names: BTreeMap<String, String>,
}

/// Reads everything that a plan depends on. Requests grow with the pages of the account list and with the accounts to be detached.
///
/// # Errors
///
/// The first call that failed, or that this is another organization.
pub async fn observe(api: &impl ReadOrganization, scope: &Scope<'_>) -> Result<ObservedOrganization, ObserveError> {
    let callers = api.callers().await?;
    let called_from = callers.last().map_or(scope.declared.management_account_id, |caller| caller.account);
    let organization = api.describe_organization().await?;
    if organization.id != scope.declared.id || organization.management_account_id != scope.declared.management_account_id {
        return Err(ObserveError::WrongOrganization { found: Box::new(organization), called_from });
    }
    // Every operation has a quota of its own, so what does not depend on another is read beside it.
    let (root, mut accounts, administrators, service_access) =
        try_join!(api.root(), read_accounts(api, scope), api.delegated_administrators(), read_service_access(api, scope))?;
    accounts.sort_by_key(|account| account.id);
    accounts.dedup_by_key(|account| account.id);
    // An account that is gone is taken from the list, so that this ends.
    let details = loop {
        match read_details(api, scope, (&root, &organization), &mut accounts, &administrators).await {
            Ok(details) => break details,
            Err(Missing::Gone(id)) => accounts.retain(|account| account.id != id),
            Err(Missing::Api(error)) => return Err(error.into()),
        }
    };
    let Details { delegated_administrators, policies, tags, attached, unit_names } = details;
    Ok(ObservedOrganization {
        organization,
        root,
        accounts,
        delegated_administrators,
        policies,
        service_access,
        tags,
        attached,
        looks: BTreeMap::new(),
        unit_names,
        callers,
        called_from,
        observed_at: scope.now,
        requests: api.requests(),
    })
}

async fn read_details(
    api: &impl ReadOrganization,
    scope: &Scope<'_>,
    (root, organization): (&Root, &Organization),
    accounts: &mut [Account],
    administrators: &[AccountId],
) -> Result<Details, Missing> {
    for account in accounts.iter_mut().filter(|account| scope.detached.contains(&account.id)) {
        if account.path.is_none() {
            account.path = Some(read_path(api, account.id).await?);
        }
    }
    let paths = paths_of(accounts, &scope.leaving);
    let (delegated_administrators, policies, tags, attached, unit_names) = try_join!(
        async { Ok(read_delegations(api, administrators, &scope.detached).await?) },
        policies::read(api, root, organization, &paths),
        read_tags(api, accounts, &scope.detached),
        read_attached(api, root, accounts, scope),
        async { Ok(read_unit_names(api, accounts, &scope.detached).await?) },
    )?;
    Ok(Details { delegated_administrators, policies, tags, attached, unit_names })
}

async fn read_accounts(api: &impl ReadOrganization, scope: &Scope<'_>) -> Result<Vec<Account>, ApiError> {
    if scope.accounts == Accounts::All {
        return api.list_accounts().await;
    }
    let mut accounts = Vec::new();
    for id in &scope.detached {
        accounts.extend(api.describe_account(*id).await?);
    }
    Ok(accounts)
}

/// Integrations matter to accounts that leave; where none does, nothing is asked.
async fn read_service_access(api: &impl ReadOrganization, scope: &Scope<'_>) -> Result<Reading<BTreeSet<String>>, ApiError> {
    if scope.detached.is_empty() {
        return Ok(Ok(BTreeSet::new()));
    }
    match api.service_access().await {
        Ok(services) => Ok(Ok(services)),
        Err(error) => error.denied().map(Err),
    }
}

async fn read_tags(
    api: &impl ReadOrganization,
    accounts: &[Account],
    detached: &BTreeSet<AccountId>,
) -> Result<BTreeMap<AccountId, Reading<BTreeMap<String, String>>>, Missing> {
    let mut tags = BTreeMap::new();
    for id in accounts.iter().map(|account| account.id).filter(|id| detached.contains(id)) {
        let found = match api.tags_of(id).await {
            Ok(found) => Ok(found),
            Err(error) => Err(error.denied().map_err(|error| Missing::about(id, error))?),
        };
        tags.insert(id, found);
    }
    Ok(tags)
}

/// Policies attached to the accounts themselves, of the enabled types that are not read for the prediction.
async fn read_attached(
    api: &impl ReadOrganization,
    root: &Root,
    accounts: &[Account],
    scope: &Scope<'_>,
) -> Result<BTreeMap<AccountId, Reading<BTreeMap<String, String>>>, Missing> {
    let enabled: Vec<_> = root.policy_types.iter().filter(|(_, status)| *status == "ENABLED").map(|(kind, _)| kind.as_str()).collect();
    let mut attached = BTreeMap::new();
    for id in accounts.iter().map(|account| account.id).filter(|id| scope.detached.contains(id)) {
        let types = enabled.iter().filter(|kind| **kind != SERVICE_CONTROL_POLICY || !scope.leaving.contains(&id));
        let mut found = Ok(BTreeMap::new());
        for kind in types {
            match (api.policies_of_type_at(id, kind).await, &mut found) {
                (Ok(ids), Ok(found)) => found.extend(ids.into_iter().map(|policy| (policy, (*kind).to_owned()))),
                (Ok(_), Err(_)) => {}
                (Err(error), found) => *found = Err(error.denied().map_err(|error| Missing::about(id, error))?),
            }
        }
        attached.insert(id, found);
    }
    Ok(attached)
}

/// Every level from the root down to each of the accounts.
fn paths_of(accounts: &[Account], leaving: &BTreeSet<AccountId>) -> policies::Paths {
    let leaving: Vec<_> = accounts.iter().filter(|account| leaving.contains(&account.id)).collect();
    let above = leaving.iter().filter_map(|account| account.path.as_ref()).flat_map(|path| path.0.iter().cloned());
    let levels = above.chain(leaving.iter().map(|account| account.id.to_string())).collect();
    policies::Paths { levels, entities: accounts.len() }
}

/// Services are read only of administrators that are to be detached: ListDelegatedServicesForAccount allows one call a second.
async fn read_delegations(
    api: &impl ReadOrganization,
    administrators: &[AccountId],
    detached: &BTreeSet<AccountId>,
) -> Result<BTreeMap<AccountId, Vec<String>>, ApiError> {
    let mut delegations = BTreeMap::new();
    for &id in administrators {
        let mut services = if detached.contains(&id) { api.delegated_services(id).await? } else { Vec::new() };
        services.sort();
        delegations.insert(id, services);
    }
    Ok(delegations)
}

/// The path of an account for which AWS gave no `Paths`, from the account up.
async fn read_path(api: &impl ReadOrganization, id: AccountId) -> Result<OrganizationPath, Missing> {
    // Units nest five deep below the root (quotas page); the bound keeps a faulty server from holding the run.
    const DEEPEST: usize = 16;
    let mut path = Vec::new();
    let mut child = id.to_string();
    while path.len() < DEEPEST {
        let parent = api.parent_of(&child).await.map_err(|error| Missing::about(id, error))?;
        path.insert(0, parent.clone());
        if parent.starts_with("r-") {
            break;
        }
        child = parent;
    }
    Ok(OrganizationPath(path))
}

async fn read_unit_names(
    api: &impl ReadOrganization,
    accounts: &[Account],
    detached: &BTreeSet<AccountId>,
) -> Result<BTreeMap<String, String>, ApiError> {
    let paths = accounts.iter().filter(|account| detached.contains(&account.id)).filter_map(|account| account.path.as_ref());
    let units: BTreeSet<_> = paths.flat_map(|path| &path.0).filter(|id| id.starts_with("ou-")).collect();
    let mut names = BTreeMap::new();
    for unit in units {
        names.insert(unit.clone(), api.unit_name(unit).await?);
    }
    Ok(names)
}
