//! `init`.

use std::collections::BTreeSet;
use std::path::Path;

use tokio::try_join;

use crate::api::{ApiError, ReadOrganization};
use crate::cli::args::InitArgs;
use crate::cli::connection::credentials;
use crate::cli::connection::workspace::{Workspace, reach};
use crate::cli::ignored::ignore_backend;
use crate::cli::output::watch::watched;
use crate::cli::starter::{Blocks, Units, write_new};
use crate::cli::{Context, Exit, failures, signals};
use crate::config;
use crate::diag::Diagnostics;
use crate::hcl::{Document, list, text};
use crate::observe::{ObserveError, every_account, unit_names};
use crate::org::{Account, Guardrails, Organization, counted};
use crate::render::Text;
use crate::render::text::text as shown;

use super::import::described;

/// Checks the configuration, the backend and the credentials, or writes a configuration from the live organization. Both write a
/// `.gitignore` for a backend below the directory, if there is none.
pub fn init(context: &mut Context, arguments: &InitArgs) -> Result<Exit, Diagnostics> {
    if arguments.from_organization { from_organization(context) } else { check(context) }
}

/// Writes the organization, the guardrails and a block for each member. An existing configuration may only say how to reach the
/// organization.
fn from_organization(context: &mut Context) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        let here = Path::new(".");
        let start = config::bootstrap(here, &context.given, &mut context.sources)?;
        let (aws, now) = reach(context, &start).await?;
        let found = watched(context, &aws, read(&aws)).await;
        let Found { organization, accounts, units } = found.map_err(|error| credentials::api(&error, &start.provider))?;
        let exists = |name: &str| here.join(name).symlink_metadata().is_ok();
        let members = if accounts.is_empty() { Vec::new() } else { Blocks::new(&accounts, &units, &BTreeSet::new(), now).files(exists) };
        let mut files = vec![("organization.roster.hcl".to_owned(), head(&organization, start.has_guardrails))];
        files.extend(members);
        signals::hold();
        write_new(here, &files)?;
        let what = if let [(head, _), (members, _)] = files.as_slice() { format!("{head} and {members}") } else { described(here, &files) };
        context.terminal.print(&shown!(
            "Wrote {} with blocks for {}. Review them, then run orgroster plan.\n",
            what,
            counted(accounts.len() as u64, "account")
        ));
        ignore_backend(context, &start.backend, start.provider.sandbox.is_some())?;
        Ok(Exit::Done)
    })
}

/// The live organization that a configuration is made from.
struct Found {
    organization: Organization,
    /// The members.
    accounts: Vec<Account>,
    units: Units,
}

async fn read(api: &impl ReadOrganization) -> Result<Found, ApiError> {
    let organization = api.describe_organization().await?;
    let (root, mut accounts) = try_join!(api.root(), every_account(api, organization.management_account_id))?;
    accounts.retain(|account| account.id != organization.management_account_id);
    accounts.sort_by_key(|account| account.id);
    accounts.dedup_by_key(|account| account.id);
    let names = unit_names(api, &accounts).await?;
    Ok(Found { organization, accounts, units: Units::new(root.id, names) })
}

/// The blocks that identify the organization and limit an apply. They show the defaults, so that users can change them.
fn head(organization: &Organization, has_guardrails: bool) -> String {
    let Organization { id, management_account_id, .. } = organization;
    let own =
        Document::default().argument("id", text(id.as_str())).argument("management_account_id", text(&management_account_id.to_string()));
    let document = Document::default().block("organization", &[], own);
    if has_guardrails {
        return document.text();
    }
    let Guardrails { max_detachments, max_detachments_percent, .. } = Guardrails::default();
    let guardrails = Document::default()
        .commented("max_detachments", max_detachments, "per apply")
        .argument("max_detachments_percent", max_detachments_percent)
        .commented("protected_accounts", list::<&str>([]), "never detached, whatever a block says")
        .commented("unmanaged", text("warn"), "live members without a block");
    document.block("guardrails", &[], guardrails).text()
}

fn check(context: &mut Context) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        let workspace = Workspace::open(context).await?;
        workspace.ledger.latest_acts().await.map_err(|error| failures::journal(&error))?;
        let found = workspace.aws.describe_organization().await;
        let found = found.map_err(|error| credentials::api(&error, &workspace.roster.provider))?;
        let declared = &workspace.roster.organization;
        if found.id != declared.id || found.management_account_id != declared.management_account_id {
            let called_from = workspace.aws.callers().await.ok().and_then(|callers| callers.last().map(|caller| caller.account));
            let wrong =
                ObserveError::WrongOrganization { called_from: called_from.unwrap_or(found.management_account_id), found: Box::new(found) };
            return Err(failures::observe(&wrong, declared).into());
        }
        let style = context.terminal.style();
        let where_ = if workspace.sandbox { "the sandbox's organization" } else { "organization" };
        let done = style.green("orgroster has been successfully initialized!");
        context.terminal.print(&shown!(
            "{}\n\nThe configuration is valid, the backend is readable, and {} {} is reachable.\n",
            done,
            where_,
            found.id
        ));
        ignore_backend(context, &workspace.roster.backend, workspace.sandbox)?;
        if !context.terminal.is_automated() {
            context.terminal.print(&Text::ours("You may now run `orgroster plan` to see what would happen to every account.\n"));
        }
        Ok(Exit::Done)
    })
}
