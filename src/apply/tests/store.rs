//! A store in memory that fails on demand.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::journal::{LockHolder, LogLine, Store, StoreError};

#[derive(Debug, Default)]
pub struct Memory {
    objects: RefCell<BTreeMap<String, Vec<u8>>>,
    log: RefCell<Vec<String>>,
    /// How many writes succeed before all others fail. `None`: all succeed.
    pub writes_left: Cell<Option<u32>>,
    /// Whether a failing write takes effect anyway.
    pub happens: Cell<bool>,
}

impl Memory {
    fn write(&self, write: impl FnOnce()) -> Result<(), StoreError> {
        match self.writes_left.get() {
            Some(0) => {
                if self.happens.get() {
                    write();
                }
                Err(StoreError::Failed("the disk is full".to_owned()))
            }
            left => {
                self.writes_left.set(left.map(|left| left - 1));
                write();
                Ok(())
            }
        }
    }
}

impl Store for Memory {
    type Lock = ();

    async fn lock(&self, _: &LockHolder) -> Result<(), StoreError> {
        Ok(())
    }

    async fn unlock(&self, (): ()) -> Result<(), StoreError> {
        Ok(())
    }

    async fn holds(&self, (): &()) -> Result<(), StoreError> {
        Ok(())
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.objects.borrow().get(name).cloned())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(self.objects.borrow().keys().filter(|name| name.starts_with(prefix)).cloned().collect())
    }

    async fn create(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if self.objects.borrow().contains_key(name) {
            return Err(StoreError::Exists(name.to_owned()));
        }
        self.write(|| {
            self.objects.borrow_mut().insert(name.to_owned(), bytes.to_vec());
        })
    }

    async fn replace(&self, name: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        if self.objects.borrow().get(name).map(Vec::as_slice) != expected {
            return Err(StoreError::Conflict(name.to_owned()));
        }
        self.write(|| {
            self.objects.borrow_mut().insert(name.to_owned(), bytes.to_vec());
        })
    }

    async fn append(&self, _: &str, _: u64, line: &str) -> Result<(), StoreError> {
        self.write(|| self.log.borrow_mut().push(line.to_owned()))
    }

    async fn lines(&self, log: &str) -> Result<Vec<LogLine>, StoreError> {
        let line = |(index, text): (usize, &String)| LogLine { place: format!("{log} line {}", index + 1), text: text.clone() };
        Ok(self.log.borrow().iter().enumerate().map(line).collect())
    }

    async fn holder(&self) -> Result<Option<LockHolder>, StoreError> {
        Ok(None)
    }

    async fn force_unlock(&self, _: &str) -> Result<(), StoreError> {
        Err(StoreError::NotThatLock(None))
    }

    fn location(&self) -> String {
        "memory".to_owned()
    }
}
