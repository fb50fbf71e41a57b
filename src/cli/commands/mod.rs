//! The commands, one file each.

mod announce;
mod apply;
mod approval;
mod drift;
mod explain;
mod fmt;
mod force_unlock;
mod history;
mod iam_policy;
mod import;
mod init;
mod lsp;
mod man;
mod outcome;
mod plan;
mod references;
mod repair;
mod sandbox;
mod schema;
mod show;
mod snapshot;
#[cfg(feature = "references")]
mod sought;
mod validate;
mod verify;
mod version;

pub use announce::announce;
pub use apply::apply;
pub use drift::drift;
pub use explain::explain;
pub use fmt::fmt;
pub use force_unlock::force_unlock;
pub use history::history;
pub use iam_policy::iam_policy;
pub use import::import;
pub use init::init;
pub use lsp::lsp;
pub use man::man;
pub use plan::plan;
pub use references::references;
pub use sandbox::sandbox;
pub use schema::{completion, schema};
pub use show::show;
pub use snapshot::snapshot;
pub use validate::validate;
pub use verify::verify;
pub use version::version;

use std::future::Future;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::Message;

use super::Exit;

/// File descriptors that a run needs at the same time: those of the runtime, a connection for each request in flight, and the backend's
/// files. With fewer, the runtime and the TLS library panic when they run out.
const DESCRIPTORS: usize = 32;

/// Opens as many descriptors as a run may need, and closes them again.
fn check_descriptors() -> Result<(), Diagnostic> {
    let taken: Result<Vec<_>, _> = (0..DESCRIPTORS / 2).map(|_| std::io::pipe()).collect();
    taken.map(|_| ()).map_err(|error| {
        let detail = format!(
            "A run needs {DESCRIPTORS} file descriptors, and this process can't open that many: {error}. Nothing was done. Raise the limit:"
        );
        Diagnostic::error(Code::OutputError, Message::new(&detail).command("ulimit -n 1024"))
    })
}

/// Runs a command that uses the network, on this thread.
fn block_on(command: impl Future<Output = Result<Exit, Diagnostics>>) -> Result<Exit, Diagnostics> {
    check_descriptors()?;
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(command),
        Err(error) => Err(Diagnostic::error(Code::OutputError, format!("The runtime can't be started: {error}.")).into()),
    }
}
