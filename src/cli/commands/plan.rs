//! `plan`.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use crate::cli::args::PlanArgs;
use crate::cli::build;
use crate::cli::connection::clock::local_now;
use crate::cli::connection::observation::Observation;
use crate::cli::connection::saved::{compare_with, read_baseline};
use crate::cli::connection::workspace::Workspace;
use crate::cli::output::files::save;
use crate::cli::{Context, Exit, failures};
use crate::diag::Diagnostics;
use crate::org::{AccountId, Address, JoiningStory, ObservedOrganization};
use crate::plan::{PastAct, Plan, PlanFile, PlanInput, PlanOutcome, plan as make_plan};
use crate::render::text::text;
use crate::render::words::approver_options;
use crate::render::{self, PlanView, Text, events};

/// Observes, gates, compares and prints. Takes no lock and writes nothing to the backend.
pub fn plan(context: &mut Context, arguments: &PlanArgs) -> Result<Exit, Diagnostics> {
    context.enable_json(arguments.json, arguments.json_into.as_deref())?;
    super::block_on(async {
        let baseline = read_baseline(arguments.baseline.as_deref())?;
        if let Some(at) = arguments.at {
            context.given.choose_time(at);
        }
        let seen = Observation::take(context, arguments.snapshot.as_deref(), &arguments.target).await?;
        let (mut plan, findings) = make_plan(&PlanInput {
            roster: &seen.roster,
            sources: &context.sources,
            observed: &seen.observed,
            records: &seen.records,
            joinings: &seen.joinings,
            targets: &seen.targets,
            now: arguments.at.unwrap_or(seen.now),
            sandbox: seen.sandbox,
            snapshot: seen.snapshot,
        });
        plan.as_if = arguments.at.is_some();
        plan.invocation = context.place.invocation(&context.given, &seen.roster);
        compare_with(&mut plan, baseline.as_ref())?;
        context.note_blocked(&plan);
        let (style, invocation) = (context.terminal.style(), &context.invocation);
        let view = PlanView { style, verbose: arguments.verbose, cost: seen.cost.as_ref(), invocation };
        context.event(&events::plan(local_now(), &plan));
        if !context.json_output() {
            context.terminal.print(&render::plan(&plan, view));
        }
        let mut findings = findings;
        findings.extend(build::cannot_apply(&plan));
        context.report_warnings(&findings, arguments.compact_warnings);
        if findings.has_errors() {
            return Ok(Exit::Failed);
        }
        if let Some(path) = &arguments.out {
            let file = PlanFile::of(&plan).with_variables(&seen.roster.variables);
            save("-out", path, &file.to_json().map_err(|error| failures::unserializable(&error))?)?;
        }
        next_step(context, &plan, arguments.out.as_deref(), &seen.targets);
        Ok(exit(&plan, arguments.detailed_exitcode))
    })
}

/// Plans from what is observed now.
pub fn plan_now(
    context: &Context,
    workspace: &Workspace,
    observed: &ObservedOrganization,
    past: (&BTreeMap<AccountId, PastAct>, &BTreeMap<AccountId, JoiningStory>),
    targets: &[Address],
) -> (Plan, Diagnostics) {
    plan_at(context, workspace, observed, past, targets, workspace.now())
}

/// Plans from what is observed now, as of another time.
pub fn plan_at(
    context: &Context,
    workspace: &Workspace,
    observed: &ObservedOrganization,
    (records, joinings): (&BTreeMap<AccountId, PastAct>, &BTreeMap<AccountId, JoiningStory>),
    targets: &[Address],
    now: Timestamp,
) -> (Plan, Diagnostics) {
    let (mut plan, findings) = make_plan(&PlanInput {
        roster: &workspace.roster,
        sources: &context.sources,
        observed,
        records,
        joinings,
        targets,
        now,
        sandbox: workspace.sandbox,
        snapshot: None,
    });
    plan.invocation = context.place.invocation(&context.given, &workspace.roster);
    (plan, findings)
}

const fn detailed(outcome: PlanOutcome) -> Exit {
    match outcome {
        PlanOutcome::NothingToDo => Exit::Done,
        PlanOutcome::Acts => Exit::Acts,
        PlanOutcome::OnlyBlocked | PlanOutcome::OnlyDrift => Exit::HeldBack,
    }
}

fn exit(plan: &Plan, detailed_exitcode: bool) -> Exit {
    if detailed_exitcode { detailed(plan.outcome()) } else { Exit::Done }
}

/// The command that makes the same plan again, asks for approval and applies it.
fn apply_again(context: &Context, plan: &Plan, targets: &[Address]) -> String {
    let targets: Vec<_> = targets.iter().map(|target| format!("-target={target}")).collect();
    let words = std::iter::once("apply").chain(targets.iter().map(String::as_str));
    context.invocation.command(&words.chain(approver_options(plan)).collect::<Vec<_>>())
}

fn next_step(context: &Context, plan: &Plan, saved: Option<&Path>, targets: &[Address]) {
    if context.terminal.is_automated() || context.json_output() || plan.outcome() == PlanOutcome::NothingToDo {
        return;
    }
    let mut parts = Vec::new();
    parts.extend(saved.map(|path| text!("Saved the plan to: {}", path.display())));
    if plan.snapshot.is_some() {
        parts.extend(saved.map(|_| Text::ours("It was made from a snapshot: it can be shown, but not applied.")));
    } else if plan.as_if {
        parts.push(text!("This plan is as of {}: it can't be saved or applied.", plan.planned_at));
    } else if plan.outcome() == PlanOutcome::Acts {
        parts.push(match saved {
            Some(path) => {
                let apply = context.invocation.apply(&approver_options(plan), &path.display().to_string());
                text!("To perform exactly these actions, run the following command to apply:\n    {}", apply)
            }
            None => text!(
                "Note: You didn't use the -out option to save this plan, so orgroster will plan again and ask\nfor approval of the new plan when you run:\n    {}",
                apply_again(context, plan, targets)
            ),
        });
    }
    if parts.is_empty() {
        return;
    }
    let rule = "─".repeat(77);
    context.terminal.print(&text!("\n{}\n\n{}\n", context.terminal.style().dim(&rule), Text::joined(&parts, "\n\n")));
}
