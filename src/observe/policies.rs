//! Service control policies at and above the accounts that leave: their attachments, and each policy's text once.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::iter;
use std::rc::Rc;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::try_join;

use crate::api::{ApiError, ApiErrorKind, Operation, Pages, ReadOrganization};
use crate::org::{ACCOUNTS_OF_A_PAGE, Account, AccountId, AttachedPolicies, Observed, PolicySummary, PolicyText, SERVICE_CONTROL_POLICY};

use super::queue::{WorkQueue, each};
use super::scope::Surroundings;

/// Up to this many levels, reading by policy is hardly ever cheaper, and finding out needs requests as well.
const FEW_LEVELS: usize = 20;

/// Ids of the attached policies, by the id of the root, unit or account.
type Attachments = BTreeMap<String, BTreeSet<String>>;

/// Reads the policies attached to accounts that leave and to the levels above them, by target or by policy, whichever needs fewer requests.
/// Meanwhile it reads the text of each policy that it finds. Nothing is read if service control policies can't apply or no account leaves.
/// `found` resolves to the accounts with their paths. The result has no entry for an account that is gone.
pub async fn read(
    api: &impl ReadOrganization,
    around: Surroundings<'_>,
    leaving: &BTreeSet<AccountId>,
    found: impl Future<Output = Result<Rc<Vec<Account>>, ApiError>> + Clone,
) -> Result<Observed<AttachedPolicies>, ApiError> {
    let listed = around.root.policy_types.contains_key(SERVICE_CONTROL_POLICY);
    if leaving.is_empty() || !listed || around.organization.feature_set != "ALL" {
        return Ok(Ok(AttachedPolicies::default()));
    }
    let (queue, items) = WorkQueue::new(api, Operation::DescribePolicy);
    match try_join!(attachments(api, around, leaving, found, queue), read_texts(api, items)) {
        Ok(((at, operation), texts)) => Ok(Ok(AttachedPolicies { at, texts, operation: operation.action().to_owned() })),
        Err(error) => error.denied().map(Err),
    }
}

/// Policy types of which AWS keeps at least one policy attached to the root, each unit and each account while the type is enabled. An empty
/// list is therefore an error (Organizations user guide, "Service control policies" and "Resource control policies").
const NEVER_WITHOUT: &[&str] = &[SERVICE_CONTROL_POLICY, "RESOURCE_CONTROL_POLICY"];

/// Checks that a list of the policies attached to `target` is not empty if AWS always keeps one of this type attached.
///
/// # Errors
///
/// Returns an error if the list can't be complete.
pub fn some_attached(policy_type: &str, target: &str, attached: usize) -> Result<(), ApiError> {
    if attached > 0 || !NEVER_WITHOUT.contains(&policy_type) {
        return Ok(());
    }
    let why = format!("no {policy_type} is listed for {target}, but AWS keeps at least one attached while the type is enabled");
    Err(ApiError::malformed(Operation::ListPoliciesForTarget, why))
}

async fn attachments(
    api: &impl ReadOrganization,
    around: Surroundings<'_>,
    leaving: &BTreeSet<AccountId>,
    found: impl Future<Output = Result<Rc<Vec<Account>>, ApiError>> + Clone,
    queue: WorkQueue<'_, impl ReadOrganization, PolicySummary>,
) -> Result<(Attachments, Operation), ApiError> {
    let above = async || {
        let found = found.clone().await?;
        let found = found.iter().filter(|account| leaving.contains(&account.id));
        let levels = found.filter_map(|account| account.path.as_ref()).flat_map(|path| path.0.iter().cloned());
        Ok(levels.collect::<BTreeSet<_>>())
    };
    // The least number of levels: the accounts and the root.
    let levels = leaving.len() + 1;
    let enabled = around.root.policy_types.get(SERVICE_CONTROL_POLICY).is_some_and(|status| status == "ENABLED");
    if levels > FEW_LEVELS {
        let policies = api.policies(SERVICE_CONTROL_POLICY).await?;
        // At least one request for each policy, and the pages of FullAWSAccess, which is usually attached everywhere.
        let pages = around.scope.expected.div_ceil(ACCOUNTS_OF_A_PAGE);
        if policies.len() + pages < levels {
            api.expect(Operation::ListTargetsForPolicy, pages as i64);
            let everywhere = async || {
                let accounts = found.clone().await?;
                let accounts = accounts.iter().map(|account| account.id).filter(|id| leaving.contains(id));
                Ok(accounts.map(|id| id.to_string()).chain(above().await?).collect::<BTreeSet<_>>())
            };
            if let Some(mut at) = by_policy(api, policies, everywhere, levels, &queue).await? {
                if enabled {
                    // AWS keeps a policy attached to every level. A level without one is gone by now, or the lists lacked it.
                    let bare: Vec<_> = at.extract_if(.., |_, policies| policies.is_empty()).map(|(level, _)| level).collect();
                    let ask = async |level| policies_at(api, level, enabled, &queue).await;
                    at.extend(each(api, Operation::ListPoliciesForTarget, bare, ask).await?.into_iter().flatten());
                }
                return Ok((at, Operation::ListTargetsForPolicy));
            }
        }
    }
    Ok((by_target(api, around, leaving, above, &queue).await?, Operation::ListPoliciesForTarget))
}

