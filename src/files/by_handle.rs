//! From an open directory on, so that what is opened is below it whatever becomes of its path.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, linkat, mkdirat, open, openat, renameat, statat, unlinkat};
use rustix::io::Errno;

use super::{Kind, Missing, Refused, steps};

/// Files hold names and addresses of people: only the owner reads them.
const PRIVATE: Mode = Mode::RUSR.union(Mode::WUSR);
/// What a new directory has before the umask.
const DIRECTORY: Mode = Mode::RWXU.union(Mode::RWXG).union(Mode::RWXO);

/// A directory that is held open.
#[derive(Debug, Clone)]
pub struct Folder(Arc<File>);

impl Folder {
    /// Opens a directory, wherever its path leads.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let opened = open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self(Arc::new(File::from(opened))))
    }

    /// Goes down from here, one directory after the other.
    ///
    /// # Errors
    ///
    /// A link, something that is not a directory, or what the system says.
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
                // Another process makes the same directory.
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            },
        }
        self.open_at(name, OFlags::RDONLY | OFlags::DIRECTORY).map(|file| Self(Arc::new(file)))
    }

    /// Opens a regular file below this directory for reading. Whatever became a link since it was checked is refused, and a pipe is not
    /// waited for.
    ///
    /// # Errors
    ///
    /// A link, something that is not a regular file, or what the system says.
    pub fn open_file(&self, way: &Path) -> io::Result<File> {
        let steps = steps(way)?;
        let (name, folders) = steps.split_last().ok_or(Refused::NotAFile)?;
        let mut at = self.clone();
        for folder in folders {
            at = at.step(folder, Missing::Refused)?;
        }
        let kind = at.kind(name)?.ok_or(io::ErrorKind::NotFound)?;
        // Opening a device can do something, so that the kind is asked before.
        kind.expect_file()?;
        regular(at.open_at(name, OFlags::RDONLY)?)
    }

    /// Opens a regular file for reading and writing, or makes it.
    ///
    /// # Errors
    ///
    /// A link of either kind, something that is not a regular file, or what the system says.
    pub fn open_writable(&self, name: &OsStr) -> io::Result<File> {
        self.open_to_write(name, OFlags::RDWR)
    }

    /// Opens a regular file for reading and for writing at its end, or makes it.
    ///
    /// # Errors
    ///
    /// A link of either kind, something that is not a regular file, or what the system says.
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

    /// Makes a file. One of that name that was left over is removed first, whatever it is, and not followed.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn make_anew(&self, name: &OsStr) -> io::Result<File> {
        match self.remove(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.open_at(name, OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL)
    }

    /// Gives a file a second name, unless the name is taken.
    ///
    /// # Errors
    ///
    /// `AlreadyExists`, or what else the system says.
    pub fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(linkat(&self.0, from, &self.0, to, AtFlags::empty())?)
    }

    /// Gives a file another name, in the place of what has it.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.0, from, &self.0, to)?)
    }

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// The names in this directory, in no order.
    ///
    /// # Errors
    ///
    /// What the system says.
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
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }

    /// Whether there is anything under a name.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn has(&self, name: &OsStr) -> io::Result<bool> {
        Ok(self.kind(name)?.is_some())
    }

    /// Whether a name still refers to an open file.
    ///
    /// # Errors
    ///
    /// What the system says.
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

/// The kind was asked before the file was opened: it may be another one by now.
fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(Refused::NotAFile.into()) }
}
