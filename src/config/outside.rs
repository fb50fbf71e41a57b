//! Opens a file that must be outside an untrusted directory.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The reason why a file is not trusted or can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The file is in the directory, or its path leads through it.
    #[error(
        "its path leads through the configuration's directory, so a change of that directory could replace it; keep the file elsewhere, and specify a path outside of the directory"
    )]
    Inside,
    /// The file has another name (a hard link), which may be in the directory.
    #[error("the file has {0} names (hard links), and one of them may be in the configuration's directory; make a copy, and specify that")]
    HardLinked(u64),
    /// The system can't open the file.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

/// Opens the file if no step of its path is in `directory`, neither as written, with every `..` resolved, nor through a symbolic link.
/// Refuses a file with several hard links, if the system reports their number.
///
/// # Errors
///
/// Returns an error if the file is refused or can't be opened.
pub fn open(directory: &Path, path: &Path) -> Result<File, Refused> {
    let real = resolve(&directory.canonicalize()?, path)?;
    let file = open_real(&real)?;
    let names = names(&file)?;
    if names > 1 { Err(Refused::HardLinked(names)) } else { Ok(file) }
}

/// Resolves the symbolic links of the path.
#[cfg(unix)]
fn resolve(directory: &Path, path: &Path) -> Result<PathBuf, Refused> {
    use std::collections::VecDeque;
    use std::path::Component;

    /// The most links on one path, as on Linux (path_resolution(7)).
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
        // The directory itself is allowed as a step: `../trusted.hcl` begins there.
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

/// Resolves the symbolic links of the path. Checks both the target and the path as written.
#[cfg(not(unix))]
fn resolve(directory: &Path, path: &Path) -> Result<PathBuf, Refused> {
    let real = path.canonicalize()?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).canonicalize()?;
    let named = path.file_name().map_or_else(|| parent.clone(), |name| parent.join(name));
    if real.starts_with(directory) || named.starts_with(directory) { Err(Refused::Inside) } else { Ok(real) }
}

/// Opens a path without links. Fails if the file has become a link since the check.
#[cfg(unix)]
fn open_real(real: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};

    Ok(open(real, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open_real(real: &Path) -> io::Result<File> {
    File::open(real)
}

/// The number of hard links of a regular file.
#[cfg(unix)]
fn names(file: &File) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt;

    let metadata = file.metadata()?;
    Ok(if metadata.is_file() { metadata.nlink() } else { 1 })
}

/// Always 1: this system does not report hard links.
#[cfg(not(unix))]
fn names(_: &File) -> io::Result<u64> {
    Ok(1)
}
