//! `plan`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use crate::cli::args::PlanArgs;
use crate::cli::watch::watched;
use crate::cli::world::World;
use crate::cli::{Context, Exit, failures};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::org::{AccountId, Address, ObservedOrganization};
use crate::plan::{DepartureOnRecord, Outcome, Plan, PlanFile, PlanInput, check_targets, plan as make_plan};
use crate::render::{self, PlanView};

use super::baseline;

/// Observes, gates, compares and prints. Takes no lock and writes nothing to the backend.
pub fn plan(context: &mut Context, arguments: &PlanArgs) -> Result<Exit, Diagnostics> {
    super::block_on(async {
        let baseline = baseline::read(arguments.baseline.as_deref())?;
        let world = World::open(context).await?;
        check_addresses(&world, &arguments.target)?;
        let observed = watched(context, &world, world.observe()).await?;
        let cost = world.aws.cost();
        let records = world.ledger.departures().await.map_err(|error| failures::journal(&error))?;
        let now = arguments.at.unwrap_or_else(|| world.now());
        let (mut plan, findings) = plan_at(context, &world, &observed, &records, &arguments.target, now);
        baseline::compare(&mut plan, baseline.as_ref())?;
        let view = PlanView { style: context.terminal.style(), verbose: arguments.verbose, cost: Some(&cost) };
        context.terminal.print(&render::plan(&plan, view));
        context.report_warnings(&findings, arguments.compact_warnings);
        if findings.has_errors() {
            return Ok(Exit::Failed);
        }
        if let Some(path) = &arguments.out {
            save(path, &PlanFile::of(&plan).with_variables(&world.roster.variables))?;
        }
        next_step(context, &plan, arguments.out.as_deref());
        Ok(exit(&plan, arguments.detailed_exitcode))
    })
}

/// Plans with what is observed now.
pub fn plan_now(
    context: &Context,
    world: &World,
    observed: &ObservedOrganization,
    records: &BTreeMap<AccountId, DepartureOnRecord>,
    targets: &[Address],
) -> (Plan, Diagnostics) {
    plan_at(context, world, observed, records, targets, world.now())
}

/// Plans with what is observed now as if it were `now`. Such a plan answers a question; it is never saved.
fn plan_at(
    context: &Context,
    world: &World,
    observed: &ObservedOrganization,
    records: &BTreeMap<AccountId, DepartureOnRecord>,
    targets: &[Address],
    now: Timestamp,
) -> (Plan, Diagnostics) {
    make_plan(&PlanInput {
        roster: &world.roster,
        sources: &context.sources,
        observed,
        records,
        inside: &BTreeMap::new(),
        targets,
        now,
        sandbox: world.sandbox,
        snapshot: None,
    })
}

/// A target that nothing has is a slip of the finger, not a wish for an empty plan.
pub fn check_addresses(world: &World, targets: &[Address]) -> Result<(), Diagnostic> {
    check_targets(&world.roster, targets).map_err(|error| {
        let hint = error.closest.as_ref().map_or_else(String::new, |closest| format!(" Did you mean {closest}?"));
        Diagnostic::error(Code::UnknownTarget, format!("-target: {error}.{hint}"))
    })
}

const fn detailed(outcome: Outcome) -> Exit {
    match outcome {
        Outcome::NothingToDo => Exit::Done,
        Outcome::Departures => Exit::Departures,
        Outcome::OnlyBlocked => Exit::HeldBack,
    }
}

fn exit(plan: &Plan, detailed_exitcode: bool) -> Exit {
    if detailed_exitcode { detailed(plan.outcome()) } else { Exit::Done }
}

/// Writes the plan beside its place and moves it there, so that a reader never sees half of it.
fn save(path: &Path, plan: &PlanFile) -> Result<(), Diagnostic> {
    let cannot =
        |error: std::io::Error| Diagnostic::error(Code::OutputError, format!("-out: {} can't be written: {error}.", path.display()));
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let aside = Path::new(&name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // A plan holds names and addresses of people.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(aside).and_then(|mut file| {
        file.write_all(plan.to_json().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(aside, path)
    });
    written.map_err(|error| {
        let _ = std::fs::remove_file(aside);
        cannot(error)
    })
}

fn next_step(context: &Context, plan: &Plan, saved: Option<&Path>) {
    if context.terminal.is_automated() || plan.outcome() == Outcome::NothingToDo {
        return;
    }
    let rule = "─".repeat(77);
    let text = match saved {
        Some(path) => {
            let path = path.display();
            format!("Saved the plan to: {path}\n\nTo perform exactly these actions, run the following command to apply:\n    orgroster apply \"{path}\"\n")
        }
        None => "Note: You didn't use the -out option to save this plan, so orgroster plans again\nwhen you run \"orgroster apply\", and asks for approval of what it finds then.\n"
            .to_owned(),
    };
    context.terminal.print(&format!("\n{}\n\n{text}", context.terminal.style().dim(&rule)));
}
