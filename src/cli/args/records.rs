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
    /// List departures, the first one first
    List,
    /// Show one departure, and the commands that would undo it
    Show {
        /// The account's address, id or name
        account: String,
    },
    /// Take back in what `apply -records-to` copied: journal and records that this backend lacks
    Restore {
        /// The directory that -records-to named
        directory: PathBuf,
    },
    /// Show what is wrong with journal and records, and accept it after review, so that the chain goes on; rewrites and removes nothing
    Repair {
        /// Accept exactly what was reviewed, without asking: the digest that `history repair` printed
        #[arg(long, value_name = "DIGEST")]
        expect_digest: Option<String>,
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
    /// Disable color
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
