//! Arguments of the commands about the sandbox.

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
    /// Serve a simulated organization on a loopback address, for any AWS client
    Serve(ServeArgs),
    /// Discard the state of this configuration's sandbox
    Reset(VariableArgs),
    /// Print a generated fixture: a large organization, or a copy of a real one
    Generate(GenerateArgs),
}

#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// Copy the organization from a snapshot, for a rehearsal
    #[arg(long, value_name = "FILE", conflicts_with_all = ["accounts", "seed"])]
    pub from_snapshot: Option<PathBuf>,
    /// Number of accounts, including the management account
    #[arg(long, value_name = "N", required_unless_present = "from_snapshot", value_parser = clap::value_parser!(u32).range(1..=50_000))]
    pub accounts: Option<u32>,
    /// Seed of the generator; the same seed gives the same organization
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Freeze the organization's clock at this time; by default it shows real time, as clients of a server expect
    #[arg(long, value_name = "TIME")]
    pub clock: Option<String>,
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The fixture; without one, there are accounts but no organization
    pub fixture: Option<PathBuf>,
    /// Address and port to listen on; port 0 picks a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4566")]
    pub listen: String,
    /// Keep the sandbox's state in this file, so that it survives a restart
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Change the fixture's weather, such as '{"throttles": true, "latency_ms": 20}'
    #[arg(long, value_name = "JSON")]
    pub weather: Option<String>,
    /// Schedule a fault or a list of them, such as '{"operation": "organizations:LeaveOrganization", "kind": "throttle"}'
    #[arg(long, value_name = "JSON")]
    pub faults: Option<String>,
    /// Freeze the clock at this time
    #[arg(long, value_name = "TIME")]
    pub clock: Option<String>,
    /// Allow an address that is not loopback; anyone who can reach it can read and change the sandbox
    #[arg(long)]
    pub expose: bool,
}
