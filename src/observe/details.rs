//! The details of accounts that should be detached: the path with unit names, the tags, and the attached policies.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::try_join;

use crate::api::{ApiError, ApiErrorKind, Operation, ReadOrganization};
use crate::org::{Account, AccountId, AttachedPolicies, Observed, OrganizationPath, SERVICE_CONTROL_POLICY};

use super::policies;
use super::queue::{WorkQueue, each, unless_gone};
use super::scope::Surroundings;

/// The accounts that should be detached, as far as the list of accounts was read.
#[derive(Debug, Default)]
pub struct Listed {
    pub accounts: Vec<Account>,
    /// Whether the whole list was read, so that there are no others.
    pub complete: bool,
}

/// The details of accounts that should be detached.
pub struct Details {
    /// The accounts that exist, with their paths.
    pub accounts: Vec<Account>,
    pub policies: Observed<AttachedPolicies>,
    pub tags: BTreeMap<AccountId, Observed<BTreeMap<String, String>>>,
    pub attached: BTreeMap<AccountId, Observed<BTreeMap<String, String>>>,
    pub unit_names: BTreeMap<String, String>,
}

impl Details {
    /// Reads the details of `ids`. Accounts that are not in `listed` are described one by one; reads that need no path don't wait for this.
    /// If any request does not find an account, the account is gone.
    pub async fn read(
        api: &impl ReadOrganization,
        around: Surroundings<'_>,
        ids: &BTreeSet<AccountId>,
        listed: Listed,
    ) -> Result<Self, ApiError> {
        let (queue, units) = WorkQueue::new(api, Operation::DescribeOrganizationalUnit);
        let found = async { find(api, ids, listed, queue).await.map(Rc::new) }.shared();
        let leaving: BTreeSet<_> = ids.intersection(&around.scope.leaving).copied().collect();
        let (tags, attached, policies, unit_names, found) = try_join!(
            read_tags(api, ids),
            read_attached(api, around, ids),
            policies::read(api, around, &leaving, found.clone()),
            read_unit_names(api, units),
            found,
        )?;
        let has_level = |id: AccountId| policies.as_ref().is_ok_and(|policies| policies.at.contains_key(&id.to_string()));
        let without_levels = policies.as_ref().map_or(true, |policies| policies.at.is_empty());
        let is_there = |account: &&Account| {
            let id = account.id;
            tags.contains_key(&id) && attached.contains_key(&id) && (without_levels || !leaving.contains(&id) || has_level(id))
        };
        let accounts = found.iter().filter(is_there).cloned().collect();
        Ok(Self { accounts, policies, tags, attached, unit_names })
    }

    /// Adds the details of other accounts.
    pub fn add(&mut self, others: Self) {
        let Self { accounts, policies, tags, attached, unit_names } = others;
        self.accounts.extend(accounts);
        self.tags.extend(tags);
        self.attached.extend(attached);
        self.unit_names.extend(unit_names);
        match (&mut self.policies, policies) {
            (Ok(known), Ok(more)) if known.at.is_empty() => *known = more,
            (Ok(known), Ok(more)) => {
                known.at.extend(more.at);
                known.texts.extend(more.texts);
            }
            (Ok(_), Err(unreadable)) => self.policies = Err(unreadable),
            (Err(_), _) => {}
        }
    }
}

/// Finds the accounts with their paths, and enqueues each unit on a path once, as soon as it is known.
async fn find(
    api: &impl ReadOrganization,
    ids: &BTreeSet<AccountId>,
    listed: Listed,
    units: WorkQueue<'_, impl ReadOrganization, String>,
) -> Result<Vec<Account>, ApiError> {
    let Listed { accounts, complete } = listed;
    let known: Vec<_> = accounts.into_iter().filter(|account| ids.contains(&account.id)).collect();
    let has: BTreeSet<_> = known.iter().map(|account| account.id).collect();
    let missing: Vec<_> = ids.difference(&has).copied().filter(|_| !complete).collect();
    let place = async |account: Account| {
        let path = match account.path {
            Some(path) => path,
            None => match read_path(api, account.id).await? {
                Some(path) => path,
                None => return Ok(None),
            },
        };
        for unit in path.0.iter().filter(|id| id.starts_with("ou-")) {
            units.enqueue(unit, unit.clone());
        }
        Ok(Some(Account { path: Some(path), ..account }))
    };
    let described = async |id| match api.describe_account(id).await? {
        Some(account) => place(account).await,
        None => Ok(None),
    };
    let (mut accounts, described) = try_join!(
        async { stream::iter(known).then(&place).try_collect::<Vec<_>>().await },
        each(api, Operation::DescribeAccount, missing, described),
    )?;
    accounts.extend(described);
    Ok(accounts.into_iter().flatten().collect())
}

