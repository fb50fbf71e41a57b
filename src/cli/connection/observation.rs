//! What a plan is made from: the live organization, or a snapshot in its place.

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

/// How many accounts a message names.
const NAMED: usize = 5;

/// A configuration and what was seen for it.
pub struct Observation {
    /// The configuration.
    pub roster: DesiredRoster,
    /// The organization.
    pub observed: ObservedOrganization,
    /// The addresses that are planned for; empty means all.
    pub targets: Vec<Address>,
    /// Accounts that a record names, each with its latest act.
    pub records: BTreeMap<AccountId, PastAct>,
    /// What the journal knows of joinings.
    pub joinings: BTreeMap<AccountId, JoiningStory>,
    /// The run's one time; a snapshot's is when it was taken.
    pub now: Timestamp,
    /// Whether the organization is the sandbox's.
    pub sandbox: bool,
    /// When the snapshot was taken, where one is used.
    pub snapshot: Option<Timestamp>,
    /// What observing cost; nothing with a snapshot.
    pub cost: Option<ReadingCost>,
}

impl Observation {
    /// Observes the organization as far as a plan for these targets needs it, or reads a snapshot. With a snapshot neither credentials nor the backend are used.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the configuration, or why there is nothing to plan with.
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

/// The addresses that `-target` means. One that nothing has is a slip of the finger, not a wish for an empty plan.
///
/// # Errors
///
/// `unknown-target`.
pub fn addresses(roster: &DesiredRoster, targets: &[String]) -> Result<Vec<Address>, Diagnostic> {
    targets.iter().map(|word| find_target(roster, word).map_err(|error| unknown_target("-target: ", &error))).collect()
}

/// A word that names no account.
pub fn unknown_target(flag: &str, error: &UnknownTarget) -> Diagnostic {
    let hint = error.closest.as_ref().map_or_else(String::new, |closest| format!(" Did you mean {closest}?"));
    Diagnostic::error(Code::UnknownTarget, format!("{}.{hint}", capitalized(&format!("{flag}{error}"))))
}

/// Reads a snapshot.
///
/// # Errors
///
/// Why the file is not a valid one.
pub fn read_snapshot(path: &Path) -> Result<Snapshot, Diagnostic> {
    let cannot = |why: String| {
        let detail = format!("{} can't be used as a snapshot: {why}.", path.display());
        Diagnostic::error(Code::InvalidSnapshot, detail)
    };
    // A pipe that nobody writes to would be waited for forever.
    let kind = std::fs::metadata(path).map_err(|error| cannot(error.to_string()))?;
    if !kind.is_file() {
        return Err(cannot(format!("it is {}, not a file", if kind.is_dir() { "a directory" } else { "a pipe or a device" })));
    }
    let bytes = read_named(path, saved::MAX_BYTES).map_err(|error| cannot(error.to_string()))?;
    Snapshot::parse(&bytes).map_err(|error| cannot(error.to_string()))
}

/// A snapshot replaces only the organization that the configuration leads to.
///
/// # Errors
///
/// `sandbox-refused` or `wrong-organization`.
pub fn check_organization(snapshot: &Snapshot, roster: &DesiredRoster) -> Result<(), Diagnostic> {
    let sandbox = roster.provider.sandbox.is_some();
    if snapshot.sandbox != sandbox {
        let of = |sandbox: bool| if sandbox { "the sandbox" } else { "AWS" };
        let detail = format!("The snapshot is of {}, and the configuration leads to {}.", of(snapshot.sandbox), of(sandbox));
        return Err(Diagnostic::error(Code::SandboxRefused, detail));
    }
    if sandbox && environment("ORGROSTER_REQUIRE_AWS").is_some() {
        return Err(Diagnostic::error(Code::SandboxRefused, "ORGROSTER_REQUIRE_AWS is set, and the snapshot is of the sandbox."));
    }
    let observed = snapshot.observed();
    let found = &observed.organization;
    if found.id != roster.organization.id || found.management_account_id != roster.organization.management_account_id {
        let wrong = ObserveError::WrongOrganization { found: Box::new(found.clone()), called_from: observed.called_from };
        return Err(failures::observe(&wrong, &roster.organization));
    }
    Ok(())
}

/// A snapshot to plan with is of that organization, and knows what the plan will ask.
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
        "The snapshot was taken for another configuration, and lacks facts about {}{more}. Take one for this configuration, where the credentials are:",
        named.join(", ")
    ))
    .command("orgroster snapshot -for-config DIR -out FILE");
    Err(Diagnostic::error(Code::InvalidSnapshot, detail))
}
