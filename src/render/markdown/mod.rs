//! A plan as Markdown, for a comment on a pull request or a job summary.

mod accounts;
mod escape;
mod folded;
mod losses;
mod organization_drift;
mod references;
mod section;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::org::{Action, JoinStep, counted, shell_quoted};
use crate::plan::{Comparison, Plan, PlanOutcome, PlannedAccount};

use super::Text;
use super::terminal::drift;
use super::terminal::plan::{marks, unusual_settings};
use super::words::{account_counts, acts, approver_options, joins, since_baseline};
use accounts::names;
use escape::{code, visible};
pub use organization_drift::organization_drift_markdown;
pub use references::references_markdown;
use section::{Rank, Section, assemble};

/// Maximum size in bytes. GitHub accepts 65,536 characters in a comment. A text never has fewer bytes than characters. The
/// rest is reserved for text that a workflow adds.
pub const LIMIT: usize = 65_000;

/// Maximum size, in bytes, of the targets in the command.
const TARGETS: usize = 2_000;

/// The whole plan. The first line is an invisible marker by which a workflow finds the comment to replace. `variables` means that the plan
/// was made with values for variables, which the command needs as well.
#[must_use]
pub fn markdown(plan: &Plan, variables: bool) -> Text {
    let mut sections: Vec<Section> = Vec::new();
    sections.extend(settings(plan));
    sections.extend(accounts::eligible(plan));
    sections.extend(folded::changes(plan));
    sections.extend(losses::sections(plan));
    sections.extend(losses::not_read(plan));
    sections.extend(accounts::blocked(plan));
    sections.extend(folded::drift(plan));
    sections.extend(folded::unmanaged(plan));
    sections.extend(folded::roster(plan));
    sections.extend(tree::section(plan));
    Text::document(assemble(&head(plan), &sections, &foot(plan, variables), LIMIT, "orgroster show"))
}

fn head(plan: &Plan) -> String {
    let organization = &plan.organization;
    let kind = if plan.sandbox { "rehearsal" } else { "plan" };
    let mut text = format!("<!-- orgroster:{kind}:{} -->\n## {}\n\n", organization.id, title(plan));
    for mark in marks(plan) {
        let _ = writeln!(text, "> [!IMPORTANT]\n> {mark}\n");
    }
    if !plan.exceeded.is_empty() {
        let breaches: Vec<_> = plan.exceeded.iter().map(|breach| code(&breach.to_string())).collect();
        let _ = writeln!(text, "> [!CAUTION]\n> Guardrail exceeded: {}. Nothing in this plan would be carried out.\n", breaches.join("; "));
    }
    let _ = writeln!(text, "{}  ", account_counts(plan));
    if let Some((Comparison { planned_at, digest, .. }, (introduced, others))) = plan.baseline.as_ref().zip(since_baseline(plan)) {
        let digest = code(&digest.to_string());
        let _ = writeln!(text, "Compared with the baseline of {planned_at} ({digest}): **{introduced}**, {others}.  ");
    }
    let _ = writeln!(
        text,
        "Organization {} with {}, management account {}, planned at {} by orgroster {}.  \nDigest: {}\n",
        code(organization.id.as_str()),
        counted(organization.members, "member"),
        code(&organization.management_account_id.to_string()),
        plan.planned_at,
        code(&plan.version),
        code(&plan.digest.to_string())
    );
    text
}

fn title(plan: &Plan) -> String {
    let id = &plan.organization.id;
    let accounts = |count: usize| counted(count as u64, "account");
    let eligible = plan.eligible();
    match plan.outcome() {
        PlanOutcome::Acts => {
            let new = new(plan, &eligible).len();
            let share = if plan.baseline.is_some() { format!(", {new} by this change") } else { String::new() };
            format!("{} when this is applied{share}", happening(plan, &eligible))
        }
        PlanOutcome::OnlyBlocked if !plan.exceeded.is_empty() => {
            format!("No account {} {id}: {} would exceed the guardrails", would_be(&eligible, "leaves", "joins"), acts(eligible))
        }
        PlanOutcome::OnlyBlocked => {
            let blocked = plan.blocked();
            format!("No account {} {id} yet: {} blocked", would_be(&blocked, "leaves", "joins"), accounts(blocked.len()))
        }
        PlanOutcome::OnlyDrift => format!("Drift in {id}: {}", drift::counts(plan)),
        PlanOutcome::NothingToDo if plan.complete => format!("No changes: {id} matches the configuration"),
        PlanOutcome::NothingToDo => format!("No changes for the targeted accounts of {id}"),
    }
}