/// Reads the path of an account for which AWS sent no `Paths`, from the account up; `None` if the account is gone.
async fn read_path(api: &impl ReadOrganization, id: AccountId) -> Result<Option<OrganizationPath>, ApiError> {
    // Units nest at most five levels below the root (quotas page); this limit keeps a faulty server from blocking the run.
    const DEEPEST: usize = 16;
    let mut path = Vec::new();
    let mut child = id.to_string();
    while path.len() < DEEPEST {
        let parent = match api.parent_of(&child).await {
            Err(error) if path.is_empty() && error.kind == ApiErrorKind::TargetNotFound => return Ok(None),
            parent => parent?,
        };
        path.insert(0, parent.clone());
        if parent.starts_with("r-") {
            return Ok(Some(OrganizationPath(path)));
        }
        child = parent;
    }
    Err(ApiError::malformed(Operation::ListParents, format!("none of the {DEEPEST} levels above account {id} is a root")))
}

async fn read_tags(
    api: &impl ReadOrganization,
    ids: &BTreeSet<AccountId>,
) -> Result<BTreeMap<AccountId, Observed<BTreeMap<String, String>>>, ApiError> {
    let tags = async |id| Ok(unless_gone(api.tags_of(id).await)?.map(|tags| (id, tags)));
    let found = each(api, Operation::ListTagsForResource, ids.iter().copied(), tags).await?;
    Ok(found.into_iter().flatten().collect())
}

/// Reads the policies attached directly to accounts, of the enabled types that the prediction does not read.
async fn read_attached(
    api: &impl ReadOrganization,
    around: Surroundings<'_>,
    ids: &BTreeSet<AccountId>,
) -> Result<BTreeMap<AccountId, Observed<BTreeMap<String, String>>>, ApiError> {
    let enabled: Vec<_> =
        around.root.policy_types.iter().filter(|(_, status)| *status == "ENABLED").map(|(kind, _)| kind.as_str()).collect();
    let predicts = |id: AccountId, kind: &str| kind == SERVICE_CONTROL_POLICY && around.scope.leaving.contains(&id);
    let wanted = ids.iter().flat_map(|id| enabled.iter().filter(|kind| !predicts(*id, kind)).map(|kind| (*id, *kind)));
    let policies = async |(id, kind): (AccountId, &str)| {
        let found = unless_gone(api.policies_of_type_at(&id.to_string(), kind).await)?;
        if let Some(Ok(found)) = &found {
            policies::some_attached(kind, &id.to_string(), found.len())?;
        }
        Ok((id, kind.to_owned(), found))
    };
    let mut attached: BTreeMap<_, _> = ids.iter().map(|id| (*id, Ok(BTreeMap::new()))).collect();
    for (id, kind, found) in each(api, Operation::ListPoliciesForTarget, wanted, policies).await? {
        match (found, attached.get_mut(&id)) {
            (Some(Ok(policies)), Some(Ok(at))) => at.extend(policies.into_iter().map(|policy| (policy, kind.clone()))),
            (Some(Err(unreadable)), Some(at)) => *at = Err(unreadable),
            (None, _) => {
                attached.remove(&id);
            }
            (Some(Ok(_)), Some(Err(_)) | None) | (Some(Err(_)), None) => {}
        }
    }
    Ok(attached)
}

/// Reads the names of units as they arrive.
async fn read_unit_names(api: &impl ReadOrganization, mut units: UnboundedReceiver<String>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut names = BTreeMap::new();
    while let Some(unit) = units.recv().await {
        let name = api.unit_name(&unit).await?;
        names.insert(unit, name);
    }
    Ok(names)
}
