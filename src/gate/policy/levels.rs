//! The levels from the root to the account, with the policies attached to each.

use std::collections::BTreeMap;

use crate::gate::GateFacts;
use crate::org::{AttachedPolicies, Unreadable};
use crate::scp::{AttachedPolicy, Level, LevelKind, LevelRef};

/// The levels; too few where the account's path or the policies of a level are not known, which the evaluation takes for unknown.
pub fn of<'a>(facts: &GateFacts<'a>) -> Result<Vec<Level>, &'a Unreadable> {
    let attached = facts.observed.policies.as_ref()?;
    let documents = documents(attached);
    let mut levels = Vec::new();
    let Some((live, path)) = facts.live.and_then(|live| Some((live, live.path.as_ref()?))) else { return Ok(levels) };
    for id in &path.0 {
        let root = id.starts_with("r-");
        let name = facts.observed.unit_names.get(id).cloned();
        let at = LevelRef {
            kind: if root { LevelKind::Root } else { LevelKind::OrganizationalUnit },
            id: id.clone(),
            name: name.unwrap_or_else(|| if root { "Root".to_owned() } else { id.clone() }),
        };
        levels.extend(level(at, attached, &documents));
    }
    let account = LevelRef { kind: LevelKind::Account, id: live.id.to_string(), name: live.name.clone() };
    levels.extend(level(account, attached, &documents));
    Ok(levels)
}

fn level(at: LevelRef, attached: &AttachedPolicies, documents: &BTreeMap<&str, AttachedPolicy>) -> Option<Level> {
    let ids = attached.at.get(&at.id)?;
    let document = |id: &String| {
        let missing = || AttachedPolicy::unreadable(id, id, "it was not read");
        documents.get(id.as_str()).cloned().unwrap_or_else(missing)
    };
    Some(Level { policies: ids.iter().map(document).collect(), at })
}

fn documents(attached: &AttachedPolicies) -> BTreeMap<&str, AttachedPolicy> {
    let document = |(id, policy): (&'_ String, &'_ crate::org::PolicyText)| match &policy.content {
        Ok(content) => AttachedPolicy::new(id, &policy.name, content),
        Err(unreadable) => AttachedPolicy::unreadable(id, &policy.name, unreadable.to_string()),
    };
    attached.texts.iter().map(|entry| (entry.0.as_str(), document(entry))).collect()
}
