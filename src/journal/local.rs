//! The local store: files of mode 0600 in a folder.

use std::ffi::{OsStr, OsString};
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::files::{Folder, Missing};

use super::store::{MAX_LOG, MAX_OBJECT};
use super::{LockHolder, LogLine, Store, StoreError};

/// A store in a folder, which is created at the first write.
#[derive(Debug, Clone)]
pub struct LocalStore {
    folder: PathBuf,
}

/// The locked lock file. The operating system releases it when the process ends, even if the process is killed.
#[derive(Debug)]
pub struct LocalLock(File);

const LOCK: &str = "lock";

impl LocalStore {
    /// The store in `folder`, which need not exist. Symbolic links below the working directory or inside the folder are not followed.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Checks that files can be created in the folder, by creating one and removing it.
    ///
    /// # Errors
    ///
    /// Returns an error if they can't.
    pub fn check_writable(&self) -> Result<(), StoreError> {
        let probed = self.open(Missing::Made).and_then(|folder| folder.remove(&write_aside(&folder, OsStr::new("probe"), b"")?));
        probed.map_err(|error| failed(&self.folder, &error))
    }

    /// Checks that `name`, if it exists, is a regular file that no symbolic link leads to. For files in the folder other than the store's.
    ///
    /// # Errors
    ///
    /// Returns an error that says what it is instead.
    pub fn check_file(&self, name: &str) -> Result<(), StoreError> {
        let opened = self.parent(name, Missing::Refused).and_then(|(folder, last)| folder.open_file(Path::new(last)));
        match opened {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&self.path(name), &error)),
            _ => Ok(()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn open(&self, missing: Missing) -> io::Result<Folder> {
        Folder::named(&self.folder, &std::env::current_dir().unwrap_or_default(), missing)
    }

    /// The folder of an object, which is created if it is missing and `missing` allows it, and the object's name in it.
    fn parent<'n>(&self, name: &'n str, missing: Missing) -> io::Result<(Folder, &'n OsStr)> {
        let (way, last) = name.rsplit_once('/').unwrap_or(("", name));
        Ok((self.open(missing)?.enter(Path::new(way), missing)?, OsStr::new(last)))
    }

