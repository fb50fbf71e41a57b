//! What a change introduces, set apart from what was pending in its baseline.

use crate::plan::{Comparison, Detachment, FormerBlock, Plan, Since};

use super::plan::counted;
use super::text::{put, putln, quoted};
use super::{Style, Text, disagreements};

/// Renders departures or blocked departures: with a baseline, those that the change introduces or alters first, each under a heading.
pub(super) fn separated(text: &mut Text, plan: &Plan, all: &[Detachment], style: Style, one: impl Fn(&mut Text, &Detachment)) {
    if plan.baseline.is_none() {
        return all.iter().for_each(|detachment| one(text, detachment));
    }
    let (pending, new): (Vec<_>, Vec<_>) = all.iter().partition(|detachment| plan.was_pending(detachment.id));
    for (heading, group) in [("By this change:", new), ("Pending before this change:", pending)] {
        if group.is_empty() {
            continue;
        }
        putln!(text, "{}\n", style.bold(heading));
        for detachment in group {
            // What the heading does not say yet.
            if let Some(since) = plan.since_baseline(detachment.id).filter(|since| !matches!(since, Since::Introduced | Since::Pending)) {
                putln!(text, "  # {}:", since.describe());
            }
            one(text, detachment);
        }
    }
}

/// Departures that the change withdraws, and the settings and declarations that it changes.
pub(super) fn changes(text: &mut Text, plan: &Plan, style: Style) {
    let Some(Comparison { withdrawn, undeclared, changes, .. }) = &plan.baseline else { return };
    if !withdrawn.is_empty() {
        put!(text, "These accounts were to be detached before this change, and stay now:\n\n");
        former(text, withdrawn);
    }
    if !undeclared.is_empty() {
        put!(text, "This change deletes the blocks of these accounts; from now on nobody declares them:\n\n");
        former(text, undeclared);
    }
    if !changes.is_empty() {
        put!(text, "Other changes in this pull request:\n\n");
        putln!(text, "{}", disagreements(changes, style));
    }
}

fn former(text: &mut Text, blocks: &[FormerBlock]) {
    for FormerBlock { address, id, name } in blocks {
        putln!(text, "    {} {} {}", address, id, quoted(name));
    }
    put!(text, "\n");
}

/// How many departures the change introduces, after the other counts.
pub(super) fn counts(text: &mut Text, plan: &Plan) {
    let Some(Comparison { planned_at, withdrawn, .. }) = &plan.baseline else { return };
    let new = |all: &[Detachment]| all.iter().filter(|detachment| !plan.was_pending(detachment.id)).count();
    let (departures, blocked) = (new(&plan.departures), new(&plan.blocked));
    put!(
        text,
        "\nSince the baseline of {}: {} and {} blocked by this change, {} pending before, {} withdrawn.",
        planned_at,
        counted(departures as u64, "departure"),
        blocked,
        plan.departures.len() + plan.blocked.len() - departures - blocked,
        withdrawn.len()
    );
}
