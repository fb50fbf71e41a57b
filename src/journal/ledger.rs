//! Reading journal and records.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::org::AccountId;
use crate::plan::{DepartureOnRecord, Detachment, Digest, sha256_hex};

use super::{DepartureRecord, Entry, Event, Head, LockHolder, Run, Store, StoreError};

pub(super) const JOURNAL: &str = "journal.jsonl";
pub(super) const RECORDS: &str = "records/";
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

/// The end of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tail {
    pub sequence: u64,
    pub hash: String,
}

impl<S: Store> Ledger<S> {
    /// The ledger in a store.
    #[must_use]
    pub const fn new(store: S) -> Self {
        Self { store }
    }

    /// Accounts that a record names, each with its latest departure.
    ///
    /// # Errors
    ///
    /// A record can't be read.
    pub async fn departures(&self) -> Result<BTreeMap<AccountId, DepartureOnRecord>, JournalError> {
        let mut departures: BTreeMap<AccountId, DepartureOnRecord> = BTreeMap::new();
        for name in self.store.list(RECORDS).await? {
            let (record, _) = self.record(&name).await?;
            let found = DepartureOnRecord { departed_at: record.departed_at, record: name };
            let known = departures.entry(record.detachment.id).or_insert_with(|| found.clone());
            if known.departed_at < found.departed_at {
                *known = found;
            }
        }
        Ok(departures)
    }

    /// Every object with its bytes: journal, head and records.
    ///
    /// # Errors
    ///
    /// One of them can't be read.
    pub async fn export(&self) -> Result<Vec<(String, Vec<u8>)>, JournalError> {
        let mut names = self.store.list(RECORDS).await?;
        names.extend([JOURNAL.to_owned(), HEAD.to_owned()]);
        let mut objects = Vec::new();
        for name in names {
            let bytes = self.store.read(&name).await?;
            objects.extend(bytes.map(|bytes| (name, bytes)));
        }
        Ok(objects)
    }

    /// Takes the lock and begins a run.
    ///
    /// # Errors
    ///
    /// The lock is held, or what is there can't be read.
    pub async fn begin(&self, holder: &LockHolder) -> Result<Run<'_, S>, JournalError> {
        let lock = self.store.lock(holder).await?;
        let state = async {
            let (tail, intents) = self.read_journal().await?;
            Ok((tail, intents, self.head().await?))
        };
        match state.await {
            Ok((tail, intents, head)) => Ok(Run::new(self, lock, holder.id.clone(), tail, intents, head)),
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
    async fn head(&self) -> Result<Option<Head>, JournalError> {
        let damaged = |what: String| JournalError::Damaged { object: HEAD.to_owned(), what };
        let bytes = self.store.read(HEAD).await?;
        let mut head: Option<Head> = match &bytes {
            Some(bytes) => Some(serde_json::from_slice(bytes).map_err(|error| damaged(format!("it is no head of records: {error}")))?),
            None => None,
        };
        let names = self.store.list(RECORDS).await?;
        let counted = head.as_ref().map_or(0, |head| head.records);
        if names.len() as u64 == counted {
            return Ok(head);
        }
        let mut remaining = Vec::new();
        for name in names {
            let (record, bytes) = self.record(&name).await?;
            remaining.push((record.previous, sha256_hex(&bytes)));
        }
        let mut end = head.as_ref().map_or_else(String::new, |head| head.hash.clone());
        let mut records = counted;
        while let Some((_, hash)) = remaining.iter().find(|(previous, _)| *previous == end) {
            end.clone_from(hash);
            records += 1;
        }
        if records as usize != remaining.len() {
            return Err(damaged(format!("it counts {counted} records, and {} are there that do not form one chain", remaining.len())));
        }
        let moved = Head { version: FORMAT, records, hash: end };
        self.store.replace(HEAD, bytes.as_deref(), json(&moved).as_bytes()).await?;
        head.replace(moved);
        Ok(head)
    }

    /// The journal's end and the intents without an outcome. A torn line, left by a crash while it was written, is passed over; any other
    /// damage is an error.
    async fn read_journal(&self) -> Result<(Tail, Vec<OpenIntent>), JournalError> {
        let bytes = self.store.read(JOURNAL).await?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let mut tail = Tail::default();
        let mut open: BTreeMap<AccountId, OpenIntent> = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let damaged = |what: String| JournalError::Damaged { object: format!("{JOURNAL} line {}", index + 1), what };
            // The line after a torn one must still chain to the last whole line, so that nothing else can pass for torn.
            let Ok(entry) = serde_json::from_str::<Entry>(line) else { continue };
            if entry.version > FORMAT {
                return Err(damaged(format!("it has version {}, and this orgroster reads up to {FORMAT}", entry.version)));
            }
            if entry.previous != tail.hash || entry.sequence != tail.sequence + 1 {
                return Err(damaged("it does not follow the line before: lines were changed or are missing".to_owned()));
            }
            tail = Tail { sequence: entry.sequence, hash: sha256_hex(line.as_bytes()) };
            let Entry { at, run, event, .. } = entry;
            match event {
                Event::Intent { detachment, digest } => {
                    open.insert(detachment.id, OpenIntent { detachment: *detachment, digest, run, at });
                }
                Event::Outcome { account, .. } => {
                    open.remove(&account);
                }
                Event::Began { .. } | Event::Ended { .. } => {}
            }
        }
        Ok((tail, open.into_values().collect()))
    }
}

/// JSON on one line. These types have string keys and finite numbers only, so that writing them can't fail.
pub(super) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
