//! Writes journal and records while the lock is held.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::org::{AccountId, Action, Approver, SentInvitation, TrailEvent};
use crate::plan::{Digest, PastAct, PlannedAccount, sha256_hex};

use super::chain::Survey;
use super::format::{FORMAT, HEAD, JOURNAL, RECORDS, check_size, json};
use super::store::{MAX_LINE, MAX_OBJECT};
use super::{Entry, Event, Head, JournalEnd, JournalError, Ledger, OpenIntent, Record, RecordReference, Store, StoreError, Verification};

/// Limit of the numbers that distinguish records of one account at one instant.
const SAME_INSTANT: u32 = 1000;

/// A run that holds the lock of the ledger and writes to it.
#[derive(Debug)]
pub struct Run<'l, S: Store> {
    pub(super) ledger: &'l Ledger<S>,
    lock: S::Lock,
    id: String,
    intents: Vec<OpenIntent>,
    past: BTreeMap<AccountId, PastAct>,
    /// Acts that run concurrently write one at a time.
    ends: Mutex<Ends>,
}

#[derive(Debug)]
struct Ends {
    journal: JournalEnd,
    /// `None` until the first write.
    head: Option<Head>,
    /// Whether a write failed. It may have taken effect nevertheless, and another write after the same end would then fork the chain.
    failed: bool,
}

impl Ends {
    /// Remembers a failure.
    fn note<T>(&mut self, written: Result<T, JournalError>) -> Result<T, JournalError> {
        self.failed |= written.is_err();
        written
    }

    fn check(&self) -> Result<(), JournalError> {
        if self.failed {
            let what = "an earlier write of this run failed, so nothing more is written; apply again when the backend works";
            return Err(StoreError::Failed(what.to_owned()).into());
        }
        Ok(())
    }
}

impl<'l, S: Store> Run<'l, S> {
    pub(super) fn new(ledger: &'l Ledger<S>, lock: S::Lock, id: String, survey: Survey) -> Self {
        let Survey { chain, journal, head, head_bytes: _ } = survey;
        let past = chain.latest_acts();
        Self { ledger, lock, id, intents: chain.open, past, ends: Mutex::new(Ends { journal: journal.end(), head, failed: false }) }
    }

    /// The run's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Intents without an outcome, left by earlier runs. They are resolved by asking AWS, before anything else.
    #[must_use]
    pub fn open_intents(&self) -> &[OpenIntent] {
        &self.intents
    }

    /// Accounts that had a record when the run started, each with its latest act.
    #[must_use]
    pub const fn latest_acts(&self) -> &BTreeMap<AccountId, PastAct> {
        &self.past
    }

    /// The record that the run of an open intent wrote before it was interrupted, if any.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails.
    pub async fn record_of(&self, intent: &OpenIntent) -> Result<Option<RecordReference>, JournalError> {
        for name in self.ledger.store.list(&format!("{RECORDS}{}-", intent.planned.id)).await? {
            let (record, bytes) = self.ledger.record(&name).await?;
            // A later run may have recorded a joining that an earlier run started.
            let same_run = record.run == intent.run || record.action.is_joining() && intent.action.is_joining();
            if record.planned.id == intent.planned.id && same_run && record.intended_at == intent.at {
                return Ok(Some(RecordReference { name, hash: sha256_hex(&bytes) }));
            }
        }
        Ok(None)
    }

    /// Writes that the run started, and moves the head to that entry, so that a check notices if the journal with its intents is lost.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails.
    pub async fn began(
        &self,
        at: Timestamp,
        digest: &Digest,
        approved: u64,
        operator: &str,
        approved_by: &[Approver],
    ) -> Result<(), JournalError> {
        let (digest, operator, approved_by) = (digest.clone(), operator.to_owned(), approved_by.to_vec());
        self.write(at, Event::Began { digest, approved, operator, approved_by }).await?;
        self.commit().await
    }

    /// Writes an intent. After this returns, the next run finds the act even if this run crashes.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails; the act must then not be carried out.
    pub async fn intend(&self, at: Timestamp, planned: &PlannedAccount, digest: &Digest) -> Result<(), JournalError> {
        self.write(at, Event::Intent { planned: Box::new(planned.clone()), digest: digest.clone() }).await
    }

    /// Writes that the account of an intent is invited.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails.
    pub async fn invited(&self, at: Timestamp, account: AccountId, invitation: &SentInvitation) -> Result<(), JournalError> {
        self.write(at, Event::Invited { account, invitation: invitation.clone() }).await
    }

    /// Writes that an intent had no effect.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails.
    pub async fn had_no_effect(&self, at: Timestamp, act: (AccountId, Action), summary: &str) -> Result<(), JournalError> {
        self.outcome(at, act, None, summary).await
    }

    /// Writes that an act took effect, with a reference to its record.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails.
    pub async fn took_effect(
        &self,
        at: Timestamp,
        act: (AccountId, Action),
        record: RecordReference,
        summary: &str,
    ) -> Result<(), JournalError> {
        self.outcome(at, act, Some(record), summary).await
    }

    async fn outcome(
        &self,
        at: Timestamp,
        (account, action): (AccountId, Action),
        record: Option<RecordReference>,
        summary: &str,
    ) -> Result<(), JournalError> {
        let summary = summary.to_owned();
        self.write(at, Event::Outcome { account, action, took_effect: record.is_some(), summary, record }).await
    }

