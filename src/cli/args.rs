//! Flags and arguments. The doc comments are the help texts.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use crate::org::Address;

/// Every command, for "did you mean".
pub const COMMANDS: &[&str] = &[
    "init",
    "validate",
    "fmt",
    "plan",
    "apply",
    "show",
    "explain",
    "snapshot",
    "iam-policy",
    "history",
    "verify",
    "force-unlock",
    "sandbox",
    "import",
    "schema",
    "completion",
    "version",
    "help",
];

/// The roster of an AWS organization, as code: declare which accounts are members and which are to leave, see what would happen and why,
/// and carry it out.
#[derive(Debug, Parser)]
#[command(name = "orgroster", version, disable_help_subcommand = false, arg_required_else_help = true)]
pub struct Cli {
    /// Switch to a different directory before running the command
    #[arg(long, value_name = "DIR")]
    pub chdir: Option<PathBuf>,
    /// Write no colours
    #[arg(long)]
    pub no_color: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the configuration, the backend and the credentials; write nothing
    Init(InitArgs),
    /// Check the configuration without AWS
    Validate(ValidateArgs),
    /// Rewrite configuration files in the canonical format
    Fmt(FmtArgs),
    /// Show what would happen to every account, and why or why not
    Plan(PlanArgs),
    /// Carry out the departures of a plan
    Apply(ApplyArgs),
    /// Show a saved plan
    Show(ShowArgs),
    /// Show every gate of one account: what it saw, where, and what settles it; or what a diagnostic means
    Explain(ExplainArgs),
    /// Write what a plan would observe to a file, for planning without credentials
    Snapshot(SnapshotArgs),
    /// Print the least-privilege policy of a role
    IamPolicy(IamPolicyArgs),
    /// Show departure records
    History(HistoryArgs),
    /// Check that nothing was changed or cut off, and match departures with CloudTrail
    Verify(VerifyArgs),
    /// Release a lock whose run is gone
    ForceUnlock(ForceUnlockArgs),
    /// The embedded organization
    Sandbox(SandboxArgs),
    /// Write blocks for live members that have none
    Import(ImportArgs),
    /// Print the JSON Schema of a file that the tool writes
    Schema(SchemaArgs),
    /// Print the completion script of a shell
    Completion(CompletionArgs),
    /// Show the version
    Version(VersionArgs),
}

impl Command {
    /// Whether the command's own `-no-color` is set: Terraform has it behind the command.
    pub const fn no_color(&self) -> bool {
        match self {
            Self::Import(arguments) => arguments.plain.no_color,
            Self::Init(arguments) => arguments.plain.no_color,
            Self::Validate(arguments) => arguments.plain.no_color,
            Self::Fmt(arguments) => arguments.no_color,
            Self::Plan(arguments) => arguments.no_color,
            Self::Apply(arguments) => arguments.no_color,
            Self::Show(arguments) => arguments.no_color,
            Self::Verify(arguments) => arguments.no_color,
            Self::Snapshot(arguments) => arguments.plain.no_color,
            Self::Explain(arguments) => arguments.no_color,
            Self::History(_)
            | Self::ForceUnlock(_)
            | Self::IamPolicy(_)
            | Self::Sandbox(_)
            | Self::Schema(_)
            | Self::Completion(_)
            | Self::Version(_) => false,
        }
    }
}

impl Command {
    /// Where GitLab's code quality report goes.
    pub fn code_quality(&self) -> Option<&Path> {
        match self {
            Self::Plan(arguments) => arguments.gitlab_code_quality.as_deref(),
            Self::Validate(arguments) => arguments.gitlab_code_quality.as_deref(),
            _ => None,
        }
    }
}

/// What a configuration is given by whoever runs the program: values of variables, and what of it is trusted.
#[derive(Debug, Args)]
pub struct VariableArgs {
    /// Take the blocks orgroster, provider, organization, guardrails and gate from a file outside of the directory, which may then only tighten guardrails
    #[arg(long, value_name = "FILE")]
    pub trusted_config: Option<PathBuf>,
    /// Set a variable of the configuration; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub var: Vec<String>,
    /// Set variables from a file; repeatable
    #[arg(long, value_name = "FILE")]
    pub var_file: Vec<PathBuf>,
}

impl VariableArgs {
    /// Whether no variable is given a value.
    pub const fn is_empty(&self) -> bool {
        self.var.is_empty() && self.var_file.is_empty()
    }
}

#[derive(Debug, Args)]
pub struct Plain {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Write no colours
    #[arg(long)]
    pub no_color: bool,
    /// Ask for input; orgroster asks nothing here
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set, hide = true)]
    pub input: bool,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Write a configuration of the live organization, with a block for each member; overwrites nothing
    #[arg(long)]
    pub from_organization: bool,
}

