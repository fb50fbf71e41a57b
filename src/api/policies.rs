//! Service control policies above the accounts that leave: what is attached where, and each policy's text once.

use std::collections::{BTreeMap, BTreeSet};

use crate::org::{AttachedPolicies, Organization, PolicyText, Reading, Root, SERVICE_CONTROL_POLICY};

use super::observe::Missing;
use super::{ApiError, ReadOrganization};

/// Items of a page of every Organizations list (API reference, `MaxResults`).
const PAGE: usize = 20;
/// Below this many levels the other direction can hardly be cheaper, and to find out costs requests as well.
const FEW_LEVELS: usize = 20;

/// The levels whose policies matter.
pub struct Paths {
    /// Root, units and accounts.
    pub levels: BTreeSet<String>,
    /// Live accounts; each has at least one policy attached.
    pub entities: usize,
}

/// Reads what is attached to the levels, by the cheaper of the two directions, and the text of each policy found. Nothing is read where
/// service control policies can't apply or nothing leaves.
pub async fn read(
    api: &impl ReadOrganization,
    root: &Root,
    organization: &Organization,
    paths: &Paths,
) -> Result<Reading<AttachedPolicies>, Missing> {
    let listed = root.policy_types.contains_key(SERVICE_CONTROL_POLICY);
    if paths.levels.is_empty() || !listed || organization.feature_set != "ALL" {
        return Ok(Ok(AttachedPolicies::default()));
    }
    let mut attached = match attachments(api, paths).await {
        Ok(attached) => attached,
        Err(Missing::Api(error)) => return Ok(Err(error.denied()?)),
        Err(gone) => return Err(gone),
    };
    let used: BTreeSet<_> = attached.at.values().flatten().cloned().collect();
    attached.texts.retain(|id, _| used.contains(id));
    for (id, policy) in &mut attached.texts {
        policy.content = match api.policy_content(id).await {
            Ok(content) => Ok(content),
            Err(error) => Err(error.denied()?),
        };
    }
    Ok(Ok(attached))
}

async fn attachments(api: &impl ReadOrganization, paths: &Paths) -> Result<AttachedPolicies, Missing> {
    let levels = &paths.levels;
    if levels.len() > FEW_LEVELS {
        let policies = api.policies().await?;
        // One request at least for each policy, and the pages of FullAWSAccess, which usually stands everywhere.
        if policies.len() + paths.entities.div_ceil(PAGE) < levels.len() {
            return Ok(by_policy(api, levels, policies).await?);
        }
    }
    by_target(api, levels).await
}

async fn by_target(api: &impl ReadOrganization, levels: &BTreeSet<String>) -> Result<AttachedPolicies, Missing> {
    let mut attached = empty("ListPoliciesForTarget");
    for level in levels {
        let policies = api.policies_at(level).await.map_err(|error| match level.parse() {
            Ok(id) => Missing::about(id, error),
            Err(_) => Missing::Api(error),
        })?;
        attached.at.insert(level.clone(), policies.iter().map(|policy| policy.id.clone()).collect());
        attached.texts.extend(policies.into_iter().map(|policy| (policy.id, unread(policy.name))));
    }
    Ok(attached)
}

async fn by_policy(
    api: &impl ReadOrganization,
    levels: &BTreeSet<String>,
    policies: Vec<crate::org::PolicySummary>,
) -> Result<AttachedPolicies, ApiError> {
    let mut attached = empty("ListTargetsForPolicy");
    attached.at = levels.iter().map(|level| (level.clone(), BTreeSet::new())).collect();
    for policy in policies {
        for target in api.targets_of(&policy.id).await? {
            if let Some(at) = attached.at.get_mut(&target) {
                at.insert(policy.id.clone());
            }
        }
        attached.texts.insert(policy.id, unread(policy.name));
    }
    Ok(attached)
}

fn empty(operation: &str) -> AttachedPolicies {
    AttachedPolicies { at: BTreeMap::new(), texts: BTreeMap::new(), operation: operation.to_owned() }
}

fn unread(name: String) -> PolicyText {
    PolicyText { name, content: Ok(String::new()) }
}
