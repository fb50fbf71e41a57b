//! One file a command.

mod apply;
mod approval;
mod baseline;
mod explain;
mod fmt;
mod force_unlock;
mod history;
mod iam_policy;
mod import;
mod init;
mod outcome;
mod plan;
mod sandbox;
mod schema;
mod show;
mod snapshot;
mod validate;
mod verify;
mod version;

pub use apply::apply;
pub use explain::explain;
pub use fmt::fmt;
pub use force_unlock::force_unlock;
pub use history::history;
pub use iam_policy::iam_policy;
pub use import::import;
pub use init::init;
pub use plan::plan;
pub use sandbox::sandbox;
pub use schema::{completion, schema};
pub use show::show;
pub use snapshot::snapshot;
pub use validate::validate;
pub use verify::verify;
pub use version::version;

use std::future::Future;

use crate::diag::{Code, Diagnostic, Diagnostics};

use super::Exit;

/// Runs a command that waits for the network, on this thread.
fn block_on(command: impl Future<Output = Result<Exit, Diagnostics>>) -> Result<Exit, Diagnostics> {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => Err(Diagnostic::error(Code::OutputError, format!("The runtime can't be started: {error}.")).into()),
    }
}
