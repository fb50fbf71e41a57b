//! The declarations of locals and variables.

use std::path::{Path, PathBuf};

use gen_lsp_types::{Location, Range};

use super::place::{is_of_name, word};
use super::position;
use super::workspace::{Checked, Workspace};
use crate::config::configuration_syntax;
use crate::org::SourceSpan;

/// The kind of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Local,
    Variable,
}

impl Kind {
    /// The kind of names that follow a root in a reference.
    pub(super) fn behind(root: &str) -> Option<Self> {
        match root {
            "local" => Some(Self::Local),
            "var" => Some(Self::Variable),
            _ => None,
        }
    }
}

/// A declaration, and the location of its name.
pub(super) struct Declaration {
    pub(super) kind: Kind,
    pub(super) name: String,
    span: SourceSpan,
}

/// Every local and variable that a directory declares. Of a file with a syntax error, only the valid parts count.
pub(super) fn declarations(checked: &Checked) -> Vec<Declaration> {
    let mut found = Vec::new();
    for syntax in configuration_syntax(&checked.sources) {
        for attribute in syntax.body.get_blocks("locals").flat_map(|block| block.body.attributes()) {
            found.push(Declaration { kind: Kind::Local, name: attribute.key.to_string(), span: syntax.span(&attribute.key) });
        }
        for label in syntax.body.get_blocks("variable").filter_map(|block| block.labels.first()) {
            found.push(Declaration { kind: Kind::Variable, name: label.as_str().to_owned(), span: syntax.span(label) });
        }
    }
    found
}

/// The declaration of the local or variable at an offset.
pub(super) fn definition(workspace: &Workspace, path: &Path, offset: usize) -> Option<Location> {
    let text = workspace.text(path)?;
    let checked = workspace.checked(path.parent()?)?;
    let (kind, name) = reference(text, offset)?;
    let declaration = declarations(checked).into_iter().find(|found| found.kind == kind && found.name == name)?;
    let file = checked.sources.file(declaration.span.file)?;
    let range: Range = position::range(file, &declaration.span);
    Some(Location { uri: workspace.uri(&PathBuf::from(&file.name)), range })
}

/// The local or variable that the name at an offset refers to, on the root or on the name itself.
fn reference(text: &str, offset: usize) -> Option<(Kind, &str)> {
    let here = word(text, offset);
    if let Some(before) = text.get(..here.start)?.strip_suffix('.') {
        let root = &before[before.trim_end_matches(is_of_name).len()..];
        return Some((Kind::behind(root)?, &text[here]));
    }
    let kind = Kind::behind(&text[here.clone()])?;
    let name = text[here.end..].strip_prefix('.')?;
    let end = name.find(|character| !is_of_name(character)).unwrap_or(name.len());
    Some((kind, &name[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_known_on_its_root_and_on_its_name() {
        let text = "reason = \"sold, ${var.ticket-no}\"";
        for at in ["var", "ticket", "no"] {
            assert_eq!(reference(text, text.find(at).unwrap() + 1), Some((Kind::Variable, "ticket-no")), "{at}");
        }
        for text in ["each.key", "a.local.b", "local", "sold"] {
            assert_eq!(reference(text, 1), None, "{text}");
        }
    }
}
