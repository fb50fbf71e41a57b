//! Sections that only some readers need: folded, and the first to be shortened.

use std::collections::BTreeMap;

use similar::TextDiff;

use crate::org::{AccountId, UnmanagedPolicy, counted};
use crate::plan::{Comparison, FormerBlock, Plan, PlannedAccount, Unmanaged};
use crate::render::difference;
use crate::render::style::Style;
use crate::render::terminal::drift::{describe, state};

use super::escape::{code, fenced, prose, visible};
use super::section::{Rank, Section};

/// Number of unchanged lines that are shown around a change of the roster.
const AROUND: usize = 2;

/// The acts that the change withdraws, and the settings and declarations that it alters.
pub fn changes(plan: &Plan) -> Vec<Section> {
    let Some(Comparison { withdrawn, undeclared, changes, .. }) = &plan.baseline else { return Vec::new() };
    let item = |gone: &FormerBlock| format!("- {} {} {}\n", code(&gone.name), code(&gone.id.to_string()), code(&gone.address.to_string()));
    let former = |title: &str, noun, blocks: &[FormerBlock]| {
        (!blocks.is_empty()).then(|| Section {
            rank: Rank::Changes,
            noun,
            open: format!("### {title}\n\n"),
            items: blocks.iter().map(item).collect(),
            close: String::new(),
            whole: false,
        })
    };
    let mut sections = Vec::new();
    sections.extend(former("Acts that this change withdraws", ["withdrawn act", "withdrawn acts"], withdrawn));
    sections.extend(former(
        "Blocks that this change deletes, so these accounts are no longer declared",
        ["deleted block", "deleted blocks"],
        undeclared,
    ));
    let lines: Vec<_> = changes
        .iter()
        .flat_map(|change| {
            let difference = difference(&change.before, &change.after, "", Style::PLAIN);
            let lines = difference.lines().map(str::to_owned).collect::<Vec<_>>();
            std::iter::once(format!("# {}", change.what)).chain(lines)
        })
        .collect();
    if !lines.is_empty() {
        let summary = format!("Settings and declarations that this change alters: {}", changes.len());
        sections.push(diff(Rank::Changes, ["line of altered settings", "lines of altered settings"], ("<details open>", &summary), &lines));
    }
    sections
}

/// The difference between the organization's members now and after an apply.
pub fn roster(plan: &Plan) -> Option<Section> {
    let carried_out = plan.carried_out();
    if carried_out.is_empty() {
        return None;
    }
    let mut members: BTreeMap<AccountId, String> = BTreeMap::new();
    let line = |id: &AccountId, name: &str, block: &str| format!("{id}  {}  {}\n", visible(name), visible(block));
    let live = plan.accounts.iter().filter_map(|planned| Some((planned, planned.before.as_ref()?)));
    members.extend(live.map(|(planned, account)| (planned.id, line(&planned.id, &account.name, &planned.address.to_string()))));
    members.extend(plan.unmanaged.iter().map(|account| (account.id, line(&account.id, &account.name, "(no block)"))));
    let before: String = members.values().map(String::as_str).collect();
    for planned in carried_out.iter().filter(|planned| planned.act().is_some_and(|act| act.action.after().is_out())) {
        members.remove(&planned.id);
    }
    // An account that is only invited joins later, when a person in it accepts.
    let joins = carried_out.iter().filter(|planned| planned.before.is_none());
    let joins = joins.filter(|planned| planned.joining().is_some_and(|joining| joining.accept_role.is_some()));
    members.extend(joins.map(|planned| (planned.id, line(&planned.id, &planned.display_name(), &planned.address.to_string()))));
    let after: String = members.values().map(String::as_str).collect();
    let unified = TextDiff::from_lines(&before, &after).unified_diff().context_radius(AROUND).to_string();
    let lines: Vec<_> = unified.lines().map(str::to_owned).collect();
    let summary = format!("The roster: {} before, {} after", counted(before.lines().count() as u64, "account"), after.lines().count());
    Some(diff(Rank::Roster, ["line of the roster", "lines of the roster"], ("<details>", &summary), &lines))
}

fn diff(rank: Rank, noun: [&'static str; 2], (details, summary): (&str, &str), lines: &[String]) -> Section {
    let (open, items, close) = fenced("diff", lines);
    let open = format!("{details}\n<summary>{summary}</summary>\n\n{open}");
    Section { rank, noun, open, items, close: format!("{close}\n</details>\n"), whole: false }
}

/// Declared members that are missing or differ from their declaration.
pub fn drift(plan: &Plan) -> Option<Section> {
    let item = |drifted: &PlannedAccount| {
        let why: Vec<_> = drifted.drift.iter().map(|drift| prose(&describe(drift))).collect();
        format!("- {} {}: {}\n", code(&drifted.id.to_string()), code(&drifted.address.to_string()), why.join("; "))
    };
    let items: Vec<_> = plan.drifted().map(item).collect();
    (!items.is_empty()).then(|| Section {
        rank: Rank::Drift,
        noun: ["drifted member", "drifted members"],
        open: "### Drift: members that are not as declared\n\nApply does not correct this.\n\n".to_owned(),
        items,
        close: String::new(),
        whole: false,
    })
}

/// Live members without a block. If the guardrails ignore them, they are only counted.
pub fn unmanaged(plan: &Plan) -> Option<Section> {
    if plan.guardrails.unmanaged == UnmanagedPolicy::Ignore {
        return None;
    }
    let item = |account: &Unmanaged| {
        let state = state(&account.state, account.removed_by);
        format!("- {} {} {}\n", code(&account.id.to_string()), code(&account.name), prose(&state))
    };
    let others = plan.unmanaged.iter().filter(|account| !plan.is_undeclared_by_change(account.id));
    let items: Vec<_> = others.map(item).collect();
    let summary = format!("Unmanaged members (no account block, nothing happens to them): {}", items.len());
    (!items.is_empty()).then(|| Section {
        rank: Rank::Unmanaged,
        noun: ["unmanaged member", "unmanaged members"],
        open: format!("<details>\n<summary>{summary}</summary>\n\n"),
        items,
        close: "\n</details>\n".to_owned(),
        whole: false,
    })
}
