//! Flags and arguments. The doc comments are the help texts.

mod configuration;
mod drift;
mod examples;
mod plans;
mod program;
mod records;
mod references;
mod sandbox;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::cli::output::annotate::Reports;

pub use configuration::{FmtArgs, ImportArgs, InitArgs, ValidateArgs};
pub use drift::DriftArgs;
pub use examples::command;
pub use plans::{AnnounceArgs, ApplyArgs, ExplainArgs, PlanArgs, ShowArgs, SnapshotArgs};
pub use program::{CompletionArgs, IamPolicyArgs, LspArgs, ManArgs, PolicyFor, SchemaArgs, VersionArgs};
pub use records::{ForceUnlockArgs, HistoryArgs, HistoryCommand, VerifyArgs};
pub use references::ReferencesArgs;
pub use sandbox::SandboxArgs;
#[cfg(feature = "sandbox")]
pub use sandbox::{SandboxCommand, ServeArgs};

/// Every command, for "did you mean".
pub const COMMANDS: &[&str] = &[
    "init",
    "validate",
    "fmt",
    "plan",
    "apply",
    "show",
    "announce",
    "explain",
    "snapshot",
    "drift",
    "iam-policy",
    "history",
    "verify",
    "references",
    "force-unlock",
    "sandbox",
    "import",
    "schema",
    "completion",
    "lsp",
    "man",
    "version",
    "help",
];

/// The roster of an AWS organization, as code: declare which accounts are members and which are to leave, see what would happen and why,
/// and carry it out.
#[derive(Debug, Parser)]
#[command(name = "orgroster", version, disable_help_subcommand = false, arg_required_else_help = true, args_override_self = true)]
pub struct Cli {
    /// Switch to a different directory before running the command
    #[arg(long, value_name = "DIR")]
    pub chdir: Option<PathBuf>,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the configuration, the backend and the credentials, and write a .gitignore where there is none
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
    /// Print the CloudTrail events to expect of a saved plan, for whoever would be alarmed by them
    Announce(AnnounceArgs),
    /// Show every gate of one account: what it saw, where, and what resolves it; or what a gate asks, or a diagnostic means
    Explain(ExplainArgs),
    /// Write what a plan would observe to a file, for planning without credentials
    Snapshot(SnapshotArgs),
    /// Show what changed in the organization since a snapshot, or between two
    Drift(DriftArgs),
    /// Print the least-privilege policy of a role
    IamPolicy(IamPolicyArgs),
    /// Show departure records
    History(HistoryArgs),
    /// Check that nothing was changed or cut off, and match departures with CloudTrail
    Verify(VerifyArgs),
    /// Find where other configuration still names accounts that leave or have left
    References(ReferencesArgs),
    /// Release a lock whose run is gone
    ForceUnlock(ForceUnlockArgs),
    /// Serve an organization in AWS's place, for rehearsals and tests
    Sandbox(SandboxArgs),
    /// Write blocks for live members that have none
    Import(ImportArgs),
    /// Print the JSON Schema of a file that the tool writes
    Schema(SchemaArgs),
    /// Print the completion script of a shell
    Completion(CompletionArgs),
    /// Serve an editor over standard input and output: diagnostics, completion, hover, definitions, formatting
    Lsp(LspArgs),
    /// Write the man pages to a directory
    #[command(hide = true)]
    Man(ManArgs),
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
            Self::Announce(arguments) => arguments.no_color,
            Self::Verify(arguments) => arguments.no_color,
            Self::References(arguments) => arguments.no_color,
            Self::Snapshot(arguments) => arguments.plain.no_color,
            Self::Drift(arguments) => arguments.plain.no_color,
            Self::Explain(arguments) => arguments.no_color,
            Self::History(_)
            | Self::ForceUnlock(_)
            | Self::IamPolicy(_)
            | Self::Sandbox(_)
            | Self::Schema(_)
            | Self::Completion(_)
            | Self::Lsp(_)
            | Self::Man(_)
            | Self::Version(_) => false,
        }
    }

    /// Where its reports for forges go.
    pub fn reports(&self) -> Reports<'_> {
        match self {
            Self::Plan(arguments) => arguments.reports.of("plan"),
            Self::Validate(arguments) => arguments.reports.of("validate"),
            Self::References(arguments) => arguments.reports.of("references"),
            _ => Reports::default(),
        }
    }
}

/// Reports of what is found, for forges.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Write what is found for GitLab's merge requests: artifacts:reports:codequality
    #[arg(long, value_name = "FILE")]
    pub gitlab_code_quality: Option<PathBuf>,
    /// Write what is found as SARIF, for GitHub's code scanning; at most 25,000 findings and 10 MB, errors first
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
}

impl ReportArgs {
    fn of(&self, command: &'static str) -> Reports<'_> {
        Reports { command, code_quality: self.gitlab_code_quality.as_deref(), sarif: self.sarif.as_deref() }
    }
}

/// What a configuration is given by whoever runs the program: values of variables, and what of it is trusted. Taken before and after the
/// word of a command within a command.
#[derive(Debug, Args)]
pub struct VariableArgs {
    /// Take the blocks orgroster, provider, organization, guardrails and gate from a file outside of the directory, which may then only tighten guardrails
    #[arg(long, global = true, value_name = "FILE")]
    pub trusted_config: Option<PathBuf>,
    /// Set a variable of the configuration; repeatable
    #[arg(long, global = true, value_name = "NAME=VALUE")]
    pub var: Vec<String>,
    /// Set variables from a file; repeatable
    #[arg(long, global = true, value_name = "FILE")]
    pub var_file: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Plain {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
    /// Ask for input; orgroster asks nothing here
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set, hide = true)]
    pub input: bool,
}
