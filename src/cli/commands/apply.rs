//! `apply`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use tokio::time::Instant;

use crate::apply::{ApplyReport, Executor, PATIENCE, Pace, Progress, ResolvedIntents, RunContext, resolve_intents};
use crate::cli::args::ApplyArgs;
use crate::cli::connection::backend::RunStore;
use crate::cli::connection::clock::local_now;
use crate::cli::connection::locking;
use crate::cli::connection::observation::addresses;
use crate::cli::connection::saved::read_plan;
use crate::cli::connection::workspace::Workspace;
use crate::cli::output::screen::Screen;
use crate::cli::output::terminal::environment;
use crate::cli::output::watch::watched;
use crate::cli::{Context, Exit, failures, interrupts};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::journal::{LocalStore, Run};
use crate::observe::ObserveScope;
use crate::org::{AccountId, Address, Approver, Backend, Message, ObservedOrganization};
use crate::plan::{NotReconciled, PastAct, Plan, PlanFile, PlannedAccount, Reconciled, breaches, reconcile};
use crate::render::text::text;
use crate::render::{self, Style, Summary};

use super::plan::plan_now;
use super::{approval, outcome};

/// Observes again, plans again, and carries out what was approved.
pub fn apply(context: &mut Context, arguments: &ApplyArgs) -> Result<Exit, Diagnostics> {
    context.enable_json(arguments.json, arguments.json_into.as_deref())?;
    super::block_on(run(context, arguments))
}

async fn run(context: &mut Context, arguments: &ApplyArgs) -> Result<Exit, Diagnostics> {
    let approvers = approval::approvers(arguments)?;
    let timeout = locking::duration("-lock-timeout", &arguments.lock_timeout)?;
    let budget = arguments.timeout.as_deref().map(|text| locking::duration("-timeout", text)).transpose()?;
    let deadline = budget.map(|budget| Instant::now() + budget);
    let saved = arguments.plan.as_deref().map(read_plan).transpose()?;
    if let Some(file) = &saved {
        check_origin(&file.orgroster)?;
        if let Some(time) = time_of_plan(file.orgroster.plantimestamp, file.orgroster.sandbox, local_now())? {
            context.given.choose_time(time);
        }
    }
    let workspace = Workspace::open(context).await?;
    approval::check_possible(context, arguments)?;
    if let Some(file) = &saved {
        check_variables(file, &workspace)?;
    }
    let saved = saved.map(|file| file.orgroster);
    let targets = match &saved {
        Some(plan) => plan.targets(),
        None => addresses(&workspace.roster, &arguments.target)?,
    };
    check_rehearsal(&workspace, saved.as_ref())?;
    check_environment(&workspace, arguments)?;
    let run = locking::begin(context, &workspace, timeout, "apply").await?;
    let screen = Screen::new(context);
    let locked = Locked {
        context,
        screen: &screen,
        arguments,
        approvers: &approvers,
        workspace: &workspace,
        run: &run,
        saved: saved.as_ref(),
        targets: &targets,
        deadline,
    };
    let ended = locked.apply().await;
    let released = run.release().await.map_err(|error| failures::journal(&error));
    let exit = ended?;
    released?;
    Ok(exit)
}

/// What an apply works with once it has the lock.
struct Locked<'a> {
    context: &'a Context,
    screen: &'a Screen<'a>,
    arguments: &'a ApplyArgs,
    /// The approvers named by arguments and environment.
    approvers: &'a [Approver],
    workspace: &'a Workspace,
    run: &'a Run<'a, RunStore>,
    saved: Option<&'a Plan>,
    targets: &'a [Address],
    deadline: Option<Instant>,
}

