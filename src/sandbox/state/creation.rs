//! Accounts that are being created or closed. AWS does both asynchronously.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::org::AccountId;
use crate::sandbox::clock::shifted;

use super::World;
use super::account::{Account, AccountState, JoinedMethod, PaymentMethod, Role, SupportPlan};
use super::trail::Departure;
use super::words::{Word, words};

words! {
    /// `CreateAccountState`.
    CreationState {
        /// In progress.
        InProgress = "IN_PROGRESS",
        /// The account exists.
        Succeeded = "SUCCEEDED",
        /// It could not be created.
        Failed = "FAILED",
    }
}

/// How long a closed account stays in its organization.
const CLOSED_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A CreateAccount request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creation {
    /// `car-…`.
    pub id: String,
    /// The organization.
    pub organization: String,
    /// The new account's name.
    pub name: String,
    /// The new account's email address.
    pub email: String,
    /// The role in the new account that the management account may assume.
    pub role: String,
    /// The new account's tags.
    pub tags: BTreeMap<String, String>,
    /// The state of the request.
    pub state: CreationState,
    /// When it was requested.
    pub requested: Timestamp,
    /// When it completed.
    pub completed: Option<Timestamp>,
    /// The account, once it exists.
    pub account: Option<AccountId>,
    /// Why it failed.
    pub failure: Option<String>,
}

impl World {
    /// Records the service event `CreateAccountResult` in the management account's history.
    fn note_creation(&mut self, creation: &Creation, management: AccountId, now: Timestamp) {
        let account = creation.account.map(|account| account.to_string());
        let mut status = json!({
            "id": creation.id,
            "accountName": "****",
            "state": creation.state.as_str(),
            "requestedTimestamp": creation.requested.to_string(),
            "completedTimestamp": now.to_string(),
        });
        if let Value::Object(members) = &mut status {
            members.extend(account.map(|account| ("accountId".to_owned(), account.into())));
            members.extend(creation.failure.as_ref().map(|reason| ("failureReason".to_owned(), reason.as_str().into())));
        }
        let about = creation.account.unwrap_or(management);
        self.note_service_event("CreateAccountResult", management, about, &json!({ "createAccountStatus": status }), now);
    }

    /// The pending ids: of creations, and of accounts that are being closed.
    #[must_use]
    pub fn under_way(&self) -> Vec<String> {
        let creations = self.creations.values().filter(|creation| creation.state == CreationState::InProgress);
        creations.map(|creation| creation.id.clone()).chain(self.closing.iter().map(ToString::to_string)).collect()
    }

    /// Completes the pending creation or closure with this id.
    pub fn complete(&mut self, id: &str, now: Timestamp) {
        if let Ok(account) = id.parse::<AccountId>() {
            self.closing.remove(&account);
            if let Some(closed) = self.accounts.get_mut(&account).filter(|account| account.state == AccountState::PendingClosure) {
                (closed.state, closed.closed) = (AccountState::Closed, Some(now));
                self.closed.insert(account);
                if let Some(management) = self.organization_of(account).map(|organization| organization.management) {
                    self.note_closure(account, management, now);
                }
            }
            return;
        }
        let Some(creation) = self.creations.get(id).cloned() else { return };
        let outcome = self.create(&creation, now);
        let Some(creation) = self.creations.get_mut(id) else { return };
        creation.completed = Some(now);
        match outcome {
            Ok(account) => (creation.state, creation.account) = (CreationState::Succeeded, Some(account)),
            Err(reason) => (creation.state, creation.failure) = (CreationState::Failed, Some(reason.to_owned())),
        }
        let creation = creation.clone();
        if let Some(management) = self.organizations.get(&creation.organization).map(|organization| organization.management) {
            self.note_creation(&creation, management, now);
        }
    }

    /// Removes accounts from their organizations 90 days after they were closed (Organizations User Guide, closing a member account).
    pub fn clean_closed(&mut self, now: Timestamp) {
        let over = |id: &AccountId| {
            let account = self.accounts.get(id)?;
            let closed = account.closed.filter(|_| account.state == AccountState::Closed)?;
            Some((*id, shifted(closed, CLOSED_FOR))).filter(|(_, end)| *end <= now)
        };
        let due: Vec<_> = self.closed.iter().filter_map(over).collect();
        for (account, end) in due {
            let organization = self.organization_of(account).filter(|organization| organization.management != account);
            let Some((organization, management)) = organization.map(|found| (found.id.clone(), found.management)) else { continue };
            self.closed.remove(&account);
            self.depart(account, end);
            self.note_departure(account, management, &organization, Departure::Cleaned, end);
        }
    }

    fn create(&mut self, creation: &Creation, now: Timestamp) -> Result<AccountId, &'static str> {
        if self.accounts.values().any(|account| account.email.eq_ignore_ascii_case(&creation.email)) {
            return Err("EMAIL_ALREADY_EXISTS");
        }
        let Some((organization, root, management)) =
            self.organizations.get(&creation.organization).map(|found| (found.id.clone(), found.root.clone(), found.management))
        else {
            return Err("INTERNAL_FAILURE");
        };
        let id = self.free_account_id().ok_or("ACCOUNT_LIMIT_EXCEEDED")?;
        self.accounts.insert(
            id,
            Account {
                name: creation.name.clone(),
                email: creation.email.clone(),
                created: now,
                payment: PaymentMethod::None,
                phone_verified: false,
                agreement_accepted: false,
                support_plan: SupportPlan::None,
                roles: vec![Role::organization_access(creation.role.clone(), management)],
                ..Account::standalone(id)
            },
        );
        self.join(id, &organization, &root, JoinedMethod::Created, now);
        if let Some(membership) = self.accounts.get_mut(&id).and_then(|account| account.membership.as_mut()) {
            membership.tags.clone_from(&creation.tags);
        }
        self.note_arrival(id, management, &organization, JoinedMethod::Created.as_str(), now);
        Ok(id)
    }

    /// Returns an unused account id.
    fn free_account_id(&mut self) -> Option<AccountId> {
        // A thousand tries find a free id, unless nearly all ids are taken.
        (0..1000).find_map(|_| self.invent("account", b"0123456789", 12).parse().ok().filter(|id| !self.accounts.contains_key(id)))
    }
}
