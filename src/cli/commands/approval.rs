//! Who approves an apply, and how.

use std::collections::BTreeSet;

use crate::cli::Context;
use crate::cli::args::ApplyArgs;
use crate::cli::output::terminal::environment;
use crate::diag::{Code, Diagnostic};
use crate::org::{Approver, ApproverSource, MAX_APPROVERS, Message, counted};
use crate::plan::{Digest, Plan, PlannedAccount};
use crate::render::text::{put, putln, quoted, text};
use crate::render::{Style, Text, words};

/// How many accounts the approval prompt lists, so that the prompt stays on the screen.
const MAX_ASKED_ABOUT: usize = 30;

/// Refuses an apply that needs an approval and has no way to get one, before anything is read.
///
/// # Errors
///
/// Returns `approval-required`.
pub fn check_possible(context: &Context, arguments: &ApplyArgs) -> Result<(), Diagnostic> {
    let approved_already = arguments.plan.is_some() || arguments.auto_approve || arguments.expect_digest.is_some();
    if approved_already || (arguments.input && !arguments.json && context.terminal.is_interactive()) {
        return Ok(());
    }
    let why = if arguments.json {
        "With -json, apply can't ask for approval."
    } else if arguments.input {
        "There is no terminal to ask for approval."
    } else {
        "-input=false forbids asking for approval."
    };
    let commands = ["plan -out plan.json", "apply plan.json", "apply -expect-digest sha256:...", "apply -auto-approve"];
    let detail = Message::new(&format!("{why} Apply a saved plan, or approve in advance:"));
    let detail = commands.iter().fold(detail, |detail, command| detail.command(&format!("orgroster {command}")));
    Err(Diagnostic::error(Code::ApprovalRequired, detail))
}

/// A CI platform whose environment names the person who released a job: the variable and value that only such a job has, and the variable
/// with the name.
type Platform = (ApproverSource, (&'static str, &'static str), &'static str);

/// GitHub's `GITHUB_ACTOR` and similar variables elsewhere name the person who pushed or started the run, not one who approved it.
const PLATFORMS: &[Platform] = &[
    (ApproverSource::GitlabManualJob, ("CI_JOB_MANUAL", "true"), "GITLAB_USER_LOGIN"),
    (ApproverSource::BuildkiteUnblock, ("BUILDKITE", "true"), "BUILDKITE_UNBLOCKER"),
];

/// The named approvers: first those of `-approved-by`, then the one named by the platform's environment, each person once.
///
/// # Errors
///
/// Returns `invalid-argument` if a name from the environment is not valid, or if there are too many names.
pub fn approvers(arguments: &ApplyArgs) -> Result<Vec<Approver>, Diagnostic> {
    let mut named = arguments.approved_by.clone();
    for (source, (condition, value), variable) in PLATFORMS {
        if environment(condition).as_deref() != Some(*value) {
            continue;
        }
        let Some(name) = environment(variable) else { continue };
        let approver = Approver::new(&name, *source);
        named.push(approver.map_err(|error| Diagnostic::error(Code::InvalidArgument, format!("{variable}: {error}.")))?);
    }
    let distinct = Approver::distinct(named);
    if distinct.len() > MAX_APPROVERS as usize {
        let detail = format!("There are {}, and at most {MAX_APPROVERS} can be recorded.", counted(distinct.len() as u64, "approver"));
        return Err(Diagnostic::error(Code::InvalidArgument, detail));
    }
    Ok(distinct)
}

/// Checks that the number of named approvers satisfies the guardrails. Only the caller knows whether they really approved.
///
/// # Errors
///
/// Returns `approvers-missing` if there are too few.
pub fn check_approvers(plan: &Plan, approvers: &[Approver]) -> Result<(), Diagnostic> {
    let demanded = plan.guardrails.approvers;
    if approvers.len() >= demanded as usize {
        return Ok(());
    }
    let named = match approvers {
        [] => "none was named".to_owned(),
        [one] => format!("one was named: {one}"),
        several => format!("{} were named: {}", several.len(), several.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    };
    let asked = counted(u64::from(demanded), "distinct approver");
    let detail =
        format!("guardrails {{ approvers = {demanded} }} requires {asked}, and {named}. Nothing was done. Name everyone who approved:");
    let options = " -approved-by NAME".repeat(demanded as usize);
    Err(Diagnostic::error(Code::ApproversMissing, Message::new(&detail).command(&format!("orgroster apply{options}"))))
}

/// The digest of `-expect-digest`, with its prefix.
#[must_use]
pub fn expected(arguments: &ApplyArgs) -> Option<Digest> {
    let text = arguments.expect_digest.as_ref()?;
    Some(Digest(format!("sha256:{}", text.strip_prefix("sha256:").unwrap_or(text))))
}

/// Checks the expected digest, and asks for approval if nothing else has approved the plan.
///
/// # Errors
///
/// Returns `digest-mismatch` or `approval-declined`.
pub async fn obtain(context: &Context, arguments: &ApplyArgs, plan: &Plan) -> Result<(), Diagnostic> {
    if let Some(expected) = expected(arguments)
        && expected != plan.digest
    {
        let detail = format!(
            "-expect-digest is {expected}, but the digest of the plan is {}. Nothing was done. Review the plan above, then pass its digest.",
            plan.digest
        );
        let detail = Message::new(&detail);
        let detail = match plan.plantimestamp {
            Some(_) => detail.and("The configuration calls plantimestamp(), whose value differs in each run unless a saved plan is applied: apply the plan file."),
            None => detail,
        };
        return Err(Diagnostic::error(Code::DigestMismatch, detail));
    }
    if arguments.plan.is_some() || arguments.auto_approve || arguments.expect_digest.is_some() {
        return Ok(());
    }
    let carried_out = plan.carried_out();
    let wanted = words::approval(&carried_out);
    let confirmed = context.terminal.confirm(&question(&carried_out, &wanted, context.terminal.style()), &wanted).await;
    confirmed.map_err(|why| Diagnostic::error(Code::ApprovalDeclined, format!("{why} Nothing was done.")))
}

/// The prompt: the accounts, that the act can't be undone, and what to type.
fn question(accounts: &[&PlannedAccount], wanted: &str, style: Style) -> Text {
    let mut text = Text::default();
    let these = if accounts.len() == 1 { "this account" } else { "these accounts" };
    let verbs: BTreeSet<_> = accounts.iter().map(|planned| words::verbs_of(planned).approve).collect();
    putln!(text, "\n{}", style.bold(format!("Do you want to {} {these}?", verbs.into_iter().collect::<Vec<_>>().join(" or "))));
    for planned in accounts.iter().take(MAX_ASKED_ABOUT) {
        let name = planned.before.as_ref().map_or_else(Text::default, |account| text!("  {}", quoted(&account.name)));
        putln!(text, "    {}  {}{}", planned.id, style.bold(&planned.address), name);
    }
    if let Some(more) = accounts.len().checked_sub(MAX_ASKED_ABOUT).filter(|more| *more > 0) {
        putln!(text, "    and {} more, all shown above", more);
    }
    let done = "  orgroster will perform the actions described above. Leaving an organization can't be undone.";
    putln!(text, "\n{}", style.wrapped(&Text::ours(done), "  "));
    put!(text, "  Only '{}' will be accepted to approve.\n\n  {} ", wanted, style.bold("Enter a value:"));
    text
}
