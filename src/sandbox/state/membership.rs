//! Joining, moving within, and leaving an organization.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::org::AccountId;

use super::World;
use super::account::{JoinedMethod, Membership};
use super::organization::{Organization, PolicyType, Target};

impl World {
    /// Puts an account into a unit of an organization, with the policies that AWS attaches to every entity.
    pub fn join(&mut self, account: AccountId, organization: &str, parent: &str, method: JoinedMethod, now: Timestamp) {
        let Some(joined) = self.organizations.get_mut(organization) else { return };
        let Some(unit) = joined.units.get_mut(parent) else { return };
        unit.accounts.insert(account);
        joined.members.insert(account);
        let policies = joined.default_policies();
        for policy in &policies {
            joined.note_attachment(policy, Target::Account(account));
        }
        let member = self.accounts.entry(account).or_insert_with(|| super::Account::standalone(account));
        member.membership = Some(Membership {
            organization: organization.to_owned(),
            parent: parent.to_owned(),
            joined_method: method,
            joined: now,
            tags: BTreeMap::new(),
            delegated: BTreeMap::new(),
            policies,
        });
    }

    /// Takes an account out of its organization: it stands alone, and its tags, delegations and attachments are gone. Its roles stay.
    pub fn depart(&mut self, account: AccountId, now: Timestamp) -> Option<Membership> {
        let member = self.accounts.get_mut(&account)?;
        let membership = member.membership.take()?;
        member.departed = Some(now);
        if let Some(left) = self.organizations.get_mut(&membership.organization) {
            left.members.remove(&account);
            left.delegated_administrators.remove(&account);
            if let Some(unit) = left.units.get_mut(&membership.parent) {
                unit.accounts.remove(&account);
            }
            for policy in &membership.policies {
                if let Some(policy) = left.policies.get_mut(policy) {
                    policy.targets.remove(&Target::Account(account));
                }
            }
        }
        Some(membership)
    }
}

impl Organization {
    /// The policies that AWS attaches to a new entity: the one that allows everything, of each authorization type that is enabled.
    #[must_use]
    pub fn default_policies(&self) -> Vec<String> {
        self.policy_types.iter().filter_map(|kind: &PolicyType| kind.full_access()).map(str::to_owned).collect()
    }

    /// Notes on a policy where it is attached.
    pub fn note_attachment(&mut self, policy: &str, target: Target) {
        if let Some(policy) = self.policies.get_mut(policy) {
            policy.targets.insert(target);
        }
    }
}
