//! The local store: files of mode 0600 in a folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{LockHolder, Store, StoreError};

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
        let linked = fs::hard_link(&aside, self.path(name));
        fs::remove_file(&aside)?;
        linked?;
        sync_folder(&parent)
    }

    fn overwrite(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let parent = self.parent(name)?;
        let aside = parent.join(format!(".{}.new", name.rsplit('/').next().unwrap_or(name)));
        write_durably(&aside, bytes)?;
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
        file.write_all(text.as_bytes())?;
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
        let entries = match fs::read_dir(self.path(prefix)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<io::Result<Vec<_>>>()?;
        let mut names: Vec<_> = names.into_iter().filter(|name| !name.starts_with('.')).map(|name| format!("{prefix}{name}")).collect();
        names.sort();
        Ok(names)
    }
}

impl Store for LocalStore {
    type Lock = LocalLock;

    async fn lock(&self, holder: &LockHolder) -> Result<LocalLock, StoreError> {
        let locked = self.try_lock(holder).map_err(|error| failed(&self.path(LOCK), &error))?;
        locked.ok_or_else(|| {
            let text = fs::read_to_string(self.path(LOCK)).unwrap_or_default();
            StoreError::Locked(serde_json::from_str(&text).ok())
        })
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

    async fn append(&self, name: &str, line: &str) -> Result<(), StoreError> {
        self.append_line(name, line).map_err(|error| failed(&self.path(name), &error))
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
    async fn a_second_lock_is_refused_and_names_the_holder_until_the_first_is_released() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (LocalStore::new(folder.path()), LocalStore::new(folder.path()));
        let lock = first.lock(&holder("a")).await.unwrap();
        assert!(matches!(second.lock(&holder("b")).await, Err(StoreError::Locked(Some(by))) if by.id == "a"));
        first.unlock(lock).await.unwrap();
        second.lock(&holder("b")).await.unwrap();
    }

    #[tokio::test]
    async fn an_object_is_created_once_and_replaced_only_as_expected() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().join("deep"));
        store.create("records/a.json", b"1").await.unwrap();
        assert!(matches!(store.create("records/a.json", b"2").await, Err(StoreError::Exists(_))));
        assert_eq!(store.list("records/").await.unwrap(), ["records/a.json"]);
        assert_eq!(store.list("nothing/").await.unwrap(), Vec::<String>::new());

        store.replace("head", None, b"1").await.unwrap();
        assert!(matches!(store.replace("head", None, b"2").await, Err(StoreError::Conflict(_))));
        store.replace("head", Some(b"1"), b"2").await.unwrap();
        assert_eq!(store.read("head").await.unwrap().unwrap(), b"2");
    }

    #[tokio::test]
    async fn a_line_after_a_torn_one_stands_on_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        store.append("log", "one").await.unwrap();
        fs::write(folder.path().join("log"), "one\ntor").unwrap();
        store.append("log", "two").await.unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("log")).unwrap(), "one\ntor\ntwo\n");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_the_owner_reads_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        store.create("a", b"").await.unwrap();
        store.append("b", "x").await.unwrap();
        store.replace("c", None, b"").await.unwrap();
        let _lock = store.lock(&holder("a")).await.unwrap();
        for name in ["a", "b", "c", "lock"] {
            assert_eq!(fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
        }
    }
}
