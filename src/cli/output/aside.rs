//! Files that are written aside and put in their places whole, so that a reader never sees half of one.

use std::fs::Permissions;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// A file beside `place`, with a name that no command reads; it is gone with its value. It has the permissions that are given before
/// anything is in it, or else those of any new file.
///
/// # Errors
///
/// It can't be created or written.
pub fn write_aside(place: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".orgroster-").suffix(".new");
    // Of a configuration nothing is secret; the user's mask decides who reads it.
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
