//! Interrupts while acts are in progress.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinHandle;

use crate::cli::connection::clock::local_now;
use crate::cli::output::event_log::EventLog;
use crate::cli::output::terminal::Terminal;
use crate::cli::signals::Signals;
use crate::render::text::text;
use crate::render::{Text, events};

/// The exit code of an interrupted process: 128 plus the number of SIGINT.
const INTERRUPTED: i32 = 130;

/// Starts listening for interrupts. The first SIGINT or SIGTERM lets acts in progress finish. The second one ends the process; the next run
/// continues from its journal.
#[must_use]
pub fn watch(interrupted: Arc<AtomicBool>, log: EventLog) -> JoinHandle<()> {
    // Listen before anything is sent: the task itself runs only when the departures first wait.
    let signals = Signals::listen();
    tokio::spawn(async move {
        if let Some(signals) = signals {
            obey(signals, &interrupted, &log).await;
        }
    })
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
    tell(&["Interrupt received.", "No new call begins; calls in progress will finish. Interrupt again to stop at once."]);
    signals.next().await;
    tell(&["Two interrupts received. Exiting immediately; the next apply resolves what was in progress."]);
    std::process::exit(INTERRUPTED);
}
