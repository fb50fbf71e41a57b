//! The local store: files of mode 0600 in a folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{LockHolder, LogLine, Store, StoreError};

/// A folder, made when something is first written.
#[derive(Debug, Clone)]
pub struct LocalStore {
    folder: PathBuf,
}

/// The lock file, locked. The operating system releases it when the process ends, however it ends.
#[derive(Debug)]
pub struct LocalLock(File);

const LOCK: &str = "lock";

impl LocalStore {
    /// The store in `folder`, which need not exist.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder of an object, made where it is missing.
    fn parent(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.path(name);
        let parent = path.parent().unwrap_or(&self.folder).to_owned();
        fs::create_dir_all(&parent)?;
        Ok(parent)
    }

    fn write_new(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let parent = self.parent(name)?;
        // Written aside and linked into place, so that a crash leaves all of the object or none of it.
        let aside = parent.join(format!(".{}.new", name.rsplit('/').next().unwrap_or(name)));
        write_durably(&aside, bytes)?;
        crate::fail_point!("object-aside");
        let linked = fs::hard_link(&aside, self.path(name));
        crate::fail_point!("object-linked");
        fs::remove_file(&aside)?;
        linked?;
        sync_folder(&parent)
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let parent = self.parent(name)?;
        let aside = parent.join(format!(".{}.new", name.rsplit('/').next().unwrap_or(name)));
        write_durably(&aside, bytes)?;
        crate::fail_point!("replacement-aside");
        fs::rename(&aside, self.path(name))?;
        sync_folder(&parent)
    }

    fn append_line(&self, name: &str, line: &str) -> io::Result<()> {
        let parent = self.parent(name)?;
        let path = self.path(name);
        let is_new = !path.exists();
        let mut file = private(OpenOptions::new().read(true).append(true).create(true)).open(&path)?;
        let mut text = String::with_capacity(line.len() + 2);
        // A crash can leave a torn line without its end; closing it keeps this one apart.
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
        if is_new { sync_folder(&parent) } else { Ok(()) }
    }

    fn try_lock(&self, holder: &LockHolder) -> io::Result<Option<LocalLock>> {
        self.parent(LOCK)?;
        let mut file = private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(self.path(LOCK))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        file.set_len(0)?;
        file.write_all(serde_json::to_string(holder).unwrap_or_default().as_bytes())?;
        file.sync_data()?;
        Ok(Some(LocalLock(file)))
    }

    fn names_under(&self, prefix: &str) -> io::Result<Vec<String>> {
        let (folder, start) = prefix.rsplit_once('/').unwrap_or(("", prefix));
        let entries = match fs::read_dir(self.path(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<io::Result<Vec<_>>>()?;
        let wanted = names.into_iter().filter(|name| name.starts_with(start) && !name.starts_with('.'));
        let mut names: Vec<_> = wanted.map(|name| if folder.is_empty() { name } else { format!("{folder}/{name}") }).collect();
        names.sort();
        Ok(names)
    }

    fn written_holder(&self) -> Option<LockHolder> {
        serde_json::from_str(&fs::read_to_string(self.path(LOCK)).unwrap_or_default()).ok()
    }

    fn break_lock(&self, id: &str) -> io::Result<Result<(), StoreError>> {
        let mut options = OpenOptions::new();
        let file = match options.read(true).write(true).open(self.path(LOCK)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Err(StoreError::NotThatLock(None))),
            Err(error) => return Err(error),
        };
        let alive = match file.try_lock() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(error)) => return Err(error),
        };
        Ok(match self.written_holder() {
            Some(holder) if holder.id != id => Err(StoreError::NotThatLock(Some(holder))),
            Some(holder) if alive => Err(StoreError::Alive(holder)),
            Some(_) => return file.set_len(0).map(Ok),
            None => Err(StoreError::NotThatLock(None)),
        })
    }
}

impl Store for LocalStore {
    type Lock = LocalLock;

    async fn lock(&self, holder: &LockHolder) -> Result<LocalLock, StoreError> {
        let locked = self.try_lock(holder).map_err(|error| failed(&self.path(LOCK), &error))?;
        locked.ok_or_else(|| StoreError::Locked(self.written_holder()))
    }

    async fn unlock(&self, LocalLock(file): LocalLock) -> Result<(), StoreError> {
        let released = file.set_len(0).and_then(|()| file.unlock());
        released.map_err(|error| failed(&self.path(LOCK), &error))
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&self.path(name), &error)),
        }
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
        // The lock is held, so that nobody writes between the look and the change.
        if self.read(name).await?.as_deref() != expected {
            return Err(StoreError::Conflict(name.to_owned()));
        }
        self.overwrite(name, bytes).map_err(|error| failed(&self.path(name), &error))
    }

    async fn append(&self, log: &str, _: u64, line: &str) -> Result<(), StoreError> {
        self.append_line(log, line).map_err(|error| failed(&self.path(log), &error))
    }

    async fn lines(&self, log: &str) -> Result<Vec<LogLine>, StoreError> {
        let bytes = self.read(log).await?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let line = |(index, text): (usize, &str)| LogLine { place: format!("{log} line {}", index + 1), text: text.to_owned() };
        Ok(text.lines().enumerate().map(line).collect())
    }

    async fn holder(&self) -> Result<Option<LockHolder>, StoreError> {
        Ok(self.written_holder())
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

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Where a line is written in two, so that a test can tear it: in its middle; otherwise it is written at once.
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

/// Files hold names and addresses of people: only the owner reads them.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Makes a new name in a folder durable. Windows keeps folders durable by itself and can't open them as files.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(id: &str) -> LockHolder {
        LockHolder { id: id.into(), operation: "apply".into(), who: "ci".into(), created: "2026-11-22T09:00:00Z".parse().unwrap() }
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
        // What the end of a process leaves: the holder's text, and no lock of the operating system.
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
}
