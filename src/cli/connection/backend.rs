//! The store that the configuration's backend block selects.

use crate::journal::{LocalStore, LockHolder, LogLine, Mirrored, Store, StoreError};

/// The store of a run, with the copy that `-records-to` requests.
pub type RunStore = Mirrored<AnyStore>;

/// A store of either backend.
#[derive(Debug, Clone)]
pub enum AnyStore {
    /// A folder.
    Local(LocalStore),
    /// A prefix of an S3 bucket.
    #[cfg(feature = "s3")]
    S3(crate::aws::S3Store),
}

/// A lock of either backend.
#[derive(Debug)]
pub enum AnyLock {
    /// A locked file.
    Local(<LocalStore as Store>::Lock),
    /// An object that exists.
    #[cfg(feature = "s3")]
    S3(<crate::aws::S3Store as Store>::Lock),
}

/// Calls whichever store it is.
macro_rules! either {
    ($any:expr, $store:ident => $asked:expr) => {
        match $any {
            AnyStore::Local($store) => $asked,
            #[cfg(feature = "s3")]
            AnyStore::S3($store) => $asked,
        }
    };
}

impl Store for AnyStore {
    type Lock = AnyLock;

    async fn lock(&self, holder: &LockHolder) -> Result<AnyLock, StoreError> {
        match self {
            Self::Local(store) => store.lock(holder).await.map(AnyLock::Local),
            #[cfg(feature = "s3")]
            Self::S3(store) => store.lock(holder).await.map(AnyLock::S3),
        }
    }

    async fn unlock(&self, lock: AnyLock) -> Result<(), StoreError> {
        match (self, lock) {
            (Self::Local(store), AnyLock::Local(lock)) => store.unlock(lock).await,
            #[cfg(feature = "s3")]
            (Self::S3(store), AnyLock::S3(lock)) => store.unlock(lock).await,
            #[cfg(feature = "s3")]
            (Self::Local(_) | Self::S3(_), _) => Err(StoreError::Failed("the lock is not this backend's".to_owned())),
        }
    }

    async fn holds(&self, lock: &AnyLock) -> Result<(), StoreError> {
        match (self, lock) {
            (Self::Local(store), AnyLock::Local(lock)) => store.holds(lock).await,
            #[cfg(feature = "s3")]
            (Self::S3(store), AnyLock::S3(lock)) => store.holds(lock).await,
            #[cfg(feature = "s3")]
            (Self::Local(_) | Self::S3(_), _) => Err(StoreError::Failed("the lock is not this backend's".to_owned())),
        }
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        either!(self, store => store.read(name).await)
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        either!(self, store => store.list(prefix).await)
    }

    async fn create(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        either!(self, store => store.create(name, bytes).await)
    }

    async fn replace(&self, name: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        either!(self, store => store.replace(name, expected, bytes).await)
    }

    async fn append(&self, log: &str, sequence: u64, line: &str) -> Result<(), StoreError> {
        either!(self, store => store.append(log, sequence, line).await)
    }

    async fn lines(&self, log: &str) -> Result<Vec<LogLine>, StoreError> {
        either!(self, store => store.lines(log).await)
    }

    async fn holder(&self) -> Result<Option<LockHolder>, StoreError> {
        either!(self, store => store.holder().await)
    }

    async fn force_unlock(&self, id: &str) -> Result<(), StoreError> {
        either!(self, store => store.force_unlock(id).await)
    }

    fn location(&self) -> String {
        either!(self, store => store.location())
    }
}
