//! The acts that a change introduces, separated from those that were pending in its baseline.

use crate::plan::{BaselineStatus, Comparison, FormerBlock, Plan, PlannedAccount};

use crate::render::text::{put, putln, quoted};
use crate::render::words::since_baseline;
use crate::render::{Style, Text, differences};

/// Renders eligible or blocked accounts. With a baseline, there are two groups with headings: those that the change introduces or alters,
/// then the pending ones.
pub(in crate::render) fn separated(
    text: &mut Text,
    plan: &Plan,
    all: &[&PlannedAccount],
    style: Style,
    one: impl Fn(&mut Text, &PlannedAccount),
) {
    if plan.baseline.is_none() {
        return all.iter().for_each(|planned| one(text, planned));
    }
    let (pending, new): (Vec<_>, Vec<_>) = all.iter().copied().partition(|planned| plan.was_pending(planned.id));
    for (heading, group) in [("By this change:", new), ("Pending before this change:", pending)] {
        if group.is_empty() {
            continue;
        }
        putln!(text, "{}\n", style.bold(heading));
        for planned in group {
            // A status that the heading does not already express.
            if let Some(since) =
                plan.since_baseline(planned.id).filter(|since| !matches!(since, BaselineStatus::Introduced | BaselineStatus::Pending))
            {
                putln!(text, "  # {}:", since.describe());
            }
            one(text, planned);
        }
    }
}

/// Lists the acts that the change withdraws, and the settings and declarations that it changes.
pub(in crate::render) fn changes(text: &mut Text, plan: &Plan, style: Style) {
    let Some(Comparison { withdrawn, undeclared, changes, .. }) = &plan.baseline else { return };
    if !withdrawn.is_empty() {
        put!(text, "These accounts were to leave or to join before this change. Now nothing happens to them:\n\n");
        former(text, withdrawn);
    }
    if !undeclared.is_empty() {
        put!(text, "This change deletes the blocks of these accounts, so they are no longer declared:\n\n");
        former(text, undeclared);
    }
    if !changes.is_empty() {
        put!(text, "Other changes in this pull request:\n\n");
        putln!(text, "{}", differences(changes, style));
    }
}

fn former(text: &mut Text, blocks: &[FormerBlock]) {
    for FormerBlock { address, id, name } in blocks {
        putln!(text, "    {} {} {}", address, id, quoted(name));
    }
    put!(text, "\n");
}

/// Adds how many acts the change introduces, after the other counts.
pub(in crate::render) fn counts(text: &mut Text, plan: &Plan) {
    let Some((Comparison { planned_at, .. }, (introduced, others))) = plan.baseline.as_ref().zip(since_baseline(plan)) else { return };
    put!(text, "\nSince the baseline of {}: {}, {}.", planned_at, introduced, others);
}
