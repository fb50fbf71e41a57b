//! One account in full, for people.

use std::fmt::Write as _;

use crate::gate::{GateResult, Verdict};
use crate::org::Enforcement;
use crate::plan::{ExplainedGate, Explanation, SignUp};

use super::Style;

/// Every gate of an account, then what is left of its sign-up.
#[must_use]
pub fn explanation(explanation: &Explanation, style: Style) -> String {
    let account = &explanation.account;
    let mut text = String::new();
    let name = account.account.as_ref().map_or_else(String::new, |facts| format!(" {:?}", facts.name));
    let outcome = if explanation.eligible { style.green("would leave") } else { style.yellow("is blocked") };
    let _ = writeln!(text, "{} ({}{name}) {outcome}.", style.bold(&account.address.to_string()), account.id);
    if let Some(at) = account.eligible_at() {
        let _ = writeln!(text, "Eligible from {}.", style.bold(&at.to_string()));
    }
    text.push('\n');
    explanation.gates.iter().for_each(|gate| explained(&mut text, gate, style));
    if let Some(sign_up) = &explanation.sign_up {
        signing_up(&mut text, sign_up, style);
    }
    text
}

fn explained(text: &mut String, gate: &ExplainedGate, style: Style) {
    let result = &gate.result;
    let _ = writeln!(text, "{} {}: {}", mark(result, style), style.bold(result.gate.as_str()), gate.asks);
    let _ = writeln!(text, "    {}", result.explanation());
    for seen in &result.evidence {
        let _ = writeln!(text, "    {}", style.dim(&format!("{} by account {} at {}", seen.operation, seen.account, seen.at)));
    }
    if let Some(remedy) = result.remedy() {
        let who = gate.who.map_or_else(String::new, |who| format!(" ({who})"));
        let _ = writeln!(text, "    What settles it{who}:");
        for line in remedy.lines() {
            let _ = writeln!(text, "      {line}");
        }
        let _ = writeln!(text, "    See {}", gate.documentation);
    }
    text.push('\n');
}

fn mark(result: &GateResult, style: Style) -> String {
    match (&result.verdict, result.enforcement) {
        (Verdict::Pass { .. }, _) => style.green("pass"),
        (Verdict::Deferred { .. }, _) => style.dim("deferred"),
        (_, Enforcement::Advisory | Enforcement::Off) => style.yellow("advisory"),
        (Verdict::Block { .. }, Enforcement::Mandatory) => style.red("block"),
        (Verdict::Unknown { .. }, Enforcement::Mandatory) => style.red("unknown"),
    }
}

fn signing_up(text: &mut String, sign_up: &SignUp, style: Style) {
    let _ = writeln!(text, "{}\n", style.bold("To complete the sign-up"));
    for (index, step) in sign_up.steps.iter().enumerate() {
        let _ = writeln!(text, "  {}. {step}", index + 1);
    }
    let case = &sign_up.support_case;
    let _ = writeln!(text, "\n{}\n\n  {}", style.bold("The support case, for every such account of the plan"), case.url);
    for (field, value) in &case.choices {
        let _ = writeln!(text, "  {field}: {value}");
    }
    let _ = writeln!(text, "  Subject: {}\n", case.subject);
    for line in case.text.lines() {
        let _ = writeln!(text, "{}", if line.is_empty() { String::new() } else { format!("  {line}") });
    }
}
