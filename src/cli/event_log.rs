//! Where Terraform's UI events go: standard output in place of everything else, a file beside it, or both.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::diag::{Code, Diagnostic};
use crate::render::text::text;
use crate::render::{Text, events};

use super::clock::local_now;
use super::terminal::Terminal;

/// Takes events.
#[derive(Debug, Clone, Default)]
pub struct EventLog {
    stdout: bool,
    /// Empty after a write that failed, which is reported once: what goes on matters more than the telling of it.
    file: Option<Arc<Mutex<Option<File>>>>,
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
        let log = Self { stdout, file: file.map(|file| Arc::new(Mutex::new(Some(file)))) };
        log.write(terminal, &events::version(local_now()));
        Ok(log)
    }

    /// Whether events stand in place of everything else.
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
            terminal.error(&text!("-json-into: the events can't be written any more: {}.\n", error));
        }
    }
}