#[derive(Debug, Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Print what is found as JSON, for editors
    #[arg(long)]
    pub json: bool,
    /// Write what is found for GitLab's merge requests: artifacts:reports:codequality
    #[arg(long, value_name = "FILE")]
    pub gitlab_code_quality: Option<PathBuf>,
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
pub struct SnapshotArgs {
    #[command(flatten)]
    pub plain: Plain,
    /// Read the facts that a plan of another configuration needs, such as a pull request's; it is read as data, and only its accounts count
    #[arg(long, value_name = "DIR")]
    pub for_config: Option<PathBuf>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// plan, explanation, snapshot, record, journal, head or lock; without a name, the names are listed
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Files and directories, or - for standard input; the working directory unless told otherwise
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
    /// Write no colours
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Write the plan to a file that apply can carry out
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 2 if a departure would be carried out, with 3 if none can be and some are blocked
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Plan as if it were this time, such as 2026-12-01T00:00:00Z; such a plan can't be saved
    #[arg(long, value_name = "TIME", conflicts_with = "out")]
    pub at: Option<Timestamp>,
    /// Plan from a snapshot instead of the organization, without credentials; such a plan is for review and never applied
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Plan only for the account with this address; repeatable
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<Address>,
    /// Write what is found for GitLab's merge requests: artifacts:reports:codequality
    #[arg(long, value_name = "FILE")]
    pub gitlab_code_quality: Option<PathBuf>,
    /// Set what was pending before apart: the saved plan of the target branch
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
    /// Write no colours
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
    /// Copy journal and departure records to a directory when the run ends
    #[arg(long, value_name = "DIR")]
    pub records_to: Option<PathBuf>,
    /// Plan only for the account with this address; repeatable, not with a saved plan
    #[arg(long, value_name = "ADDRESS", conflicts_with = "plan")]
    pub target: Vec<Address>,
    /// Ask for approval on the terminal
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set)]
    pub input: bool,
    /// How long to wait for the lock, such as 30s or 3m
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub lock_timeout: String,
    /// Begin no new departure after this time, such as 30m; those in flight land
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
    /// Write no colours
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
    /// Set what was pending before apart: the saved plan of the target branch
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// List unchanged accounts and the requests that were made
    #[arg(long)]
    pub verbose: bool,
    /// Replace email addresses
    #[arg(long)]
    pub redact_emails: bool,
    /// Write no colours
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Debug, Args)]
pub struct HistoryArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(subcommand)]
    pub command: Option<HistoryCommand>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// List departures, the first one first
    List,
    /// Show one departure, and the commands that would undo it
    Show {
        /// The account's address, id or name
        account: String,
    },
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// A head that an apply printed: fail unless it is in the chain
    #[arg(long, value_name = "HASH")]
    pub head: Option<String>,
    /// Also ask the CloudTrail of each account that left, through its member role
    #[arg(long)]
    pub member: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// How long to wait for the lock, such as 30s or 3m
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub lock_timeout: String,
    /// Write no colours
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// The address of the account's block, its id, or the code of a diagnostic
    pub account: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write no colours
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Debug, Args)]
pub struct ForceUnlockArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// The lock's id, which the refused command printed
    pub id: String,
    /// Don't ask for confirmation
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct IamPolicyArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// The role
    pub role: PolicyFor,
    /// Print who may assume the role instead of what it may do
    #[arg(long)]
    pub trust: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyFor {
    /// Plans, in the management account or a delegated administrator
    Plan,
    /// Applies, from the management account
    Apply,
    /// Applies removals by the management account too
    Remove,
    /// The role in each member that makes the call
    Member,
    /// The role in each member that plan looks with
    MemberRead,
}

#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SandboxArgs {
    #[command(subcommand)]
    pub command: SandboxCommand,
}

#[derive(Debug, Subcommand)]
pub enum SandboxCommand {
    /// Serve an organization on loopback, for any AWS client
    Serve(ServeArgs),
    /// Forget what happened in the sandbox of this configuration
    Reset(VariableArgs),
    /// Print a fixture: a large organization, or the copy of a real one
    Generate(GenerateArgs),
}

#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// Copy the organization of a snapshot, to rehearse on
    #[arg(long, value_name = "FILE", conflicts_with_all = ["accounts", "seed"])]
    pub from_snapshot: Option<PathBuf>,
    /// How many accounts, the management account included
    #[arg(long, value_name = "N", required_unless_present = "from_snapshot", value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub accounts: Option<u32>,
    /// The same seed gives the same organization
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The fixture; without one there are accounts and no organization
    pub fixture: Option<PathBuf>,
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4566")]
    pub listen: String,
    /// Keep the world in a file, so that it survives the server
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Change the fixture's weather, such as '{"throttles": true, "latency_ms": 20}'
    #[arg(long, value_name = "JSON")]
    pub weather: Option<String>,
    /// Schedule a fault or a list of them, such as '{"operation": "organizations:LeaveOrganization", "kind": "throttle"}'
    #[arg(long, value_name = "JSON")]
    pub faults: Option<String>,
    /// Freeze the clock at a time
    #[arg(long, value_name = "TIME")]
    pub clock: Option<String>,
    /// Allow an address that is not loopback: whoever reaches it can read and change this world
    #[arg(long)]
    pub expose: bool,
}
