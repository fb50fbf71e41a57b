//! Arguments of the commands that read and write configurations.

use std::path::PathBuf;

use clap::Args;

use super::{Plain, ReportArgs};

#[derive(Debug, Args)]
pub struct InitArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Write a configuration of the live organization, with a block for each member; overwrites nothing
    #[arg(long)]
    pub from_organization: bool,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Write the blocks to a file, which must not exist yet, or to new files of a directory, one for each organizational unit
    #[arg(long, value_name = "FILE or DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Print what is found as JSON, for editors
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub reports: ReportArgs,
}

#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Files and directories, or - for standard input; the working directory by default
    #[arg(value_name = "TARGET")]
    pub targets: Vec<PathBuf>,
    /// Write nothing, and exit with 3 if a file is not in the canonical format
    #[arg(long)]
    pub check: bool,
    /// Show what changes
    #[arg(long)]
    pub diff: bool,
    /// List the files that change
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set)]
    pub list: bool,
    /// Write the files
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set)]
    pub write: bool,
    /// Go into directories below as well
    #[arg(long)]
    pub recursive: bool,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
}
