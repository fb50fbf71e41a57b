//! The service control policies between root and account, as the prediction saw them.

use std::collections::{BTreeMap, BTreeSet};

use crate::gate::Basis;
use crate::org::{Account, ObservedOrganization, SERVICE_CONTROL_POLICY};

use super::sha256_hex;

/// The policies that decide about a member's own call. One that is new, or has another content, makes an approval stale for this account.
/// Empty where they don't matter, because the management account makes the call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathFacts {
    /// Status of the policy type at the root; absent where the root does not list it.
    policy_type_status: Option<String>,
    /// Policies by the root, unit or account that they are attached to directly: for each its id and the SHA-256 of its content, or why the
    /// content could not be read.
    policies: BTreeMap<String, BTreeMap<String, String>>,
}

impl PathFacts {
    /// What approval is about. A policy that is gone needs no new one: the gate is asked without it.
    pub fn basis(&self) -> Basis {
        let status = self.policy_type_status.iter().map(|status| ("the policy type".to_owned(), status.clone()));
        let policies = self
            .policies
            .iter()
            .flat_map(|(level, policies)| policies.iter().map(move |(id, content)| (format!("policy {id} at {level}"), content.clone())));
        Basis::facts(status.chain(policies))
    }

    /// Ids of the policies that are attached to a level itself.
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
            // Without AWS's words, which differ from one request to the next.
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
