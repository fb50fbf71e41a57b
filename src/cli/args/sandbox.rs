//! Arguments of the commands about the embedded organization.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::VariableArgs;

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
    /// Freeze the organization's clock at a time; without this it shows real time, as clients of a server expect
    #[arg(long, value_name = "TIME")]
    pub clock: Option<String>,
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