impl Locked<'_> {
    async fn apply(&self) -> Result<Exit, Diagnostics> {
        let Self { context, screen, arguments, approvers, workspace, run, saved, targets, deadline: _ } = *self;
        copy_records(workspace, arguments).await?;
        let observed = watched(context, &workspace.aws, workspace.observe(ObserveScope::Plan(targets))).await?;
        let mut records = run.latest_acts().clone();
        let resolved = resolve_intents(&workspace.aws, run, &observed, workspace.sandbox, workspace.now(), &mut records).await;
        let resolved = resolved.map_err(|error| failures::resolve_intents(&error))?;
        for (id, action) in &resolved.done {
            let past = action.verbs().past;
            screen.say(&text!("Account {} {} in an earlier, interrupted run; its record is now written.\n", id, past));
        }
        let joinings = workspace.joinings().await?;
        let (fresh, findings) = plan_now(context, workspace, &observed, (&records, &joinings), targets);
        let expected = approval::expected(arguments);
        let resumed =
            expected.as_ref().filter(|_| saved.is_none()).and_then(|digest| Reconciled::by_digest(&fresh, &records, &joinings, digest));
        let (reconciled, digest) = match (saved, resumed, &expected) {
            (Some(saved), ..) => (reconcile(saved, &fresh, &joinings).map_err(|error| stale(screen, context, &error))?, &saved.digest),
            (None, Some(resumed), Some(expected)) => (resumed, expected),
            (None, ..) => (Reconciled::of_fresh(&fresh), &fresh.digest),
        };
        // The saved file's view of its departures is only a claim. Show what is observed now and will be done.
        let plan = reconciled.carried_out(&fresh, digest);
        // If everything is held back, there is no plan to show: "No changes" would contradict the lines that follow.
        if !reconciled.approved.is_empty() || reconciled.held_back.is_empty() {
            screen.plan(&plan);
        }
        // Guardrails are checked below, against what was approved and not against everything that is eligible.
        screen.findings(&findings.without(Code::GuardrailExceeded), arguments.compact_warnings);
        if findings.has_errors() {
            return Ok(Exit::Failed);
        }
        report_differences(screen, context.terminal.style(), &reconciled);
        check_guardrails(&fresh, &reconciled.approved)?;
        check_journal_stays(workspace, &reconciled.approved)?;
        if !reconciled.approved.is_empty() {
            approval::check_approvers(&fresh, approvers)?;
        }
        if !reconciled.approved.is_empty() || arguments.expect_digest.is_some() {
            approval::obtain(context, arguments, &plan).await?;
        }
        if reconciled.approved.is_empty() {
            return Ok(self.nothing_left(&reconciled));
        }
        // Without a working standard output, nobody could follow the run.
        context.terminal.check()?;
        for approver in approvers {
            screen.say(&text!("Approved by {}; the record will say so.\n", approver.to_string()));
        }
        let interrupted = Arc::new(AtomicBool::new(false));
        let (report, unwritten) = self.execute(&plan, &reconciled.approved, &observed, (&records, &resolved), &interrupted).await?;
        let exit = self.finish(&report, &reconciled, interrupted.load(Ordering::Relaxed));
        match unwritten {
            Some(unwritten) if exit == Exit::Done => Err(unwritten.into()),
            _ => Ok(exit),
        }
    }

    async fn execute(
        &self,
        plan: &Plan,
        approved: &[PlannedAccount],
        observed: &ObservedOrganization,
        (records, resolved): (&BTreeMap<AccountId, PastAct>, &ResolvedIntents),
        interrupted: &Arc<AtomicBool>,
    ) -> Result<(ApplyReport, Option<Diagnostic>), Diagnostics> {
        let Self { context: _, screen, arguments, approvers, workspace, run, saved: _, targets: _, deadline } = *self;
        let progress = |progress: Progress<'_>| screen.progress(progress);
        let pace = Pace::new(workspace.roster.provider.api_share_percent);
        screen.begin(approved, &pace);
        let writer = workspace.aws.writer();
        let run_context = RunContext {
            roster: &workspace.roster,
            observed,
            organization: &plan.organization,
            sandbox: workspace.sandbox,
            digest: &plan.digest,
            approved_by: approvers,
            operator: observed.callers.last().map_or("", |caller| caller.arn.as_str()),
            clock: &|| workspace.now(),
            interrupted,
            deadline,
            records,
            unresolved: &resolved.open,
            patience: PATIENCE,
            parallelism: usize::from(arguments.parallelism),
            pace,
            progress: &progress,
        };
        let signals = interrupts::watch(Arc::clone(interrupted), self.context.events.clone());
        let executor = Executor { read: &workspace.aws, write: &writer, run, context: &run_context };
        let report = executor.execute(approved).await;
        signals.abort();
        let report = report.map_err(|error| failures::journal(&error))?;
        // If the journal failed earlier, it fails here again. The outcome of each account must be shown all the same.
        let ended = run.ended(workspace.now(), report.done().total() as u64).await;
        Ok((report, ended.err().map(|error| failures::journal(&error))))
    }

    /// Ends an apply in which no approved act can be started.
    fn nothing_left(&self, reconciled: &Reconciled) -> Exit {
        if reconciled.held_back.is_empty() {
            self.screen.nothing_done();
            Exit::Done
        } else {
            self.finish(&ApplyReport::default(), reconciled, false)
        }
    }

    /// The command that continues with the remaining acts: the same command again, which learns from the records and from AWS what is done.
    /// A value from the command line is left out if its variable is sensitive.
    fn again(&self) -> String {
        let ApplyArgs { plan, expect_digest, approved_by, target, records_to, auto_approve, .. } = self.arguments;
        let mut words = vec!["apply".to_owned()];
        words.extend(expect_digest.iter().map(|digest| format!("-expect-digest={digest}")));
        words.extend(approved_by.iter().map(|approver| format!("-approved-by={}", approver.name)));
        words.extend(target.iter().map(|address| format!("-target={address}")));
        words.extend(records_to.iter().map(|directory| format!("-records-to={}", directory.display())));
        words.extend(auto_approve.then(|| "-auto-approve".to_owned()));
        words.extend(plan.iter().map(|plan| plan.display().to_string()));
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        self.context.invocation.command(&words)
    }

    /// The command that replaces the saved plan or digest with a new plan. `None` without either, because `apply` then makes a new plan
    /// itself.
    fn plan_again(&self) -> Option<String> {
        let ApplyArgs { plan, expect_digest, target, .. } = self.arguments;
        if plan.is_none() && expect_digest.is_none() {
            return None;
        }
        let mut words = vec!["plan".to_owned()];
        words.extend(target.iter().map(|address| format!("-target={address}")));
        words.extend(plan.iter().map(|plan| format!("-out={}", plan.display())));
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        Some(self.context.invocation.command(&words))
    }

    /// Shows the results, counted from the outcomes.
    fn finish(&self, report: &ApplyReport, reconciled: &Reconciled, interrupted: bool) -> Exit {
        let (again, plan_again) = (self.again(), self.plan_again());
        let held_back = &reconciled.held_back;
        let summary = Summary { report, held_back, done_before: reconciled.done.len(), again: &again, plan_again: plan_again.as_deref() };
        let mut failed = Diagnostics::default();
        failed.extend(report.outcomes.iter().filter_map(|(planned, outcome)| outcome::diagnostic(planned, outcome)));
        // The summary comes last, because users read the last lines first.
        self.screen.report(&failed);
        self.screen.summary(&summary);
        if interrupted {
            Exit::Interrupted
        } else if summary.is_complete() {
            Exit::Done
        } else if report.is_only_held_back() {
            Exit::HeldBack
        } else {
            Exit::Failed
        }
    }
}

