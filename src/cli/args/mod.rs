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

/// The roster of an AWS organization, as code: declare which accounts are members and which should leave, preview what would happen and
/// why, and apply it.
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
    /// Check the configuration, the backend and the credentials, and write a .gitignore if there is none
    Init(InitArgs),
    /// Check whether the configuration is valid, without calling AWS
    Validate(ValidateArgs),
    /// Rewrite configuration files in the canonical format
    Fmt(FmtArgs),
    /// Show what would happen to every account, and why or why not
    Plan(PlanArgs),
    /// Carry out a plan
    Apply(ApplyArgs),
    /// Show a saved plan
    Show(ShowArgs),
    /// Print the CloudTrail events to expect from a saved plan, for teams whose alarms they would trigger
    Announce(AnnounceArgs),
    /// Explain each gate of one account: its evidence, where that was read, and its resolution; or explain a gate or a diagnostic code
    Explain(ExplainArgs),
    /// Save what a plan would read to a file, to plan without credentials
    Snapshot(SnapshotArgs),
    /// Show what changed in the organization since a snapshot, or between two snapshots
    Drift(DriftArgs),
    /// Print the least-privilege IAM policy for a role
    IamPolicy(IamPolicyArgs),
    /// Show departure records
    History(HistoryArgs),
    /// Verify that the journal and records are complete and unmodified, and match departures with CloudTrail
    Verify(VerifyArgs),
    /// Find references in other configurations to accounts that are leaving or have left
    References(ReferencesArgs),
    /// Release a lock left behind by a run that has ended
    ForceUnlock(ForceUnlockArgs),
    /// Serve a simulated organization in place of AWS, for rehearsals and tests
    Sandbox(SandboxArgs),
    /// Write blocks for live members that have none
    Import(ImportArgs),
    /// Print the JSON Schema of a file that orgroster writes
    Schema(SchemaArgs),
    /// Print a shell completion script
    Completion(CompletionArgs),
    /// Run the language server for editors, on standard input and output: diagnostics, completion, hover, definitions, formatting
    Lsp(LspArgs),
    /// Write the man pages to a directory
    #[command(hide = true)]
    Man(ManArgs),
    /// Show the version
    Version(VersionArgs),
}

impl Command {
    /// Whether `-no-color` is set after the command, where Terraform accepts it.
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

    /// The reports for code forges that the command's options request.
    pub fn reports(&self) -> Reports<'_> {
        match self {
            Self::Plan(arguments) => arguments.reports.of("plan"),
            Self::Validate(arguments) => arguments.reports.of("validate"),
            Self::References(arguments) => arguments.reports.of("references"),
            _ => Reports::default(),
        }
    }
}

/// Options for reports of findings to code forges.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Write the findings as a GitLab code quality report: artifacts:reports:codequality
    #[arg(long, value_name = "FILE")]
    pub gitlab_code_quality: Option<PathBuf>,
    /// Write the findings as SARIF for GitHub code scanning; at most 25,000 findings and 10 MB, errors first
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
}

impl ReportArgs {
    fn of(&self, command: &'static str) -> Reports<'_> {
        Reports { command, code_quality: self.gitlab_code_quality.as_deref(), sarif: self.sarif.as_deref() }
    }
}

/// What the caller supplies to a configuration: values of variables and the trusted configuration. A command with subcommands accepts these
/// flags before and after the subcommand.
#[derive(Debug, Args)]
pub struct VariableArgs {
    /// Take the blocks orgroster, provider, organization, guardrails and gate from this file outside of the directory; the directory may
    /// then only tighten guardrails
    #[arg(long, global = true, value_name = "FILE")]
    pub trusted_config: Option<PathBuf>,
    /// Set a configuration variable; repeatable
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
    /// Accepted for compatibility with Terraform; this command never asks for input
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value_t = true, action = clap::ArgAction::Set, hide = true)]
    pub input: bool,
}
