//! The files that functions can read: those of the configuration directory, and no others.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::files::Folder;

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there.
    #[error("there is no such file in the configuration directory")]
    Missing,
    /// The path, or a symbolic link on it, leads out of the configuration directory.
    #[error("the path leads out of the configuration directory")]
    Outside,
    /// It is a directory, a device or the like.
    #[error("it is not a regular file")]
    NotAFile,
    /// It has more bytes than are allowed.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// It is not text.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// The system refuses.
    #[error("it can't be read")]
    Unreadable(#[source] std::io::Error),
}

/// Reads files for functions. Paths are relative to the configuration directory.
pub trait Files: Send + Sync {
    /// The text of a file, which must have at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// Why it can't be read.
    fn read(&self, path: &str, limit: u64) -> Result<String, FileError>;

    /// Whether there is a regular file.
    ///
    /// # Errors
    ///
    /// A path that leads out of the directory, or to something that is no regular file.
    fn exists(&self, path: &str) -> Result<bool, FileError>;
}

/// No files at all.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str, _: u64) -> Result<String, FileError> {
        Err(FileError::Missing)
    }

    fn exists(&self, _: &str) -> Result<bool, FileError> {
        Ok(false)
    }
}

/// The files below one directory. A symbolic link may lead to another file below it, and nowhere else.
#[derive(Debug, Clone)]
pub struct Directory {
    root: PathBuf,
    /// The files of the directory itself, not of those below, that were opened.
    opened: Arc<Mutex<BTreeSet<String>>>,
    /// The directory itself, so that what is opened is below it whatever becomes of its path.
    folder: Folder,
}

impl Directory {
    /// The files below `root`.
    ///
    /// # Errors
    ///
    /// A directory that can't be found or opened.
    pub fn new(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        Ok(Self { opened: Arc::default(), folder: Folder::open(&root)?, root })
    }

    /// The names of the directory's own files that were opened so far.
    #[must_use]
    pub fn opened(&self) -> BTreeSet<String> {
        self.opened.lock().map(|opened| opened.clone()).unwrap_or_default()
    }

    /// The bytes of a regular file, of which there must be at most `limit`.
    ///
    /// # Errors
    ///
    /// Why it can't be read.
    pub fn read_bytes(&self, path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        self.open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(FileError::Unreadable)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(FileError::TooLarge(limit));
        }
        Ok(bytes)
    }

    /// The way to a file from the directory on, without symbolic links.
    fn resolve(&self, path: &Path) -> Result<PathBuf, FileError> {
        let below = path.components().all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
        // An absolute path into the directory is refused as well: it would not work on another machine. `..` is refused before the
        // system sees it, so that nobody learns what exists outside.
        if !below || path.as_os_str().as_encoded_bytes().contains(&0) {
            return Err(FileError::Outside);
        }
        let real = match self.root.join(path).canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(FileError::Missing),
            Err(error) => return Err(FileError::Unreadable(error)),
        };
        let way = real.strip_prefix(&self.root).map_err(|_| FileError::Outside)?;
        // Opening a device can do something, so that the kind is asked before.
        if real.is_file() { Ok(way.to_owned()) } else { Err(FileError::NotAFile) }
    }

    /// Notes that a file is opened, under the name that was asked for and under the one that a link leads to.
    fn note(&self, path: &Path, way: &Path) {
        let own = [path, way].into_iter().filter(|path| path.components().filter(|part| *part != Component::CurDir).count() == 1);
        if let Ok(mut opened) = self.opened.lock() {
            opened.extend(own.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)));
        }
    }

    fn open(&self, path: &Path) -> Result<File, FileError> {
        let way = self.resolve(path)?;
        self.note(path, &way);
        // The way was looked at before it was gone: whatever became a link or a pipe since is refused.
        self.folder.open_file(&way).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FileError::Missing,
            _ => FileError::Unreadable(error),
        })
    }
}

impl Files for Directory {
    fn read(&self, path: &str, limit: u64) -> Result<String, FileError> {
        String::from_utf8(self.read_bytes(Path::new(path), limit)?).map_err(|_| FileError::NotUtf8)
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        match self.resolve(Path::new(path)) {
            Ok(_) => Ok(true),
            Err(FileError::Missing) => Ok(false),
            Err(error) => Err(error),
        }
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
        assert_eq!(files.read("a.txt", 4).unwrap(), "text");
        assert_eq!(files.read("./a.txt", 4).unwrap(), "text");
        assert!(matches!(files.read("a.txt", 3), Err(FileError::TooLarge(3))));
        assert!(matches!(files.read("binary", 9), Err(FileError::NotUtf8)));
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
        for path in ["../secret", "sub/../../secret", "sub/../a.txt", "/etc/passwd", absolute.to_str().unwrap(), "a\0b"] {
            assert!(matches!(files.read(path, 99), Err(FileError::Outside)), "{path}");
            assert!(matches!(files.exists(path), Err(FileError::Outside)), "{path}");
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
        assert_eq!(files.read("sub/in", 99).unwrap(), "text");
        assert!(files.exists("out").is_err() && files.exists("sub/in").unwrap());
    }

    /// What a path leads to is found before it is opened. Somebody could put a link in its place between the two.
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
        // The directory stays the one that was opened.
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