fn stale(screen: &Screen<'_>, context: &Context, error: &NotReconciled) -> Diagnostics {
    let differences = match error {
        NotReconciled::Differs(differences) => differences,
        NotReconciled::Unserializable(error) => return failures::unserializable(error).into(),
    };
    screen.say(&text!("{}\n", render::differences(differences, context.terminal.style())));
    let what: Vec<_> = differences.iter().map(|found| found.what.as_str()).collect();
    let detail = format!(
        "Since the plan was made, {}. Nothing was done; the difference is above. Plan again, and have the new plan reviewed.",
        what.join("; ")
    );
    Diagnostic::error(Code::StalePlan, detail).into()
}

fn report_differences(screen: &Screen<'_>, style: Style, reconciled: &Reconciled) {
    if !reconciled.held_back.is_empty() {
        screen.say(&text!("\nThese approved acts are held back:\n\n{}", render::held_back(&reconciled.held_back, style)));
    }
    for account in &reconciled.newly_eligible {
        let address = style.bold(&account.address);
        screen.say(&text!(
            "{} became eligible since the plan was made. It was not approved, so it stays; plan again to include it.\n",
            address
        ));
    }
    for id in &reconciled.done {
        screen.say(&text!("Account {} was already done, according to its record.\n", id));
    }
}

