//! One file a command.

#[cfg(feature = "aws")]
mod apply;
#[cfg(feature = "aws")]
mod approval;
mod init;
#[cfg(feature = "aws")]
mod plan;
mod sandbox;
mod show;
mod validate;
mod version;

#[cfg(feature = "aws")]
pub use apply::apply;
pub use init::init;
#[cfg(feature = "aws")]
pub use plan::plan;
pub use sandbox::sandbox;
pub use show::show;
pub use validate::validate;
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

#[cfg(not(feature = "aws"))]
mod without_aws {
    use super::super::args::{ApplyArgs, PlanArgs};
    use super::super::{Context, Exit};
    use crate::diag::{Code, Diagnostic, Diagnostics};

    pub fn plan(_: &mut Context, _: &PlanArgs) -> Result<Exit, Diagnostics> {
        Err(not_built_in())
    }

    pub fn apply(_: &mut Context, _: &ApplyArgs) -> Result<Exit, Diagnostics> {
        Err(not_built_in())
    }

    pub fn not_built_in() -> Diagnostics {
        Diagnostic::error(Code::AwsNotBuiltIn, "This orgroster was built without the feature `aws`. Install one that has it.").into()
    }
}

#[cfg(not(feature = "aws"))]
pub use without_aws::{apply, plan};
