//! `schema` and `completion`: what editors and shells want to know.

use clap::CommandFactory;
use clap_complete::Shell;
use schemars::schema_for;

use crate::cli::args::{Cli, CompletionArgs, SchemaArgs};
use crate::cli::{Context, Exit};
use crate::diag::{Code, Diagnostic, Diagnostics, closest};
use crate::journal::{DepartureRecord, Entry, Head, LockHolder, Refusal};
use crate::plan::{Explanation, PlanFile, Snapshot};
use crate::render::Text;

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
        "explanation" => schema_for!(Explanation),
        "snapshot" => schema_for!(Snapshot),
        "record" => schema_for!(DepartureRecord),
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

/// Prints the completion script of a shell.
pub fn completion(context: &mut Context, arguments: &CompletionArgs) -> Result<Exit, Diagnostics> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "orgroster", &mut script);
    context.terminal.print(&Text::verbatim(with_single_dashes(arguments.shell, &String::from_utf8_lossy(&script))));
    Ok(Exit::Done)
}

/// The script with the long flags that help shows, which have one dash.
fn with_single_dashes(shell: Shell, script: &str) -> String {
    match shell {
        // `-l` names a flag with two dashes, `-o` a long one with one; elsewhere `-l` is an option of the script's own commands.
        Shell::Fish => {
            let of_flags = |line: &str| if line.starts_with("complete ") { line.replace(" -l ", " -o ") } else { line.to_owned() };
            script.split_inclusive('\n').map(of_flags).collect()
        }
        Shell::Bash | Shell::Zsh => {
            let mut parts = script.split("--");
            let mut shorter = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                // Two dashes that no name follows end the options of a command of the script's own.
                shorter.push_str(if part.starts_with(|first: char| first.is_ascii_lowercase()) { "-" } else { "--" });
                shorter.push_str(part);
            }
            shorter
        }
        _ => script.to_owned(),
    }
}
