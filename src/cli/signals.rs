//! Interrupts while departures are in flight, or while files are written that belong together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinHandle;

use crate::render::text::text;
use crate::render::{Text, events};

use super::clock::local_now;
use super::event_log::EventLog;
use super::terminal::Terminal;

/// What a process that was interrupted exits with: 128 and the number of SIGINT.
const INTERRUPTED: i32 = 130;

/// Listens from now on. The first SIGINT or SIGTERM lets what is in flight land; the second one ends the process, whose journal the next run
/// continues.
#[must_use]
pub fn watch(interrupted: Arc<AtomicBool>, log: EventLog) -> JoinHandle<()> {
    // Before anything is sent: the task itself runs only when the departures first wait.
    let signals = Signals::listen();
    tokio::spawn(async move {
        if let Some(signals) = signals {
            obey(signals, &interrupted, &log).await;
        }
    })
}

/// From now on an interrupt no longer ends the process, which is about to end by itself. Must be called within a runtime.
pub fn hold() {
    // Once a signal is listened to, it has its usual effect no more.
    drop(Signals::listen());
}

async fn obey(mut signals: Signals, interrupted: &AtomicBool, log: &EventLog) {
    let terminal = Terminal::new(false);
    let tell = |lines: &[&'static str]| {
        let lines: Vec<_> = lines.iter().copied().map(Text::ours).collect();
        log.write(&terminal, &events::warning(local_now(), &Text::joined(&lines, " ")));
        if !log.is_all() {
            terminal.error(&text!("\n{}\n\n", Text::joined(&lines, "\n")));
        }
    };
    signals.next().await;
    interrupted.store(true, Ordering::Relaxed);
    tell(&["Interrupt received.", "No further departure begins; those in flight are let land. Interrupt again to stop at once."]);
    signals.next().await;
    tell(&["Two interrupts received. Exiting immediately; the next apply settles what was in flight."]);
    std::process::exit(INTERRUPTED);
}

/// Both signals, listened to from the start, so that one that comes between two looks is not lost.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// None where the process can listen to no more.
    pub(super) fn listen() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Some(Self { interrupt: signal(SignalKind::interrupt()).ok()?, terminate: signal(SignalKind::terminate()).ok()? })
    }

    /// The next of them.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The interrupt, listened to while it is waited for.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[allow(clippy::unnecessary_wraps)]
    pub(super) fn listen() -> Option<Self> {
        Some(Self)
    }

    /// The next of them.
    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
