//! `force-unlock`.

use crate::cli::args::ForceUnlockArgs;
use crate::cli::connection::workspace::open_ledger;
use crate::cli::{Context, Exit, failures};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::journal::{JournalError, Store, StoreError};
use crate::render::Text;

/// Releases the lock with the given id. The id is required so that a lock that another run has taken in the meantime is not released.
pub fn force_unlock(context: &mut Context, arguments: &ForceUnlockArgs) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        let (_, ledger) = open_ledger(context).await?;
        let refused = |detail: String| Diagnostics::from(Diagnostic::error(Code::LockNotReleased, detail));
        if !arguments.force {
            if !context.terminal.is_interactive() {
                return Err(refused(
                    "There is no terminal to ask for confirmation. Use -force if the run that holds the lock has ended.".to_owned(),
                ));
            }
            let question = Text::ours(
                "Do you really want to force-unlock?\n  Only do this if the run that holds the lock has ended. If it has not, two runs will act at the same time.\n  \
                            Only 'yes' will be accepted to confirm.\n\n  Enter a value: ",
            );
            context.terminal.confirm(&question, "yes").await.map_err(|why| refused(format!("{why} Nothing was done.")))?;
        }
        match ledger.store().force_unlock(&arguments.id).await {
            Ok(()) => {
                context.terminal.print(&Text::ours("The lock has been released. The next apply resolves what that run left open.\n"));
                Ok(Exit::Done)
            }
            Err(StoreError::NotThatLock(None)) => Err(refused("No lock is held. Nothing was done.".to_owned())),
            Err(StoreError::NotThatLock(Some(holder))) => {
                Err(refused(format!("{:?} is not the lock that is held: {holder}. Nothing was done.", arguments.id)))
            }
            Err(StoreError::Alive(holder)) => Err(refused(format!(
                "Its process is alive: {holder}. End that process, or wait for it; the lock is released when it ends."
            ))),
            Err(error) => Err(failures::journal(&JournalError::Store(error)).into()),
        }
    })
}
