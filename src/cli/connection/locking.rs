//! Acquiring the backend's lock.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::cli::connection::backend::RunStore;
use crate::cli::connection::clock::local_now;
use crate::cli::connection::workspace::Workspace;
use crate::cli::output::terminal::environment;
use crate::cli::{Context, failures};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::journal::{JournalError, LockHolder, Run, StoreError};
use crate::render::events;
use crate::render::text::text;

/// How long to wait for the lock before reporting the wait.
const QUIET: Duration = Duration::from_millis(400);
/// The maximum pause between two attempts.
const MAX_PAUSE: Duration = Duration::from_secs(16);

/// Parses a duration in Terraform's notation.
///
/// # Errors
///
/// Returns `invalid-argument` if the text is not a duration.
pub fn duration(flag: &str, text: &str) -> Result<Duration, Diagnostic> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    parsed.ok_or_else(|| Diagnostic::error(Code::InvalidArgument, format!("{flag}: {text:?} is not a duration such as 30s, 3m or 1h30m.")))
}

/// Acquires the lock, waiting up to the timeout, and begins a run.
///
/// # Errors
///
/// Returns `locked` with the holder, or `backend-error`.
pub async fn begin<'w>(
    context: &Context,
    workspace: &'w Workspace,
    timeout: Duration,
    operation: &str,
) -> Result<Run<'w, RunStore>, Diagnostics> {
    let holder = holder(workspace.now(), operation);
    let start = Instant::now();
    let mut pause = QUIET;
    let mut told = false;
    loop {
        let left = timeout.saturating_sub(start.elapsed());
        match workspace.ledger.begin(&holder).await {
            Ok(run) => return Ok(run),
            Err(JournalError::Store(StoreError::Locked(by))) if !left.is_zero() => {
                if !told && start.elapsed() >= QUIET {
                    let by = by.map_or_else(String::new, |by| format!(" The holder is {by}."));
                    let notice = text!("Acquiring the lock. This may take a few moments...{}", by);
                    context.event(&events::waiting_for_lock(local_now(), &notice));
                    if !context.json_output() {
                        context.terminal.error(&text!("{}\n", notice));
                    }
                    told = true;
                }
                tokio::time::sleep(pause.min(left)).await;
                pause = (pause * 2).min(MAX_PAUSE);
            }
            Err(error) => return Err(failures::journal(&error).into()),
        }
    }
}

/// The description of the holder of a lock.
pub fn holder(now: Timestamp, operation: &str) -> LockHolder {
    let stamp: String = now.to_string().chars().filter(char::is_ascii_alphanumeric).take(15).collect();
    let id = format!("{stamp}-{:08x}", RandomState::new().build_hasher().finish() & 0xffff_ffff);
    let user = environment("USER").or_else(|| environment("USERNAME")).unwrap_or_else(|| "unknown".to_owned());
    let who = environment("HOSTNAME").map_or_else(|| user.clone(), |host| format!("{user}@{host}"));
    LockHolder { id, operation: operation.to_owned(), who, created: Some(now) }
}
