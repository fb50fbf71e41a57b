//! Checks that no entry or record was changed, removed or cut off.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};

use crate::org::{AccountId, counted};
use crate::plan::{PastAct, sha256_hex};

use super::format::{HEAD, JOURNAL, RECORDS, RECORDS_AT_ONCE};
use super::reading::Journal;
use super::record::keep_latest;
use super::{Entry, Event, Head, JournalError, Ledger, LogLine, OpenIntent, Record, RecordReference, Store, Verification};

/// What a check of journal, records and head found.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    /// Number of the journal's lines.
    pub entries: u64,
    /// SHA-256 of the last line.
    pub journal_hash: String,
    /// Records in the order in which they were written.
    pub records: Vec<StoredRecord>,
    /// Places of lines that a crash left unfinished. They are expected and harmless.
    pub torn: Vec<String>,
    /// Intents without an outcome.
    pub open: Vec<OpenIntent>,
    /// Everything that is wrong, with the object in which it was found.
    pub damage: Vec<Damage>,
}

/// An object that was changed, removed or cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The object.
    pub object: String,
    /// What is wrong with it.
    pub what: String,
    /// Whether a repair may accept it as it is. An object that is unreadable or belongs to another organization can't stay in the backend.
    pub acceptable: bool,
}

/// A record with its name, its hash and what CloudTrail said about it.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    /// Its name in the backend.
    pub name: String,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// The record.
    pub record: Record,
    /// The last verification in the journal, with its entry.
    pub verified: Option<(Verification, Entry)>,
}

impl Chain {
    /// SHA-256 of the last record; empty if there is none.
    #[must_use]
    pub fn head(&self) -> &str {
        self.records.last().map_or("", |last| last.hash.as_str())
    }

    /// Accounts with a record, each with its latest act.
    #[must_use]
    pub fn latest_acts(&self) -> BTreeMap<AccountId, PastAct> {
        let mut latest: BTreeMap<AccountId, PastAct> = BTreeMap::new();
        for StoredRecord { name, record, .. } in &self.records {
            keep_latest(&mut latest, record, name.clone());
        }
        latest
    }

    fn note(&mut self, object: &str, what: impl Into<String>) {
        self.damage.push(Damage { object: object.to_owned(), what: what.into(), acceptable: true });
    }

    fn note_unusable(&mut self, error: JournalError) -> Result<(), JournalError> {
        let (object, what) = match error {
            JournalError::Damaged { object, what } => (object, what),
            JournalError::AnotherOrganization { object, found, declared } => {
                (object, format!("it belongs to organization {found}, but the configuration declares {declared}"))
            }
            error => return Err(error),
        };
        self.damage.push(Damage { object, what, acceptable: false });
        Ok(())
    }
}

/// Everything that a backend contains, read and checked.
#[derive(Debug)]
pub(super) struct Survey {
    pub chain: Chain,
    pub journal: Journal,
    /// The head; `None` if there is none or it can't be read.
    pub head: Option<Head>,
    /// The head's bytes.
    pub head_bytes: Option<Vec<u8>>,
}

impl<S: Store> Ledger<S> {
    /// Checks journal, records and head. `expected` is a head that an apply printed, as `sha256:HEX` or `HEX`: it must be in the chain.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend can't be read or belongs to another organization. Damage to its content is part of the result.
    pub async fn check(&self, expected: Option<&str>) -> Result<Chain, JournalError> {
        let Survey { mut chain, journal, .. } = self.survey(&self.store.lines(JOURNAL).await?).await?;
        if let Some(expected) = expected {
            check_expected(&mut chain, &journal, expected);
        }
        Ok(chain)
    }

    /// Reads and checks everything. `lines` are the journal's.
    pub(super) async fn survey(&self, lines: &[LogLine]) -> Result<Survey, JournalError> {
        let mut chain = Chain::default();
        let (head, head_bytes) = match self.head().await {
            Ok(Some((head, bytes))) => (Some(head), Some(bytes)),
            Ok(None) => (None, None),
            Err(JournalError::Damaged { object, what }) => {
                chain.note(&object, what);
                (None, self.store.read(HEAD).await?)
            }
            Err(error) => return Err(error),
        };
        let journal = match Journal::read(lines, &self.organization) {
            Ok(journal) => journal,
            Err(JournalError::Damaged { object, what }) => {
                chain.note(&object, what);
                Journal::default()
            }
            Err(error) => return Err(error),
        };
        let readable = !chain.damage.iter().any(|found| found.object != HEAD);
        chain.entries = journal.entries.len() as u64;
        chain.journal_hash = journal.end().hash;
        chain.torn.clone_from(&journal.torn);
        chain.open = journal.open_intents();
        let end = head.as_ref().map_or("", |head| head.hash.as_str());
        self.read_records(&mut chain, journal.accepted_records(), end).await?;
        check_head(&mut chain, head.as_ref(), head_bytes.is_some());
        if readable {
            check_references(&mut chain, &journal, head.as_ref());
        }
        Ok(Survey { chain, journal, head, head_bytes })
    }

