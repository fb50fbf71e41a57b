//! What only some readers need: folded, and the first to go.

use std::collections::BTreeMap;

use similar::TextDiff;

use crate::org::AccountId;
use crate::plan::{Comparison, Plan, UnchangedReason};
use crate::render::difference;
use crate::render::style::Style;

use super::escape::{code, fenced, prose, visible};
use super::section::{Rank, Section};

/// Lines of the roster around one that changes.
const AROUND: usize = 2;

/// What the change withdraws, and the settings and declarations that it alters.
pub fn changes(plan: &Plan) -> Vec<Section> {
    let Some(Comparison { withdrawn, changes, .. }) = &plan.baseline else { return Vec::new() };
    let mut sections = Vec::new();
    if !withdrawn.is_empty() {
        let item = |gone: &crate::plan::Withdrawn| {
            format!("- {} {} {}\n", code(&gone.name), code(&gone.id.to_string()), code(&gone.address.to_string()))
        };
        sections.push(Section {
            rank: Rank::Changes,
            items_are: "withdrawn departures",
            open: "### Departures that this change withdraws\n\n".to_owned(),
            items: withdrawn.iter().map(item).collect(),
            close: String::new(),
            whole: false,
        });
    }
    let lines: Vec<_> = changes
        .iter()
        .flat_map(|change| {
            let difference = difference(&change.before, &change.after, Style::PLAIN);
            let lines = difference.lines().map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned()).collect::<Vec<_>>();
            std::iter::once(format!("# {}", change.what)).chain(lines)
        })
        .collect();
    if !lines.is_empty() {
        let summary = format!("Settings and declarations that this change alters: {}", changes.len());
        sections.push(diff(Rank::Changes, "lines of altered settings", ("<details open>", &summary), &lines));
    }
    sections
}

/// The members of the organization, now and after an apply.
pub fn roster(plan: &Plan) -> Option<Section> {
    if plan.departures.is_empty() {
        return None;
    }
    let mut members: BTreeMap<AccountId, String> = BTreeMap::new();
    let line = |id: &AccountId, name: &str, block: &str| format!("{id}  {}  {}\n", visible(name), visible(block));
    let detached = plan.departures.iter().chain(&plan.blocked).filter_map(|detachment| Some((detachment, detachment.account.as_ref()?)));
    members.extend(detached.map(|(detachment, facts)| (detachment.id, line(&detachment.id, &facts.name, &detachment.address.to_string()))));
    let unchanged = plan.unchanged.iter().filter_map(|unchanged| Some((unchanged, unchanged.account.as_ref()?)));
    members.extend(unchanged.map(|(unchanged, facts)| (unchanged.id, line(&unchanged.id, &facts.name, &unchanged.address.to_string()))));
    members.extend(plan.unmanaged.iter().map(|account| (account.id, line(&account.id, &account.name, "(no block)"))));
    let before: String = members.values().map(String::as_str).collect();
    for departure in &plan.departures {
        members.remove(&departure.id);
    }
    let after: String = members.values().map(String::as_str).collect();
    let unified = TextDiff::from_lines(&before, &after).unified_diff().context_radius(AROUND).to_string();
    let lines: Vec<_> = unified.lines().map(str::to_owned).collect();
    let summary = format!("The roster before and after: {} accounts, then {}", before.lines().count(), after.lines().count());
    Some(diff(Rank::Roster, "lines of the roster", ("<details>", &summary), &lines))
}

fn diff(rank: Rank, items_are: &'static str, (details, summary): (&str, &str), lines: &[String]) -> Section {
    let (open, items, close) = fenced("diff", lines);
    let open = format!("{details}\n<summary>{summary}</summary>\n\n{open}");
    Section { rank, items_are, open, items, close: format!("{close}\n</details>\n"), whole: false }
}

/// Declared members that are not in the organization.
pub fn drift(plan: &Plan) -> Option<Section> {
    let missing = plan.unchanged.iter().filter(|unchanged| unchanged.reason == UnchangedReason::MissingMember);
    let items: Vec<_> =
        missing.map(|missing| format!("- {} {}\n", code(&missing.id.to_string()), code(&missing.address.to_string()))).collect();
    (!items.is_empty()).then(|| Section {
        rank: Rank::Drift,
        items_are: "missing members",
        open: "### Declared members that are not in the organization\n\n".to_owned(),
        items,
        close: String::new(),
        whole: false,
    })
}

/// Live members without a block.
pub fn unmanaged(plan: &Plan) -> Option<Section> {
    let item = |account: &crate::plan::Unmanaged| {
        format!("- {} {} {}\n", code(&account.id.to_string()), code(&account.name), prose(account.state.as_str()))
    };
    let items: Vec<_> = plan.unmanaged.iter().map(item).collect();
    let summary = format!("Members without a block, to which nothing happens: {}", items.len());
    (!items.is_empty()).then(|| Section {
        rank: Rank::Unmanaged,
        items_are: "members without a block",
        open: format!("<details>\n<summary>{summary}</summary>\n\n"),
        items,
        close: "\n</details>\n".to_owned(),
        whole: false,
    })
}
