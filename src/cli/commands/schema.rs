//! `schema` and `completion`: what editors and shells want to know.

use schemars::schema_for;

use crate::cli::args::{CompletionArgs, SchemaArgs};
use crate::cli::{Context, Exit, completion};
use crate::diag::{Code, Diagnostic, Diagnostics, closest};
use crate::journal::{Entry, Head, LockHolder, Record, Refusal};
use crate::plan::{Explained, PlanFile, Snapshot};
use crate::render::Text;
use crate::render::text::text;

/// The files that the tool writes, and what `explain -json` prints, by the names of their schemas.
const NAMES: &[&str] = &["plan", "explanation", "snapshot", "record", "journal", "head", "lock", "refusal"];

/// Prints the JSON Schema of a file that the tool writes, or the names of all.
pub fn schema(context: &mut Context, arguments: &SchemaArgs) -> Result<Exit, Diagnostics> {
    let Some(name) = &arguments.name else {
        context.terminal.print(&Text::lines_of(&NAMES.join("\n"), ""));
        return Ok(Exit::Done);
    };
    let schema = match name.as_str() {
        "plan" => schema_for!(PlanFile),
        "explanation" => schema_for!(Explained),
        "snapshot" => schema_for!(Snapshot),
        "record" => schema_for!(Record),
        "journal" => schema_for!(Entry),
        "head" => schema_for!(Head),
        "lock" => schema_for!(LockHolder),
        "refusal" => schema_for!(Refusal),
        other => {
            let hint = closest(other, NAMES).map_or_else(String::new, |word| format!(" Did you mean {word:?}?"));
            let detail = format!("There is no schema named {other:?}; there are {}.{hint}", NAMES.join(", "));
            return Err(Diagnostic::error(Code::InvalidArgument, detail).into());
        }
    };
    context.terminal.print(&Text::pretty_json(schema.as_value()));
    Ok(Exit::Done)
}

/// Prints the completion script of a shell; or the addresses that it offers, which are none where the configuration can't be read.
pub fn completion(context: &mut Context, arguments: &CompletionArgs) -> Result<Exit, Diagnostics> {
    let text = match arguments.shell {
        Some(shell) => Text::verbatim(completion::script(shell)),
        None => {
            let roster = context.configuration().map(|(roster, _)| roster);
            let accounts = roster.map(|roster| roster.accounts).unwrap_or_default();
            accounts.iter().map(|account| text!("{}\n", account.address)).collect()
        }
    };
    context.terminal.print(&text);
    Ok(Exit::Done)
}
