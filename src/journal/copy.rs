//! Copies the content of one store to another, and mirrors every write of a store.

use std::sync::OnceLock;

use crate::org::OrganizationId;

use super::format::{HEAD, JOURNAL, RECORDS};
use super::reading::{Journal, last_repair, untorn};
use super::refusals::REFUSALS;
use super::{JournalError, Ledger, LocalStore, LockHolder, LogLine, Store, StoreError};

/// How much was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Brought {
    /// Number of journal lines.
    pub entries: usize,
    /// Number of records.
    pub records: usize,
}

/// Copies journal, records and head to a store that is empty or contains the beginning of them.
///
/// Lines are written before the records that commit to them, and the head is written last, so that the copy can be repeated after a crash.
async fn bring<A: Store, B: Store>(from: &A, to: &B, organization: &OrganizationId) -> Result<Brought, JournalError> {
    let ahead = || JournalError::Ahead { place: to.location(), behind: from.location() };
    let (theirs, ours) = (from.lines(JOURNAL).await?, to.lines(JOURNAL).await?);
    let ((theirs, _), (ours, _)) = (untorn(&theirs), untorn(&ours));
    let begins = ours.len() <= theirs.len() && ours.iter().zip(&theirs).all(|(ours, theirs)| ours.text == theirs.text);
    let (there, wanted) = (to.list(RECORDS).await?, from.list(RECORDS).await?);
    if !begins || !there.iter().all(|name| wanted.contains(name)) {
        return Err(ahead());
    }
    let sequences = sequences(&theirs, organization)?;
    for (line, sequence) in theirs.iter().zip(&sequences).skip(ours.len()) {
        to.append(JOURNAL, *sequence, &line.text).await?;
    }
    let refusals = from.list(REFUSALS).await?;
    let known = to.list(REFUSALS).await?;
    let missing: Vec<_> = wanted.iter().filter(|name| !there.contains(name)).collect();
    for name in missing.iter().copied().chain(refusals.iter().filter(|name| !known.contains(name))) {
        if let Some(bytes) = from.read(name).await? {
            to.create(name, &bytes).await?;
        }
    }
    if let Some(head) = from.read(HEAD).await? {
        let old = to.read(HEAD).await?;
        if old.as_ref() != Some(&head) {
            to.replace(HEAD, old.as_deref(), &head).await?;
        }
    }
    Ok(Brought { entries: theirs.len() - ours.len(), records: missing.len() })
}

/// The numbers under which a store keeps the lines. Lines before a repair need not be in sequence, so each has its position as its number.
/// The repair and the lines after it have the sequence numbers of their entries.
fn sequences(lines: &[&LogLine], organization: &OrganizationId) -> Result<Vec<u64>, JournalError> {
    let reviewed = last_repair(lines).unwrap_or(0);
    let own: Vec<LogLine> = lines[reviewed..].iter().map(|line| (*line).clone()).collect();
    let own = Journal::read_what_is_there(&own, organization);
    if own.entries.len() != lines.len() - reviewed {
        return Err(JournalError::Damaged { object: JOURNAL.to_owned(), what: "it contains lines that are not valid entries".to_owned() });
    }
    Ok((1..=reviewed as u64).chain(own.entries.iter().map(|entry| entry.sequence)).collect())
}

impl<S: Store> Ledger<S> {
    /// Restores the journal lines, the records and the head that this backend lacks from a copy.
    ///
    /// # Errors
    ///
    /// Returns an error if the lock is held, if the copy is damaged or belongs to another organization, or if the backend diverged from it.
    pub async fn restore(&self, holder: &LockHolder, copy: LocalStore) -> Result<Brought, JournalError> {
        let copy = Ledger::new(copy, self.organization.clone());
        if let Some(found) = copy.check(None).await?.damage.into_iter().next() {
            return Err(JournalError::Damaged { object: format!("{}/{}", copy.store.location(), found.object), what: found.what });
        }
        // Fails if the backend belongs to another organization, before anything is written to it.
        self.head().await?;
        let lock = self.store.lock(holder).await?;
        let brought = bring(&copy.store, &self.store, &self.organization).await;
        self.store.unlock(lock).await?;
        brought
    }
}

/// A store that, once a folder is set, copies every write to that folder as soon as the write is done.
#[derive(Debug)]
pub struct Mirrored<S> {
    store: S,
    copy: OnceLock<LocalStore>,
}

impl<S> Mirrored<S> {
    /// A store without a copy.
    pub const fn new(store: S) -> Self {
        Self { store, copy: OnceLock::new() }
    }

    fn copied(&self, written: Result<(), StoreError>) -> Result<(), StoreError> {
        let place = |error: StoreError| match error {
            StoreError::Failed(what) => StoreError::Failed(format!("the copy of -records-to: {what}")),
            other => StoreError::Failed(format!("the copy of -records-to: {other}")),
        };
        written.map_err(place)
    }
}

impl<S: Store> Ledger<Mirrored<S>> {
    /// Checks that the folder is writable, brings the copy up to date, and from then on copies every write.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder can't be written, or if it contains entries or records that the backend lacks: overwriting them could
    /// destroy the only copy.
    pub async fn copy_to(&self, copy: LocalStore) -> Result<Brought, JournalError> {
        copy.check_writable().map_err(|error| StoreError::Failed(format!("-records-to: {error}")))?;
        let brought = bring(&self.store.store, &copy, &self.organization).await?;
        // A ledger has one copy: a second call does not replace the first folder.
        let _ = self.store.copy.set(copy);
        Ok(brought)
    }
}

impl<S: Store> Store for Mirrored<S> {
    type Lock = S::Lock;

    async fn lock(&self, holder: &LockHolder) -> Result<S::Lock, StoreError> {
        self.store.lock(holder).await
    }

    async fn unlock(&self, lock: S::Lock) -> Result<(), StoreError> {
        self.store.unlock(lock).await
    }

    async fn holds(&self, lock: &S::Lock) -> Result<(), StoreError> {
        self.store.holds(lock).await
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.read(name).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.store.list(prefix).await
    }

    async fn create(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.store.create(name, bytes).await?;
        match self.copy.get() {
            Some(copy) => self.copied(copy.create(name, bytes).await),
            None => Ok(()),
        }
    }

    async fn replace(&self, name: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        self.store.replace(name, expected, bytes).await?;
        match self.copy.get() {
            Some(copy) => self.copied(copy.replace(name, expected, bytes).await),
            None => Ok(()),
        }
    }

    async fn append(&self, log: &str, sequence: u64, line: &str) -> Result<(), StoreError> {
        self.store.append(log, sequence, line).await?;
        match self.copy.get() {
            Some(copy) => self.copied(copy.append(log, sequence, line).await),
            None => Ok(()),
        }
    }

    async fn lines(&self, log: &str) -> Result<Vec<LogLine>, StoreError> {
        self.store.lines(log).await
    }

    async fn holder(&self) -> Result<Option<LockHolder>, StoreError> {
        self.store.holder().await
    }

    async fn force_unlock(&self, id: &str) -> Result<(), StoreError> {
        self.store.force_unlock(id).await
    }

    fn location(&self) -> String {
        self.store.location()
    }
}
