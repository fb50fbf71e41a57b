//! Where a journal lives: named objects, an append-only log and a lock.

use std::fmt;
use std::future::Future;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::DateTime;
use crate::plan::sha256_hex;

/// The most bytes of an object that is read: a record of an account with every policy that AWS allows takes a tenth of them.
pub const MAX_OBJECT: u64 = 16 << 20;
/// The most bytes of a line. A record holds what the line of its intent holds, and must fit into an object.
pub const MAX_LINE: u64 = 4 << 20;
/// The most bytes of a log that is one file: the departures of 50,000 accounts take less than half of them.
pub const MAX_LOG: u64 = 1 << 30;

/// Objects under names such as `records/333333333333-20261122T090000Z.json`. Every write is durable when it returns.
pub trait Store {
    /// Holds the lock until it is released or its process ends.
    type Lock;

    /// Takes the lock without waiting.
    fn lock(&self, holder: &LockHolder) -> impl Future<Output = Result<Self::Lock, StoreError>>;
    /// Releases the lock.
    fn unlock(&self, lock: Self::Lock) -> impl Future<Output = Result<(), StoreError>>;
    /// That a lock is still its own: it was not removed, nor taken by somebody else. Asked before each write of a run.
    ///
    /// # Errors
    ///
    /// [`StoreError::LockLost`] where it is not.
    fn holds(&self, lock: &Self::Lock) -> impl Future<Output = Result<(), StoreError>>;
    /// An object's bytes, at most [`MAX_OBJECT`] of them; `None` if there is none.
    fn read(&self, name: &str) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>>;
    /// Names of the objects under a prefix, sorted. A name that ends with `/` marks a folder and is not an object.
    fn list(&self, prefix: &str) -> impl Future<Output = Result<Vec<String>, StoreError>>;
    /// Writes a new object.
    ///
    /// # Errors
    ///
    /// [`StoreError::Exists`] where there is one of that name.
    fn create(&self, name: &str, bytes: &[u8]) -> impl Future<Output = Result<(), StoreError>>;
    /// Replaces an object if its bytes are still `expected` (`None`: if there is none).
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] where they are not.
    fn replace(&self, name: &str, expected: Option<&[u8]>, bytes: &[u8]) -> impl Future<Output = Result<(), StoreError>>;
    /// Appends a line, which holds no newline, to a log. `sequence` counts the log's lines from 1.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] where somebody else has appended that line.
    fn append(&self, log: &str, sequence: u64, line: &str) -> impl Future<Output = Result<(), StoreError>>;
    /// The lines of a log, in order; none where there is no log.
    fn lines(&self, log: &str) -> impl Future<Output = Result<Vec<LogLine>, StoreError>>;
    /// Who holds the lock, or held it when its process ended; `None` if nobody does.
    fn holder(&self) -> impl Future<Output = Result<Option<LockHolder>, StoreError>>;
    /// Removes the lock that has this id. What happens when its holder is alive and goes on is the caller's risk.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotThatLock`] where another lock is held or none; [`StoreError::Alive`] where its process is known to be alive.
    fn force_unlock(&self, id: &str) -> impl Future<Output = Result<(), StoreError>>;
    /// Where this is, for people: a folder, or a bucket and prefix.
    fn location(&self) -> String;
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Where it stands, for people, such as `journal.jsonl line 3`.
    pub place: String,
    /// The line without its newline.
    pub text: String,
}

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockHolder {
    /// Names this lock; `force-unlock` asks for it.
    pub id: String,
    /// What it is held for, such as `apply`.
    pub operation: String,
    /// User and host, where known.
    pub who: String,
    /// When it was taken; `None` if the lock does not say.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub created: Option<Timestamp>,
}

impl LockHolder {
    /// Reads a lock. One that is empty or damaged has an id all the same, made of its bytes, so that it can be named and removed.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_else(|_| Self {
            id: format!("unreadable-{}", &sha256_hex(bytes)[..12]),
            operation: String::new(),
            who: String::new(),
            created: None,
        })
    }
}

impl fmt::Display for LockHolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, operation, who, created } = self;
        match created {
            Some(created) => write!(formatter, "lock {id}, held by {who} for {operation} since {created}"),
            None => write!(formatter, "lock {id}, which does not say who holds it"),
        }
    }
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else holds the lock.
    #[error("the lock is held{}", .0.as_ref().map(|holder| format!(": {holder}")).unwrap_or_default())]
    Locked(Option<LockHolder>),
    /// There is an object of that name.
    #[error("{0} exists already")]
    Exists(String),
    /// The object was changed by somebody else.
    #[error("{0} was changed by somebody else meanwhile")]
    Conflict(String),
    /// The lock that is held is not the one that was named.
    #[error("{}", .0.as_ref().map_or_else(|| "no lock is held".to_owned(), |holder| format!("another lock is held: {holder}")))]
    NotThatLock(Option<LockHolder>),
    /// The process that holds the lock is alive.
    #[error("the process that holds it is alive: {0}")]
    Alive(LockHolder),
    /// The lock is not this run's any more: somebody removed it, or removed it and took it.
    #[error(
        "the lock of this run is not its own any more{}: somebody removed it while the run was alive, so that another one may be writing",
        .0.as_ref().map(|holder| format!(" ({holder})")).unwrap_or_default()
    )]
    LockLost(Option<LockHolder>),
    /// Reading or writing failed; the text names the object and the cause.
    #[error("{0}")]
    Failed(String),
}
