//! `ORGROSTER_LOG`: a log of what a run does, to find the cause of a problem. Off by default.

use std::fs::{File, OpenOptions};
use std::path::Path;

use env_logger::{Builder, Target};
use log::LevelFilter;

use crate::cli::output::terminal::environment;
use crate::diag::{Code, Diagnostic};

/// The environment variable with the level.
const LEVEL: &str = "ORGROSTER_LOG";
/// The environment variable with the path of a file to write to instead of standard error.
const PATH: &str = "ORGROSTER_LOG_PATH";

/// Starts the log if the environment enables it. Events of other crates are omitted: they could contain bodies, headers and secrets.
///
/// # Errors
///
/// Returns `invalid-argument` for an unknown level, or `output-error` if the file can't be written.
pub fn begin() -> Result<(), Diagnostic> {
    let Some(level) = environment(LEVEL) else { return Ok(()) };
    let level = level_of(&level)?;
    if level == LevelFilter::Off {
        return Ok(());
    }
    let mut log = Builder::new();
    log.filter_module("orgroster", level).format_timestamp_millis();
    if let Some(path) = environment(PATH) {
        log.target(Target::Pipe(Box::new(open(Path::new(&path))?)));
    }
    // If there is already a logger, the program that embeds this one has set it, and it takes precedence.
    let _ = log.try_init();
    Ok(())
}

fn level_of(word: &str) -> Result<LevelFilter, Diagnostic> {
    word.parse().map_err(|_| {
        let detail = format!("{LEVEL} is {word:?}, which is not a level. Levels are off, error, warn, info, debug and trace.");
        Diagnostic::error(Code::InvalidArgument, detail)
    })
}

/// Opens the log file for appending, readable only by its owner, because it contains account ids.
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
            [("off", LevelFilter::Off), ("ERROR", LevelFilter::Error), ("Debug", LevelFilter::Debug), ("trace", LevelFilter::Trace)]
        {
            assert_eq!(level_of(word).ok(), Some(level), "{word}");
        }
        assert_eq!(level_of("loud").unwrap_err().code, Code::InvalidArgument);
    }
}
