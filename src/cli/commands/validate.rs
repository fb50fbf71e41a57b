//! `validate`.

use std::path::Path;

use crate::cli::{Context, Exit, failures};
use crate::config::{self, Validated};
use crate::diag::Diagnostics;
use crate::render;
use crate::render::text::text;

/// Checks the configuration of the working directory, without AWS and without a clock.
pub fn validate(context: &mut Context, json: bool) -> Result<Exit, Diagnostics> {
    let Validated { accounts: count, missing, diagnostics } = config::validate(Path::new("."), &context.given, &mut context.sources);
    if json {
        context.note(&diagnostics);
        let document = render::validation(&diagnostics, &context.sources).map_err(|error| failures::unserializable(&error))?;
        context.terminal.print(&document);
        return Ok(if diagnostics.has_errors() { Exit::Failed } else { Exit::Done });
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    context.report(&diagnostics);
    let style = context.terminal.style();
    let accounts = if count == 1 { "1 account is".to_owned() } else { format!("{count} accounts are") };
    context.terminal.print(&text!("{} The configuration is valid: {} declared.\n", style.green("Success!"), accounts));
    if !missing.is_empty() {
        let names: Vec<_> = missing.iter().map(|name| format!("var.{name}")).collect();
        context.terminal.print(&text!("Expressions that depend on {} are checked when it has a value.\n", names.join(", ")));
    }
    Ok(Exit::Done)
}
