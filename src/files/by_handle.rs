//! Opens files relative to an open directory, so that they are below it even if its path changes.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, linkat, mkdirat, open, openat, renameat, statat, unlinkat};
use rustix::io::Errno;

use super::{Kind, Missing, Refused, steps};

/// Mode of new files: only the owner can read them, because they contain names and addresses of people.
const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);
/// Mode of new directories, before the umask.
const DIRECTORY: Mode = Mode::RWXU.union(Mode::RWXG).union(Mode::RWXO);

/// A directory that is kept open.
#[derive(Debug, Clone)]
pub struct Folder(Arc<File>);

impl Folder {
    /// Opens a directory. Symbolic links in its path are followed.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn open(path: &Path) -> io::Result<Self> {
        let opened = open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self(Arc::new(File::from(opened))))
    }

    /// Opens a directory below this one, step by step, without following symbolic links.
    ///
    /// # Errors
    ///
    /// Returns an error if a step is a symbolic link or not a directory, or the operating system's error.
    pub fn enter(&self, way: &Path, missing: Missing) -> io::Result<Self> {
        let mut at = self.clone();
        for name in steps(way)? {
            at = at.step(name, missing)?;
        }
        Ok(at)
    }

    fn step(&self, name: &OsStr, missing: Missing) -> io::Result<Self> {
        match (self.kind(name)?, missing) {
            (Some(kind), _) => kind.expect_directory()?,
            (None, Missing::Refused) => return Err(io::ErrorKind::NotFound.into()),
            (None, Missing::Made) => match mkdirat(&self.0, name, DIRECTORY) {
                // Another process may create the same directory at the same time.
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            },
        }
        self.open_at(name, OFlags::RDONLY | OFlags::DIRECTORY).map(|file| Self(Arc::new(file)))
    }

    /// Opens a regular file below this directory for reading. Refuses a file that a link replaced after the check, and does not wait for a
    /// pipe.
    ///
    /// # Errors
    ///
    /// Returns an error if it is behind a symbolic link or not a regular file, or the operating system's error.
    pub fn open_file(&self, way: &Path) -> io::Result<File> {
        let steps = steps(way)?;
        let (name, folders) = steps.split_last().ok_or(Refused::NotAFile)?;
        let mut at = self.clone();
        for folder in folders {
            at = at.step(folder, Missing::Refused)?;
        }
        let kind = at.kind(name)?.ok_or(io::ErrorKind::NotFound)?;
        // Opening a device can have side effects, so the kind is checked first.
        kind.expect_file()?;
        regular(at.open_at(name, OFlags::RDONLY)?)
    }

    /// Opens a regular file for reading and writing. Creates it if it is missing.
    ///
    /// # Errors
    ///
    /// Returns an error if it is a symbolic link, has a second hard link or is not a regular file, or the operating system's error.
    pub fn open_writable(&self, name: &OsStr) -> io::Result<File> {
        self.open_to_write(name, OFlags::RDWR)
    }

    /// Opens a regular file for reading and appending. Creates it if it is missing.
    ///
    /// # Errors
    ///
    /// Returns an error if it is a symbolic link, has a second hard link or is not a regular file, or the operating system's error.
    pub fn open_appendable(&self, name: &OsStr) -> io::Result<File> {
        self.open_to_write(name, OFlags::RDWR | OFlags::APPEND)
    }

    fn open_to_write(&self, name: &OsStr, flags: OFlags) -> io::Result<File> {
        if let Some(kind) = self.kind(name)? {
            kind.expect_file()?;
        }
        let file = regular(self.open_at(name, flags | OFlags::CREATE)?)?;
        if fstat(&file)?.st_nlink > 1 { Err(Refused::HardLink.into()) } else { Ok(file) }
    }

    /// Creates a file. First removes whatever already has that name, without following a link.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn make_anew(&self, name: &OsStr) -> io::Result<File> {
        match self.remove(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.open_at(name, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)
    }

    /// Gives a file a second name, unless that name already exists.
    ///
    /// # Errors
    ///
    /// Returns `AlreadyExists` if the name already exists, or the operating system's error.
    pub fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(linkat(&self.0, from, &self.0, to, AtFlags::empty())?)
    }

    /// Renames a file and replaces any file that has the new name.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.0, from, &self.0, to)?)
    }

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// The names in this directory, unsorted.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        Ok(names)
    }

    /// Makes new names in this directory durable.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    /// Whether a name exists, as a file of any kind.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn has(&self, name: &OsStr) -> io::Result<bool> {
        Ok(self.kind(name)?.is_some())
    }

    /// Whether a name still refers to an open file.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn is_still(&self, name: &OsStr, file: &File) -> io::Result<bool> {
        let held = fstat(file)?;
        Ok(self.stat(name)?.is_some_and(|found| (found.st_dev, found.st_ino) == (held.st_dev, held.st_ino)))
    }

    pub(super) fn open_at(&self, name: &OsStr, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        match openat(&self.0, name, flags, PRIVATE) {
            Ok(opened) => Ok(File::from(opened)),
            Err(Errno::LOOP) => Err(Refused::Link.into()),
            Err(error) => Err(error.into()),
        }
    }

    fn stat(&self, name: &OsStr) -> io::Result<Option<Stat>> {
        match statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(found)),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn kind(&self, name: &OsStr) -> io::Result<Option<Kind>> {
        Ok(self.stat(name)?.map(|found| match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            FileType::Symlink => Kind::Link,
            _ => Kind::Other,
        }))
    }
}

/// Checks the kind again after opening: the file may have been replaced since the first check.
fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(Refused::NotAFile.into()) }
}