    /// The bytes of a regular file; `None` if there is none.
    fn bytes(&self, name: &str, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let read = self.parent(name, Missing::Refused).and_then(|(folder, last)| folder.read(last, limit));
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write_new(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (folder, last) = self.parent(name, Missing::Made)?;
        // Written to a temporary file and then linked into place, so that a crash leaves the whole object or nothing.
        let aside = write_aside(&folder, last, bytes)?;
        crate::fail_point!("object-aside");
        let linked = folder.link(&aside, last);
        crate::fail_point!("object-linked");
        folder.remove(&aside)?;
        linked?;
        folder.sync()
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (folder, last) = self.parent(name, Missing::Made)?;
        let aside = write_aside(&folder, last, bytes)?;
        crate::fail_point!("replacement-aside");
        folder.rename(&aside, last)?;
        folder.sync()
    }

    fn append_line(&self, name: &str, line: &str) -> io::Result<()> {
        let (folder, last) = self.parent(name, Missing::Made)?;
        let is_new = !folder.has(last)?;
        let mut file = folder.open_appendable(last)?;
        let mut text = String::with_capacity(line.len() + 2);
        // A crash can leave a torn line without a newline; a newline before this line separates the two.
        if ends_torn(&mut file)? {
            text.push('\n');
        }
        text.push_str(line);
        text.push('\n');
        let (begin, rest) = text.as_bytes().split_at(torn_at(text.len()));
        file.write_all(begin)?;
        crate::fail_point!("line-torn");
        file.write_all(rest)?;
        crate::fail_point!("line-written");
        file.sync_data()?;
        if is_new { folder.sync() } else { Ok(()) }
    }

    fn try_lock(&self, holder: &LockHolder) -> io::Result<Option<LocalLock>> {
        let (folder, last) = self.parent(LOCK, Missing::Made)?;
        let mut file = folder.open_writable(last)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // The file may have been replaced between opening and locking it: then no other process would see this lock.
        if !folder.is_still(last, &file)? {
            return Ok(None);
        }
        let text = serde_json::to_string(holder)?;
        file.set_len(0)?;
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        Ok(Some(LocalLock(file)))
    }

    fn is_held(&self, LocalLock(file): &LocalLock) -> io::Result<bool> {
        match self.parent(LOCK, Missing::Refused).and_then(|(folder, last)| folder.is_still(last, file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            answer => answer,
        }
    }

    fn names_under(&self, prefix: &str) -> io::Result<Vec<String>> {
        let (way, start) = prefix.rsplit_once('/').unwrap_or(("", prefix));
        let names = match self.open(Missing::Refused).and_then(|folder| folder.enter(Path::new(way), Missing::Refused)?.names()) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let names = names.into_iter().map(|name| name.to_string_lossy().into_owned());
        let wanted = names.filter(|name| name.starts_with(start) && !name.starts_with('.'));
        let mut names: Vec<_> = wanted.map(|name| if way.is_empty() { name } else { format!("{way}/{name}") }).collect();
        names.sort();
        Ok(names)
    }

    /// The holder according to the lock file's text; `None` if the file is empty, as it is after a release.
    fn written_holder(&self) -> io::Result<Option<LockHolder>> {
        let bytes = self.bytes(LOCK, MAX_OBJECT)?.unwrap_or_default();
        Ok((!bytes.is_empty()).then(|| LockHolder::read(&bytes)))
    }

    fn break_lock(&self, id: &str) -> io::Result<Result<(), StoreError>> {
        let Some(holder) = self.written_holder()? else { return Ok(Err(StoreError::NotThatLock(None))) };
        if holder.id != id {
            return Ok(Err(StoreError::NotThatLock(Some(holder))));
        }
        let (folder, last) = self.parent(LOCK, Missing::Refused)?;
        let file = folder.open_writable(last)?;
        match file.try_lock() {
            Ok(()) => file.set_len(0).map(Ok),
            Err(TryLockError::WouldBlock) => Ok(Err(StoreError::Alive(holder))),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl Store for LocalStore {
    type Lock = LocalLock;

    async fn lock(&self, holder: &LockHolder) -> Result<LocalLock, StoreError> {
        let lock_failed = |error: io::Error| failed(&self.path(LOCK), &error);
        match self.try_lock(holder).map_err(lock_failed)? {
            Some(lock) => Ok(lock),
            None => Err(StoreError::Locked(self.written_holder().map_err(lock_failed)?)),
        }
    }

    async fn unlock(&self, lock: LocalLock) -> Result<(), StoreError> {
        // A file that replaced it belongs to another process and is not touched.
        self.holds(&lock).await?;
        let LocalLock(file) = lock;
        let released = file.set_len(0).and_then(|()| file.unlock());
        released.map_err(|error| failed(&self.path(LOCK), &error))
    }

    async fn holds(&self, lock: &LocalLock) -> Result<(), StoreError> {
        let lock_failed = |error: io::Error| failed(&self.path(LOCK), &error);
        if self.is_held(lock).map_err(lock_failed)? {
            return Ok(());
        }
        Err(StoreError::LockLost(self.written_holder().map_err(lock_failed)?))
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.bytes(name, MAX_OBJECT).map_err(|error| failed(&self.path(name), &error))
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        self.names_under(prefix).map_err(|error| failed(&self.path(prefix), &error))
    }

    async fn create(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write_new(name, bytes).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists(name.to_owned()),
            _ => failed(&self.path(name), &error),
        })
    }

    async fn replace(&self, name: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        // The lock is held, so no other run writes between the read and the change.
        if self.read(name).await?.as_deref() != expected {
            return Err(StoreError::Conflict(name.to_owned()));
        }
        self.overwrite(name, bytes).map_err(|error| failed(&self.path(name), &error))
    }

    async fn append(&self, log: &str, _: u64, line: &str) -> Result<(), StoreError> {
        self.append_line(log, line).map_err(|error| failed(&self.path(log), &error))
    }

    async fn lines(&self, log: &str) -> Result<Vec<LogLine>, StoreError> {
        let bytes = self.bytes(log, MAX_LOG).map_err(|error| failed(&self.path(log), &error))?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let line = |(index, text): (usize, &str)| LogLine { place: format!("{log} line {}", index + 1), text: text.to_owned() };
        Ok(text.lines().enumerate().map(line).collect())
    }

    async fn holder(&self) -> Result<Option<LockHolder>, StoreError> {
        self.written_holder().map_err(|error| failed(&self.path(LOCK), &error))
    }

    async fn force_unlock(&self, id: &str) -> Result<(), StoreError> {
        self.break_lock(id).map_err(|error| failed(&self.path(LOCK), &error))?
    }

    fn location(&self) -> String {
        self.folder.display().to_string()
    }
}

fn failed(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Failed(format!("{}: {error}", path.display()))
}

/// Writes a temporary file next to the object. A file that is already there, such as after a crash, is removed and never written to.
fn write_aside(folder: &Folder, name: &OsStr, bytes: &[u8]) -> io::Result<OsString> {
    let mut aside = OsString::from(".");
    aside.push(name);
    aside.push(".new");
    let mut file = folder.make_anew(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(aside)
}

/// Where a line's write is split: in the middle in tests of crashes, so that the line can be torn, and otherwise at its end.
const fn torn_at(length: usize) -> usize {
    if cfg!(feature = "fail-points") { length / 2 } else { length }
}

fn ends_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn holder(id: &str) -> LockHolder {
        LockHolder { id: id.into(), operation: "apply".into(), who: "ci".into(), created: "2026-11-22T09:00:00Z".parse().ok() }
    }

    #[tokio::test]
    async fn a_line_after_a_torn_one_stands_on_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        store.append("log", 1, "one").await.unwrap();
        fs::write(folder.path().join("log"), "one\ntor").unwrap();
        store.append("log", 2, "two").await.unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("log")).unwrap(), "one\ntor\ntwo\n");
    }

