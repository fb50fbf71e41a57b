//! Files that commands write to paths from options.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::diag::{Code, Diagnostic};

/// Writes a temporary file next to the path and then renames it, so that a reader never sees a partial file.
///
/// # Errors
///
/// Returns `output-error`, with the flag that set the path.
pub fn save(flag: &str, path: &Path, text: &str) -> Result<(), Diagnostic> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let aside = Path::new(&name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // Plans and snapshots contain names and addresses of people.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(aside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(aside, path)
    });
    written.map_err(|error| {
        let _ = fs::remove_file(aside);
        Diagnostic::error(Code::OutputError, format!("{flag}: {} can't be written: {error}.", path.display()))
    })
}
