//! Arguments of `drift`.

use std::path::PathBuf;

use clap::Args;

use super::Plain;

#[derive(Debug, Args)]
pub struct DriftArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Compare the live organization with this earlier snapshot, and ask CloudTrail who made the changes
    #[arg(long, value_name = "SNAPSHOT", required_unless_present = "from", conflicts_with_all = ["from", "to"])]
    pub since: Option<PathBuf>,
    /// The earlier of two snapshots to compare, without credentials
    #[arg(long, value_name = "SNAPSHOT", requires = "to")]
    pub from: Option<PathBuf>,
    /// The later of the two snapshots
    #[arg(long, value_name = "SNAPSHOT", requires = "from")]
    pub to: Option<PathBuf>,
    /// Save the organization as -since read it to a new snapshot, for the next comparison
    #[arg(long, value_name = "FILE", requires = "since", conflicts_with = "to")]
    pub out: Option<PathBuf>,
    /// Redact email addresses in the output
    #[arg(long)]
    pub redact_emails: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print Markdown that fits in an issue or a job summary
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
}