    #[tokio::test]
    async fn a_living_holder_keeps_its_lock_even_from_force_and_a_dead_one_does_not_block() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        let lock = store.lock(&holder("a")).await.unwrap();
        assert!(matches!(store.force_unlock("a").await, Err(StoreError::Alive(by)) if by.id == "a"));
        // A process that ended leaves the holder's text, but no lock of the operating system.
        drop(lock);
        assert_eq!(store.holder().await.unwrap().map(|by| by.id), Some("a".to_owned()));
        assert!(matches!(store.force_unlock("b").await, Err(StoreError::NotThatLock(Some(by))) if by.id == "a"));
        store.force_unlock("a").await.unwrap();
        assert_eq!(store.holder().await.unwrap(), None);
        let lock = store.lock(&holder("c")).await.unwrap();
        drop(lock);
        store.lock(&holder("d")).await.unwrap();
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_reads_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        store.create("a", b"").await.unwrap();
        store.append("b", 1, "x").await.unwrap();
        store.replace("c", None, b"").await.unwrap();
        let _lock = store.lock(&holder("a")).await.unwrap();
        for name in ["a", "b", "c", "lock"] {
            assert_eq!(fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        }
    }

    /// A pull request may commit something other than a regular file under the names of the store.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_or_a_pipe_in_the_place_of_any_file_is_neither_read_nor_written_through() {
        for name in ["lock", "journal.jsonl", "head", "records", "records/333333333333-a.json"] {
            let place = tempfile::tempdir().unwrap();
            let at = |name: &str| place.path().join("backend").join(name);
            fs::create_dir_all(at("records")).unwrap();
            fs::write(place.path().join("precious"), "precious").unwrap();
            if name == "records" {
                fs::remove_dir(at("records")).unwrap();
                fs::create_dir(place.path().join("elsewhere")).unwrap();
                std::os::unix::fs::symlink("../elsewhere", at(name)).unwrap();
            } else {
                std::os::unix::fs::symlink(place.path().join("precious"), at(name)).unwrap();
            }
            let store = LocalStore::new(at(""));
            let object = "records/333333333333-a.json";
            let refused = [
                store.lock(&holder("a")).await.map(|_| ()).map_err(|error| error.to_string()),
                store.append("journal.jsonl", 1, "x").await.map_err(|error| error.to_string()),
                store.lines("journal.jsonl").await.map(|_| ()).map_err(|error| error.to_string()),
                store.read("head").await.map(|_| ()).map_err(|error| error.to_string()),
                store.read(object).await.map(|_| ()).map_err(|error| error.to_string()),
                store.create("records/444444444444-a.json", b"x").await.map_err(|error| error.to_string()),
            ];
            let found: Vec<_> = refused.into_iter().filter_map(Result::err).collect();
            assert!(!found.is_empty() && found.iter().all(|text| text.contains("it is a symbolic link")), "{name}: {found:?}");
            assert_eq!(fs::read_to_string(place.path().join("precious")).unwrap(), "precious", "{name}");
            let elsewhere = fs::read_dir(place.path().join("elsewhere")).map_or(0, Iterator::count);
            assert_eq!(elsewhere, 0, "{name}");
        }
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("records")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(place.path().join("records/a")).status().unwrap().success());
        let refused = LocalStore::new(place.path()).read("records/a").await.unwrap_err().to_string();
        assert!(refused.ends_with("it is not a regular file"), "{refused}");
    }

    #[tokio::test]
    async fn an_object_that_is_too_large_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        File::create(folder.path().join("head")).unwrap().set_len(MAX_OBJECT + 1).unwrap();
        let refused = LocalStore::new(folder.path()).read("head").await.unwrap_err().to_string();
        assert!(refused.ends_with("it is larger than 16777216 bytes"), "{refused}");
    }
}
