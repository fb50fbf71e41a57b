//! Shows the progress of reading an organization.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::{MissedTickBehavior, interval};

use crate::aws::Aws;
use crate::cli::Context;
use crate::render;

/// Runs a read. On a terminal, a line on standard error shows its progress until it ends.
pub async fn watched<T>(context: &Context, aws: &Aws, reading: impl Future<Output = T>) -> T {
    // In a log, a line that overwrites itself is noise.
    if !context.terminal.is_interactive() || context.terminal.is_automated() {
        return reading.await;
    }
    let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg}") {
        line.set_style(style);
    }
    let mut reading = pin!(reading);
    let mut tick = interval(Duration::from_millis(200));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // A short read needs no line, because it ends before anyone could read it.
    tick.tick().await;
    loop {
        tokio::select! {
            biased;
            read = &mut reading => {
                line.finish_and_clear();
                return read;
            }
            _ = tick.tick() => line.set_message(render::reading(&aws.cost()).as_str().to_owned()),
        }
    }
}
