//! Files below a directory that stay below it: no symbolic link is followed on the way, and nothing but a regular file is opened.
//!
//! What is in a directory may come from somebody else's pull request. A link would lead a read to a secret and a write out of the directory,
//! a pipe would be waited for without end, and a device would never end.

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

/// Why something is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is a symbolic link.
    #[error("it is a symbolic link, and none is followed here: name what it leads to instead")]
    Link,
    /// It is a directory, a pipe, a device or the like.
    #[error("it is not a regular file")]
    NotAFile,
    /// It is something else than a directory.
    #[error("it is not a directory")]
    NotADirectory,
    /// What is written to it would be seen under another name, which may be outside.
    #[error("it has another name as well (a hard link), where a write would be seen too")]
    HardLink,
    /// The path has `..` or a drive in it.
    #[error("its path leads out of the directory")]
    Outside,
    /// It has more bytes than are read.
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        Self::other(refused)
    }
}

/// What becomes of a directory that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It is made.
    Made,
    /// It is an error of the kind `NotFound`.
    Refused,
}

/// What there is under a name.
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
    /// Opens the directory that a user named. Below the working directory, whose contents may be somebody else's, no link is followed;
    /// elsewhere the machine's own links are.
    ///
    /// # Errors
    ///
    /// A link, something that is not a directory, or what the system says.
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

    /// The bytes of a regular file, of which there must be at most `limit`.
    ///
    /// # Errors
    ///
    /// Why it can't be read; `NotFound` where it is not there.
    pub fn read(&self, name: &OsStr, limit: u64) -> io::Result<Vec<u8>> {
        read_at_most(self.open_file(Path::new(name))?, limit)
    }
}

/// The bytes of a file that the caller of the program names, wherever it is; at most `limit`. It may be a link, and a pipe, such as that of
/// a shell's `<(command)`.
///
/// # Errors
///
/// Why it can't be read, or that it is larger: a device may have no end.
pub fn read_named(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_at_most(File::open(path)?, limit)
}

/// The bytes of an open file, of which there must be at most `limit`.
///
/// # Errors
///
/// Why they can't be read, or that there are more.
pub fn read_at_most(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(Refused::TooLarge(limit).into());
    }
    Ok(bytes)
}

/// A relative path as the steps up with which it begins, and the way down from there. A step up inside it takes the step before it back.
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
