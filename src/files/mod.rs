//! Access to files that can't leave a directory: no symbolic link is followed, and only regular files are opened.
//!
//! The content of a directory may come from an untrusted pull request. A link could make a read reach a secret, or a write leave the
//! directory; opening a pipe could wait forever, and reading a device might never end.

#[cfg(unix)]
mod by_handle;
#[cfg(not(unix))]
mod by_path;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

#[cfg(unix)]
pub use by_handle::Folder;
#[cfg(not(unix))]
pub use by_path::Folder;

/// Why a file or directory is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is a symbolic link.
    #[error("it is a symbolic link, and links are not followed here: use the path of its target instead")]
    Link,
    /// It is a directory, a pipe, a device or something else.
    #[error("it is not a regular file")]
    NotAFile,
    /// It is not a directory.
    #[error("it is not a directory")]
    NotADirectory,
    /// It has a second hard link, which may be outside the directory: a write would change the file there too.
    #[error("it has a second hard link, and a write would change the file there too")]
    HardLink,
    /// The path contains `..` or a drive.
    #[error("its path leads out of the directory")]
    Outside,
    /// It is larger than the limit, in bytes.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        Self::other(refused)
    }
}

/// What to do with a directory that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Create it.
    Made,
    /// Return an error of the kind `NotFound`.
    Refused,
}

/// The kind of file that has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Directory,
    Link,
    Other,
}

impl Kind {
    const fn expect_file(self) -> Result<(), Refused> {
        match self {
            Self::File => Ok(()),
            Self::Link => Err(Refused::Link),
            Self::Directory | Self::Other => Err(Refused::NotAFile),
        }
    }

    const fn expect_directory(self) -> Result<(), Refused> {
        match self {
            Self::Directory => Ok(()),
            Self::Link => Err(Refused::Link),
            Self::File | Self::Other => Err(Refused::NotADirectory),
        }
    }
}

impl Folder {
    /// Opens a directory that a user specified. Symbolic links below the working directory are not followed, because its content may be
    /// untrusted; others are.
    ///
    /// # Errors
    ///
    /// Returns an error if a step is a symbolic link or not a directory, or the operating system's error.
    pub fn named(path: &Path, working_directory: &Path, missing: Missing) -> io::Result<Self> {
        let is_here = |ancestor: &&Path| ancestor.has_root() && ancestor.canonicalize().is_ok_and(|found| found == working_directory);
        let path = path.ancestors().find(is_here).and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
        if path.has_root() {
            if missing == Missing::Made {
                std::fs::create_dir_all(path)?;
            }
            return Self::open(path);
        }
        let (up, way) = apart(path);
        Self::open(&working_directory.join(up))?.enter(&way, missing)
    }

    /// The bytes of a regular file, at most `limit`.
    ///
    /// # Errors
    ///
    /// Returns an error if it can't be read or is larger; `NotFound` if it does not exist.
    pub fn read(&self, name: &OsStr, limit: u64) -> io::Result<Vec<u8>> {
        read_at_most(self.open_file(Path::new(name))?, limit)
    }
}

/// The bytes of a file that the program's user specified, at most `limit`. It can be anywhere, and can be a link or a pipe, such as that of
/// a shell's `<(command)`.
///
/// # Errors
///
/// Returns an error if it can't be read or is larger. A device may have no end.
pub fn read_named(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_at_most(File::open(path)?, limit)
}

/// The bytes of an open file, at most `limit`.
///
/// # Errors
///
/// Returns an error if it can't be read or is larger.
pub fn read_at_most(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(Refused::TooLarge(limit).into());
    }
    Ok(bytes)
}

/// Splits a relative path into its leading steps up and the way down from there. A later step up cancels the step before it.
fn apart(path: &Path) -> (PathBuf, PathBuf) {
    let (mut up, mut way) = (PathBuf::from("."), PathBuf::new());
    for component in path.components() {
        match component {
            Component::Normal(name) => way.push(name),
            Component::ParentDir if !way.pop() => up.push(".."),
            _ => {}
        }
    }
    (up, way)
}

/// The names on a way down.
fn steps(way: &Path) -> io::Result<Vec<&OsStr>> {
    way.components()
        .filter(|component| *component != Component::CurDir)
        .map(|component| match component {
            Component::Normal(name) => Ok(name),
            _ => Err(Refused::Outside.into()),
        })
        .collect()
}
