//! The organizational units of accounts with eligible acts, as a Mermaid flowchart.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::org::escaped;
use crate::plan::{Plan, PlannedAccount};
use crate::render::words;

use super::section::{Rank, Section};

/// Maximum number of accounts in the diagram. More would be unreadable.
const DRAWN: usize = 60;

/// Maximum number of characters in a label.
const LABEL: usize = 60;

/// The diagram; `None` if there is no eligible act.
pub fn section(plan: &Plan) -> Option<Section> {
    let acts = plan.eligible();
    if acts.is_empty() {
        return None;
    }
    let rest = acts.len().saturating_sub(DRAWN);
    let more = if rest > 0 { format!(" ({DRAWN} of {} accounts)", acts.len()) } else { String::new() };
    Some(Section {
        rank: Rank::Tree,
        noun: ["diagram", "diagrams"],
        open: format!("<details>\n<summary>Organizational units{more}</summary>\n\n```mermaid\n"),
        items: vec![flowchart(&acts[..acts.len() - rest])],
        close: "```\n\n</details>\n".to_owned(),
        whole: true,
    })
}

fn flowchart(acts: &[&PlannedAccount]) -> String {
    let mut text = "flowchart TD\n".to_owned();
    for (class, style) in CLASSES {
        if acts.iter().any(|planned| class_of(planned) == *class) {
            let _ = writeln!(text, "  classDef {class} {style}");
        }
    }
    let mut nodes = BTreeMap::new();
    for (index, planned) in acts.iter().enumerate() {
        let mut parent = None;
        let path = planned.unit_path().or_else(|| planned.placement()?.path.as_ref());
        for unit in path.into_iter().flat_map(|path| &path.0) {
            let next = nodes.len();
            let node = *nodes.entry(&unit.id).or_insert_with(|| {
                let name = label(&unit.name);
                let _ = match parent {
                    None => writeln!(text, "  u{next}[\"{name}\"]"),
                    Some(parent) => writeln!(text, "  u{parent} --> u{next}[\"{name}\"]"),
                };
                next
            });
            parent = Some(node);
        }
        let edge = parent.map_or_else(String::new, |parent| format!("u{parent} -.-> "));
        let _ = writeln!(text, "  {edge}a{index}([\"{}\"]):::{}", label(&planned.display_name()), class_of(planned));
    }
    text
}

/// How accounts are drawn: those that leave are dashed, those that join are solid.
const CLASSES: &[(&str, &str)] =
    &[("leaves", "stroke:#cf222e,stroke-width:2px,stroke-dasharray:4"), ("joins", "stroke:#1a7f37,stroke-width:2px")];

fn class_of(planned: &PlannedAccount) -> &'static str {
    if words::joins(planned) { "joins" } else { "leaves" }
}

/// The text of a node. Everything except letters, digits and a few signs is written as Mermaid character codes, so that it can't end the
/// label.
fn label(text: &str) -> String {
    let mut label = String::new();
    // Mermaid renders character codes, so hidden characters must be escaped first.
    let text = escaped(text);
    for character in text.chars().take(LABEL) {
        if character.is_alphanumeric() || matches!(character, ' ' | '-' | '.') {
            label.push(character);
        } else {
            let _ = write!(label, "#{};", u32::from(character));
        }
    }
    if text.chars().nth(LABEL).is_some() {
        label.push('…');
    }
    label
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_can_end_neither_itself_nor_the_diagram() {
        assert_eq!(label("a\"]; click x \"b\n```"), "a#34;#93;#59; click x #34;b#92;n#96;#96;#96;");
        assert_eq!(label("Größe 1.2-b"), "Größe 1.2-b");
    }
}