async fn by_target(
    api: &impl ReadOrganization,
    around: Surroundings<'_>,
    leaving: &BTreeSet<AccountId>,
    above: impl AsyncFn() -> Result<BTreeSet<String>, ApiError>,
    queue: &WorkQueue<'_, impl ReadOrganization, PolicySummary>,
) -> Result<Attachments, ApiError> {
    let root = around.root.id.as_str();
    let enabled = around.root.policy_types.get(SERVICE_CONTROL_POLICY).is_some_and(|status| status == "ENABLED");
    let at = async |level| policies_at(api, level, enabled, queue).await;
    // Levels that are already known are read first; most policies are attached to the root.
    let known = iter::once(root.to_owned()).chain(leaving.iter().map(ToString::to_string));
    let (units, known) = try_join!(
        async {
            let mut units = above().await?;
            units.remove(root);
            each(api, Operation::ListPoliciesForTarget, units, &at).await
        },
        each(api, Operation::ListPoliciesForTarget, known, &at),
    )?;
    Ok(units.into_iter().chain(known).flatten().collect())
}

/// Reads the policies attached to a level; `None` if the level is an account that is gone.
async fn policies_at(
    api: &impl ReadOrganization,
    level: String,
    enabled: bool,
    queue: &WorkQueue<'_, impl ReadOrganization, PolicySummary>,
) -> Result<Option<(String, BTreeSet<String>)>, ApiError> {
    match api.policies_at(&level).await {
        Ok(policies) => {
            if enabled {
                some_attached(SERVICE_CONTROL_POLICY, &level, policies.len())?;
            }
            let ids = policies.iter().map(|policy| policy.id.clone()).collect();
            policies.into_iter().for_each(|policy| queue.enqueue(&policy.id.clone(), policy));
            Ok(Some((level, ids)))
        }
        Err(error) if error.kind == ApiErrorKind::TargetNotFound && level.parse::<AccountId>().is_ok() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads the attachments by policy; `None` if that needs more than `most` pages, because reading by target is then cheaper.
async fn by_policy(
    api: &impl ReadOrganization,
    policies: Vec<PolicySummary>,
    levels: impl AsyncFn() -> Result<BTreeSet<String>, ApiError>,
    most: usize,
    queue: &WorkQueue<'_, impl ReadOrganization, PolicySummary>,
) -> Result<Option<Attachments>, ApiError> {
    let left = Cell::new(most);
    let targets = async |policy: PolicySummary| {
        let (mut targets, mut pages) = (Vec::new(), Pages::new(Operation::ListTargetsForPolicy));
        loop {
            let Some(fewer) = left.get().checked_sub(1) else { return Ok(None) };
            left.set(fewer);
            let page = api.targets_of(&policy.id, pages.token()).await?;
            let more = pages.turn(page.items.len(), page.next)?;
            targets.extend(page.items);
            if !more {
                break;
            }
        }
        let levels = levels().await?;
        targets.retain(|target| levels.contains(target));
        let id = policy.id.clone();
        if !targets.is_empty() {
            queue.enqueue(&id, policy);
        }
        Ok(Some((id, targets)))
    };
    let found = each(api, Operation::ListTargetsForPolicy, policies, targets).await?;
    let Some(found) = found.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
    let mut at: Attachments = levels().await?.into_iter().map(|level| (level, BTreeSet::new())).collect();
    for (policy, targets) in found {
        for target in targets {
            at.entry(target).or_default().insert(policy.clone());
        }
    }
    Ok(Some(at))
}

/// Reads the texts of policies as they arrive.
async fn read_texts(
    api: &impl ReadOrganization,
    mut items: UnboundedReceiver<PolicySummary>,
) -> Result<BTreeMap<String, PolicyText>, ApiError> {
    let mut texts = BTreeMap::new();
    while let Some(PolicySummary { id, name }) = items.recv().await {
        let content = match api.policy_content(&id).await {
            Ok(content) => Ok(content),
            Err(error) => Err(error.denied()?),
        };
        texts.insert(id, PolicyText { name, content });
    }
    Ok(texts)
}
