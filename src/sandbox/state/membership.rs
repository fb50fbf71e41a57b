//! Joining an organization, moving within it, and leaving it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::org::AccountId;

use super::World;
use super::account::{AccountPlan, JoinedMethod, Membership};
use super::organization::{Organization, PolicyType, Target};

impl World {
    /// Adds an account to a unit of an organization, with the policies that AWS attaches to every entity.
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
        member.service_linked_role = true;
        // Joining ends the free plan and its credits (AWS Free Tier, questions and answers).
        member.plan = AccountPlan::Paid;
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

    /// Removes an account from its organization: it becomes standalone and loses its tags, delegations and attachments. Its roles stay.
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

impl World {
    /// The policies attached directly to a target.
    #[must_use]
    pub fn attached<'w>(&'w self, organization: &'w Organization, target: &Target) -> &'w [String] {
        match target {
            Target::Unit(unit) => organization.units.get(unit).map_or(&[], |unit| unit.policies.as_slice()),
            Target::Account(id) => {
                let membership = self.accounts.get(id).and_then(|account| account.membership.as_ref());
                membership.map_or(&[], |membership| membership.policies.as_slice())
            }
        }
    }

    /// Attaches a policy; does nothing if it is already attached.
    pub fn attach(&mut self, organization: &str, policy: &str, target: Target) {
        let World { accounts, organizations, .. } = self;
        let Some(organization) = organizations.get_mut(organization) else { return };
        let attached = match &target {
            Target::Unit(unit) => organization.units.get_mut(unit).map(|unit| &mut unit.policies),
            Target::Account(id) => {
                accounts.get_mut(id).and_then(|account| account.membership.as_mut()).map(|membership| &mut membership.policies)
            }
        };
        let Some(attached) = attached else { return };
        if !attached.iter().any(|known| known == policy) {
            attached.push(policy.to_owned());
        }
        organization.note_attachment(policy, target);
    }

    /// Detaches a policy; does nothing if it is not attached.
    pub fn detach(&mut self, organization: &str, policy: &str, target: &Target) {
        let World { accounts, organizations, .. } = self;
        let Some(organization) = organizations.get_mut(organization) else { return };
        match target {
            Target::Unit(unit) => organization.units.get_mut(unit).map(|unit| unit.policies.retain(|known| known != policy)),
            Target::Account(id) => {
                let membership = accounts.get_mut(id).and_then(|account| account.membership.as_mut());
                membership.map(|membership| membership.policies.retain(|known| known != policy))
            }
        };
        organization.forget_attachment(policy, target);
    }

    /// Enables a policy type. AWS attaches the policy that allows everything to every entity.
    pub fn enable_policy_type(&mut self, organization: &str, kind: PolicyType) {
        let Some(found) = self.organizations.get_mut(organization) else { return };
        let full = kind.full_access();
        found.policy_types.insert(kind);
        let targets = found.entities();
        if let Some(full) = full {
            for target in targets {
                self.attach(organization, full, target);
            }
        }
    }

    /// Disables a policy type. AWS detaches every policy of that type.
    pub fn disable_policy_type(&mut self, organization: &str, kind: &PolicyType) {
        let Some(found) = self.organizations.get_mut(organization) else { return };
        found.policy_types.remove(kind);
        let policies = found.policies.values().filter(|policy| policy.kind == *kind);
        let attachments: Vec<_> =
            policies.flat_map(|policy| policy.targets.iter().map(|target| (policy.id.clone(), target.clone()))).collect();
        for (policy, target) in attachments {
            self.detach(organization, &policy, &target);
        }
    }
}

impl Organization {
    /// Everything that a policy can be attached to.
    #[must_use]
    pub fn entities(&self) -> Vec<Target> {
        let units = self.units.keys().cloned().map(Target::Unit);
        units.chain(self.members.iter().copied().map(Target::Account)).collect()
    }

    /// The policies that AWS attaches to a new entity: for each enabled authorization policy type, the one that allows everything.
    #[must_use]
    pub fn default_policies(&self) -> Vec<String> {
        self.policy_types.iter().filter_map(|kind: &PolicyType| kind.full_access()).map(str::to_owned).collect()
    }

    /// Removes a target from a policy's list of targets.
    pub fn forget_attachment(&mut self, policy: &str, target: &Target) {
        if let Some(policy) = self.policies.get_mut(policy) {
            policy.targets.remove(target);
        }
    }

    /// Adds a target to a policy's list of targets.
    pub fn note_attachment(&mut self, policy: &str, target: Target) {
        if let Some(policy) = self.policies.get_mut(policy) {
            policy.targets.insert(target);
        }
    }
}
