//! The input of a plan: the live organization, or a snapshot in its place.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use crate::cli::connection::saved;
use crate::cli::connection::workspace::Workspace;
use crate::cli::output::terminal::environment;
use crate::cli::output::watch::watched;
use crate::cli::{Context, failures};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::files::read_named;
use crate::observe::{ObserveError, ObserveScope};
use crate::org::{AccountId, Address, DesiredRoster, JoiningStory, Message, ObservedOrganization, ReadingCost, capitalized};
use crate::plan::{PastAct, Snapshot, UnknownTarget, find_target};

/// How many accounts a message lists.
const NAMED: usize = 5;

/// A configuration and what was observed for it.
pub struct Observation {
    /// The configuration.
    pub roster: DesiredRoster,
    /// The organization.
    pub observed: ObservedOrganization,
    /// The addresses to plan for. Empty means all.
    pub targets: Vec<Address>,
    /// Accounts that have a record, each with its latest act.
    pub records: BTreeMap<AccountId, PastAct>,
    /// The state of joinings according to the journal.
    pub joinings: BTreeMap<AccountId, JoiningStory>,
    /// The time of the run; for a snapshot, the time when it was taken.
    pub now: Timestamp,
    /// Whether the organization is a sandbox.
    pub sandbox: bool,
    /// When the snapshot was taken. `None` without a snapshot.
    pub snapshot: Option<Timestamp>,
    /// What the observation cost. `None` for a snapshot.
    pub cost: Option<ReadingCost>,
}

impl Observation {
    /// Observes what a plan for these targets needs, or reads a snapshot. With a snapshot, neither credentials nor the backend are used.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration is not valid, or if the organization, backend or snapshot can't be read.
    pub async fn take(context: &mut Context, snapshot: Option<&Path>, targets: &[String]) -> Result<Self, Diagnostics> {
        if let Some(path) = snapshot {
            return Self::of_snapshot(context, path, targets);
        }
        let workspace = Workspace::open(context).await?;
        let targets = addresses(&workspace.roster, targets)?;
        let observed = watched(context, &workspace.aws, workspace.observe(ObserveScope::Plan(&targets))).await?;
        let cost = Some(workspace.aws.cost());
        let records = workspace.ledger.latest_acts().await.map_err(|error| failures::journal(&error))?;
        let joinings = workspace.joinings().await?;
        let (now, sandbox) = (workspace.now(), workspace.sandbox);
        Ok(Self { observed, targets, records, joinings, now, sandbox, snapshot: None, cost, roster: workspace.roster })
    }

    fn of_snapshot(context: &mut Context, path: &Path, targets: &[String]) -> Result<Self, Diagnostics> {
        let (roster, warnings) = context.configuration()?;
        context.report(&warnings);
        let snapshot = read_snapshot(path)?;
        check(&snapshot, &roster)?;
        let targets = addresses(&roster, targets)?;
        let observed = snapshot.observed_for(&roster);
        let taken_at = observed.observed_at;
        Ok(Self {
            roster,
            targets,
            observed,
            now: taken_at,
            sandbox: snapshot.sandbox,
            snapshot: Some(taken_at),
            cost: None,
            records: snapshot.records,
            joinings: snapshot.joinings,
        })
    }
}

/// The addresses that the `-target` options mean. A target that matches nothing is a typing error, not a request for an empty plan.
///
/// # Errors
///
/// Returns `unknown-target` if a target matches nothing.
pub fn addresses(roster: &DesiredRoster, targets: &[String]) -> Result<Vec<Address>, Diagnostic> {
    targets.iter().map(|word| find_target(roster, word).map_err(|error| unknown_target("-target: ", &error))).collect()
}

/// The diagnostic for a word that matches no account.
pub fn unknown_target(flag: &str, error: &UnknownTarget) -> Diagnostic {
    let hint = error.closest.as_ref().map_or_else(String::new, |closest| format!(" Did you mean {closest}?"));
    Diagnostic::error(Code::UnknownTarget, format!("{}.{hint}", capitalized(&format!("{flag}{error}"))))
}

/// Reads a snapshot.
///
/// # Errors
///
/// Returns an error if the file is not a valid snapshot.
pub fn read_snapshot(path: &Path) -> Result<Snapshot, Diagnostic> {
    let cannot = |why: String| {
        let detail = format!("{} can't be used as a snapshot: {why}.", path.display());
        Diagnostic::error(Code::InvalidSnapshot, detail)
    };
    // Opening a pipe without a writer would block forever.
    let kind = std::fs::metadata(path).map_err(|error| cannot(error.to_string()))?;
    if !kind.is_file() {
        return Err(cannot(format!("it is {}, not a file", if kind.is_dir() { "a directory" } else { "a pipe or a device" })));
    }
    let bytes = read_named(path, saved::MAX_BYTES).map_err(|error| cannot(error.to_string()))?;
    Snapshot::parse(&bytes).map_err(|error| cannot(error.to_string()))
}

/// Checks that a snapshot is of the organization that the configuration leads to.
///
/// # Errors
///
/// Returns `sandbox-refused` or `wrong-organization`.
pub fn check_organization(snapshot: &Snapshot, roster: &DesiredRoster) -> Result<(), Diagnostic> {
    let sandbox = roster.provider.sandbox.is_some();
    if snapshot.sandbox != sandbox {
        let of = |sandbox: bool| if sandbox { "the sandbox" } else { "AWS" };
        let detail = format!("The snapshot is of {}, but the configuration uses {}.", of(snapshot.sandbox), of(sandbox));
        return Err(Diagnostic::error(Code::SandboxRefused, detail));
    }
    if sandbox && environment("ORGROSTER_REQUIRE_AWS").is_some() {
        return Err(Diagnostic::error(Code::SandboxRefused, "ORGROSTER_REQUIRE_AWS is set, but the snapshot is of the sandbox."));
    }
    let observed = snapshot.observed();
    let found = &observed.organization;
    if found.id != roster.organization.id || found.management_account_id != roster.organization.management_account_id {
        let wrong = ObserveError::WrongOrganization { found: Box::new(found.clone()), called_from: observed.called_from };
        return Err(failures::observe(&wrong, &roster.organization));
    }
    Ok(())
}

/// Checks that a snapshot is of this organization, and contains the facts that the plan needs.
fn check(snapshot: &Snapshot, roster: &DesiredRoster) -> Result<(), Diagnostic> {
    check_organization(snapshot, roster)?;
    let uncovered = snapshot.uncovered(roster);
    if uncovered.is_empty() {
        return Ok(());
    }
    let named: Vec<_> = uncovered.iter().take(NAMED).map(ToString::to_string).collect();
    let rest = uncovered.len().saturating_sub(NAMED);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let detail = Message::new(&format!(
        "The snapshot was taken for another configuration, and lacks facts about {}{more}. Take one for this configuration in an environment that has credentials:",
        named.join(", ")
    ))
    .command("orgroster snapshot -for-config DIR -out FILE");
    Err(Diagnostic::error(Code::InvalidSnapshot, detail))
}
