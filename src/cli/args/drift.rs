//! Arguments of `drift`.

use std::path::PathBuf;

use clap::Args;

use super::Plain;

#[derive(Debug, Args)]
pub struct DriftArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Compare the organization with this snapshot of it, and ask CloudTrail who made the changes
    #[arg(long, value_name = "SNAPSHOT", required_unless_present = "from", conflicts_with_all = ["from", "to"])]
    pub since: Option<PathBuf>,
    /// Compare two snapshots, without credentials: the earlier one
    #[arg(long, value_name = "SNAPSHOT", requires = "to")]
    pub from: Option<PathBuf>,
    /// The later one
    #[arg(long, value_name = "SNAPSHOT", requires = "from")]
    pub to: Option<PathBuf>,
    /// Write what -since read as a snapshot, for the next time
    #[arg(long, value_name = "FILE", requires = "since", conflicts_with = "to")]
    pub out: Option<PathBuf>,
    /// Replace email addresses in what is printed
    #[arg(long)]
    pub redact_emails: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print Markdown for an issue or the summary of a job; short enough for both
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
}
