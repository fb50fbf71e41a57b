//! `init`.

use crate::api::{ObserveError, ReadOrganization};
use crate::cli::world::World;
use crate::cli::{Context, Exit, failures};
use crate::diag::Diagnostics;

/// Checks configuration, backend and credentials. Writes nothing.
pub fn init(context: &mut Context) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        let world = World::open(context).await?;
        world.ledger.departures().await.map_err(|error| failures::journal(&error))?;
        let found = world.aws.describe_organization().await.map_err(|error| failures::api(&error))?;
        let declared = &world.roster.organization;
        if found.id != declared.id || found.management_account_id != declared.management_account_id {
            let called_from = world.aws.callers().await.ok().and_then(|callers| callers.last().map(|caller| caller.account));
            let wrong =
                ObserveError::WrongOrganization { called_from: called_from.unwrap_or(found.management_account_id), found: Box::new(found) };
            return Err(failures::observe(&wrong, declared).into());
        }
        let style = context.terminal.style();
        let where_ = if world.sandbox { "the sandbox's organization" } else { "organization" };
        let done = style.green("orgroster has been successfully initialized!");
        context
            .terminal
            .print(&format!("{done}\n\nThe configuration is valid, the backend readable, and {where_} {} answers.\n", found.id));
        if !context.terminal.is_automated() {
            context.terminal.print("You may now run `orgroster plan` to see what would happen to every account.\n");
        }
        Ok(Exit::Done)
    })
}
