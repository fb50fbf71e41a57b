//! Files that are written to a temporary file and then moved into place, so that a reader never sees a partial file.

use std::fs::Permissions;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a temporary file next to `place`, with a name that no command reads. It is removed when the value is dropped. The given
/// permissions, or else those of any new file, are set before the content is written.
///
/// # Errors
///
/// Returns an error if the file can't be created or written.
pub fn write_aside(place: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".orgroster-").suffix(".new");
    // Nothing in a configuration is secret; the user's umask decides who can read it.
    #[cfg(unix)]
    if permissions.is_none() {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = builder.tempfile_in(folder)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}
