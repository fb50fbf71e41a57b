//! `man`.

use std::path::Path;

use crate::cli::Exit;
use crate::cli::args::ManArgs;
use crate::diag::{Code, Diagnostic, Diagnostics};

/// Writes one man page for the program and one for each command.
pub fn man(arguments: &ManArgs) -> Result<Exit, Diagnostics> {
    write(&arguments.directory).map(|()| Exit::Done).map_err(Diagnostics::from)
}

#[cfg(feature = "man")]
fn write(directory: &Path) -> Result<(), Diagnostic> {
    let mut command = crate::cli::args::command().disable_help_subcommand(true);
    command.build();
    write_page(directory, &command).map_err(|error| {
        Diagnostic::error(Code::OutputError, format!("The man pages can't be written to {}: {error}.", directory.display()))
    })
}

/// Writes the page of a command and those of its visible subcommands.
#[cfg(feature = "man")]
fn write_page(directory: &Path, command: &clap::Command) -> std::io::Result<()> {
    let page = clap_mangen::Man::new(command.clone());
    let mut text = Vec::new();
    page.render(&mut text)?;
    // Flags with one dash, as in the help.
    let text = String::from_utf8_lossy(&text).replace(r"\-\-", r"\-");
    std::fs::write(directory.join(page.get_filename()), text)?;
    command.get_subcommands().filter(|below| !below.is_hide_set()).try_for_each(|below| write_page(directory, below))
}

#[cfg(not(feature = "man"))]
fn write(_: &Path) -> Result<(), Diagnostic> {
    Err(Diagnostic::error(Code::MissingFeature, format!("man: {}", crate::cli::build::lacks("man"))))
}
