//! One account in full, for people.

use crate::gate::{GateResult, Verdict};
use crate::org::Enforcement;
use crate::plan::{ExplainedGate, Explanation, SignUp};

use super::text::{put, putln, quoted, text};
use super::{Style, Text};

/// Every gate of an account, then what is left of its sign-up.
#[must_use]
pub fn explanation(explanation: &Explanation, style: Style) -> Text {
    let account = &explanation.account;
    let mut text = Text::default();
    let name = account.account.as_ref().map_or_else(Text::default, |facts| text!(" {}", quoted(&facts.name)));
    let outcome = if explanation.eligible { style.green("would leave") } else { style.yellow("is blocked") };
    putln!(text, "{} ({}{}) {}.", style.bold(&account.address), account.id, name, outcome);
    if let Some(at) = account.eligible_at() {
        putln!(text, "Eligible from {}.", style.bold(at));
    }
    put!(text, "\n");
    explanation.gates.iter().for_each(|gate| explained(&mut text, gate, style));
    if let Some(sign_up) = &explanation.sign_up {
        signing_up(&mut text, sign_up, style);
    }
    text
}

fn explained(text: &mut Text, gate: &ExplainedGate, style: Style) {
    let result = &gate.result;
    putln!(text, "{} {}: {}", mark(result, style), style.bold(result.gate.as_str()), gate.asks);
    putln!(text, "    {}", result.explanation());
    for seen in &result.evidence {
        putln!(text, "    {}", style.dim(text!("{} by account {} at {}", seen.operation, seen.account, seen.at)));
    }
    if let Some(remedy) = result.remedy() {
        let who = gate.who.map_or_else(String::new, |who| format!(" ({who})"));
        putln!(text, "    What settles it{}:", who);
        for line in remedy.lines() {
            putln!(text, "      {}", line);
        }
        putln!(text, "    See {}", gate.documentation);
    }
    put!(text, "\n");
}

fn mark(result: &GateResult, style: Style) -> Text {
    match (&result.verdict, result.enforcement) {
        (Verdict::Pass { .. }, _) => style.green("pass"),
        (Verdict::Deferred { .. }, _) => style.dim("deferred"),
        (_, Enforcement::Advisory | Enforcement::Off) => style.yellow("advisory"),
        (Verdict::Block { .. }, Enforcement::Mandatory) => style.red("block"),
        (Verdict::Unknown { .. }, Enforcement::Mandatory) => style.red("unknown"),
    }
}

fn signing_up(text: &mut Text, sign_up: &SignUp, style: Style) {
    putln!(text, "{}\n", style.bold("To complete the sign-up"));
    for (index, step) in sign_up.steps.iter().enumerate() {
        putln!(text, "  {}. {}", index + 1, step);
    }
    let case = &sign_up.support_case;
    putln!(text, "\n{}\n\n  {}", style.bold("The support case, for every such account of the plan"), case.url);
    for (field, value) in &case.choices {
        putln!(text, "  {}: {}", field, value);
    }
    putln!(text, "  Subject: {}\n", case.subject);
    text.push(&Text::lines_of(&case.text, "  "));
}
