//! Tables of accounts: those that leave, those that join, and those that are blocked.

use crate::gate::{GateResult, Verdict};
use crate::org::{Action, GateName, JoinStep, Leaving};
use crate::plan::{BaselineStatus, Plan, PlannedAccount};
use crate::render::terminal::plan::{grouped, is_attested, is_open_advice};
use crate::render::terminal::remedy::{self, Line};
use crate::render::words;

use super::escape::{cell, code, prose, prose_with_links};
use super::section::{Rank, Section};

/// The eligible acts. With a baseline, those of the change are separate from those that were pending before.
pub fn eligible(plan: &Plan) -> Vec<Section> {
    let table = "| Account | Unit | Reason | Evidence |\n|---|---|---|---|\n";
    let section = |rank, noun, title: String, accounts: Vec<&PlannedAccount>| {
        (!accounts.is_empty()).then(|| Section {
            rank,
            noun,
            open: format!("### {title}\n\n{table}"),
            items: accounts.iter().map(|planned| acting(plan, planned)).collect(),
            close: String::new(),
            whole: false,
        })
    };
    let (pending, new) = split(plan, plan.eligible());
    let since = if plan.baseline.is_some() { " by this change" } else { "" };
    let groups = [(Rank::Acts, since, new), (Rank::PendingActs, " pending before this change", pending)];
    let sections = groups.into_iter().flat_map(|(rank, since, accounts)| {
        if !plan.exceeded.is_empty() {
            let comma = if since.is_empty() { "" } else { "," };
            return vec![section(rank, ["act", "acts"], format!("Acts that exceed a guardrail{comma}{since}"), accounts)];
        }
        let (join, leave): (Vec<_>, Vec<_>) = accounts.into_iter().partition(|planned| words::joins(planned));
        vec![
            section(rank, ["departure", "departures"], format!("Departures{since}"), leave),
            section(rank, ["joining", "joinings"], format!("Joinings{since}"), join),
        ]
    });
    sections.flatten().collect()
}

/// The blocked acts. Those that were already blocked before the change are folded.
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
            noun: ["blocked account", "blocked accounts"],
            open,
            items: rows(&new),
            close: String::new(),
            whole: false,
        });
    }
    if !pending.is_empty() {
        let open = format!("<details>\n<summary>Already blocked before this change: {}</summary>\n\n{table}", pending.len());
        let close = "\n</details>\n".to_owned();
        let noun = ["account blocked before", "accounts blocked before"];
        sections.push(Section { rank: Rank::PendingBlocked, noun, open, items: rows(&pending), close, whole: false });
    }
    sections
}

/// Splits accounts into those that were pending in the baseline and the others.
fn split<'p>(plan: &Plan, all: Vec<&'p PlannedAccount>) -> (Vec<&'p PlannedAccount>, Vec<&'p PlannedAccount>) {
    all.into_iter().partition(|planned| plan.was_pending(planned.id))
}

fn acting(plan: &Plan, planned: &PlannedAccount) -> String {
    let mut account = account(plan, planned);
    if let Some(facts) = &planned.before {
        let joined = facts.joined_at.map_or_else(String::new, |at| format!(" {}", at.strftime("%Y-%m-%d")));
        account.push(format!("{}{joined}", prose(facts.joined_method.as_str())));
    }
    account.extend(manner(planned));
    let path = planned.unit_path().or_else(|| planned.placement()?.path.as_ref()).map(|path| code(&path.to_string()));
    let unit = path.or_else(|| planned.placement().map(|placement| code(&placement.unit))).unwrap_or_else(|| "unknown".to_owned());
    row(&[lines(&account), unit, prose(planned.reason()), lines(&evidence(planned))])
}

