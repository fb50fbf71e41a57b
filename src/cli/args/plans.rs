//! Arguments of the commands that make plans, show them and carry them out.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::org::{Approver, ApproverSource};

use super::{Plain, ReportArgs, VariableArgs};

/// A time, or the first moment of a day in UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong = "write a date such as 2026-12-01, or a time such as 2026-12-01T09:00:00Z";
    match text.parse::<Timestamp>() {
        Ok(time) => Ok(time),
        // A date's parser takes a date and time without a zone too, and would drop the time.
        Err(_) if text.contains(['T', 't', ' ', ':']) => Err(wrong.to_owned()),
        Err(_) => {
            let day: Date = text.parse().map_err(|_| wrong.to_owned())?;
            day.to_zoned(TimeZone::UTC).map(|start| start.timestamp()).map_err(|_| wrong.to_owned())
        }
    }
}

/// Somebody who is said to have approved.
fn approver(name: &str) -> Result<Approver, String> {
    Approver::new(name, ApproverSource::Argument).map_err(|error| error.to_string())
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Write the plan to a file that apply can carry out
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 2 if a departure would be carried out, with 3 if none can be and something is blocked or has drifted
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Plan as if it were this date or time (UTC), such as 2026-12-01 or 2026-12-01T09:00:00Z; such a plan can't be saved
    #[arg(long, value_name = "TIME", conflicts_with = "out", value_parser = moment)]
    pub at: Option<Timestamp>,
    /// Plan from a snapshot instead of the organization, without credentials; such a plan is for review and never applied
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Plan only for the account with this address, label or id; repeatable
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    #[command(flatten)]
    pub reports: ReportArgs,
    /// Compare with the saved plan of the target branch
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Print Terraform's UI events, one JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Write the same events to a file beside what is shown
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// List unchanged accounts and the requests that were made
    #[arg(long)]
    pub verbose: bool,
    /// Show only the summaries of warnings
    #[arg(long)]
    pub compact_warnings: bool,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
    /// Ask for input; a plan asks nothing
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set, hide = true)]
    pub input: bool,
    /// How long to wait for the lock; a plan takes none
    #[arg(long, value_name = "DURATION", hide = true)]
    pub lock_timeout: Option<String>,
}

#[derive(Debug, Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// A plan that `plan -out` wrote; without one, a fresh plan is shown for approval
    pub plan: Option<PathBuf>,
    /// Carry out every eligible departure of a fresh plan without asking
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = false, action = clap::ArgAction::Set)]
    pub auto_approve: bool,
    /// Carry out exactly the departures with this digest, or nothing
    #[arg(long, value_name = "DIGEST")]
    pub expect_digest: Option<String>,
    /// Record that somebody approved this apply, by name; repeatable. `guardrails { approvers }` counts distinct names
    #[arg(long, value_name = "NAME", value_parser = approver)]
    pub approved_by: Vec<Approver>,
    /// Copy journal and departure records to a directory with every write; `history restore` takes them back in
    #[arg(long, value_name = "DIR")]
    pub records_to: Option<PathBuf>,
    /// Plan only for the account with this address, label or id; repeatable, not with a saved plan
    #[arg(long, value_name = "ADDRESS", conflicts_with = "plan")]
    pub target: Vec<String>,
    /// Ask for approval on the terminal
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set)]
    pub input: bool,
    /// How long to wait for the lock, such as 30s or 3m
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub lock_timeout: String,
    /// Begin no new departure after this time, such as 30m; those in flight land. A busy AWS is waited for until then, at most 10 minutes
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// Print Terraform's UI events, one JSON object a line; asks nothing
    #[arg(long)]
    pub json: bool,
    /// Write the same events to a file beside what is shown
    #[arg(long, value_name = "FILE")]
    pub json_into: Option<PathBuf>,
    /// Most departures in flight after the first one succeeded
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
    /// From when the events are expected (UTC): a date or a time; the plan's own by default
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: Option<Timestamp>,
    /// Until when (UTC); 24 hours later by default
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub until: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print a filter of Sigma, which takes the expected events out of what rules about CloudTrail find
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
    /// Print the plan's JSON
    #[arg(long)]
    pub json: bool,
    /// Print one page of HTML that needs nothing else: the organization, the gates, the dates and every departure
    #[arg(long, conflicts_with = "json")]
    pub html: bool,
    /// Print Markdown for a comment of a pull request or the summary of a job; short enough for both
    #[arg(long, conflicts_with_all = ["json", "html"])]
    pub markdown: bool,
    /// Print the counts that GitLab's merge requests show: artifacts:reports:terraform
    #[arg(long, conflicts_with_all = ["json", "html", "markdown"])]
    pub gitlab_report: bool,
    /// Compare with the saved plan of the target branch
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// List unchanged accounts and the requests that were made
    #[arg(long)]
    pub verbose: bool,
    /// Replace email addresses
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
    /// Explain as if it were this date or time (UTC), such as 2026-12-01 or 2026-12-01T09:00:00Z
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
    /// Read the facts that a plan of another configuration needs, such as a pull request's; it is read as data, and only its accounts count
    #[arg(long, value_name = "DIR")]
    pub for_config: Option<PathBuf>,
    /// Read what accounts depend on as well, so that `drift` can compare it: addresses, tags, policies, delegated services, trusted access
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
