//! Accepts reviewed damage to journal and records, so that the chains continue.
//!
//! Nothing is rewritten or removed. A new entry describes the damage and commits to every line before it and to every record as they are
//! now. After it, both chains are checked as strictly as before.

use jiff::Timestamp;
use serde::Serialize;

use crate::plan::sha256_hex;

use super::chain::Survey;
use super::format::{FORMAT, HEAD, JOURNAL, check_size, json};
use super::reading::{Journal, lines_hash, untorn};
use super::store::MAX_LINE;
use super::{Accepted, Entry, Event, Head, JournalEnd, JournalError, Ledger, LockHolder, LogLine, OpenIntent, RecordReference, Store};

/// A repair that can be reviewed and then carried out.
#[derive(Debug, Clone)]
pub struct Repair {
    /// Damage that the repair would accept.
    pub accepted: Vec<Accepted>,
    /// Damage that a repair can't accept: the object is unreadable or belongs to another organization.
    pub refused: Vec<Accepted>,
    /// All records, in the order that would apply.
    pub records: Vec<RecordReference>,
    /// Intents that stay open. Intents in lost lines are unknown.
    pub open: Vec<OpenIntent>,
    lines: u64,
    lines_hash: String,
    /// SHA-256 of the last line that can be read.
    previous: String,
    /// The new entry's number: greater than every number that a line, a record or the head refers to.
    sequence: u64,
    head: Option<Vec<u8>>,
}

impl Repair {
    /// Identifies exactly this repair: the accepted damage, the lines, the records and the head.
    ///
    /// # Errors
    ///
    /// Returns an error if the repair can't be written as JSON.
    pub fn digest(&self) -> Result<String, JournalError> {
        #[derive(Serialize)]
        struct Reviewed<'r> {
            accepted: &'r [Accepted],
            records: &'r [RecordReference],
            lines: u64,
            lines_hash: &'r str,
            head: Option<String>,
        }
        let Self { accepted, records, lines, lines_hash, head, refused: _, open: _, previous: _, sequence: _ } = self;
        let reviewed = Reviewed { accepted, records, lines: *lines, lines_hash, head: head.as_deref().map(sha256_hex) };
        Ok(format!("sha256:{}", sha256_hex(json("the repair", &reviewed)?.as_bytes())))
    }
}

impl<S: Store> Ledger<S> {
    /// The repair that would accept the current damage; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Returns an error if the backend can't be read or belongs to another organization.
    pub async fn repair_needed(&self) -> Result<Option<Repair>, JournalError> {
        let lines = self.store.lines(JOURNAL).await?;
        let survey = self.survey(&lines).await?;
        if survey.chain.damage.is_empty() { Ok(None) } else { Ok(Some(repair_of(&lines, survey, self)?)) }
    }

    /// Carries out a reviewed repair if it is still the same: writes the entry that accepts the damage, and the head.
    ///
    /// # Errors
    ///
    /// Returns an error if the lock is held, if anything changed since the review, or if the backend fails.
    pub async fn repair(&self, holder: &LockHolder, at: Timestamp, reviewed: &Repair) -> Result<(), JournalError> {
        let lock = self.store.lock(holder).await?;
        let repaired = self.repair_locked(holder, at, reviewed).await;
        self.store.unlock(lock).await?;
        repaired
    }

    async fn repair_locked(&self, holder: &LockHolder, at: Timestamp, reviewed: &Repair) -> Result<(), JournalError> {
        let now = self.repair_needed().await?;
        let same = match &now {
            Some(now) => now.digest()? == reviewed.digest()? && now.refused.is_empty(),
            None => false,
        };
        let (true, Some(repair)) = (same, now) else {
            return Err(JournalError::Damaged { object: JOURNAL.to_owned(), what: "it changed since the review".to_owned() });
        };
        let Repair { accepted, records, lines, lines_hash, previous, sequence, head, refused: _, open: _ } = repair;
        let hash = records.last().map_or_else(String::new, |last| last.hash.clone());
        let count = records.len() as u64;
        let event = Event::Repaired { lines, lines_hash, records, accepted, operator: holder.who.clone() };
        let organization = self.organization.clone();
        let entry = Entry { version: FORMAT, sequence, at, organization, run: holder.id.clone(), previous, event };
        let line = json(JOURNAL, &entry)?;
        check_size(JOURNAL, line.len(), MAX_LINE)?;
        self.store.append(JOURNAL, sequence, &line).await?;
        crate::fail_point!("repair-written");
        let journal = JournalEnd { sequence, hash: sha256_hex(line.as_bytes()) };
        let moved = Head { version: FORMAT, organization: self.organization.clone(), records: count, hash, journal };
        Ok(self.store.replace(HEAD, head.as_deref(), json(HEAD, &moved)?.as_bytes()).await?)
    }
}

fn repair_of<S: Store>(lines: &[LogLine], survey: Survey, ledger: &Ledger<S>) -> Result<Repair, JournalError> {
    let Survey { chain, journal: _, head, head_bytes } = survey;
    // The journal may not be readable as a whole. Every valid entry counts, so that no intent is forgotten.
    let journal = Journal::read_what_is_there(lines, &ledger.organization);
    let (whole, _) = untorn(lines);
    let (acceptable, refused): (Vec<_>, Vec<_>) = chain.damage.iter().partition(|found| found.acceptable);
    let noted = |damage: Vec<&super::Damage>| -> Vec<Accepted> {
        damage.into_iter().map(|found| Accepted { object: found.object.clone(), what: found.what.clone() }).collect()
    };
    let committed = head.iter().map(|head| head.journal.sequence).chain(chain.records.iter().map(|found| found.record.journal.sequence));
    let written = journal.entries.iter().map(|entry| entry.sequence);
    let last = committed.chain(written).chain([whole.len() as u64]).max().unwrap_or_default();
    let sequence = last.checked_add(1).ok_or_else(|| JournalError::Damaged {
        object: JOURNAL.to_owned(),
        what: "an entry has the greatest possible number, so no entry can follow".to_owned(),
    })?;
    Ok(Repair {
        accepted: noted(acceptable),
        refused: noted(refused),
        records: chain.records.iter().map(|found| RecordReference { name: found.name.clone(), hash: found.hash.clone() }).collect(),
        open: journal.open_intents(),
        lines: whole.len() as u64,
        lines_hash: lines_hash(&whole),
        previous: journal.end().hash,
        sequence,
        head: head_bytes,
    })
}
