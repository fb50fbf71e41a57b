//! The organizational units that departures touch, as a Mermaid flowchart.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::org::escaped;
use crate::plan::{Plan, PlannedAccount};

use super::section::{Rank, Section};

/// Accounts of the picture: more of them nobody could read.
const DRAWN: usize = 60;

/// Characters of a label.
const LABEL: usize = 60;

/// The picture, where there is something to see.
pub fn section(plan: &Plan) -> Option<Section> {
    let departures = plan.eligible();
    if departures.is_empty() {
        return None;
    }
    let rest = departures.len().saturating_sub(DRAWN);
    let more = if rest > 0 { format!(" ({DRAWN} of {})", departures.len()) } else { String::new() };
    Some(Section {
        rank: Rank::Tree,
        items_are: "pictures",
        open: format!("<details>\n<summary>Where they stand{more}</summary>\n\n```mermaid\n"),
        items: vec![flowchart(&departures[..departures.len() - rest])],
        close: "```\n\n</details>\n".to_owned(),
        whole: true,
    })
}

fn flowchart(departures: &[&PlannedAccount]) -> String {
    let mut text = "flowchart TD\n  classDef leaves stroke:#cf222e,stroke-width:2px,stroke-dasharray:4\n".to_owned();
    let mut nodes = BTreeMap::new();
    for (index, departure) in departures.iter().enumerate() {
        let mut parent = None;
        for unit in departure.unit_path().into_iter().flat_map(|path| &path.0) {
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
        let _ = writeln!(text, "  {edge}a{index}([\"{}\"]):::leaves", label(&departure.display_name()));
    }
    text
}

/// The text of a node. All but letters, digits and a few signs is written as Mermaid's character codes, so that nothing ends the label.
fn label(text: &str) -> String {
    let mut label = String::new();
    // Mermaid shows what a code stands for: what is hidden has to be spelled out before.
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
    fn a_label_can_end_neither_itself_nor_the_picture() {
        assert_eq!(label("a\"]; click x \"b\n```"), "a#34;#93;#59; click x #34;b#92;n#96;#96;#96;");
        assert_eq!(label("Größe 1.2-b"), "Größe 1.2-b");
    }
}