/// Accounts counted by what happens to them, such as `2 accounts leave o-…, 1 account is invited to o-…`.
fn happening(plan: &Plan, eligible: &[&PlannedAccount]) -> String {
    let id = &plan.organization.id;
    let mut groups: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for planned in eligible {
        *groups.entry(happens(planned)).or_default() += 1;
    }
    let clause = |((one, several), count): (&(&str, &str), &usize)| {
        format!("{} {} {id}", counted(*count as u64, "account"), if *count == 1 { one } else { several })
    };
    // Accounts that leave come first.
    groups.iter().rev().map(clause).collect::<Vec<_>>().join(", ")
}

/// The verb for what happens to an account, in singular and plural.
fn happens(planned: &PlannedAccount) -> (&'static str, &'static str) {
    let accepts = planned.joining().is_some_and(|joining| joining.accept_role.is_some());
    match planned.act().map(|act| act.action) {
        Some(Action::Join(JoinStep::Place)) => ("is placed in", "are placed in"),
        Some(Action::Join(_)) if accepts => ("joins", "join"),
        Some(Action::Join(_)) => ("is invited to", "are invited to"),
        Some(Action::Leave | Action::Remove | Action::Transfer) | None => ("leaves", "leave"),
    }
}

/// The word for leaving, the word for joining, or both, depending on the accounts.
fn would_be(accounts: &[&PlannedAccount], leave: &str, join: &str) -> String {
    match (accounts.iter().any(|planned| !joins(planned)), accounts.iter().any(|planned| joins(planned))) {
        (true, true) => format!("{leave} or {join}"),
        (false, true) => join.to_owned(),
        _ => leave.to_owned(),
    }
}

/// Accounts whose acts the change introduces or alters.
fn new<'p>(plan: &Plan, accounts: &[&'p PlannedAccount]) -> Vec<&'p PlannedAccount> {
    accounts.iter().copied().filter(|planned| !plan.was_pending(planned.id)).collect()
}

fn settings(plan: &Plan) -> Option<Section> {
    let items: Vec<_> = unusual_settings(plan).iter().map(|setting| format!("- {}\n", code(setting))).collect();
    (!items.is_empty()).then(|| Section {
        rank: Rank::Settings,
        noun: ["safety setting", "safety settings"],
        open: "**Safety settings that are not the defaults**\n\n".to_owned(),
        items,
        close: String::new(),
        whole: false,
    })
}

/// The command that carries out the plan, and what apply checks first.
fn foot(plan: &Plan, variables: bool) -> String {
    let mut text = String::new();
    let deferred = deferred(plan);
    if !deferred.is_empty() {
        let _ = writeln!(
            text,
            "Deferred gates read in the account, so only apply evaluates them: {deferred}. An account is held back if one of them \
             does not pass.\n"
        );
    }
    if plan.outcome() != PlanOutcome::Acts {
        text.push_str(if plan.exceeded.is_empty() { "There is nothing to apply.\n" } else { "Nothing in this plan can be applied.\n" });
        return text;
    }
    if plan.snapshot.is_some() {
        text.push_str("To carry this out, plan again with credentials: the same acts on the same accounts have the same digest.\n");
        return text;
    }
    if plan.as_if {
        let _ = writeln!(text, "This plan was made as if it were {}: to carry it out, plan again at that time.", plan.planned_at);
        return text;
    }
    let targets = if plan.complete { String::new() } else { targets(plan) };
    let command = plan.invocation.command(&[vec!["apply", "-expect-digest", &plan.digest.0], approver_options(plan)].concat());
    let _ = writeln!(text, "To carry out exactly this plan, or nothing:\n\n```sh\n{}{targets}\n```\n", visible(&command));
    if variables {
        text.push_str("Pass the same values of variables as for the plan. ");
    }
    let does = would_be(&plan.eligible(), "detaches", "adds");
    let _ = writeln!(text, "apply observes and plans again. It {does} only accounts whose facts still match this digest.");
    text
}

/// The gates that are deferred for at least one act, each once.
fn deferred(plan: &Plan) -> String {
    let mut gates: Vec<_> = plan.deferred_gates().map(|result| result.gate).collect();
    gates.sort_unstable();
    gates.dedup();
    names(&gates)
}

/// The targets of a partial plan, quoted for a shell.
fn targets(plan: &Plan) -> String {
    let one = |address: String| format!(" \\\n  -target={}", shell_quoted(&address));
    let targets: String = plan.eligible().iter().map(|planned| one(planned.address.to_string())).collect();
    // A command to copy must not contain invisible characters.
    let readable = targets.lines().all(|line| visible(line) == line);
    if targets.len() <= TARGETS && readable { targets } else { " # with the -target options of the plan".to_owned() }
}
