//! The files that functions can read: those of the configuration directory, and no others.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

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
}

impl Directory {
    /// The files below `root`.
    ///
    /// # Errors
    ///
    /// A directory that can't be found.
    pub fn new(root: &Path) -> std::io::Result<Self> {
        Ok(Self { root: root.canonicalize()? })
    }

    /// The real path of a file below the directory.
    fn resolve(&self, path: &str) -> Result<PathBuf, FileError> {
        let relative = Path::new(path);
        let below = relative.components().all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
        // An absolute path into the directory is refused as well: it would not work on another machine. `..` is refused before the
        // system sees it, so that nobody learns what exists outside.
        if path.contains('\0') || !below || path.is_empty() {
            return Err(if path.is_empty() { FileError::NotAFile } else { FileError::Outside });
        }
        let real = match self.root.join(relative).canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(FileError::Missing),
            Err(error) => return Err(FileError::Unreadable(error)),
        };
        if real.starts_with(&self.root) { Ok(real) } else { Err(FileError::Outside) }
    }
}

impl Files for Directory {
    fn read(&self, path: &str, limit: u64) -> Result<String, FileError> {
        let real = self.resolve(path)?;
        let metadata = real.metadata().map_err(FileError::Unreadable)?;
        // Opening a pipe would wait for whoever writes to it, so the kind is asked first.
        if !metadata.is_file() {
            return Err(FileError::NotAFile);
        }
        let mut bytes = Vec::new();
        let file = File::open(&real).map_err(FileError::Unreadable)?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(FileError::Unreadable)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(FileError::TooLarge(limit));
        }
        String::from_utf8(bytes).map_err(|_| FileError::NotUtf8)
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        match self.resolve(path) {
            Ok(real) if real.is_file() => Ok(true),
            Ok(_) => Err(FileError::NotAFile),
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
        assert!(matches!(files.read("sub", 9), Err(FileError::NotAFile)));
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
    }
}
