//! Writing journal and records, while the lock is held.

use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::org::AccountId;
use crate::plan::{Detachment, Digest, sha256_hex};

use super::ledger::{FORMAT, HEAD, JOURNAL, RECORDS, Tail, json};
use super::{DepartureRecord, Entry, Event, Head, JournalError, Ledger, OpenIntent, Store};

/// One apply's hold on the ledger.
#[derive(Debug)]
pub struct Run<'l, S: Store> {
    ledger: &'l Ledger<S>,
    lock: S::Lock,
    id: String,
    intents: Vec<OpenIntent>,
    /// Departures in flight write one at a time.
    ends: Mutex<Ends>,
}

#[derive(Debug)]
struct Ends {
    tail: Tail,
    head: Option<Head>,
}

impl<'l, S: Store> Run<'l, S> {
    pub(super) fn new(ledger: &'l Ledger<S>, lock: S::Lock, id: String, tail: Tail, intents: Vec<OpenIntent>, head: Option<Head>) -> Self {
        Self { ledger, lock, id, intents, ends: Mutex::new(Ends { tail, head }) }
    }

    /// The run's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Departures that earlier runs intended and did not live to conclude. They are settled by asking AWS, before anything else.
    #[must_use]
    pub fn open_intents(&self) -> &[OpenIntent] {
        &self.intents
    }

    /// Writes that the run begins.
    ///
    /// # Errors
    ///
    /// The backend failed.
    pub async fn began(&self, at: Timestamp, digest: &Digest, approved: u64, operator: &str) -> Result<(), JournalError> {
        self.write(at, Event::Began { digest: digest.clone(), approved, operator: operator.to_owned() }).await
    }

    /// Writes an intent. When this returns, a crash can no longer hide the departure.
    ///
    /// # Errors
    ///
    /// The backend failed; the departure must not be made.
    pub async fn intend(&self, at: Timestamp, detachment: &Detachment, digest: &Digest) -> Result<(), JournalError> {
        self.write(at, Event::Intent { detachment: Box::new(detachment.clone()), digest: digest.clone() }).await
    }

    /// Writes what became of an intent.
    ///
    /// # Errors
    ///
    /// The backend failed.
    pub async fn conclude(&self, at: Timestamp, account: AccountId, departed: bool, summary: &str) -> Result<(), JournalError> {
        self.write(at, Event::Outcome { account, departed, summary: summary.to_owned() }).await
    }

    /// Writes the record of a departure, chained to the one before, and moves the head. Returns the record's name.
    ///
    /// # Errors
    ///
    /// The backend failed.
    pub async fn record(&self, mut record: DepartureRecord) -> Result<String, JournalError> {
        let mut ends = self.ends.lock().await;
        record.previous = ends.head.as_ref().map_or_else(String::new, |head| head.hash.clone());
        let stamp: String = record.departed_at.to_string().chars().filter(|character| character.is_ascii_alphanumeric()).collect();
        let name = format!("{RECORDS}{}-{stamp}.json", record.detachment.id);
        let mut bytes = serde_json::to_vec_pretty(&record).unwrap_or_default();
        bytes.push(b'\n');
        self.ledger.store.create(&name, &bytes).await?;
        let moved = Head { version: FORMAT, records: ends.head.as_ref().map_or(0, |head| head.records) + 1, hash: sha256_hex(&bytes) };
        let expected = ends.head.as_ref().map(json);
        self.ledger.store.replace(HEAD, expected.as_deref().map(str::as_bytes), json(&moved).as_bytes()).await?;
        ends.head = Some(moved);
        Ok(name)
    }

    /// The end of the chain of records.
    pub async fn head(&self) -> Option<Head> {
        self.ends.lock().await.head.clone()
    }

    /// Writes that the run ended by itself.
    ///
    /// # Errors
    ///
    /// The backend failed.
    pub async fn ended(&self, at: Timestamp, departed: u64) -> Result<(), JournalError> {
        self.write(at, Event::Ended { departed }).await
    }

    /// Releases the lock.
    ///
    /// # Errors
    ///
    /// The backend failed.
    pub async fn release(self) -> Result<(), JournalError> {
        Ok(self.ledger.store.unlock(self.lock).await?)
    }

    async fn write(&self, at: Timestamp, event: Event) -> Result<(), JournalError> {
        let mut ends = self.ends.lock().await;
        let sequence = ends.tail.sequence + 1;
        let entry = Entry { version: FORMAT, sequence, at, run: self.id.clone(), previous: ends.tail.hash.clone(), event };
        let line = json(&entry);
        self.ledger.store.append(JOURNAL, &line).await?;
        ends.tail = Tail { sequence, hash: sha256_hex(line.as_bytes()) };
        Ok(())
    }
}
