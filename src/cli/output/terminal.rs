//! The terminal and the environment. No other code writes to the terminal or reads the environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Write};
use std::sync::OnceLock;

use crate::cli::signals::Signals;
use crate::diag::{Code, Diagnostic};
use crate::render::{Style, Text};

/// An environment variable, if it is set and not empty.
#[allow(clippy::disallowed_methods)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The environment variables whose names start with a prefix, without the prefix. An empty value counts as a value.
pub fn environment_from(prefix: &str) -> BTreeMap<String, String> {
    let named = |(name, value): (OsString, OsString)| Some((name.to_str()?.strip_prefix(prefix)?.to_owned(), value.into_string().ok()?));
    std::env::vars_os().filter_map(named).collect()
}

/// The style of a stream. Color and width are independent: a terminal without color also has columns.
fn style(color: bool, is_terminal: bool) -> Style {
    let size = if is_terminal { terminal_size::terminal_size() } else { None };
    Style { color: color && is_terminal, width: size.map(|(width, _)| usize::from(width.0)) }
}

/// Standard output and error.
#[derive(Debug)]
pub struct Terminal {
    no_color: bool,
    /// Why standard output can no longer be written.
    failed: OnceLock<String>,
}

impl Terminal {
    /// Disables color on all streams if `no_color` is set.
    pub fn new(no_color: bool) -> Self {
        Self {
            no_color: no_color || environment("NO_COLOR").is_some() || environment("TERM").is_some_and(|term| term == "dumb"),
            failed: OnceLock::new(),
        }
    }

    /// The style of standard output.
    pub fn style(&self) -> Style {
        style(!self.no_color, io::stdout().is_terminal())
    }

    /// The style of standard error.
    pub fn error_style(&self) -> Style {
        style(!self.no_color, io::stderr().is_terminal())
    }

    /// Writes to standard output. A closed pipe is not an error. Any other failure is kept for [`Terminal::check`] and ends the output, so
    /// that no reader continues past a gap.
    pub fn print(&self, text: &Text) {
        if self.failed.get().is_some() {
            return;
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => drop(self.failed.set(error.to_string())),
            _ => {}
        }
    }

    /// Checks that everything that was printed was written.
    ///
    /// # Errors
    ///
    /// Returns `output-error` if something was not.
    pub fn check(&self) -> Result<(), Diagnostic> {
        let Some(why) = self.failed.get() else { return Ok(()) };
        Err(Diagnostic::error(
            Code::OutputError,
            format!("Standard output can't be written: {why}. Free disk space, or redirect it elsewhere."),
        ))
    }

    /// Writes to standard error.
    pub fn error(&self, text: &Text) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Reads all of standard input.
    pub fn input(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    }

    /// Whether a person can answer prompts.
    pub fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Shows a prompt and waits for the one answer that confirms. An interrupt is an answer too, so that the caller can release what it
    /// holds, such as a lock.
    ///
    /// # Errors
    ///
    /// Returns a sentence that says why the answer is not a confirmation.
    pub async fn confirm(&self, question: &Text, wanted: &str) -> Result<(), String> {
        let signals = Signals::listen();
        self.print(question);
        let (sender, answer) = tokio::sync::oneshot::channel();
        // Reading can't be canceled: a task of the runtime would keep the process alive until a line arrives.
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = io::stdin().lock().read_line(&mut line);
            let _ = sender.send(read.ok().filter(|bytes| *bytes > 0).map(|_| line));
        });
        let interrupted = async {
            match signals {
                Some(mut signals) => signals.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = interrupted => {
                self.print(&Text::ours("\n"));
                Err("Interrupted at the prompt.".to_owned())
            }
            line = answer => match line.ok().flatten() {
                Some(line) if line.trim_end_matches(['\r', '\n']) == wanted => Ok(()),
                Some(_) => Err(format!("The answer was not '{wanted}'.")),
                None => Err("The input ended before an answer.".to_owned()),
            },
        }
    }

    /// Whether automation runs orgroster, so that hints about the next step are noise.
    pub fn is_automated(&self) -> bool {
        environment("TF_IN_AUTOMATION").is_some() || environment("ORGROSTER_IN_AUTOMATION").is_some()
    }
}