/// How the act happens, unless it is the account's own call to leave.
fn manner(planned: &PlannedAccount) -> Option<String> {
    if let Some(transfer) = planned.leaving().and_then(Leaving::transfer) {
        return Some(format!("**moves directly to {}**", transfer.to));
    }
    let accepts = planned.joining().and_then(|joining| joining.accept_role.as_ref());
    match (planned.act()?.action, accepts) {
        (Action::Leave | Action::Transfer, _) => None,
        (Action::Remove, _) => Some("**removed by the management account**, which service control policies don't restrict".to_owned()),
        (Action::Join(JoinStep::Place), _) => Some("is already a member and **is placed**".to_owned()),
        (Action::Join(JoinStep::Invite | JoinStep::Accept), Some(role)) => Some(format!("**joins**, accepted by {}", code(&role.name))),
        (Action::Join(_), None) => Some("**is invited**: a person in the account accepts; identity unverified".to_owned()),
    }
}

fn held(plan: &Plan, planned: &PlannedAccount) -> String {
    let (mut why, mut remedies) = (Vec::new(), Vec::new());
    let groups = grouped(planned.blockers());
    for (index, group) in groups.iter().enumerate() {
        why.push(format!("{}: {}", names(&group.gates), prose(group.explanation)));
        let begun = group.begun_by(groups.iter().take(index)).map(|(_, rest)| rest);
        let remedy = begun.as_ref().or(group.remedy.as_ref());
        remedies.extend(remedy.into_iter().flat_map(|remedy| remedy::lines(remedy, &plan.invocation)).map(|line| instruction(&line)));
    }
    // To the minute, and with spaces so that the cell can wrap in a narrow comment.
    let from = planned.eligible_at().map_or_else(|| "when resolved".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    row(&[lines(&account(plan, planned)), lines(&why), lines(&remedies), from])
}

/// The account's name, id, address and status since the baseline, one per line.
fn account(plan: &Plan, planned: &PlannedAccount) -> Vec<String> {
    let mut account = Vec::new();
    let declared = || planned.joining().and_then(|joining| joining.name.as_deref());
    account.extend(planned.before.as_ref().map(|facts| facts.name.as_str()).or_else(declared).map(code));
    account.push(code(&planned.id.to_string()));
    account.push(code(&planned.address.to_string()));
    if let Some(since) =
        plan.since_baseline(planned.id).filter(|since| !matches!(since, BaselineStatus::Introduced | BaselineStatus::Pending))
    {
        account.push(format!("*{}*", since.describe()));
    }
    account
}

/// The evidence for the act: gates that pass, attestations and open advice.
fn evidence(planned: &PlannedAccount) -> Vec<String> {
    let passed = planned.gates().iter().filter(|result| matches!(result.verdict, Verdict::Pass { .. })).count();
    let deferred = planned.gates().iter().filter(|result| result.is_deferred()).count();
    let mut lines = vec![format!("{passed} of {} gates pass", planned.gates().len())];
    if deferred > 0 {
        lines[0].push_str(&format!(", {deferred} deferred to apply"));
    }
    for group in grouped(planned.gates().iter().filter(|result| is_attested(result))) {
        lines.push(format!("{} {}", names(&group.gates), prose_with_links(group.explanation)));
    }
    let advice = |result: &&GateResult| is_open_advice(result) && result.gate.consequence().is_none();
    for group in grouped(planned.gates().iter().filter(advice)) {
        lines.push(format!("**advisory** {}: {}", names(&group.gates), prose(group.explanation)));
    }
    lines
}

/// Names of gates, each in a code span.
pub fn names(gates: &[GateName]) -> String {
    gates.iter().map(|gate| code(gate.as_str())).collect::<Vec<_>>().join(", ")
}

/// A line of a remedy: text to copy, a list item, or a sentence.
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
    fn lines_to_copy_are_one_code_span_and_the_rest_is_prose() {
        let line = |text: &str, copied, item| Line { text: text.to_owned(), copied, item, depth: 0 };
        let json = r#""Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/x"}}"#;
        assert_eq!(instruction(&line(json, true, false)), format!("`{json}`"));
        assert_eq!(instruction(&line("aws organizations x", true, false)), "`aws organizations x`");
        assert_eq!(instruction(&line("except the role {x}", false, true)), format!("• {}", prose("except the role {x}")));
    }
}
