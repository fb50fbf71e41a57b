//! Arguments of the commands that make plans, show them and carry them out.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::org::{Approver, ApproverSource};

use super::{Plain, ReportArgs, VariableArgs};

/// Parses a time, or a date as its first moment in UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = "write a date such as 2026-12-01, or a time such as 2026-12-01T09:00:00Z";
    match text.parse::<Timestamp>() {
        Ok(time) => Ok(time),
        // The date parser also accepts a date and time without a zone, and would drop the time.
        Err(_) if text.contains(['T', 't', ' ', ':']) => Err(wrong.to_owned()),
        Err(_) => {
            let day: Date = text.parse().map_err(|_| wrong.to_owned())?;
            day.to_zoned_datetime(TimeZone::UTC).map(|start| start.timestamp()).map_err(|_| wrong.to_owned())
        }
    }
}

/// Parses the name of an approver.
fn approver(name: &str) -> Result<Approver, String> {
    Approver::new(name, ApproverSource::Argument).map_err(|error| error.to_string())
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Write the plan to a file, as input for apply
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 2 if a departure would be carried out, or with 3 if none would be and something is blocked or has drifted
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Plan as of this date or time (UTC), such as 2026-12-01 or 2026-12-01T09:00:00Z; such a plan can't be saved
    #[arg(long, value_name = "TIME", conflicts_with = "out", value_parser = moment)]
    pub at: Option<Timestamp>,
    /// Plan from a snapshot instead of the live organization, without credentials; such a plan is for review and can't be applied
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Limit the plan to the account with this address, label or id; repeatable
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    #[command(flatten)]
    pub reports: ReportArgs,
    /// Compare with the saved plan of the target branch
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Print Terraform's UI events, one JSON object per line
    #[arg(long)]
    pub json: bool,
    /// Write the same events to a file, in addition to the normal output
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Also list unchanged accounts and the requests made to AWS
    #[arg(long)]
    pub verbose: bool,
    /// Show only the summaries of warnings
    #[arg(long)]
    pub compact_warnings: bool,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
    /// Accepted for compatibility with Terraform; a plan never asks for input
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set, hide = true)]
    pub input: bool,
    /// Accepted for compatibility with Terraform; a plan takes no lock
    #[arg(long, value_name = "DURATION", hide = true)]
    pub lock_timeout: Option<String>,
}

#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// A plan saved with `plan -out`; without one, apply makes a new plan and asks for approval
    pub plan: Option<PathBuf>,
    /// Carry out every eligible departure of a new plan without asking for approval
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false, action = clap::ArgAction::Set)]
    pub auto_approve: bool,
    /// Apply only if the plan has exactly this digest
    #[arg(long, value_name = "DIGEST")]
    pub expect_digest: Option<String>,
    /// Record the name of a person who approved this apply; repeatable. `guardrails { approvers }` counts distinct names
    #[arg(long, value_name = "NAME", value_parser = approver)]
    pub approved_by: Vec<Approver>,
    /// Also write the journal and departure records to this directory; `history restore` restores them from it
    #[arg(long, value_name = "DIR")]
    pub records_to: Option<PathBuf>,
    /// Limit the plan to the account with this address, label or id; repeatable, and not allowed with a saved plan
    #[arg(long, value_name = "ADDRESS", conflicts_with = "plan")]
    pub target: Vec<String>,
    /// Ask for approval on the terminal
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set)]
    pub input: bool,
    /// How long to wait for the lock, such as 30s or 3m
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub lock_timeout: String,
    /// Start no new departure after this duration, such as 30m; departures in progress finish. If AWS is busy, retry until then, for at most
    /// 10 minutes
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// Print Terraform's UI events, one JSON object per line; never asks for approval
    #[arg(long)]
    pub json: bool,
    /// Write the same events to a file, in addition to the normal output
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Maximum number of concurrent departures after the first one has succeeded
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub parallelism: u16,
    /// Show only the summaries of warnings
    #[arg(long)]
    pub compact_warnings: bool,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Debug, Args)]
pub struct AnnounceArgs {
    /// The saved plan
    pub plan: PathBuf,
    /// Start of the period in which the events are expected: a date or time (UTC); defaults to the time of the plan
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: Option<Timestamp>,
    /// End of that period (UTC); defaults to 24 hours after its start
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print a Sigma filter that excludes the expected events from the matches of CloudTrail rules
    #[arg(long, conflicts_with = "json")]
    pub sigma: bool,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The saved plan
    pub plan: PathBuf,
    /// Print the plan as JSON
    #[arg(long)]
    pub json: bool,
    /// Print a self-contained HTML page: the organization, the gates, the dates and every departure
    #[arg(long, conflicts_with = "json")]
    pub html: bool,
    /// Print Markdown that fits in a pull request comment or a job summary
    #[arg(long, conflicts_with_all = ["json", "html"])]
    pub markdown: bool,
    /// Print the counts for a GitLab merge request: artifacts:reports:terraform
    #[arg(long, conflicts_with_all = ["json", "html", "markdown"])]
    pub gitlab_report: bool,
    /// Compare with the saved plan of the target branch
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Also list unchanged accounts and the requests made to AWS
    #[arg(long)]
    pub verbose: bool,
    /// Redact email addresses
    #[arg(long)]
    pub redact_emails: bool,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// The address, label or id of an account's block, the name of a gate, or the code of a diagnostic
    pub account: String,
    /// Explain as of this date or time (UTC), such as 2026-12-01 or 2026-12-01T09:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Debug, Args)]
pub struct SnapshotArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Read the facts that a plan of another configuration needs, such as a pull request's; only the account blocks in it are used
    #[arg(long, value_name = "DIR")]
    pub for_config: Option<PathBuf>,
    /// Also read what accounts depend on, so that `drift` can compare it: addresses, tags, policies, delegated services, trusted access
    #[arg(long)]
    pub whole: bool,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_first_second_and_a_time_needs_its_zone() {
        for (text, expected) in [
            ("2026-12-01", "2026-12-01T00:00:00Z"),
            ("2026-12-01T09:00:00Z", "2026-12-01T09:00:00Z"),
            ("2026-12-01T09:00:00+02:00", "2026-12-01T07:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
        ] {
            assert_eq!(moment(text).unwrap().to_string(), expected, "{text}");
        }
        for wrong in ["", "tomorrow", "2026-12", "2026-02-29", "2026-12-01T09:00:00", "2026-12-01 09:00", "09:00", "01.12.2026"] {
            assert!(moment(wrong).unwrap_err().contains("2026-12-01T09:00:00Z"), "{wrong}");
        }
    }
}
