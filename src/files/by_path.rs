//! Opens files by path, on systems that can't open them relative to an open directory. A path is checked before it is opened.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::{Kind, Missing, Refused, steps};

/// A directory.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Opens a directory. Symbolic links in its path are followed.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn open(path: &Path) -> io::Result<Self> {
        if fs::metadata(path)?.is_dir() { Ok(Self(path.to_owned())) } else { Err(Refused::NotADirectory.into()) }
    }

    /// Opens a directory below this one, step by step, without following symbolic links.
    ///
    /// # Errors
    ///
    /// Returns an error if a step is a symbolic link or not a directory, or the operating system's error.
    pub fn enter(&self, way: &Path, missing: Missing) -> io::Result<Self> {
        let mut at = self.clone();
        for name in steps(way)? {
            match (at.kind(name)?, missing) {
                (Some(kind), _) => kind.expect_directory()?,
                (None, Missing::Refused) => return Err(io::ErrorKind::NotFound.into()),
                (None, Missing::Made) => fs::create_dir_all(at.0.join(name))?,
            }
            at = Self(at.0.join(name));
        }
        Ok(at)
    }

    /// Opens a regular file below this directory for reading.
    ///
    /// # Errors
    ///
    /// Returns an error if it is a symbolic link or not a regular file, or the operating system's error.
    pub fn open_file(&self, way: &Path) -> io::Result<File> {
        let steps = steps(way)?;
        let (name, folders) = steps.split_last().ok_or(Refused::NotAFile)?;
        let at = self.enter(&folders.iter().collect::<PathBuf>(), Missing::Refused)?;
        at.kind(name)?.ok_or(io::ErrorKind::NotFound)?.expect_file()?;
        File::open(at.0.join(name))
    }

    /// Opens a regular file for reading and writing. Creates it if it is missing.
    ///
    /// # Errors
    ///
    /// Returns an error if it is a symbolic link or not a regular file, or the operating system's error.
    pub fn open_writable(&self, name: &OsStr) -> io::Result<File> {
        self.open_to_write(name, OpenOptions::new().write(true))
    }

    /// Opens a regular file for reading and appending. Creates it if it is missing.
    ///
    /// # Errors
    ///
    /// Returns an error if it is a symbolic link or not a regular file, or the operating system's error.
    pub fn open_appendable(&self, name: &OsStr) -> io::Result<File> {
        self.open_to_write(name, OpenOptions::new().append(true))
    }

    fn open_to_write(&self, name: &OsStr, options: &mut OpenOptions) -> io::Result<File> {
        if let Some(kind) = self.kind(name)? {
            kind.expect_file()?;
        }
        options.read(true).create(true).open(self.0.join(name))
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
        OpenOptions::new().write(true).create_new(true).open(self.0.join(name))
    }

    /// Gives a file a second name, unless that name already exists.
    ///
    /// # Errors
    ///
    /// Returns `AlreadyExists` if the name already exists, or the operating system's error.
    pub fn link(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::hard_link(self.0.join(from), self.0.join(to))
    }

    /// Renames a file and replaces any file that has the new name.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.0.join(name))
    }

    /// The names in this directory, unsorted.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        fs::read_dir(&self.0)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    /// Makes new names in this directory durable. Does nothing: Windows keeps directories durable itself and can't open them as files.
    ///
    /// # Errors
    ///
    /// Never returns an error.
    pub fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Whether a name exists, as a file of any kind.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn has(&self, name: &OsStr) -> io::Result<bool> {
        Ok(self.kind(name)?.is_some())
    }

    /// Whether a name still refers to an open file. Checks only that the name exists, because Windows keeps the name of an open file.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error.
    pub fn is_still(&self, name: &OsStr, _: &File) -> io::Result<bool> {
        self.has(name)
    }

    fn kind(&self, name: &OsStr) -> io::Result<Option<Kind>> {
        let found = match fs::symlink_metadata(self.0.join(name)) {
            Ok(found) => found.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(if found.is_symlink() {
            Kind::Link
        } else if found.is_dir() {
            Kind::Directory
        } else if found.is_file() {
            Kind::File
        } else {
            Kind::Other
        }))
    }
}
