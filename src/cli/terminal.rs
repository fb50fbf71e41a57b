//! The terminal and the environment: the only place that writes to the one and reads the other.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal, Read, Write};

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

/// Standard output and error.
#[derive(Debug)]
pub struct Terminal {
    no_color: bool,
}

impl Terminal {
    /// `no_color`: colours are off whatever the streams are.
    pub fn new(no_color: bool) -> Self {
        Self { no_color: no_color || environment("NO_COLOR").is_some() || environment("TERM").is_some_and(|term| term == "dumb") }
    }

    /// Colours for standard output.
    pub fn style(&self) -> Style {
        Style { color: !self.no_color && io::stdout().is_terminal() }
    }

    /// Colours for standard error.
    pub fn error_style(&self) -> Style {
        Style { color: !self.no_color && io::stderr().is_terminal() }
    }

    /// Writes to standard output. A reader that went away is no error of ours.
    pub fn print(&self, text: &Text) {
        let mut stdout = io::stdout().lock();
        let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
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

    /// Asks, and reads one line; nothing at the end of the input.
    pub fn ask(&self, question: &Text) -> Option<String> {
        self.print(question);
        let mut answer = String::new();
        match io::stdin().lock().read_line(&mut answer) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(answer.trim_end_matches(['\r', '\n']).to_owned()),
        }
    }

    /// Whether an automation runs us, so that hints about the next step are noise.
    pub fn is_automated(&self) -> bool {
        environment("TF_IN_AUTOMATION").is_some() || environment("ORGROSTER_IN_AUTOMATION").is_some()
    }
}
