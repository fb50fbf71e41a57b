//! The file that a world is saved in.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::Message;

use super::state::World;
use super::state::ids::sha256_hex;
use super::weather::Fault;

/// The version of the file's format.
const FORMAT: u32 = 1;

/// The content of the file.
#[derive(Debug, Serialize, Deserialize)]
struct File<W, F> {
    format: u32,
    /// SHA-256 of the fixture that the world began from; of the empty text if there was no fixture.
    fixture: String,
    world: W,
    /// Faults that are still scheduled.
    faults: F,
}

/// The place where a world is saved.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    fixture: String,
}

impl Store {
    /// Creates a store for a world that began from `fixture`.
    #[must_use]
    pub fn new(path: PathBuf, fixture: &str) -> Self {
        Self { path, fixture: sha256_hex(fixture) }
    }

    /// Loads the saved world and its scheduled faults; `None` if there is no file yet.
    ///
    /// # Errors
    ///
    /// Returns `sandbox-state` if the file can't be read, is not a state of this version, contradicts itself, or began from another
    /// fixture. The file is left unchanged.
    pub fn load(&self) -> Result<Option<(World, Vec<Fault>)>, Diagnostics> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unusable(&format!("can't be read: {error}"))),
        };
        let damaged = |error: serde_json::Error| self.unusable(&format!("is damaged: {error}"));
        // Another format may hold a different world, so only the head is read until the format is known.
        let head: File<IgnoredAny, IgnoredAny> = serde_json::from_slice(&text).map_err(damaged)?;
        if head.format != FORMAT {
            return Err(self.unusable(&format!("has format {}, but this version reads format {FORMAT}", head.format)));
        }
        if head.fixture != self.fixture {
            return Err(self.unusable("began from another fixture"));
        }
        let file: File<World, Vec<Fault>> = serde_json::from_slice(&text).map_err(damaged)?;
        let mut world = file.world;
        world.index().map_err(|error| self.unusable(&format!("contradicts itself: {error}")))?;
        Ok(Some((world, file.faults)))
    }

    /// Saves the world and the scheduled faults: writes a new file next to the old one, syncs it, and renames it over the old one.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be written.
    pub fn save(&self, world: &World, faults: &[Fault]) -> std::io::Result<()> {
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(directory)?;
        let mut name = self.path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = directory.join(name);
        let written = write_private(&temporary, &File { format: FORMAT, fixture: self.fixture.clone(), world, faults });
        let renamed = written.and_then(|()| fs::rename(&temporary, &self.path));
        if renamed.is_err() {
            // Nothing reads the temporary file; a failure to remove it would add nothing to the error.
            let _ = fs::remove_file(&temporary);
            return renamed;
        }
        // The rename itself must survive a crash of the machine.
        fs::File::open(directory).and_then(|directory| directory.sync_all())
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn unusable(&self, why: &str) -> Diagnostics {
        let detail = Message::new(&format!(
            "The sandbox state {} {why}. The file was not changed. To start over from the fixture, run:",
            self.path.display()
        ));
        let detail = detail.line("").command("orgroster sandbox reset");
        Diagnostic::error(Code::SandboxState, detail).into()
    }
}

fn write_private(path: &Path, content: &impl Serialize) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut writer = std::io::BufWriter::new(options.open(path)?);
    serde_json::to_writer(&mut writer, content)?;
    writer.write_all(b"\n")?;
    writer.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
}
