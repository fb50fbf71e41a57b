//! Checking that nothing was changed, removed or cut off.

use std::collections::BTreeMap;

use crate::plan::sha256_hex;

use super::ledger::{HEAD, JOURNAL, RECORDS};
use super::reading::Journal;
use super::{DepartureRecord, Entry, Event, Head, JournalError, Ledger, OpenIntent, RecordReference, Store, Verification};

/// What a check of journal, records and head found.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    /// Lines of the journal.
    pub entries: u64,
    /// The last line's SHA-256.
    pub journal_hash: String,
    /// Records in the order in which they were written.
    pub records: Vec<RecordedDeparture>,
    /// Lines that a crash left unfinished; that is expected and harmless.
    pub torn: Vec<String>,
    /// Departures that a run intended and did not conclude.
    pub open: Vec<OpenIntent>,
    /// What is wrong, each with the object that it was found in.
    pub damage: Vec<Damage>,
}

/// Something that was changed, removed or cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The object.
    pub object: String,
    /// What is wrong with it.
    pub what: String,
}

/// A record with its name, its hash and what CloudTrail said about it.
#[derive(Debug, Clone)]
pub struct RecordedDeparture {
    /// Its name in the backend.
    pub name: String,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// The record.
    pub record: DepartureRecord,
    /// The last verification that the journal tells of, with its entry.
    pub verified: Option<(Verification, Entry)>,
}

impl Chain {
    /// SHA-256 of the last record; empty where there is none.
    #[must_use]
    pub fn head(&self) -> &str {
        self.records.last().map_or("", |last| last.hash.as_str())
    }

    fn note(&mut self, object: &str, what: impl Into<String>) {
        self.damage.push(Damage { object: object.to_owned(), what: what.into() });
    }
}

impl<S: Store> Ledger<S> {
    /// Checks everything that is kept. `expected` is a head that an apply printed, as `sha256:HEX` or `HEX`: it must be in the chain.
    ///
    /// # Errors
    ///
    /// The backend can't be read. What is wrong with what it holds stands in the answer.
    pub async fn check(&self, expected: Option<&str>) -> Result<Chain, JournalError> {
        let mut chain = Chain::default();
        let journal = match Journal::read(&self.store.lines(JOURNAL).await?) {
            Ok(journal) => journal,
            Err(JournalError::Damaged { object, what }) => {
                chain.note(&object, what);
                Journal::default()
            }
            Err(error) => return Err(error),
        };
        let readable = chain.damage.is_empty();
        chain.entries = journal.entries.len() as u64;
        chain.journal_hash = journal.end().hash;
        chain.torn.clone_from(&journal.torn);
        chain.open = journal.open_intents();
        self.read_records(&mut chain).await?;
        self.check_head(&mut chain).await?;
        if readable {
            check_references(&mut chain, &journal);
        }
        if let Some(expected) = expected {
            check_expected(&mut chain, &journal, expected);
        }
        Ok(chain)
    }

    /// Puts the records into their order, which is that of their hashes, not of their names.
    async fn read_records(&self, chain: &mut Chain) -> Result<(), JournalError> {
        let mut unplaced: BTreeMap<String, RecordedDeparture> = BTreeMap::new();
        for name in self.store.list(RECORDS).await? {
            match self.record(&name).await {
                Ok((record, bytes)) => {
                    let hash = sha256_hex(&bytes);
                    unplaced.insert(name.clone(), RecordedDeparture { name, hash, record, verified: None });
                }
                Err(JournalError::Damaged { object, what }) => chain.note(&object, what),
                Err(error) => return Err(error),
            }
        }
        while let Some(next) = unplaced.values().find(|found| found.record.previous == chain.head()).map(|found| found.name.clone()) {
            chain.records.extend(unplaced.remove(&next));
        }
        for found in unplaced.into_values() {
            chain.note(&found.name, "nothing leads to it: it or the record before it was changed, or that one is missing");
            chain.records.push(found);
        }
        Ok(())
    }

    async fn check_head(&self, chain: &mut Chain) -> Result<(), JournalError> {
        let there = chain.records.len() as u64;
        let Some(bytes) = self.store.read(HEAD).await? else {
            // A crash between the first record and the head leaves this; the next apply writes it.
            if there > 1 {
                chain.note(HEAD, format!("it is missing, and there are {there} records"));
            }
            return Ok(());
        };
        let head: Head = match serde_json::from_slice(&bytes) {
            Ok(head) => head,
            Err(error) => {
                chain.note(HEAD, format!("it is no head of records: {error}"));
                return Ok(());
            }
        };
        let position = usize::try_from(head.records).unwrap_or(usize::MAX);
        if head.records > there {
            chain.note(HEAD, format!("it counts {} records, and {there} are there: the last ones are missing", head.records));
        } else if position > 0 && chain.records.get(position - 1).is_none_or(|last| last.hash != head.hash) {
            chain.note(HEAD, "its hash is not that of the last record: one of them was changed");
        } else if there > head.records + 1 {
            chain.note(HEAD, format!("it counts {} records, and {there} are there", head.records));
        }
        Ok(())
    }
}

/// Records against the journal lines before them, and outcomes against the records that they name.
fn check_references(chain: &mut Chain, journal: &Journal) {
    let mut damage = Vec::new();
    for found in &chain.records {
        if let Err(JournalError::Damaged { object, what }) = journal.check_reaches(&found.record.journal, &found.name) {
            damage.push(Damage { object, what });
        }
    }
    for entry in &journal.entries {
        match &entry.event {
            Event::Outcome { record: Some(RecordReference { name, hash }), .. } => {
                let what = match chain.records.iter().find(|found| found.name == *name) {
                    None => "it is missing",
                    Some(found) if found.hash != *hash => "it was changed",
                    Some(_) => continue,
                };
                damage.push(Damage { object: name.clone(), what: format!("{what}: entry {} of the journal tells of it", entry.sequence) });
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
        chain.note(HEAD, format!("sha256:{wanted} is not in this chain: it was cut off before that record, or this is another backend"));
    }
}
