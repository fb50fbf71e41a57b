//! Arguments of the commands about the program itself and what it needs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::VariableArgs;

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
    /// The role in each member that plan reads with
    MemberRead,
    /// Applies joinings too: invites accounts, tags and places them
    Join,
    /// The role in an account that accepts our invitation
    Accept,
}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// plan, explanation, snapshot, record, journal, head, lock, refusal or references; without a name, the names are listed
    pub name: Option<String>,
}

#[derive(Debug, Args)]
pub struct CompletionArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// The shell
    #[arg(required_unless_present = "addresses")]
    pub shell: Option<clap_complete::Shell>,
    /// Print the addresses of the configuration, which the scripts offer
    #[arg(long, hide = true, conflicts_with = "shell")]
    pub addresses: bool,
}

#[derive(Debug, Args)]
pub struct LspArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Standard input and output, which is the only way to speak; editors pass it
    #[arg(long, hide = true)]
    pub stdio: bool,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// The directory, which must exist
    pub directory: PathBuf,
}

#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