/// A joining takes several runs, which learn about each other from the journal. `-records-to` does not bring the journal back to the next
/// runner.
fn check_journal_stays(workspace: &Workspace, approved: &[PlannedAccount]) -> Result<(), Diagnostic> {
    let joins = approved.iter().any(|planned| planned.act().is_some_and(|act| act.action.is_joining()));
    let is_local = matches!(workspace.roster.backend, Backend::Local { .. });
    if workspace.sandbox || !joins || !is_local || environment("CI").is_none() {
        return Ok(());
    }
    let detail = "CI is set and the backend is local: the next run would not know who was invited, because -records-to does not restore the journal. Nothing \
                  was done. To invite accounts from CI, use an S3 backend.";
    Err(Diagnostic::error(Code::RecordsWouldBeLost, detail))
}

fn check_guardrails(fresh: &Plan, approved: &[PlannedAccount]) -> Result<(), Diagnostic> {
    let exceeded = breaches(&fresh.guardrails, approved, fresh.organization.members);
    if exceeded.is_empty() {
        return Ok(());
    }
    let exceeded: Vec<_> = exceeded.iter().map(ToString::to_string).collect();
    let detail = format!(
        "{}. Nothing was done. Apply fewer acts at a time, or raise the limit in the guardrails block in a reviewed change.",
        exceeded.join("; ")
    );
    Err(Diagnostic::error(Code::GuardrailExceeded, detail))
}

/// A plan from a snapshot only shows a reviewer what a plan would say. Approval needs a plan of the organization itself.
fn check_origin(plan: &Plan) -> Result<(), Diagnostic> {
    let Some(taken_at) = plan.snapshot else { return Ok(()) };
    let detail = format!(
        "The plan was made from a snapshot of {taken_at}; such plans are for review only. Nothing was done. Plan again with credentials."
    );
    Err(Diagnostic::error(Code::InvalidPlanFile, detail))
}

/// A plan of the sandbox is never applied to AWS, or the reverse.
fn check_rehearsal(workspace: &Workspace, saved: Option<&Plan>) -> Result<(), Diagnostic> {
    let (made, refused_by) = match saved {
        Some(plan) if plan.sandbox && !workspace.sandbox => ("in the sandbox", "AWS"),
        Some(plan) if !plan.sandbox && workspace.sandbox => ("for AWS", "the sandbox"),
        _ => return Ok(()),
    };
    let detail = format!("The saved plan was made {made}, but the configuration now uses {refused_by}. Plan again.");
    Err(Diagnostic::error(Code::SandboxRefused, detail))
}

