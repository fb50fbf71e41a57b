//! `drift`.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::args::DriftArgs;
use crate::cli::connection::observation::{check_organization, read_snapshot};
use crate::cli::connection::workspace::Workspace;
use crate::cli::output::files::save;
use crate::cli::output::watch::watched;
use crate::cli::{Context, Exit, failures};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::drift::{ChangeKind, Incomparable, Moment, OrganizationDrift, compare};
use crate::observe::ObserveScope;
use crate::org::{DesiredRoster, Estate, ObservedOrganization, json_line};
use crate::plan::{Snapshot, without_addresses};
use crate::render::{self, Text};

/// Shows what changed in the organization between two snapshots.
pub fn drift(context: &mut Context, arguments: &DriftArgs) -> Result<Exit, Diagnostics> {
    match (&arguments.since, &arguments.from, &arguments.to) {
        (Some(since), _, _) => super::block_on(async {
            let found = live(context, since, arguments.out.as_deref()).await?;
            print(context, arguments, found)
        }),
        (None, Some(from), Some(to)) => print(context, arguments, stored(from, to)?),
        (None, _, _) => Err(Diagnostic::error(Code::InvalidArgument, "Give a snapshot with -since, or two with -from and -to.").into()),
    }
}

fn print(context: &mut Context, arguments: &DriftArgs, found: OrganizationDrift) -> Result<Exit, Diagnostics> {
    let found = if arguments.redact_emails { without_emails(found) } else { found };
    let text = if arguments.json {
        Text::json_document(&json_line(&found).map_err(|error| failures::unserializable(&error))?)
    } else if arguments.markdown {
        render::organization_drift_markdown(&found)
    } else {
        render::organization_drift(&found, context.terminal.style())
    };
    context.terminal.print(&text);
    Ok(if found.changes.is_empty() { Exit::Done } else { Exit::Acts })
}

/// The same drift with every email address replaced, including those in session names.
fn without_emails(found: OrganizationDrift) -> OrganizationDrift {
    let changed = found.changes.iter().filter(|change| change.kind == ChangeKind::AddressChanged);
    let addresses: BTreeSet<String> = changed.flat_map(|change| [&change.before, &change.after]).flatten().cloned().collect();
    found.map_texts(|text| without_addresses(text, &addresses))
}

/// Compares the live organization with a snapshot. Reads only what the snapshot contains, or everything if `out` is set.
async fn live(context: &mut Context, since: &Path, out: Option<&Path>) -> Result<OrganizationDrift, Diagnostics> {
    // Read the file first, so that an invalid one costs no request.
    let snapshot = read_snapshot(since)?;
    let workspace = Workspace::open(context).await?;
    check_organization(&snapshot, &workspace.roster)?;
    let observed = watched(context, &workspace.aws, workspace.observe(ObserveScope::Accounts)).await?;
    let estate = match snapshot.estate() {
        None if out.is_none() => None,
        _ => Some(watched(context, &workspace.aws, workspace.estate(&observed)).await?),
    };
    let now = Moment { observed: &observed, estate: estate.as_ref(), sandbox: workspace.sandbox };
    let found = compare(moment(&snapshot), now).map_err(|wrong| incomparable(since, &wrong))?;
    let found = watched(context, &workspace.aws, workspace.explain(found, &observed)).await;
    // Written last, so that this report exists before anything compares with the new snapshot.
    if let Some(out) = out {
        keep(out, &observed, estate, &workspace)?;
    }
    Ok(found)
}

/// Writes a snapshot for later comparisons. It covers no account of the configuration, because nothing that a plan needs was read.
fn keep(out: &Path, observed: &ObservedOrganization, estate: Option<Estate>, workspace: &Workspace) -> Result<(), Diagnostic> {
    let no_accounts = DesiredRoster { accounts: Vec::new(), ..workspace.roster.clone() };
    let snapshot = Snapshot::of(observed, estate, &no_accounts, Default::default(), workspace.sandbox);
    save("-out", out, &snapshot.to_json().map_err(|error| failures::unserializable(&error))?)
}

fn stored(from: &Path, to: &Path) -> Result<OrganizationDrift, Diagnostics> {
    let (before, after) = (read_snapshot(from)?, read_snapshot(to)?);
    let found = compare(moment(&before), moment(&after)).map_err(|wrong| incomparable(from, &wrong))?;
    Ok(found.unexplained("snapshots contain no CloudTrail events; -since reads them"))
}

fn moment(snapshot: &Snapshot) -> Moment<'_> {
    Moment { observed: snapshot.observed(), estate: snapshot.estate(), sandbox: snapshot.sandbox }
}

fn incomparable(path: &Path, wrong: &Incomparable) -> Diagnostic {
    let code = match wrong {
        Incomparable::OtherOrganization { .. } => Code::WrongOrganization,
        Incomparable::Sandbox { .. } => Code::SandboxRefused,
        Incomparable::Backwards { .. } => Code::InvalidSnapshot,
    };
    let detail = format!("{} can't be compared: {wrong}. Give two snapshots of one organization, the earlier one first.", path.display());
    Diagnostic::error(code, detail)
}
