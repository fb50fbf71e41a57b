//! `validate`.

use std::path::Path;

use crate::cli::{Context, Exit};
use crate::config;
use crate::diag::Diagnostics;

/// Checks the configuration of the working directory, without AWS and without a clock.
pub fn validate(context: &mut Context) -> Result<Exit, Diagnostics> {
    let (roster, warnings) = config::load(Path::new("."), &mut context.sources)?;
    context.report(&warnings);
    let style = context.terminal.style();
    let count = roster.accounts.len();
    let accounts = if count == 1 { "1 account is".to_owned() } else { format!("{count} accounts are") };
    context.terminal.print(&format!("{} The configuration is valid: {accounts} declared.\n", style.green("Success!")));
    Ok(Exit::Done)
}
