//! A backend's journal and records as a whole.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;

use crate::org::AccountId;
use crate::plan::{DepartureOnRecord, Detachment, Digest, sha256_hex};

use super::reading::Journal;
use super::refusals::REFUSALS;
use super::{DepartureRecord, Head, LockHolder, Run, Store, StoreError};

pub(super) const JOURNAL: &str = "journal.jsonl";
pub(super) const RECORDS: &str = "records/";
/// Records that are read together: over a network, one after the other would take a second for every twenty or so.
const RECORDS_AT_ONCE: usize = 16;
pub(super) const HEAD: &str = "head";
/// Version of every format of this module.
pub(super) const FORMAT: u32 = 1;

/// A backend's journal and records.
#[derive(Debug, Clone)]
pub struct Ledger<S> {
    pub(super) store: S,
}

/// A departure that a run intended and did not live to conclude.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIntent {
    /// What was about to be done.
    pub detachment: Detachment,
    /// The plan's digest.
    pub digest: Digest,
    /// The run.
    pub run: String,
    /// When it was intended.
    pub at: Timestamp,
}

/// Why journal or records can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The backend failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something was changed or is missing.
    #[error("{object}: {what}")]
    Damaged {
        /// The object.
        object: String,
        /// What is wrong with it.
        what: String,
    },
}

impl<S: Store> Ledger<S> {
    /// The ledger in a store.
    #[must_use]
    pub const fn new(store: S) -> Self {
        Self { store }
    }

    /// The store: its lock and where it is.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Accounts that a record names, each with its latest departure.
    ///
    /// # Errors
    ///
    /// A record can't be read.
    pub async fn departures(&self) -> Result<BTreeMap<AccountId, DepartureOnRecord>, JournalError> {
        let mut departures: BTreeMap<AccountId, DepartureOnRecord> = BTreeMap::new();
        let read = |name: String| async move { Ok::<_, JournalError>((self.record(&name).await?.0, name)) };
        let mut records = stream::iter(self.store.list(RECORDS).await?).map(read).buffered(RECORDS_AT_ONCE);
        while let Some(found) = records.next().await {
            let (record, name) = found?;
            let found = record.on_record(name);
            let known = departures.entry(record.detachment.id).or_insert_with(|| found.clone());
            if known.departed_at <= found.departed_at {
                *known = found;
            }
        }
        Ok(departures)
    }

    /// Accounts that have a record, by the names of the records alone.
    ///
    /// # Errors
    ///
    /// The records can't be listed.
    pub async fn departed(&self) -> Result<BTreeSet<AccountId>, JournalError> {
        let names = self.store.list(RECORDS).await?;
        let account = |name: &String| name.strip_prefix(RECORDS)?.split_once('-')?.0.parse().ok();
        Ok(names.iter().filter_map(account).collect())
    }

    /// Every object with its bytes: journal, head, records and refusals, in the layout of the local backend.
    ///
    /// # Errors
    ///
    /// One of them can't be read.
    pub async fn export(&self) -> Result<Vec<(String, Vec<u8>)>, JournalError> {
        let mut names = self.store.list(RECORDS).await?;
        names.extend(self.store.list(REFUSALS).await?);
        names.push(HEAD.to_owned());
        let mut objects = Vec::new();
        for name in names {
            let bytes = self.store.read(&name).await?;
            objects.extend(bytes.map(|bytes| (name, bytes)));
        }
        let journal: String = self.store.lines(JOURNAL).await?.into_iter().map(|line| line.text + "\n").collect();
        objects.push((JOURNAL.to_owned(), journal.into_bytes()));
        Ok(objects)
    }

    /// Takes the lock and begins a run.
    ///
    /// # Errors
    ///
    /// The lock is held, or what is there can't be read.
    pub async fn begin(&self, holder: &LockHolder) -> Result<Run<'_, S>, JournalError> {
        let lock = self.store.lock(holder).await?;
        crate::fail_point!("locked");
        let state = async {
            let journal = Journal::read(&self.store.lines(JOURNAL).await?)?;
            let head = self.head(&journal).await?;
            Ok((journal, head))
        };
        match state.await {
            Ok((journal, head)) => Ok(Run::new(self, lock, holder.id.clone(), &journal, head)),
            Err(error) => {
                self.store.unlock(lock).await?;
                Err(error)
            }
        }
    }

    /// A record and its bytes.
    pub(super) async fn record(&self, name: &str) -> Result<(DepartureRecord, Vec<u8>), JournalError> {
        let damaged = |what: String| JournalError::Damaged { object: name.to_owned(), what };
        let bytes = self.store.read(name).await?.ok_or_else(|| damaged("it is listed, and can't be found".to_owned()))?;
        let record: DepartureRecord =
            serde_json::from_slice(&bytes).map_err(|error| damaged(format!("it is no departure record: {error}")))?;
        if record.version > FORMAT {
            return Err(damaged(format!("it has version {}, and this orgroster reads up to {FORMAT}", record.version)));
        }
        Ok((record, bytes))
    }

    /// The head, moved on to a record that a crash kept from being counted.
    async fn head(&self, journal: &Journal) -> Result<Option<Head>, JournalError> {
        let damaged = |what: String| JournalError::Damaged { object: HEAD.to_owned(), what };
        let bytes = self.store.read(HEAD).await?;
        let head: Option<Head> = match &bytes {
            Some(bytes) => Some(serde_json::from_slice(bytes).map_err(|error| damaged(format!("it is no head of records: {error}")))?),
            None => None,
        };
        let names = self.store.list(RECORDS).await?;
        let counted = head.as_ref().map_or(0, |head| head.records);
        if names.len() as u64 == counted {
            return Ok(head);
        }
        let mut there = Vec::new();
        for name in names {
            let (record, bytes) = self.record(&name).await?;
            journal.check_reaches(&record.journal, &name)?;
            there.push((record.previous, sha256_hex(&bytes)));
        }
        let mut moved = Head { version: FORMAT, records: counted, hash: head.map_or_else(String::new, |head| head.hash) };
        while let Some((_, hash)) = there.iter().find(|(previous, _)| *previous == moved.hash) {
            moved.hash.clone_from(hash);
            moved.records += 1;
        }
        if moved.records != there.len() as u64 {
            return Err(damaged(format!(
                "it counts {counted} records, and {} are there that do not form one chain; `orgroster verify` names what is wrong",
                there.len()
            )));
        }
        self.store.replace(HEAD, bytes.as_deref(), json(&moved).as_bytes()).await?;
        Ok(Some(moved))
    }
}

/// JSON on one line. These types have string keys and finite numbers only, so that writing them can't fail.
pub(super) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
