//! Tables of accounts: those that leave, and those that can't yet.

use crate::gate::{GateResult, Verdict};
use crate::org::{GateName, Leaving};
use crate::plan::{BaselineStatus, Plan, PlannedAccount};
use crate::render::plan::{grouped, is_attested, is_open_advice};
use crate::render::remedy::{self, Line};

use super::escape::{cell, code, prose, prose_with_links};
use super::section::{Rank, Section};

/// What is eligible: with a baseline, those of the change apart from those that were pending.
pub fn eligible(plan: &Plan) -> Vec<Section> {
    let table = "| Account | Unit | Reason | Evidence |\n|---|---|---|---|\n";
    let section = |rank, title: &str, departures: &[&PlannedAccount]| Section {
        rank,
        items_are: "departures",
        open: format!("### {title}\n\n{table}"),
        items: departures.iter().map(|planned| departing(plan, planned)).collect(),
        close: String::new(),
        whole: false,
    };
    let (pending, new) = split(plan, plan.eligible());
    let (title, pending_title) = match (plan.exceeded.is_empty(), plan.baseline.is_some()) {
        (true, true) => ("Departures by this change", "Departures pending before this change"),
        (true, false) => ("Departures", ""),
        (false, true) => ("Over a guardrail, by this change", "Over a guardrail, pending before this change"),
        (false, false) => ("Over a guardrail", ""),
    };
    let mut sections = Vec::new();
    if !new.is_empty() {
        sections.push(section(Rank::Departures, title, &new));
    }
    if !pending.is_empty() {
        sections.push(section(Rank::PendingDepartures, pending_title, &pending));
    }
    sections
}

/// Blocked departures. Those that were blocked before the change are folded.
pub fn blocked(plan: &Plan) -> Vec<Section> {
    let table = "| Account | Blocked by | Resolution | Eligible from |\n|---|---|---|---|\n";
    let (pending, new) = split(plan, plan.blocked());
    let rows = |blocked: &[&PlannedAccount]| blocked.iter().map(|planned| held(plan, planned)).collect();
    let title = if plan.baseline.is_some() { "Blocked by this change" } else { "Blocked" };
    let mut sections = Vec::new();
    if !new.is_empty() {
        let open = format!("### {title}\n\n{table}");
        sections.push(Section {
            rank: Rank::Blocked,
            items_are: "blocked accounts",
            open,
            items: rows(&new),
            close: String::new(),
            whole: false,
        });
    }
    if !pending.is_empty() {
        let open = format!("<details>\n<summary>Blocked before this change too: {}</summary>\n\n{table}", pending.len());
        let close = "\n</details>\n".to_owned();
        let items_are = "accounts blocked before";
        sections.push(Section { rank: Rank::PendingBlocked, items_are, open, items: rows(&pending), close, whole: false });
    }
    sections
}

/// Those that were pending in the baseline, and the others.
fn split<'p>(plan: &Plan, all: Vec<&'p PlannedAccount>) -> (Vec<&'p PlannedAccount>, Vec<&'p PlannedAccount>) {
    all.into_iter().partition(|planned| plan.was_pending(planned.id))
}

fn departing(plan: &Plan, departure: &PlannedAccount) -> String {
    let mut account = account(plan, departure);
    if let Some(facts) = &departure.before {
        let joined = facts.joined_at.map_or_else(String::new, |at| format!(" {}", at.strftime("%Y-%m-%d")));
        account.push(format!("{}{joined}", prose(facts.joined_method.as_str())));
    }
    if departure.act().is_some_and(|act| !act.action.is_called_by_member()) {
        account.push("**removed by the management account**, past every service control policy".to_owned());
    }
    if let Some(transfer) = departure.leaving().and_then(Leaving::transfer) {
        account.push(format!("**moves directly to {}**", transfer.to));
    }
    let unit = departure.unit_path().map_or_else(|| "unknown".to_owned(), |path| code(&path.to_string()));
    row(&[lines(&account), unit, prose(departure.reason()), lines(&evidence(departure))])
}

fn held(plan: &Plan, planned: &PlannedAccount) -> String {
    let (mut why, mut remedies) = (Vec::new(), Vec::new());
    for group in grouped(planned.blockers()) {
        why.push(format!("{}: {}", names(&group.gates), prose(group.explanation)));
        remedies.extend(group.remedy.iter().flat_map(|remedy| remedy::lines(remedy, &plan.invocation)).map(|line| instruction(&line)));
    }
    // To the minute and with spaces, at which a cell of a narrow comment breaks.
    let from = planned.eligible_at().map_or_else(|| "when resolved".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    row(&[lines(&account(plan, planned)), lines(&why), lines(&remedies), from])
}

/// What names the account, a line each.
fn account(plan: &Plan, planned: &PlannedAccount) -> Vec<String> {
    let mut account = Vec::new();
    if let Some(facts) = &planned.before {
        account.push(code(&facts.name));
    }
    account.push(code(&planned.id.to_string()));
    account.push(code(&planned.address.to_string()));
    if let Some(since) =
        plan.since_baseline(planned.id).filter(|since| !matches!(since, BaselineStatus::Introduced | BaselineStatus::Pending))
    {
        account.push(format!("*{}*", since.describe()));
    }
    account
}

/// What speaks for the departure, and what nobody vouched for.
fn evidence(departure: &PlannedAccount) -> Vec<String> {
    let passed = departure.gates().iter().filter(|result| matches!(result.verdict, Verdict::Pass { .. })).count();
    let deferred = departure.gates().iter().filter(|result| result.is_deferred()).count();
    let mut lines = vec![format!("{passed} of {} gates pass", departure.gates().len())];
    if deferred > 0 {
        lines[0].push_str(&format!(", {deferred} deferred to apply"));
    }
    for group in grouped(departure.gates().iter().filter(|result| is_attested(result))) {
        lines.push(format!("{} {}", names(&group.gates), prose_with_links(group.explanation)));
    }
    let advice = |result: &&GateResult| is_open_advice(result) && result.gate.consequence().is_none();
    for group in grouped(departure.gates().iter().filter(advice)) {
        lines.push(format!("**advisory** {}: {}", names(&group.gates), prose(group.explanation)));
    }
    lines
}

/// Names of gates, each in a code span.
pub fn names(gates: &[GateName]) -> String {
    gates.iter().map(|gate| code(gate.as_str())).collect::<Vec<_>>().join(", ")
}

/// A line of a remedy: something to copy, an item, or a sentence.
fn instruction(line: &Line) -> String {
    let text = if line.copied { code(&line.text) } else { prose(&line.text) };
    if line.item { format!("• {text}") } else { text }
}

fn lines(lines: &[String]) -> String {
    lines.join("<br>")
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_is_one_code_span_and_the_rest_is_prose() {
        let line = |text: &str, copied, item| Line { text: text.to_owned(), copied, item, depth: 0 };
        let json = r#""Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/x"}}"#;
        assert_eq!(instruction(&line(json, true, false)), format!("`{json}`"));
        assert_eq!(instruction(&line("aws organizations x", true, false)), "`aws organizations x`");
        assert_eq!(instruction(&line("except the role {x}", false, true)), format!("• {}", prose("except the role {x}")));
    }
}
