//! Arguments of `references`.

use std::path::PathBuf;

use clap::Args;

use super::{ReportArgs, VariableArgs};

#[derive(Debug, Args)]
pub struct ReferencesArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Addresses, labels or ids of accounts; defaults to those that the configuration detaches and those with a departure record
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// The directories to search
    #[arg(long = "in", value_name = "DIR", required = true, num_args = 1..)]
    pub directories: Vec<PathBuf>,
    /// Read departure records from a copy that `apply -records-to` made instead of from the backend
    #[arg(long, value_name = "DIR")]
    pub records: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print Markdown that fits in a pull request comment or a job summary
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    #[command(flatten)]
    pub reports: ReportArgs,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
}