    /// Writes what CloudTrail shows of a recorded act.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails.
    pub async fn verified(
        &self,
        at: Timestamp,
        account: AccountId,
        record: &str,
        finding: Verification,
        events: Vec<TrailEvent>,
    ) -> Result<(), JournalError> {
        self.write(at, Event::Verified { account, record: record.to_owned(), finding, events }).await
    }

    /// Writes the record of an act, chained to the one before, and moves the head.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails.
    pub async fn record(&self, mut record: Record) -> Result<RecordReference, JournalError> {
        let mut ends = self.ends.lock().await;
        self.prepare(&mut ends).await?;
        record.previous = ends.head.as_ref().map_or_else(String::new, |head| head.hash.clone());
        record.journal = ends.journal.clone();
        let bytes = record_bytes(&record)?;
        let created = self.create_record(&record, &bytes).await;
        let name = ends.note(created)?;
        crate::fail_point!("recorded");
        let hash = sha256_hex(&bytes);
        let records = ends.head.as_ref().map_or(0, |head| head.records) + 1;
        self.move_head(&mut ends, records, hash.clone()).await?;
        Ok(RecordReference { name, hash })
    }

    /// Writes under the first free name: with a clock that stopped, an account that was invited back can depart twice at the same instant.
    async fn create_record(&self, record: &Record, bytes: &[u8]) -> Result<String, JournalError> {
        let stamp: String = record.effective_at.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
        let base = format!("{RECORDS}{}-{}-{stamp}", record.planned.id, record.action.recorded_as());
        let mut name = format!("{base}.json");
        for again in 2..SAME_INSTANT {
            match self.ledger.store.create(&name, bytes).await {
                Err(StoreError::Exists(_)) => name = format!("{base}-{again}.json"),
                Err(error) => return Err(error.into()),
                Ok(()) => return Ok(name),
            }
        }
        Err(StoreError::Exists(name).into())
    }

    /// The end of the chain of records; `None` if there is none.
    pub async fn head(&self) -> Option<Head> {
        self.ends.lock().await.head.clone().filter(|head| head.records > 0)
    }

    /// Writes that the run ended without being interrupted, and moves the head to that entry.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails.
    pub async fn ended(&self, at: Timestamp, done: u64) -> Result<(), JournalError> {
        self.write(at, Event::Ended { done }).await?;
        self.commit().await
    }

    /// Releases the lock.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend fails.
    pub async fn release(self) -> Result<(), JournalError> {
        crate::fail_point!("before-unlock");
        Ok(self.ledger.store.unlock(self.lock).await?)
    }

    async fn write(&self, at: Timestamp, event: Event) -> Result<(), JournalError> {
        let mut ends = self.ends.lock().await;
        self.prepare(&mut ends).await?;
        let sequence = ends.journal.sequence + 1;
        let entry = Entry {
            version: FORMAT,
            sequence,
            at,
            organization: self.ledger.organization.clone(),
            run: self.id.clone(),
            previous: ends.journal.hash.clone(),
            event,
        };
        let line = json(JOURNAL, &entry)?;
        check_size(JOURNAL, line.len(), MAX_LINE)?;
        crate::fail_point!("before-entry");
        let appended = self.ledger.store.append(JOURNAL, sequence, &line).await;
        ends.note(appended.map_err(JournalError::from))?;
        crate::fail_point!("entry-written");
        ends.journal = JournalEnd { sequence, hash: sha256_hex(line.as_bytes()) };
        Ok(())
    }

    /// Checks before each write that no write of this run failed and that the run still holds the lock. Writes the head if there is none,
    /// because it identifies the backend's organization.
    async fn prepare(&self, ends: &mut Ends) -> Result<(), JournalError> {
        ends.check()?;
        let held = self.ledger.store.holds(&self.lock).await;
        ends.note(held.map_err(JournalError::from))?;
        if ends.head.is_none() {
            self.move_head(ends, 0, String::new()).await?;
        }
        Ok(())
    }

    /// Moves the head to the journal's end.
    async fn commit(&self) -> Result<(), JournalError> {
        let mut ends = self.ends.lock().await;
        self.prepare(&mut ends).await?;
        let (records, hash) = ends.head.as_ref().map_or_else(|| (0, String::new()), |head| (head.records, head.hash.clone()));
        self.move_head(&mut ends, records, hash).await
    }

    async fn move_head(&self, ends: &mut Ends, records: u64, hash: String) -> Result<(), JournalError> {
        let moved = Head { version: FORMAT, organization: self.ledger.organization.clone(), records, hash, journal: ends.journal.clone() };
        let expected = ends.head.as_ref().map(|head| json(HEAD, head)).transpose()?;
        let text = json(HEAD, &moved)?;
        let replaced = self.ledger.store.replace(HEAD, expected.as_deref().map(str::as_bytes), text.as_bytes()).await;
        ends.note(replaced.map_err(JournalError::from))?;
        crate::fail_point!("head-moved");
        ends.head = Some(moved);
        Ok(())
    }
}

fn record_bytes(record: &Record) -> Result<Vec<u8>, JournalError> {
    let unwritable = |why: String| JournalError::Unwritable { object: format!("the record of account {}", record.planned.id), why };
    let mut bytes = serde_json::to_vec_pretty(record).map_err(|error| unwritable(error.to_string()))?;
    bytes.push(b'\n');
    check_size(RECORDS, bytes.len(), MAX_OBJECT)?;
    Ok(bytes)
}
