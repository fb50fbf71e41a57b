//! One account in full, for people.

use crate::gate::{Gate, GateResult, NotRead, Verdict};
use crate::org::{Enforcement, Invocation};
use crate::plan::{Explained, ExplainedGate, Explanation, PlannedAccount, SignUp};

use crate::render::terminal::plan::why_unchanged;
use crate::render::terminal::remedy;
use crate::render::text::{put, putln, quoted, text};
use crate::render::{Style, Text, words};

/// Explains one account. `invocation` contains the options that printed commands repeat.
#[must_use]
pub fn explanation(explained: &Explained, invocation: &Invocation, style: Style) -> Text {
    match explained {
        Explained::Act(explanation) => acting(explanation, invocation, style),
        Explained::Unchanged { format_version: _, unchanged } => nothing_happens(unchanged, style),
    }
}

/// Describes a gate: its question, who can resolve it, and how a configuration can change its effect.
#[must_use]
pub fn gate_page(gate: &Gate, style: Style) -> Text {
    let name = gate.name;
    let mut text = text!("{}: {}\n\n", style.bold(name.as_str()), gate.asks);
    putln!(text, "Resolved by {}.", gate.who);
    if let Some(kind) = name.attestation() {
        putln!(text, "If no AWS API reports the answer, an attestation of \"{}\" in the account's block resolves it.", kind.as_str());
    }
    if let Some(consequence) = name.consequence() {
        putln!(text, "It is about something that the account loses: \"{}\" in `acknowledge` accepts the loss.", consequence);
    }
    text.push(&Text::ours(if name.can_be_lowered() {
        "A `gate` block in the configuration can make it advisory or turn it off.\n"
    } else {
        "No configuration can lower it.\n"
    }));
    putln!(text, "See {}", gate.documentation);
    text
}

/// Describes an account without an act.
fn nothing_happens(unchanged: &PlannedAccount, style: Style) -> Text {
    let facts = unchanged.before.as_ref();
    let name = facts.map_or_else(Text::default, |facts| text!(" {}", quoted(&facts.name)));
    let address = style.bold(&unchanged.address);
    let head = text!("{} ({}{}): nothing happens to it, so no gate is evaluated.", address, unchanged.id, name);
    let mut text = text!("{}\n", style.wrapped(&head, "  "));
    if let Some(why) = unchanged.no_change() {
        putln!(text, "{}", style.wrapped(&text!("    {}", why_unchanged(unchanged, why)), "      "));
    }
    if let Some(facts) = facts {
        putln!(text, "    state {}", facts.state);
    }
    text
}

/// Describes every gate of an account, then the remaining steps of its sign-up.
fn acting(explanation: &Explanation, invocation: &Invocation, style: Style) -> Text {
    let account = &explanation.account;
    let mut text = Text::default();
    let name = account.before.as_ref().map_or_else(Text::default, |facts| text!(" {}", quoted(&facts.name)));
    let outcome = if explanation.eligible { style.green(words::would(account)) } else { style.yellow("is blocked") };
    putln!(text, "{} ({}{}) {}.", style.bold(&account.address), account.id, name, outcome);
    if let Some(at) = account.eligible_at() {
        putln!(text, "Eligible from {}.", style.bold(at));
    }
    put!(text, "\n");
    let (dull, others): (Vec<_>, Vec<_>) = explanation.gates.iter().partition(|gate| gate.result.does_not_apply());
    let mut others = others;
    others.sort_by_key(|gate| urgency(&gate.result));
    others.iter().for_each(|gate| explained(&mut text, gate, invocation, style));
    if !dull.is_empty() {
        let names: Vec<_> = dull.iter().map(|gate| gate.result.gate.as_str()).collect();
        let folded = text!("{} {}: not applicable to this account", style.green("pass"), names.join(", "));
        putln!(text, "{}\n", style.wrapped(&folded, "  "));
    }
    not_read(&mut text, explanation, invocation, style);
    if let Some(sign_up) = &explanation.sign_up {
        signing_up(&mut text, sign_up, invocation, style);
    }
    text
}

fn explained(text: &mut Text, gate: &ExplainedGate, invocation: &Invocation, style: Style) {
    let result = &gate.result;
    let asked = text!("{} {}: {}", mark(result, style), style.bold(result.gate.as_str()), gate.asks);
    putln!(text, "{}", style.wrapped(&asked, "  "));
    putln!(text, "{}", style.wrapped(&text!("    {}", result.explanation()), "    "));
    for seen in &result.evidence {
        putln!(text, "    {}", style.dim(text!("{} by account {} at {}", seen.operation, seen.account, seen.at)));
    }
    if let Some(remedy) = result.remedy() {
        let who = gate.who.map_or_else(String::new, |who| format!(" ({who})"));
        putln!(text, "    Resolution{}:", who);
        remedy::put_lines(text, remedy, invocation, style);
        putln!(text, "    See {}", gate.documentation);
    }
    put!(text, "\n");
}

/// The sort order of results: mandatory gates that don't pass, advice, deferred gates, passes that are not facts, and passes by a fact.
fn urgency(result: &GateResult) -> u8 {
    match &result.verdict {
        Verdict::Block { .. } | Verdict::Unknown { .. } if result.is_blocking() => 0,
        Verdict::Block { .. } | Verdict::Unknown { .. } => 1,
        Verdict::Deferred { .. } => 2,
        Verdict::Pass { .. } if !result.is_fact() => 3,
        Verdict::Pass { .. } => 4,
    }
}

/// Lists facts that no gate reads, each with the commands that show it.
fn not_read(text: &mut Text, explanation: &Explanation, invocation: &Invocation, style: Style) {
    if explanation.not_read.is_empty() {
        return;
    }
    putln!(text, "{}\n", style.bold("Not read by any gate"));
    for NotRead { what, how } in &explanation.not_read {
        putln!(text, "{}", style.wrapped(&text!("  {}:", what), "  "));
        remedy::put_lines(text, how, invocation, style);
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

fn signing_up(text: &mut Text, sign_up: &SignUp, invocation: &Invocation, style: Style) {
    putln!(text, "{}\n", style.bold("To complete the sign-up"));
    for (index, step) in sign_up.steps.iter().enumerate() {
        for (line_index, line) in remedy::lines(step, invocation).iter().enumerate() {
            match line_index {
                0 => putln!(text, "  {}. {}", index + 1, line.shown()),
                _ => putln!(text, "     {}", line.shown()),
            }
        }
    }
    let case = &sign_up.support_case;
    putln!(text, "\n{}\n\n  {}", style.bold("The support case, for all such accounts in the plan"), case.url);
    for (field, value) in &case.choices {
        putln!(text, "  {}: {}", field, value);
    }
    putln!(text, "  Subject: {}\n", case.subject);
    text.push(&Text::lines_of(&case.text, "  "));
}
