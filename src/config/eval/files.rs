//! The files that functions can read: those of the configuration directory, and no others.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::files::Folder;

/// The reason why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such file.
    #[error("there is no such file in the configuration directory")]
    Missing,
    /// The path, or a symbolic link on it, leads out of the configuration directory.
    #[error("the path leads out of the configuration directory")]
    Outside,
    /// The path is that of a directory, a device or the like.
    #[error("it is not a regular file")]
    NotAFile,
    /// The file has more bytes than are allowed.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// The directory has more entries than are allowed.
    #[error("it has more than {0} files")]
    TooMany(u64),
    /// A name in the directory is not UTF-8.
    #[error("it contains a file whose name is not UTF-8")]
    NameNotUtf8,
    /// The file is not text in UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// The system can't read the file.
    #[error("it can't be read")]
    Unreadable(#[source] std::io::Error),
}

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name, without the directory.
    pub name: String,
    /// The kind of entry.
    pub kind: EntryKind,
}

/// The kind of an entry of a directory, without following links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link to anything.
    Link,
    /// A device, a pipe or the like.
    Other,
}

/// The shortest equivalent path: without `.`, doubled slashes, and steps that a `..` reverses. As in Terraform, this does not look at the
/// file system.
pub(super) fn clean(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." => drop(parts.pop()),
            None if part == ".." && is_absolute => {}
            _ => parts.push(part),
        }
    }
    match (is_absolute, parts.join("/")) {
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

/// Reads files for functions. Paths are relative to the configuration directory.
pub trait Files: Send + Sync {
    /// The bytes of a file, which must have at most `limit`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read or is too large.
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError>;

    /// Whether there is a regular file at the path.
    ///
    /// # Errors
    ///
    /// Returns an error if the path leads out of the directory, or to something that is not a regular file.
    fn exists(&self, path: &str) -> Result<bool, FileError>;

    /// The entries of a directory, in no particular order. There must be at most `limit`.
    ///
    /// # Errors
    ///
    /// Returns an error if the path leads out of the directory or can't be listed.
    fn list(&self, path: &str, limit: u64) -> Result<Vec<Entry>, FileError>;

    /// The kind of the target of a symbolic link.
    ///
    /// # Errors
    ///
    /// Returns an error if the link leads out of the directory or to nothing.
    fn follow(&self, path: &str) -> Result<EntryKind, FileError>;
}

/// No files at all.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str, _: u64) -> Result<Vec<u8>, FileError> {
        Err(FileError::Missing)
    }

    fn exists(&self, _: &str) -> Result<bool, FileError> {
        Ok(false)
    }

    fn list(&self, _: &str, _: u64) -> Result<Vec<Entry>, FileError> {
        Ok(Vec::new())
    }

    fn follow(&self, _: &str) -> Result<EntryKind, FileError> {
        Err(FileError::Missing)
    }
}

/// The files below one directory. A symbolic link may lead only to another file below it.
#[derive(Debug, Clone)]
pub struct Directory {
    root: PathBuf,
    /// The names of opened files that are directly in the directory.
    opened: Arc<Mutex<BTreeSet<String>>>,
    /// The opened directory: files are opened relative to it, even if the directory at its path is replaced.
    folder: Folder,
}

impl Directory {
    /// The files below `root`.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory can't be found or opened.
    pub fn new(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        Ok(Self { opened: Arc::default(), folder: Folder::open(&root)?, root })
    }

    /// The names of the files directly in the directory that have been opened so far.
    #[must_use]
    pub fn opened(&self) -> BTreeSet<String> {
        self.opened.lock().map(|opened| opened.clone()).unwrap_or_default()
    }

