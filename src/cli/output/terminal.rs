//! The terminal and the environment: the only place that writes to the one and reads the other.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Write};
use std::sync::OnceLock;

use crate::cli::signals::Signals;
use crate::diag::{Code, Diagnostic};
use crate::render::{Style, Text};

/// A variable of the environment, if it is set and not empty.
#[allow(clippy::disallowed_methods)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The variables of the environment whose names start so, without that start. An empty value is a value.
pub fn environment_from(prefix: &str) -> BTreeMap<String, String> {
    let named = |(name, value): (OsString, OsString)| Some((name.to_str()?.strip_prefix(prefix)?.to_owned(), value.into_string().ok()?));
    std::env::vars_os().filter_map(named).collect()
}

/// How a stream is written to. Colors have nothing to do with width: a terminal without them has columns too.
fn style(color: bool, is_terminal: bool) -> Style {
    let size = if is_terminal { terminal_size::terminal_size() } else { None };
    Style { color: color && is_terminal, width: size.map(|(width, _)| usize::from(width.0)) }
}

/// Standard output and error.
#[derive(Debug)]
pub struct Terminal {
    no_color: bool,
    /// Why standard output can't be written any more.
    failed: OnceLock<String>,
}

impl Terminal {
    /// `no_color`: colors are off whatever the streams are.
    pub fn new(no_color: bool) -> Self {
        Self {
            no_color: no_color || environment("NO_COLOR").is_some() || environment("TERM").is_some_and(|term| term == "dumb"),
            failed: OnceLock::new(),
        }
    }

    /// Colors for standard output.
    pub fn style(&self) -> Style {
        style(!self.no_color, io::stdout().is_terminal())
    }

    /// Colors for standard error.
    pub fn error_style(&self) -> Style {
        style(!self.no_color, io::stderr().is_terminal())
    }

    /// Writes to standard output. A reader that went away is no error of ours; any other failure is kept for [`Terminal::check`], and ends
    /// the output, so that nobody reads on past a gap.
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

    /// Whether everything that was printed was written.
    ///
    /// # Errors
    ///
    /// `output-error`.
    pub fn check(&self) -> Result<(), Diagnostic> {
        let Some(why) = self.failed.get() else { return Ok(()) };
        Err(Diagnostic::error(Code::OutputError, format!("Standard output can't be written: {why}. Free space, or redirect it elsewhere.")))
    }

    /// Writes to standard error.
    pub fn error(&self, text: &Text) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// All of standard input.
    pub fn input(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    }

    /// Whether a person can be asked.
    pub fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Asks, and waits for the one answer that confirms. An interrupt is an answer too: whoever asks gives back what it holds, such as a
    /// lock.
    ///
    /// # Errors
    ///
    /// Why it is not confirmed, as a sentence.
    pub async fn confirm(&self, question: &Text, wanted: &str) -> Result<(), String> {
        let signals = Signals::listen();
        self.print(question);
        let (sender, answer) = tokio::sync::oneshot::channel();
        // Reading can't be called off: a task of the runtime would keep the process until a line comes.
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
                Err("Interrupted at the question.".to_owned())
            }
            line = answer => match line.ok().flatten() {
                Some(line) if line.trim_end_matches(['\r', '\n']) == wanted => Ok(()),
                Some(_) => Err(format!("The answer was not '{wanted}'.")),
                None => Err("The input ended before an answer.".to_owned()),
            },
        }
    }

    /// Whether an automation runs us, so that hints about the next step are noise.
    pub fn is_automated(&self) -> bool {
        environment("TF_IN_AUTOMATION").is_some() || environment("ORGROSTER_IN_AUTOMATION").is_some()
    }
}
