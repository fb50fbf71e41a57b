//! Where Terraform's UI events go: standard output in place of everything else, a file beside it, or both.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use crate::cli::connection::clock::local_now;
use crate::cli::output::terminal::Terminal;
use crate::diag::{Code, Diagnostic};
use crate::render::{Text, events};

/// Takes events.
#[derive(Debug, Clone, Default)]
pub struct EventLog {
    stdout: bool,
    /// Empty after a write that failed: what goes on matters more than the report of it.
    file: Option<Arc<Mutex<Option<File>>>>,
    /// Why the file can't be written any more.
    failed: Arc<OnceLock<String>>,
}

impl EventLog {
    /// Begins with the first event, wherever events are wanted.
    ///
    /// # Errors
    ///
    /// The file can't be made.
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

    /// Writes lines of events, if anybody wants them.
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

    /// Whether every event was written.
    ///
    /// # Errors
    ///
    /// `output-error`.
    pub fn check(&self) -> Result<(), Diagnostic> {
        let Some(why) = self.failed.get() else { return Ok(()) };
        Err(Diagnostic::error(
            Code::OutputError,
            format!("-json-into: the events can't be written: {why}. Free space, or name another file."),
        ))
    }
}