    /// The bytes of a regular file, which must have at most `limit`.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read or is too large.
    pub fn read_bytes(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        self.open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(FileError::Unreadable)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(FileError::TooLarge(limit));
        }
        Ok(bytes)
    }

    /// The real path of something below the directory, both absolute and relative to the directory, without symbolic links.
    fn real(&self, path: &Path) -> Result<(PathBuf, PathBuf), FileError> {
        let below = path.components().all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
        // An absolute path into the directory is refused as well: it would not work on another machine. `..` is refused before the
        // file system is used, so that no error reveals what exists outside.
        if !below || path.as_os_str().as_encoded_bytes().contains(&0) {
            return Err(FileError::Outside);
        }
        let real = match self.root.join(path).canonicalize() {
            Ok(real) => real,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Err(FileError::Missing),
            Err(error) => return Err(FileError::Unreadable(error)),
        };
        let way = real.strip_prefix(&self.root).map_err(|_| FileError::Outside)?.to_owned();
        Ok((real, way))
    }

    /// The path of a regular file relative to the directory, without symbolic links.
    fn resolve(&self, path: &Path) -> Result<PathBuf, FileError> {
        let (real, way) = self.real(path)?;
        // Opening a device can have an effect, so the kind is checked first.
        if real.is_file() { Ok(way) } else { Err(FileError::NotAFile) }
    }

    /// Records that a file was opened, under the requested name and under that of the link's target.
    fn note(&self, path: &Path, way: &Path) {
        let own = [path, way].into_iter().filter(|path| path.components().filter(|part| *part != Component::CurDir).count() == 1);
        if let Ok(mut opened) = self.opened.lock() {
            opened.extend(own.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)));
        }
    }

    fn open(&self, path: &Path) -> Result<File, FileError> {
        let way = self.resolve(path)?;
        self.note(path, &way);
        // The path was checked earlier. If it has become a link or a pipe since, opening it fails.
        self.folder.open_file(&way).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FileError::Missing,
            _ => FileError::Unreadable(error),
        })
    }
}

/// The kind of an entry from the system's file type.
fn kind_of(kind: fs::FileType) -> EntryKind {
    match kind {
        kind if kind.is_file() => EntryKind::File,
        kind if kind.is_dir() => EntryKind::Directory,
        kind if kind.is_symlink() => EntryKind::Link,
        _ => EntryKind::Other,
    }
}

