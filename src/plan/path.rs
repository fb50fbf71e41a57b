//! The service control policies from the root to an account, on which a prediction is based.

use std::collections::{BTreeMap, BTreeSet};

use crate::gate::Basis;
use crate::org::{Account, ObservedOrganization, SERVICE_CONTROL_POLICY};

use super::sha256_hex;

/// The policies that apply to a member's own call. A new or changed policy makes an approval stale for this account. Empty if the
/// management account makes the call, because policies don't apply to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathFacts {
    /// The status of the policy type in the root; `None` if the root does not list it.
    policy_type_status: Option<String>,
    /// The policies attached directly to each root, unit or account: by policy id, the SHA-256 of its content, or the reason that the
    /// content could not be read.
    policies: BTreeMap<String, BTreeMap<String, String>>,
}

impl PathFacts {
    /// The facts that an approval covers. A policy that is removed needs no new approval: the gate is evaluated without it.
    pub fn basis(&self) -> Basis {
        let status = self.policy_type_status.iter().map(|status| ("the policy type".to_owned(), status.clone()));
        let policies = self
            .policies
            .iter()
            .flat_map(|(level, policies)| policies.iter().map(move |(id, content)| (format!("policy {id} at {level}"), content.clone())));
        Basis::facts(status.chain(policies))
    }

    /// Ids of the policies that are attached directly to a level.
    pub fn attached_to(&self, level: &str) -> BTreeSet<String> {
        self.policies.get(level).into_iter().flat_map(BTreeMap::keys).cloned().collect()
    }

    /// The facts on the path of an account.
    pub fn of(observed: &ObservedOrganization, account: &Account) -> Self {
        let policy_type_status = observed.root.policy_types.get(SERVICE_CONTROL_POLICY).cloned();
        let Ok(attached) = &observed.policies else { return Self { policy_type_status, policies: BTreeMap::new() } };
        let levels = account.path.iter().flat_map(|path| path.0.iter().cloned()).chain([account.id.to_string()]);
        let content = |id: &String| match attached.texts.get(id).map(|policy| &policy.content) {
            Some(Ok(content)) => format!("sha256:{}", sha256_hex(content.as_bytes())),
            // Without AWS's message, which differs from request to request.
            Some(Err(unreadable)) => format!("not readable by {}", unreadable.operation),
            None => "not read".to_owned(),
        };
        let at = |level: String| {
            let ids = attached.at.get(&level)?;
            Some((level, ids.iter().map(|id| (id.clone(), content(id))).collect()))
        };
        Self { policy_type_status, policies: levels.filter_map(at).collect() }
    }
}