fn check_environment(workspace: &Workspace, arguments: &ApplyArgs) -> Result<(), Diagnostic> {
    let keeps_records_here = matches!(workspace.roster.backend, Backend::Local { .. });
    if !workspace.sandbox && keeps_records_here && arguments.records_to.is_none() && environment("CI").is_some() {
        let detail = "CI is set and the backend is local: the departure records would be lost with this machine. Set -records-to=DIR, and keep that directory.";
        return Err(Diagnostic::error(Code::RecordsWouldBeLost, detail));
    }
    if workspace.sandbox {
        return Ok(());
    }
    let services = ["AWS_ENDPOINT_URL_ORGANIZATIONS", "AWS_ENDPOINT_URL_STS"];
    let (set, unset): (Vec<&str>, Vec<&str>) = services.into_iter().partition(|name| environment(name).is_some());
    if environment("AWS_ENDPOINT_URL").is_none() && !set.is_empty() && !unset.is_empty() {
        let detail = format!(
            "{} is set and {} is not: some calls would reach AWS and others would not. Set both or neither.",
            set.join(", "),
            unset.join(", ")
        );
        return Err(Diagnostic::error(Code::MixedEndpoints, detail));
    }
    Ok(())
}

/// The value of `plantimestamp`: the same as when the plan was made. A time in the future can only come from a sandbox's clock.
fn time_of_plan(saved: Option<Timestamp>, sandbox: bool, now: Timestamp) -> Result<Option<Timestamp>, Diagnostic> {
    match saved.filter(|time| *time > now && !sandbox) {
        None => Ok(saved),
        Some(time) => {
            let detail = format!(
                "The plan says that it was made at {time}, which is in the future by this machine's clock. Nothing was done; plan again."
            );
            Err(Diagnostic::error(Code::StalePlan, detail))
        }
    }
}

/// A plan file's variable values are only compared with those from the directory, the environment and the command line, and never used:
/// values decide what a configuration means, and a file can be edited.
fn check_variables(file: &PlanFile, workspace: &Workspace) -> Result<(), Diagnostic> {
    let (then, now) = (file.variables(), &workspace.roster.variables);
    let names: BTreeSet<_> = then.keys().chain(now.keys()).collect();
    let text = |value: Option<&serde_json::Value>| value.map_or_else(|| "not set".to_owned(), ToString::to_string);
    let differing: Vec<_> = names.into_iter().filter(|name| then.get(*name) != now.get(*name)).collect();
    if differing.is_empty() {
        return Ok(());
    }
    let detail = Message::new("The values of these variables differ from those in the plan:");
    let detail = differing
        .into_iter()
        .fold(detail, |detail, name| detail.item(&format!("{name}: {} in the plan, {} now", text(then.get(name)), text(now.get(name)))));
    let detail = detail.line(
        "Nothing was done. The values in a plan are only compared, never used: set the same ones with -var, -var-file or the environment, or plan again.",
    );
    Err(Diagnostic::error(Code::StalePlan, detail))
}

/// Copies journal, records and head to `-records-to` before anything departs, and again with every later write, so that the copy exists
/// however the run ends.
async fn copy_records(workspace: &Workspace, arguments: &ApplyArgs) -> Result<(), Diagnostics> {
    let Some(directory) = &arguments.records_to else { return Ok(()) };
    let copied = workspace.ledger.copy_to(LocalStore::new(directory)).await;
    copied.map(|_| ()).map_err(|error| failures::records_to(&error).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_the_time_that_it_was_made_at_and_none_that_is_still_to_come() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = time("2026-12-01T10:00:00Z");
        assert_eq!(time_of_plan(None, false, now).unwrap(), None);
        for past in ["2026-12-01T10:00:00Z", "2026-11-30T00:00:00.5Z"] {
            assert_eq!(time_of_plan(Some(time(past)), false, now).unwrap(), Some(time(past)));
        }
        assert_eq!(time_of_plan(Some(time("2026-12-01T10:00:01Z")), false, now).unwrap_err().code, Code::StalePlan);
        let rehearsed = time("2026-12-01T10:00:01Z");
        assert_eq!(time_of_plan(Some(rehearsed), true, now).unwrap(), Some(rehearsed), "the sandbox has a clock of its own");
    }
}