    /// Reads the records and puts them into the order of their hash chain, which is not the order of their names. Records that a repair
    /// accepted come first. If two records follow the same one, the chain continues with the one that has a successor or is the head's.
    async fn read_records(&self, chain: &mut Chain, accepted: &[RecordReference], head: &str) -> Result<(), JournalError> {
        let mut unplaced: BTreeMap<String, StoredRecord> = BTreeMap::new();
        let names = self.store.list(RECORDS).await?;
        let mut reading = stream::iter(names).map(|name| async move { (self.record(&name).await, name) }).buffered(RECORDS_AT_ONCE);
        while let Some((read, name)) = reading.next().await {
            match read {
                Ok((record, bytes)) => {
                    let hash = sha256_hex(&bytes);
                    unplaced.insert(name.clone(), StoredRecord { name, hash, record, verified: None });
                }
                Err(error) => chain.note_unusable(error)?,
            }
        }
        for RecordReference { name, hash } in accepted {
            match unplaced.remove(name) {
                Some(found) if found.hash == *hash => chain.records.push(found),
                Some(found) => {
                    chain.note(name, "it was changed after a repair accepted it");
                    chain.records.push(found);
                }
                None => chain.note(name, "it is missing, but a repair accepted it"),
            }
        }
        let mut end = accepted.last().map_or_else(String::new, |last| last.hash.clone());
        let mut followers: BTreeMap<String, Vec<StoredRecord>> = BTreeMap::new();
        for found in unplaced.into_values() {
            followers.entry(found.record.previous.clone()).or_default().push(found);
        }
        let mut forks = Vec::new();
        while let Some(mut next) = followers.remove(&end) {
            let goes_on = |found: &StoredRecord| found.hash == head || followers.contains_key(&found.hash);
            let found = next.remove(next.iter().position(goes_on).unwrap_or(0));
            end.clone_from(&found.hash);
            chain.records.push(found);
            forks.extend(next);
        }
        for found in forks {
            chain.note(&found.name, "another record follows the same one: two runs wrote at the same time and forked the chain here");
            chain.records.push(found);
        }
        for found in followers.into_values().flatten() {
            chain.note(&found.name, "it follows no known record: it or the record before it was changed, or the one before it is missing");
            chain.records.push(found);
        }
        Ok(())
    }
}

fn check_head(chain: &mut Chain, head: Option<&Head>, is_there: bool) {
    let there = chain.records.len() as u64;
    let Some(head) = head else {
        // A run writes the head before anything else.
        if !is_there && there + chain.entries > 0 {
            chain.note(
                HEAD,
                format!("it is missing, but the backend contains {} and {}", counted(there, "record"), counted(chain.entries, "entry")),
            );
        }
        return;
    };
    let position = usize::try_from(head.records).unwrap_or(usize::MAX);
    if head.records > there {
        chain.note(
            HEAD,
            format!("it counts {}, but the backend contains {there}: the last ones are missing", counted(head.records, "record")),
        );
    } else if position > 0 && chain.records.get(position - 1).is_none_or(|last| last.hash != head.hash) {
        chain.note(HEAD, "its hash is not that of the last record: one of them was changed");
    } else if there > head.records + 1 {
        // A crash between writing a record and moving the head leaves one record that is not counted; the next apply counts it.
        chain.note(HEAD, format!("it counts {}, but the backend contains {there}", counted(head.records, "record")));
    }
}

/// Compares the head and records with the journal lines that they commit to, and outcomes with their records. Skips what a repair accepted.
fn check_references(chain: &mut Chain, journal: &Journal, head: Option<&Head>) {
    let mut damage = Vec::new();
    let accepted = journal.accepted_records().len().min(chain.records.len());
    let records = chain.records[accepted..].iter().map(|found| (&found.record.journal, found.name.as_str()));
    for (end, witness) in head.map(|head| (&head.journal, HEAD)).into_iter().chain(records) {
        if let Err(JournalError::Damaged { object, what }) = journal.check_reaches(end, witness) {
            damage.push(Damage { object, what, acceptable: true });
        }
    }
    let reviewed = journal.entries.len() - journal.since_repair().len();
    for (index, entry) in journal.entries.iter().enumerate() {
        match &entry.event {
            Event::Outcome { record: Some(RecordReference { name, hash }), .. } if index >= reviewed => {
                let what = match chain.records.iter().find(|found| found.name == *name) {
                    None => "it is missing",
                    Some(found) if found.hash != *hash => "it was changed",
                    Some(_) => continue,
                };
                let what = format!("{what}: entry {} of the journal refers to it", entry.sequence);
                damage.push(Damage { object: name.clone(), what, acceptable: true });
            }
            Event::Verified { record, finding, .. } => {
                if let Some(found) = chain.records.iter_mut().find(|found| found.name == *record) {
                    found.verified = Some((*finding, entry.clone()));
                }
            }
            _ => {}
        }
    }
    chain.damage.extend(damage);
}

fn check_expected(chain: &mut Chain, journal: &Journal, expected: &str) {
    let wanted = expected.strip_prefix("sha256:").unwrap_or(expected);
    let known = chain.records.iter().any(|found| found.hash == wanted) || journal.hashes.iter().any(|hash| hash == wanted);
    if !known {
        chain.note(HEAD, format!("sha256:{wanted} is not in this chain: the chain was cut off before it, or this is another backend"));
    }
}
