//! Differences between what was approved and what exists now.

use similar::{ChangeTag, TextDiff};

use crate::org::{Action, capitalized};
use crate::plan::{HeldBack, HeldBackReason, PlanDifference};

use crate::render::text::{put, text};
use crate::render::{Style, Text};

/// Precedes each line of a difference in a text for people.
const INDENT: &str = "    ";

/// How many lines around a change are shown.
const CONTEXT: usize = 2;

/// Shows the difference of two texts, with an indent before each line.
#[must_use]
pub fn difference(before: &str, after: &str, indent: &'static str, style: Style) -> Text {
    let diff = TextDiff::from_lines(before, after);
    let mut text = Text::default();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            put!(text, "{}  ...\n", indent);
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let line = Text::line_of(change.value().trim_end_matches('\n'));
            let line = match change.tag() {
                ChangeTag::Delete => style.red(text!("- {}", line)),
                ChangeTag::Insert => style.green(text!("+ {}", line)),
                ChangeTag::Equal => text!("  {}", line),
            };
            put!(text, "{}{}\n", indent, line);
        }
    }
    text
}

/// Shows the difference of a file's text as `diff -u` does. `patch` can read it unless a line contains something that a terminal or a CI
/// runner would interpret, because that is escaped.
#[must_use]
pub fn unified_difference(name: &str, before: &str, after: &str, style: Style) -> Text {
    let diff = TextDiff::from_lines(before, after);
    let unified = diff.unified_diff().header(&format!("old/{name}"), &format!("new/{name}")).to_string();
    let painted = |line: &str| match (line.as_bytes().first(), Text::line_of(line)) {
        (Some(b'-'), line) => style.red(line),
        (Some(b'+'), line) => style.green(line),
        (_, line) => line,
    };
    unified.split_inclusive('\n').map(|line| text!("{}\n", painted(line.trim_end_matches('\n')))).collect()
}

/// Shows why a whole saved plan is stale.
#[must_use]
pub fn differences(differences: &[PlanDifference], style: Style) -> Text {
    let one = |found: &PlanDifference| text!("{}:\n{}", capitalized(&found.what), difference(&found.before, &found.after, INDENT, style));
    Text::joined(&differences.iter().map(one).collect::<Vec<_>>(), "\n")
}

/// Lists approved acts that are not carried out, and why.
#[must_use]
pub fn held_back(held: &[HeldBack], style: Style) -> Text {
    let mut text = Text::default();
    for HeldBack { planned, why } in held {
        put!(text, "  # {} is held back\n", style.bold(&planned.address));
        match why {
            HeldBackReason::Blocked(gates) => {
                for result in gates.iter().filter(|result| result.is_blocking()) {
                    put!(text, "    {}: {}\n", style.yellow(result.gate.as_str()), result.explanation());
                }
            }
            HeldBackReason::Grown(grown) => {
                for grown in grown {
                    put!(text, "    {}: {}\n", style.yellow(grown.gate.as_str()), grown.to_string());
                }
                put!(text, "    The approval does not cover this. Plan again, and have the new plan reviewed.\n");
            }
            HeldBackReason::Changed { before, after } => {
                put!(text, "    The account has changed since the plan was approved:\n");
                text.push(&difference(before, after, INDENT, style));
            }
            HeldBackReason::AnotherStep { approved, next } => {
                let (approved, next) = (Action::Join(*approved), Action::Join(*next));
                put!(
                    text,
                    "    The approval begins with the step {}, but the next step is {}. Plan again.\n",
                    approved.as_str(),
                    next.as_str()
                );
            }
            HeldBackReason::Gone => put!(text, "    It is no longer in the organization, and it has no departure record.\n"),
        }
        put!(text, "\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_changed_lines_with_their_surroundings() {
        let text = difference("a\nb\nc\n", "a\nB\nc\n", INDENT, Style::PLAIN);
        assert_eq!(text.as_str(), "      a\n    - b\n    + B\n      c\n");
    }
}