impl Files for Directory {
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        self.read_bytes(Path::new(&clean(path)), limit)
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        match self.resolve(Path::new(&clean(path))) {
            Ok(_) => Ok(true),
            Err(FileError::Missing) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn list(&self, path: &str, limit: u64) -> Result<Vec<Entry>, FileError> {
        let real = match self.real(Path::new(&clean(path))) {
            Ok((real, _)) if real.is_dir() => real,
            Ok(_) | Err(FileError::Missing) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut entries = Vec::new();
        for entry in fs::read_dir(real).map_err(FileError::Unreadable)? {
            if u64::try_from(entries.len()).unwrap_or(u64::MAX) >= limit {
                return Err(FileError::TooMany(limit));
            }
            let entry = entry.map_err(FileError::Unreadable)?;
            let kind = kind_of(entry.file_type().map_err(FileError::Unreadable)?);
            // A name that is not UTF-8 can't be a string of the configuration.
            let name = entry.file_name().into_string().map_err(|_| FileError::NameNotUtf8)?;
            entries.push(Entry { name, kind });
        }
        Ok(entries)
    }

    fn follow(&self, path: &str) -> Result<EntryKind, FileError> {
        let (real, _) = self.real(Path::new(&clean(path)))?;
        Ok(kind_of(fs::symlink_metadata(real).map_err(FileError::Unreadable)?.file_type()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> (tempfile::TempDir, Directory) {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("config");
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::write(outer.path().join("secret"), "secret").unwrap();
        std::fs::write(root.join("a.txt"), "text").unwrap();
        std::fs::write(root.join("binary"), [0xff, 0xfe]).unwrap();
        let directory = Directory::new(&root).unwrap();
        (outer, directory)
    }

    #[test]
    fn files_of_the_directory_are_read() {
        let (_outer, files) = directory();
        for path in ["a.txt", "./a.txt", "sub/../a.txt", "nosuch/../a.txt", "sub/./..//a.txt"] {
            assert_eq!(files.read(path, 4).unwrap(), b"text", "{path}");
            assert!(files.exists(path).unwrap(), "{path}");
        }
        assert!(matches!(files.read("a.txt", 3), Err(FileError::TooLarge(3))));
        assert_eq!(files.read("binary", 9).unwrap(), [0xff, 0xfe]);
        assert!(matches!(files.read("nope", 9), Err(FileError::Missing)));
        for directory in ["sub", ".", ""] {
            assert!(matches!(files.read(directory, 9), Err(FileError::NotAFile)), "{directory:?}");
        }
        assert!(files.exists("a.txt").unwrap() && !files.exists("nope").unwrap());
    }

    #[test]
    fn nothing_leads_out_of_the_directory() {
        let (outer, files) = directory();
        let absolute = outer.path().join("secret");
        let paths = ["..", "../secret", "sub/../../secret", "../config/a.txt", "/etc/passwd", "/", absolute.to_str().unwrap(), "a\0b"];
        for path in paths {
            assert!(matches!(files.read(path, 99), Err(FileError::Outside)), "{path}");
            assert!(matches!(files.exists(path), Err(FileError::Outside)), "{path}");
            assert!(matches!(files.list(path, 99), Err(FileError::Outside)), "{path}");
            assert!(matches!(files.follow(path), Err(FileError::Outside)), "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_may_not_leave_the_directory() {
        let (outer, files) = directory();
        let root = outer.path().join("config");
        std::os::unix::fs::symlink(outer.path().join("secret"), root.join("out")).unwrap();
        std::os::unix::fs::symlink(outer.path(), root.join("up")).unwrap();
        std::os::unix::fs::symlink("../a.txt", root.join("sub/in")).unwrap();
        assert!(matches!(files.read("out", 99), Err(FileError::Outside)));
        assert!(matches!(files.read("up/secret", 99), Err(FileError::Outside)));
        assert!(matches!(files.list("up", 99), Err(FileError::Outside)) && matches!(files.follow("up"), Err(FileError::Outside)));
        assert_eq!(files.follow("sub/in").unwrap(), EntryKind::File);
        assert_eq!(files.list("sub", 99).unwrap(), [Entry { name: "in".into(), kind: EntryKind::Link }]);
        assert!(matches!(files.list(".", 4), Err(FileError::TooMany(4))));
        assert_eq!(files.read("sub/in", 99).unwrap(), b"text");
        assert!(files.exists("out").is_err() && files.exists("sub/in").unwrap());
    }

    /// A path is resolved before it is opened. In between, an attacker could replace it with a link.
    #[cfg(unix)]
    #[test]
    fn what_becomes_a_link_before_it_is_opened_is_not_followed() {
        let (outer, files) = directory();
        let root = outer.path().join("config");
        std::os::unix::fs::symlink(outer.path(), root.join("up")).unwrap();
        std::os::unix::fs::symlink("a.txt", root.join("same")).unwrap();
        let opened = |way: &str| files.folder.open_file(Path::new(way));
        assert!(opened("up/secret").is_err() && opened("same").is_err());
        assert!(opened("a.txt").is_ok());
        // The directory remains the one that was opened.
        std::fs::rename(&root, outer.path().join("moved")).unwrap();
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("b.txt"), "").unwrap();
        assert!(opened("a.txt").is_ok() && opened("b.txt").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let (outer, files) = directory();
        let pipe = outer.path().join("config/pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(files.read("pipe", 99), Err(FileError::NotAFile)));
        assert!(matches!(files.exists("pipe"), Err(FileError::NotAFile)));
        assert!(files.folder.open_file(Path::new("pipe")).is_err());
    }
}
