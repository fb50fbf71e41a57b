//! The destination of Terraform's UI events: standard output instead of all other output, a separate file, or both.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use crate::cli::connection::clock::local_now;
use crate::cli::output::terminal::Terminal;
use crate::diag::{Code, Diagnostic};
use crate::render::{Text, events};

/// Writes events.
#[derive(Debug, Clone, Default)]
pub struct EventLog {
    stdout: bool,
    /// Empty after a write has failed: continuing the run matters more than reporting it.
    file: Option<Arc<Mutex<Option<File>>>>,
    /// Why the file can no longer be written.
    failed: Arc<OnceLock<String>>,
}

impl EventLog {
    /// Starts the log with its first event.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be created.
    pub fn begin(terminal: &Terminal, stdout: bool, file: Option<&Path>) -> Result<Self, Diagnostic> {
        let cannot = |path: &Path, error: std::io::Error| {
            Diagnostic::error(Code::OutputError, format!("-json-into: {} can't be written: {error}.", path.display()))
        };
        let file = file.map(|path| File::create(path).map_err(|error| cannot(path, error))).transpose()?;
        let log = Self { stdout, file: file.map(|file| Arc::new(Mutex::new(Some(file)))), failed: Arc::default() };
        log.write(terminal, &events::version(local_now()));
        log.check()?;
        Ok(log)
    }

    /// Whether events replace all other output.
    pub const fn is_all(&self) -> bool {
        self.stdout
    }

    /// Writes lines of events, if events are enabled.
    pub fn write(&self, terminal: &Terminal, lines: &Text) {
        if self.stdout {
            terminal.print(lines);
        }
        let Some(Ok(mut file)) = self.file.as_ref().map(|file| file.lock()) else { return };
        if let Some(Err(error)) = file.as_mut().map(|file| file.write_all(lines.as_bytes())) {
            *file = None;
            let _ = self.failed.set(error.to_string());
        }
    }

    /// Checks that every event was written.
    ///
    /// # Errors
    ///
    /// Returns `output-error` if one was not.
    pub fn check(&self) -> Result<(), Diagnostic> {
        let Some(why) = self.failed.get() else { return Ok(()) };
        Err(Diagnostic::error(
            Code::OutputError,
            format!("-json-into: the events can't be written: {why}. Free disk space, or use another file."),
        ))
    }
}
