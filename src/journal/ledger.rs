//! A backend's journal, records and lock.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream;

use crate::org::{AccountId, Action, JoiningStory, OrganizationId};
use crate::plan::PastAct;

use super::chain::Survey;
use super::format::{FORMAT, HEAD, JOURNAL, RECORDS, RECORDS_AT_ONCE, json};
use super::reading::Journal;
use super::record::keep_latest;
use super::{Head, JournalError, LockHolder, Record, Run, Store};

/// A backend's journal, records and lock.
#[derive(Debug, Clone)]
pub struct Ledger<S> {
    pub(super) store: S,
    pub(super) organization: OrganizationId,
}

impl<S: Store> Ledger<S> {
    /// The ledger of an organization in a store.
    #[must_use]
    pub const fn new(store: S, organization: OrganizationId) -> Self {
        Self { store, organization }
    }

    /// The store, for its lock and its location.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Accounts with a record, each with its latest act.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend belongs to another organization, or if a record can't be read.
    pub async fn latest_acts(&self) -> Result<BTreeMap<AccountId, PastAct>, JournalError> {
        // A backend without records can belong to another organization as well.
        self.head().await?;
        let mut latest: BTreeMap<AccountId, PastAct> = BTreeMap::new();
        let read = |name: String| async move { Ok::<_, JournalError>((self.record(&name).await?.0, name)) };
        let mut records = stream::iter(self.store.list(RECORDS).await?).map(read).buffered(RECORDS_AT_ONCE);
        while let Some(found) = records.next().await {
            let (record, name) = found?;
            keep_latest(&mut latest, &record, name);
        }
        Ok(latest)
    }

    /// The joinings in the journal, by account.
    ///
    /// # Errors
    ///
    /// Returns an error if the journal can't be read or is damaged.
    pub async fn joinings(&self) -> Result<BTreeMap<AccountId, JoiningStory>, JournalError> {
        Ok(Journal::read(&self.store.lines(JOURNAL).await?, &self.organization)?.joinings())
    }

    /// Accounts that left at some time, according to the names of the records.
    ///
    /// # Errors
    ///
    /// Returns an error if the records can't be listed.
    pub async fn departed(&self) -> Result<BTreeSet<AccountId>, JournalError> {
        let names = self.store.list(RECORDS).await?;
        Ok(names
            .iter()
            .filter_map(|name| record_of(name))
            .filter(|(_, word)| Action::ALL.iter().any(|action| action.after().is_out() && action.recorded_as() == *word))
            .map(|(account, _)| account)
            .collect())
    }

    /// Takes the lock and starts a run.
    ///
    /// # Errors
    ///
    /// Returns an error if the lock is held, or if the content can't be read, belongs to another organization or is incomplete. The journal
    /// must reach the entries that head and records commit to: otherwise an intent that was cut off would be forgotten.
    pub async fn begin(&self, holder: &LockHolder) -> Result<Run<'_, S>, JournalError> {
        let lock = self.store.lock(holder).await?;
        crate::fail_point!("locked");
        match self.whole().await {
            Ok(survey) => Ok(Run::new(self, lock, holder.id.clone(), survey)),
            Err(error) => {
                self.store.unlock(lock).await?;
                Err(error)
            }
        }
    }

    /// Reads everything and returns an error for any damage. Counts a record in the head if a crash prevented that.
    async fn whole(&self) -> Result<Survey, JournalError> {
        let mut survey = self.survey(&self.store.lines(JOURNAL).await?).await?;
        if let Some(found) = survey.chain.damage.first() {
            return Err(JournalError::Damaged { object: found.object.clone(), what: found.what.clone() });
        }
        if let Some(head) = &mut survey.head
            && let Some(last) = survey.chain.records.last()
            && survey.chain.records.len() as u64 > head.records
        {
            let moved = Head { records: head.records + 1, hash: last.hash.clone(), ..head.clone() };
            self.store.replace(HEAD, survey.head_bytes.as_deref(), json(HEAD, &moved)?.as_bytes()).await?;
            *head = moved;
        }
        Ok(survey)
    }

    /// A record and its bytes.
    pub(super) async fn record(&self, name: &str) -> Result<(Record, Vec<u8>), JournalError> {
        let damaged = |what: String| JournalError::Damaged { object: name.to_owned(), what };
        let bytes = self.store.read(name).await?.ok_or_else(|| damaged("it is listed but was not found".to_owned()))?;
        let record: Record = serde_json::from_slice(&bytes).map_err(|error| damaged(format!("it is not a valid record: {error}")))?;
        if record.version > FORMAT {
            return Err(damaged(format!("it has version {}, but this orgroster reads versions up to {FORMAT}", record.version)));
        }
        if record.planned.act().is_none_or(|act| act.action != record.action) {
            return Err(damaged(format!("it is a record of the action {}, but the account in it has a different action", record.action)));
        }
        if record.organization.id != self.organization {
            return Err(JournalError::another_organization(name, &record.organization.id, &self.organization));
        }
        Ok((record, bytes))
    }

    /// The head and its bytes; `None` if nothing has been written yet.
    pub(super) async fn head(&self) -> Result<Option<(Head, Vec<u8>)>, JournalError> {
        let damaged = |what: String| JournalError::Damaged { object: HEAD.to_owned(), what };
        let Some(bytes) = self.store.read(HEAD).await? else { return Ok(None) };
        let head: Head = serde_json::from_slice(&bytes).map_err(|error| damaged(format!("it is not a valid head: {error}")))?;
        if head.version > FORMAT {
            return Err(damaged(format!("it has version {}, but this orgroster reads versions up to {FORMAT}", head.version)));
        }
        if head.organization != self.organization {
            return Err(JournalError::another_organization(&self.store.location(), &head.organization, &self.organization));
        }
        Ok(Some((head, bytes)))
    }
}

/// The account and the action's word in the name of a record.
fn record_of(name: &str) -> Option<(AccountId, &str)> {
    let (account, rest) = name.strip_prefix(RECORDS)?.split_once('-')?;
    let (action, _) = rest.split_once('-')?;
    Some((account.parse().ok()?, action))
}
