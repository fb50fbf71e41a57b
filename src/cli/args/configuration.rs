//! Arguments of the commands that read and write configurations.

use std::path::PathBuf;

use clap::Args;

use super::{Plain, ReportArgs};

#[derive(Debug, Args)]
pub struct InitArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Write a configuration from the live organization, with one block per member; existing files are not overwritten
    #[arg(long)]
    pub from_organization: bool,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Write the blocks to a new file, or to new files in a directory: one file or, for many accounts, one per organizational unit
    #[arg(long, value_name = "FILE or DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Print the diagnostics as JSON, for use in editors
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub reports: ReportArgs,
}

#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Files and directories to format, or - for standard input; defaults to the working directory
    #[arg(value_name = "TARGET")]
    pub targets: Vec<PathBuf>,
    /// Check the format without writing files; exit with 3 if a file is not in the canonical format
    #[arg(long)]
    pub check: bool,
    /// Print a diff of the changes
    #[arg(long)]
    pub diff: bool,
    /// List the files that change
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set)]
    pub list: bool,
    /// Write the formatted files
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set)]
    pub write: bool,
    /// Also format files in subdirectories
    #[arg(long)]
    pub recursive: bool,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
}
