//! `ORGROSTER_LOG`: what a run does, to find the cause of a problem. Off unless asked for.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::output::terminal::environment;
use crate::diag::{Code, Diagnostic};

/// How much is written.
const LEVEL: &str = "ORGROSTER_LOG";
/// A file to write to, in place of standard error.
const PATH: &str = "ORGROSTER_LOG_PATH";

/// Begins to write, where the environment asks for it. Events of other crates are left out: they could hold bodies, headers and secrets.
///
/// # Errors
///
/// `invalid-argument` for an unknown level, `output-error` for a file that can't be written.
pub fn begin() -> Result<(), Diagnostic> {
    let Some(level) = environment(LEVEL) else { return Ok(()) };
    let level = level_of(&level)?;
    if level == LevelFilter::OFF {
        return Ok(());
    }
    let file = environment(PATH).map(|path| open(Path::new(&path))).transpose()?;
    let only_ours = Targets::new().with_target("orgroster", level);
    let registry = tracing_subscriber::registry().with(only_ours);
    // A subscriber that is there already was made by a program that holds this one, and has the say.
    let _ = match file {
        Some(file) => registry.with(fmt::layer().with_ansi(false).with_writer(Mutex::new(file))).try_init(),
        None => registry.with(fmt::layer().with_ansi(false).with_writer(io::stderr)).try_init(),
    };
    Ok(())
}

fn level_of(word: &str) -> Result<LevelFilter, Diagnostic> {
    word.parse().map_err(|_| {
        let detail = format!("{LEVEL} is {word:?}, which is not a level. Levels are off, error, warn, info, debug and trace.");
        Diagnostic::error(Code::InvalidArgument, detail)
    })
}

/// Opens the file to add to, for its owner's eyes only: it names accounts.
fn open(path: &Path) -> Result<File, Diagnostic> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| {
        let detail = format!("{PATH}: {} can't be written: {error}.", path.display());
        Diagnostic::error(Code::OutputError, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_of_terraform() {
        for (word, level) in
            [("off", LevelFilter::OFF), ("ERROR", LevelFilter::ERROR), ("Debug", LevelFilter::DEBUG), ("trace", LevelFilter::TRACE)]
        {
            assert_eq!(level_of(word).ok(), Some(level), "{word}");
        }
        assert_eq!(level_of("loud").unwrap_err().code, Code::InvalidArgument);
    }
}
