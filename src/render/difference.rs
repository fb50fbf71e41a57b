//! What was approved against what is.

use similar::{ChangeTag, TextDiff};

use crate::plan::{Disagreement, HeldBack, HeldBackReason};

use super::Style;

/// Lines around a change that are shown.
const CONTEXT: usize = 2;

/// The difference of two texts, indented by four spaces.
#[must_use]
pub fn difference(before: &str, after: &str, style: Style) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut text = String::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            text.push_str("      ...\n");
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let line = change.value().trim_end_matches('\n');
            let line = match change.tag() {
                ChangeTag::Delete => style.red(&format!("- {line}")),
                ChangeTag::Insert => style.green(&format!("+ {line}")),
                ChangeTag::Equal => format!("  {line}"),
            };
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}

/// The difference of a file's text as `diff -u` writes it, so that `patch` can read it.
#[must_use]
pub fn unified_difference(name: &str, before: &str, after: &str, style: Style) -> String {
    let diff = TextDiff::from_lines(before, after);
    let unified = diff.unified_diff().header(&format!("old/{name}"), &format!("new/{name}")).to_string();
    let painted = |line: &str| match line.as_bytes().first() {
        Some(b'-') => style.red(line),
        Some(b'+') => style.green(line),
        _ => line.to_owned(),
    };
    unified.split_inclusive('\n').map(|line| format!("{}\n", painted(line.trim_end_matches('\n')))).collect()
}

/// Why a saved plan is stale as a whole.
#[must_use]
pub fn disagreements(disagreements: &[Disagreement], style: Style) -> String {
    let one = |found: &Disagreement| format!("{}:\n{}", capitalised(&found.what), difference(&found.before, &found.after, style));
    disagreements.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Approved departures that are not carried out, and why.
#[must_use]
pub fn held_back(held: &[HeldBack], style: Style) -> String {
    let mut text = String::new();
    for HeldBack { detachment, why } in held {
        text.push_str(&format!("  # {} is held back\n", style.bold(&detachment.address.to_string())));
        match why {
            HeldBackReason::Blocked(gates) => {
                for result in gates.iter().filter(|result| result.is_blocking()) {
                    text.push_str(&format!("    {}: {}\n", style.yellow(result.gate.as_str()), result.explanation()));
                }
            }
            HeldBackReason::Changed { before, after } => {
                text.push_str("    What was observed when the plan was approved is no longer so:\n");
                text.push_str(&difference(before, after, style));
            }
            HeldBackReason::Gone => text.push_str("    It is no longer in the organization, and no departure record names it.\n"),
        }
        text.push('\n');
    }
    text
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_changed_lines_with_their_surroundings() {
        let text = difference("a\nb\nc\n", "a\nB\nc\n", Style::PLAIN);
        assert_eq!(text, "      a\n    - b\n    + B\n      c\n");
    }
}
