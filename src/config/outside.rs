//! Opening a file that must lie outside of a directory which somebody else may have written.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file is not trusted, or can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The file is in the directory, or its path leads through it.
    #[error(
        "its path leads into the configuration's directory, so that whoever changes that chooses what is trusted; keep the file elsewhere, and name it by a path outside"
    )]
    Inside,
    /// The file has another name, which may be in the directory.
    #[error("the file has {0} names (hard links), and one of them may be in the configuration's directory; make a copy, and name that")]
    HardLinked(u64),
    /// The system refuses.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

/// Opens the file if no step of its path is in `directory`: neither as it is written, with every `..` resolved, nor by a symbolic link on
/// the way. A file with several names is refused where the system reports how many it has.
///
/// # Errors
///
/// Why it is refused or can't be opened.
pub fn open(directory: &Path, path: &Path) -> Result<File, Refused> {
    let real = resolve(&directory.canonicalize()?, path)?;
    let file = open_real(&real)?;
    let names = names(&file)?;
    if names > 1 { Err(Refused::HardLinked(names)) } else { Ok(file) }
}

/// The path without symbolic links.
#[cfg(unix)]
fn resolve(directory: &Path, path: &Path) -> Result<PathBuf, Refused> {
    use std::collections::VecDeque;
    use std::path::Component;

    /// Links on one path, as Linux has it (path_resolution(7)).
    const MAX_LINKS: u32 = 40;

    let mut at = if path.is_absolute() { PathBuf::from("/") } else { Path::new(".").canonicalize()? };
    let mut steps: VecDeque<PathBuf> = path.components().map(|step| PathBuf::from(step.as_os_str())).collect();
    let mut links = 0;
    while let Some(step) = steps.pop_front() {
        let next = match step.components().next() {
            Some(Component::RootDir) => PathBuf::from("/"),
            Some(Component::ParentDir) => at.parent().unwrap_or(&at).to_owned(),
            Some(Component::Normal(name)) => at.join(name),
            _ => at.clone(),
        };
        // The directory itself is not a file of it: `../trusted.hcl` begins there.
        if next != directory && next.starts_with(directory) {
            return Err(Refused::Inside);
        }
        if !next.symlink_metadata()?.is_symlink() {
            at = next;
            continue;
        }
        links += 1;
        if links > MAX_LINKS {
            return Err(io::Error::other("there are too many symbolic links on its path").into());
        }
        for step in next.read_link()?.components().rev() {
            steps.push_front(PathBuf::from(step.as_os_str()));
        }
    }
    Ok(at)
}

/// The path without symbolic links: both what it leads to and the directory that it names are checked.
#[cfg(not(unix))]
fn resolve(directory: &Path, path: &Path) -> Result<PathBuf, Refused> {
    let real = path.canonicalize()?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).canonicalize()?;
    let named = path.file_name().map_or_else(|| parent.clone(), |name| parent.join(name));
    if real.starts_with(directory) || named.starts_with(directory) { Err(Refused::Inside) } else { Ok(real) }
}

/// Opens what a path without links leads to. What became a link since is refused.
#[cfg(unix)]
fn open_real(real: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};

    Ok(open(real, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open_real(real: &Path) -> io::Result<File> {
    File::open(real)
}

/// How many names a regular file has.
#[cfg(unix)]
fn names(file: &File) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;

    let metadata = file.metadata()?;
    Ok(if metadata.is_file() { metadata.nlink() } else { 1 })
}

/// How many names a regular file has can't be seen here.
#[cfg(not(unix))]
fn names(_: &File) -> io::Result<u64> {
    Ok(1)
}
