//! The storage of a ledger: named objects, an append-only log and a lock.

use std::fmt;
use std::future::Future;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::org::DateTime;
use crate::plan::sha256_hex;

/// Maximum size of an object, in bytes. The record of an account with as many policies as AWS allows takes a tenth of it.
pub const MAX_OBJECT: u64 = 16 << 20;
/// Maximum size of a line, in bytes. A record contains what the line of its intent contains, and must fit into an object.
pub const MAX_LINE: u64 = 4 << 20;
/// Maximum size of a log that is one file, in bytes. The departures of 50,000 accounts take less than half of it.
pub const MAX_LOG: u64 = 1 << 30;

/// Objects under names such as `records/333333333333-20261122T090000Z.json`. Every write is durable when it returns.
pub trait Store {
    /// A held lock. It is held until it is released or its process ends.
    type Lock;

    /// Takes the lock without waiting.
    fn lock(&self, holder: &LockHolder) -> impl Future<Output = Result<Self::Lock, StoreError>>;
    /// Releases the lock.
    fn unlock(&self, lock: Self::Lock) -> impl Future<Output = Result<(), StoreError>>;
    /// Checks that the lock was not removed or taken by another process. A run does so before each write.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::LockLost`] if it was.
    fn holds(&self, lock: &Self::Lock) -> impl Future<Output = Result<(), StoreError>>;
    /// An object's bytes, at most [`MAX_OBJECT`] of them; `None` if there is no such object.
    fn read(&self, name: &str) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>>;
    /// Names of the objects under a prefix, sorted. A name that ends with `/` marks a folder and is not an object.
    fn list(&self, prefix: &str) -> impl Future<Output = Result<Vec<String>, StoreError>>;
    /// Writes a new object.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Exists`] if there is an object of that name.
    fn create(&self, name: &str, bytes: &[u8]) -> impl Future<Output = Result<(), StoreError>>;
    /// Replaces an object if its bytes are still `expected` (`None`: if it does not exist).
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] if they are not.
    fn replace(&self, name: &str, expected: Option<&[u8]>, bytes: &[u8]) -> impl Future<Output = Result<(), StoreError>>;
    /// Appends a line, which contains no newline, to a log. `sequence` counts the log's lines from 1.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::Conflict`] if another process has already appended a line with that number.
    fn append(&self, log: &str, sequence: u64, line: &str) -> impl Future<Output = Result<(), StoreError>>;
    /// The lines of a log, in order; empty if there is no log.
    fn lines(&self, log: &str) -> impl Future<Output = Result<Vec<LogLine>, StoreError>>;
    /// The holder of the lock, even if its process has ended without releasing it; `None` if the lock is free.
    fn holder(&self) -> impl Future<Output = Result<Option<LockHolder>, StoreError>>;
    /// Removes the lock with this id. The caller must make sure that its holder no longer runs.
    ///
    /// # Errors
    ///
    /// Returns [`StoreError::NotThatLock`] if another lock or none is held, and [`StoreError::Alive`] if its process is known to run.
    fn force_unlock(&self, id: &str) -> impl Future<Output = Result<(), StoreError>>;
    /// The location to show to users: a folder, or a bucket and prefix.
    fn location(&self) -> String;
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The line's place to show to users, such as `journal.jsonl line 3`.
    pub place: String,
    /// The line without its newline.
    pub text: String,
}

/// The holder of a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LockHolder {
    /// Id of the lock, as `force-unlock` expects it.
    pub id: String,
    /// The operation for which the lock is held, such as `apply`.
    pub operation: String,
    /// User and host, if known.
    pub who: String,
    /// When the lock was taken, if known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<DateTime>")]
    pub created: Option<Timestamp>,
}

impl LockHolder {
    /// Reads a lock. An empty or damaged lock gets an id from its bytes, so that it can be identified and removed.
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
            None => write!(formatter, "lock {id}, which does not identify its holder"),
        }
    }
}

/// Why an operation of a store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The lock is already held.
    #[error("the lock is held{}", .0.as_ref().map(|holder| format!(": {holder}")).unwrap_or_default())]
    Locked(Option<LockHolder>),
    /// There is already an object of that name.
    #[error("{0} already exists")]
    Exists(String),
    /// The object was changed by another process.
    #[error("{0} was changed by another process in the meantime")]
    Conflict(String),
    /// The lock that is held does not have the given id, or no lock is held.
    #[error("{}", .0.as_ref().map_or_else(|| "no lock is held".to_owned(), |holder| format!("another lock is held: {holder}")))]
    NotThatLock(Option<LockHolder>),
    /// The process that holds the lock is alive.
    #[error("the process that holds the lock is still running: {0}")]
    Alive(LockHolder),
    /// This run no longer holds the lock: it was removed, and another process may hold it now.
    #[error(
        "this run no longer holds its lock{}: it was removed while the run was active, so another run may be writing",
        .0.as_ref().map(|holder| format!(" ({holder})")).unwrap_or_default()
    )]
    LockLost(Option<LockHolder>),
    /// Reading or writing failed. The text contains the object and the cause.
    #[error("{0}")]
    Failed(String),
}
