//! The world: accounts, organizations, and operations on them. This module is independent of wire protocols and callers.

pub mod account;
pub mod creation;
pub mod handshake;
pub mod ids;
pub mod integrations;
pub mod invitations;
pub mod membership;
pub mod organization;
pub mod partition;
pub mod policy_type;
pub mod settings;
pub mod trail;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::org::AccountId;

use super::clock::Clock;
use account::Account;
use creation::Creation;
use handshake::Handshake;
use organization::{Organization, Target};
use partition::Partition;
use settings::Settings;
use trail::Event;

/// The whole state of a sandbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct World {
    /// The seed of every generated id, which makes runs repeatable.
    pub seed: u64,
    /// The number of ids generated so far.
    pub sequence: u64,
    /// The world's clock.
    pub clock: Clock,
    /// The partition of the whole world.
    pub partition: Partition,
    /// The default region of its clients.
    pub region: String,
    /// The settings of its behavior.
    pub settings: Settings,
    /// The management account of the first organization. It is the account of access keys that contain no account id.
    pub default_account: AccountId,
    /// Accounts that were declared, created or changed. Every other 12-digit account exists too, as a standalone account.
    pub accounts: BTreeMap<AccountId, Account>,
    /// Organizations by id.
    pub organizations: BTreeMap<String, Organization>,
    /// Handshakes by id.
    pub handshakes: BTreeMap<String, Handshake>,
    /// CreateAccount requests by id.
    pub creations: BTreeMap<String, Creation>,
    /// Accounts that are being closed.
    pub closing: BTreeSet<AccountId>,
    /// Closed members that AWS has not removed yet. Derived.
    #[serde(skip)]
    pub closed: BTreeSet<AccountId>,
    /// CloudTrail's events, oldest first.
    pub trail: Vec<Event>,
}

/// The error for a world that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Inconsistent(pub String);

impl World {
    /// Creates a world with accounts but no organization.
    #[must_use]
    pub fn empty(clock: Clock, seed: u64, default_account: AccountId) -> Self {
        Self {
            seed,
            sequence: 0,
            clock,
            partition: Partition::Aws,
            region: Partition::Aws.home_region().to_owned(),
            settings: Settings::default(),
            default_account,
            accounts: BTreeMap::new(),
            organizations: BTreeMap::new(),
            handshakes: BTreeMap::new(),
            creations: BTreeMap::new(),
            closing: BTreeSet::new(),
            closed: BTreeSet::new(),
            trail: Vec::new(),
        }
    }

    /// The world's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Generates a unique id of `length` characters.
    pub fn invent(&mut self, kind: &str, alphabet: &[u8], length: usize) -> String {
        self.sequence += 1;
        ids::derive(&[kind, &self.seed.to_string(), &self.sequence.to_string()], alphabet, length)
    }

    /// The organization of an account.
    #[must_use]
    pub fn organization_of(&self, account: AccountId) -> Option<&Organization> {
        let membership = self.accounts.get(&account)?.membership.as_ref()?;
        self.organizations.get(&membership.organization)
    }

    /// Builds the derived indexes from memberships and attachments, and checks that they are consistent.
    ///
    /// # Errors
    ///
    /// Returns the first inconsistency as a sentence: a parent, policy or organization that does not exist.
    pub fn index(&mut self) -> Result<(), Inconsistent> {
        for organization in self.organizations.values_mut() {
            organization.members.clear();
            organization.delegated_administrators.clear();
            organization.index_units()?;
        }
        self.closed.clear();
        for account in self.accounts.values() {
            let Some(membership) = &account.membership else { continue };
            if account.closed.is_some() {
                self.closed.insert(account.id);
            }
            let Some(organization) = self.organizations.get_mut(&membership.organization) else {
                return Err(Inconsistent(format!("account {} is in {}, which does not exist", account.id, membership.organization)));
            };
            let Some(unit) = organization.units.get_mut(&membership.parent) else {
                return Err(Inconsistent(format!("account {} is in {}, which does not exist", account.id, membership.parent)));
            };
            unit.accounts.insert(account.id);
            organization.members.insert(account.id);
            if !membership.delegated.is_empty() {
                organization.delegated_administrators.insert(account.id);
            }
            for policy in &membership.policies {
                organization.index_attachment(policy, Target::Account(account.id))?;
            }
        }
        for organization in self.organizations.values() {
            if !organization.members.contains(&organization.management) {
                return Err(Inconsistent(format!("the management account of {} is not in it", organization.id)));
            }
        }
        Ok(())
    }
}

impl Organization {
    fn index_units(&mut self) -> Result<(), Inconsistent> {
        for policy in self.policies.values_mut() {
            policy.targets.clear();
        }
        let edges: Vec<_> = self.units.values().map(|unit| (unit.id.clone(), unit.parent.clone(), unit.policies.clone())).collect();
        for unit in self.units.values_mut() {
            unit.units.clear();
            unit.accounts.clear();
        }
        for (id, parent, policies) in edges {
            match parent {
                Some(parent) => match self.units.get_mut(&parent) {
                    Some(above) => above.units.insert(id.clone()),
                    None => return Err(Inconsistent(format!("{id} is in {parent}, which does not exist"))),
                },
                None if id == self.root => true,
                None => return Err(Inconsistent(format!("{id} has no parent"))),
            };
            for policy in policies {
                self.index_attachment(&policy, Target::Unit(id.clone()))?;
            }
        }
        let cyclic = self.units.keys().find(|id| self.chain(id).first() != Some(&self.root.as_str()));
        cyclic.map_or(Ok(()), |id| Err(Inconsistent(format!("{id} does not lead to the root"))))
    }

    fn index_attachment(&mut self, policy: &str, target: Target) -> Result<(), Inconsistent> {
        match self.policies.get_mut(policy) {
            Some(policy) => policy.targets.insert(target),
            None => return Err(Inconsistent(format!("{policy} is attached but does not exist"))),
        };
        Ok(())
    }
}
