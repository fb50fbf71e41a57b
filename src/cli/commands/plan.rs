//! `plan`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::args::PlanArgs;
use crate::cli::build;
use crate::cli::clock::local_now;
use crate::cli::observation::Observation;
use crate::cli::output::save;
use crate::cli::world::World;
use crate::cli::{Context, Exit};
use crate::diag::Diagnostics;
use crate::org::{AccountId, Address, ObservedOrganization};
use crate::plan::{DepartureOnRecord, Outcome, Plan, PlanFile, PlanInput, plan as make_plan};
use crate::render::text::text;
use crate::render::{self, PlanView, Text, events};

use super::baseline;

/// Observes, gates, compares and prints. Takes no lock and writes nothing to the backend.
pub fn plan(context: &mut Context, arguments: &PlanArgs) -> Result<Exit, Diagnostics> {
    context.tell_events(arguments.json, arguments.json_into.as_deref())?;
    super::block_on(async {
        let baseline = baseline::read(arguments.baseline.as_deref())?;
        let seen = Observation::take(context, arguments.snapshot.as_deref(), &arguments.target).await?;
        let (mut plan, findings) = make_plan(&PlanInput {
            roster: &seen.roster,
            sources: &context.sources,
            observed: &seen.observed,
            records: &seen.records,
            inside: &BTreeMap::new(),
            targets: &arguments.target,
            now: arguments.at.unwrap_or(seen.now),
            sandbox: seen.sandbox,
            snapshot: seen.snapshot,
        });
        baseline::compare(&mut plan, baseline.as_ref())?;
        context.note_blocked(&plan);
        let view = PlanView { style: context.terminal.style(), verbose: arguments.verbose, cost: seen.cost.as_ref() };
        context.event(&events::plan(local_now(), &plan));
        if !context.tells_by_events() {
            context.terminal.print(&render::plan(&plan, view));
        }
        let mut findings = findings;
        findings.extend(build::cannot_apply(&plan));
        context.report_warnings(&findings, arguments.compact_warnings);
        if findings.has_errors() {
            return Ok(Exit::Failed);
        }
        if let Some(path) = &arguments.out {
            save("-out", path, &PlanFile::of(&plan).with_variables(&seen.roster.variables).to_json())?;
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
    make_plan(&PlanInput {
        roster: &world.roster,
        sources: &context.sources,
        observed,
        records,
        inside: &BTreeMap::new(),
        targets,
        now: world.now(),
        sandbox: world.sandbox,
        snapshot: None,
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

fn next_step(context: &Context, plan: &Plan, saved: Option<&Path>) {
    if context.terminal.is_automated() || context.tells_by_events() || plan.outcome() == Outcome::NothingToDo {
        return;
    }
    let rule = "─".repeat(77);
    let text = match saved {
        Some(path) if plan.snapshot.is_some() => {
            text!("Saved the plan to: {}\n\nIt was made from a snapshot: it can be shown, and not applied.\n", path.display())
        }
        None if plan.snapshot.is_some() => return,
        Some(path) => {
            let path = path.display();
            text!(
                "Saved the plan to: {}\n\nTo perform exactly these actions, run the following command to apply:\n    orgroster apply \"{}\"\n",
                path,
                path
            )
        }
        None => Text::ours(
            "Note: You didn't use the -out option to save this plan, so orgroster plans again\nwhen you run \"orgroster apply\", and asks for approval of what it finds then.\n",
        ),
    };
    context.terminal.print(&text!("\n{}\n\n{}", context.terminal.style().dim(&rule), text));
}
