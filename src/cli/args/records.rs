//! Arguments of the commands about departure records and the lock.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::VariableArgs;

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
    /// List departures, oldest first
    List,
    /// Show one departure, and the commands that would undo it
    Show {
        /// The account's address, id or name
        account: String,
    },
    /// Restore journal entries and records that this backend lacks from a copy that `apply -records-to` made
    Restore {
        /// The directory given to -records-to
        directory: PathBuf,
    },
    /// Show damage to the journal and records and, after review, accept it so that the chain can continue; rewrites and removes nothing
    Repair {
        /// Accept the reviewed damage without asking, by the digest that `history repair` printed
        #[arg(long, value_name = "DIGEST")]
        expect_digest: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// Fail unless the chain contains this head, which an apply printed
    #[arg(long, value_name = "HASH")]
    pub head: Option<String>,
    /// Also query CloudTrail in each account that left, through its member role
    #[arg(long)]
    pub member: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// How long to wait for the lock, such as 30s or 3m
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub lock_timeout: String,
    /// Disable color
    #[arg(long)]
    pub no_color: bool,
}

#[derive(Debug, Args)]
pub struct ForceUnlockArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    /// The lock's id, as printed by the command that could not take the lock
    pub id: String,
    /// Don't ask for confirmation
    #[arg(long)]
    pub force: bool,
}
