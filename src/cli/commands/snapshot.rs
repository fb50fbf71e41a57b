//! `snapshot`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::cli::args::SnapshotArgs;
use crate::cli::connection::workspace::Workspace;
use crate::cli::output::files::save;
use crate::cli::output::watch::watched;
use crate::cli::{Context, Exit, failures};
use crate::config::{self, ExternalValues};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::observe::ObserveScope;
use crate::org::{AccountId, Desired, DesiredAccount, DesiredRoster, MemberRole};
use crate::plan::Snapshot;
use crate::render::text::text;

/// The maximum number of pending departures in another configuration. Each costs about ten requests of the organization's quota.
const MAX_DETACHED: usize = 500;

/// Writes to a file what a plan would observe.
pub fn snapshot(context: &mut Context, arguments: &SnapshotArgs) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        // Read the other configuration first, so that a mistake in it costs no request.
        let accounts = match &arguments.for_config {
            Some(directory) => Some(accounts_of(context, directory)?),
            None => None,
        };
        let mut workspace = Workspace::open(context).await?;
        if let Some(accounts) = accounts {
            workspace.roster = with_accounts(&workspace.roster, accounts);
        }
        let observed = watched(context, &workspace.aws, workspace.observe(ObserveScope::Plan(&[]))).await?;
        let records = workspace.ledger.latest_acts().await.map_err(|error| failures::journal(&error))?;
        let joinings = workspace.joinings().await?;
        let estate = if arguments.whole { Some(watched(context, &workspace.aws, workspace.estate(&observed)).await?) } else { None };
        let snapshot = Snapshot::of(&observed, estate, &workspace.roster, (records, joinings), workspace.sandbox);
        let text = snapshot.to_json().map_err(|error| failures::unserializable(&error))?;
        save("-out", &arguments.out, &text)?;
        let (organization, at) = (&observed.organization.id, observed.observed_at);
        let path = arguments.out.display();
        context.terminal.print(&text!(
            "Wrote {}: organization {} at {}. It contains names, addresses and policies: share it only with people who may see them.\n",
            path,
            organization,
            at
        ));
        Ok(Exit::Done)
    })
}

/// The accounts of another configuration. That configuration is only data: it gets nothing from the environment, and only its accounts are
/// used.
fn accounts_of(context: &mut Context, directory: &Path) -> Result<Vec<DesiredAccount>, Diagnostics> {
    let unusable = |why: String| Diagnostic::error(Code::InvalidArgument, format!("-for-config: {}: {why}.", directory.display()));
    let kind = fs::symlink_metadata(directory).map_err(|error| unusable(error.to_string()))?;
    if !kind.is_dir() {
        return Err(unusable("it is not a directory; symbolic links are not followed".to_owned()).into());
    }
    let ExternalValues { arguments, trusted_config, time, time_is_chosen, environment: _, terraform: _, open: _ } = context.given.clone();
    let given = ExternalValues { arguments, trusted_config, time, time_is_chosen, ..ExternalValues::default() };
    let (roster, _) = config::load_with(directory, &given, &mut context.sources)?;
    let pending = roster.accounts.iter().filter_map(DesiredAccount::leaving).filter(|departure| departure.departed.is_none()).count();
    if pending > MAX_DETACHED {
        return Err(unusable(format!("it detaches {pending} accounts, and facts are read for at most {MAX_DETACHED}")).into());
    }
    Ok(roster.accounts)
}

/// Our configuration with another configuration's accounts. Roles that those accounts name are not read unless our configuration names them
/// for the account: otherwise the author of the other configuration would learn about any account's roles.
fn with_accounts(own: &DesiredRoster, accounts: Vec<DesiredAccount>) -> DesiredRoster {
    let roles: BTreeMap<AccountId, &MemberRole> =
        own.accounts.iter().filter_map(|account| Some((account.id, &account.leaving()?.member_role))).collect();
    let trusted = |mut account: DesiredAccount| {
        if let Desired::Detached(departure) = &mut account.membership {
            departure.member_role = (*roles.get(&account.id).unwrap_or(&&own.provider.member_role)).clone();
        }
        account
    };
    DesiredRoster { accounts: accounts.into_iter().map(trusted).collect(), ..own.clone() }
}
