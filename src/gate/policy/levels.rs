//! The levels from the root to the account, with the policies attached to each.

use std::collections::BTreeMap;

use crate::gate::GateFacts;
use crate::org::{AttachedPolicies, ReadFailure};
use crate::scp::{AttachedPolicy, Level, LevelKind, LevelRef};

/// The levels of the account. Levels are missing if the account's path or the policies of a level are not known; the evaluation then
/// answers unknown.
pub fn of<'a>(facts: &GateFacts<'a>) -> Result<Vec<Level>, &'a ReadFailure> {
    let mut documents = Documents { attached: facts.observed.policies.as_ref()?, read: BTreeMap::new() };
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
        levels.extend(documents.level(at));
    }
    let account = LevelRef { kind: LevelKind::Account, id: live.id.to_string(), name: live.name.clone() };
    levels.extend(documents.level(account));
    Ok(levels)
}

/// The policies on one account's path. Each policy is parsed once. Policies on other paths are not parsed.
struct Documents<'a> {
    attached: &'a AttachedPolicies,
    read: BTreeMap<&'a str, AttachedPolicy>,
}

impl<'a> Documents<'a> {
    fn level(&mut self, at: LevelRef) -> Option<Level> {
        let ids = self.attached.at.get(&at.id)?;
        Some(Level { policies: ids.iter().map(|id| self.document(id)).collect(), at })
    }

    fn document(&mut self, id: &'a str) -> AttachedPolicy {
        let texts = &self.attached.texts;
        let parse = || match texts.get(id).map(|policy| (policy, &policy.content)) {
            Some((policy, Ok(content))) => AttachedPolicy::new(id, &policy.name, content),
            Some((policy, Err(unreadable))) => AttachedPolicy::unreadable(id, &policy.name, unreadable.to_string()),
            None => AttachedPolicy::unreadable(id, id, "it was not read"),
        };
        self.read.entry(id).or_insert_with(parse).clone()
    }
}
