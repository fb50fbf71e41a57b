//! Refusals of AWS that contradict an attestation, kept for the next plan. They are separate from the journal, so that a plan does not read
//! the whole journal for them; if they are lost, AWS refuses one more call.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::{AccountId, OrganizationId, Refused};

use super::format::{FORMAT, json};
use super::{JournalError, Ledger, Run, Store, StoreError};

pub(super) const REFUSALS: &str = "refusals/";

/// A file in `refusals/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// Version of the format.
    pub version: u32,
    /// The organization that the account should have left.
    pub organization: OrganizationId,
    /// The account.
    pub account: AccountId,
    /// What was refused.
    pub refused: Refused,
}

impl<S: Store> Ledger<S> {
    /// AWS's refusals for these accounts in this organization, oldest first.
    ///
    /// # Errors
    ///
    /// Returns an error if a file can't be read.
    pub async fn refused(
        &self,
        organization: &OrganizationId,
        accounts: &BTreeSet<AccountId>,
    ) -> Result<BTreeMap<AccountId, Vec<Refused>>, JournalError> {
        let mut found: BTreeMap<AccountId, Vec<Refused>> = BTreeMap::new();
        let names = if accounts.is_empty() { Vec::new() } else { self.store.list(REFUSALS).await? };
        let account = |name: &String| name.strip_prefix(REFUSALS)?.split_once('-')?.0.parse::<AccountId>().ok();
        for name in names.into_iter().filter(|name| account(name).is_some_and(|id| accounts.contains(&id))) {
            let damaged = |what: String| JournalError::Damaged { object: name.clone(), what };
            let bytes = self.store.read(&name).await?.ok_or_else(|| damaged("it is listed but was not found".to_owned()))?;
            let refusal: Refusal =
                serde_json::from_slice(&bytes).map_err(|error| damaged(format!("it is not a valid refusal: {error}")))?;
            if refusal.version > FORMAT {
                return Err(damaged(format!("it has version {}, but this orgroster reads versions up to {FORMAT}", refusal.version)));
            }
            if refusal.organization == *organization {
                found.entry(refusal.account).or_default().push(refusal.refused);
            }
        }
        found.values_mut().for_each(|refused| refused.sort_by_key(|refused| refused.provenance.at));
        Ok(found)
    }
}

impl<S: Store> Run<'_, S> {
    /// Keeps a refusal for later plans.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails.
    pub async fn refused(&self, organization: &OrganizationId, account: AccountId, refused: &Refused) -> Result<(), JournalError> {
        let stamp: String = refused.provenance.at.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
        let refusal = Refusal { version: FORMAT, organization: organization.clone(), account, refused: refused.clone() };
        let name = format!("{REFUSALS}{account}-{stamp}.json");
        match self.ledger.store.create(&name, (json(&name, &refusal)? + "\n").as_bytes()).await {
            // An account has at most one refusal per instant, so an existing file is this one.
            Ok(()) | Err(StoreError::Exists(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
