//! References in other configuration to accounts that leave, as Markdown for a comment on a pull request.

use crate::references::{Kind, Reference, References, SoughtAccount};

use super::super::Text;
use super::super::terminal::references::{notes, searched};
use super::LIMIT;
use super::escape::{cell, code, prose};
use super::section::{Rank, Section, assemble};
use crate::org::counted;

/// The references by account. The first line is an invisible marker by which a workflow finds the comment to replace.
#[must_use]
pub fn references_markdown(found: &References) -> Text {
    let sections: Vec<_> = found.accounts.iter().filter_map(|account| section(found, account)).collect();
    Text::document(assemble(&head(found), &sections, &foot(found), LIMIT, "orgroster references"))
}

fn head(found: &References) -> String {
    let accounts = counted(found.accounts.len() as u64, "account");
    let count = if found.is_empty() { "No references".to_owned() } else { counted(found.total(), "reference") };
    let organization = found.organization.as_ref().map_or_else(String::new, |id| format!(":{id}"));
    format!("<!-- orgroster:references{organization} -->\n## {count} to {accounts}\n\n")
}

fn section(found: &References, account: &SoughtAccount) -> Option<Section> {
    let items: Vec<_> = found.to(account.id).map(row).collect();
    let address = account.address.as_ref().map_or_else(String::new, |address| format!("{} ", code(&address.to_string())));
    let id = code(&account.id.to_string());
    (!items.is_empty()).then(|| Section {
        rank: Rank::Acts,
        noun: ["reference", "references"],
        open: format!("### {address}{id} {}\n\n| file and line | refers to its | kind of place |\n|---|---|---|\n", account.status.text()),
        items,
        close: String::new(),
        whole: false,
    })
}

fn row(reference: &Reference) -> String {
    let Reference { file, line, matched, kind, path, .. } = reference;
    let kind = kind.as_ref().map(Kind::title);
    let path = path.as_deref().map(code);
    let place: Vec<_> = kind.into_iter().chain(path).collect();
    format!("| {} | {} | {} |\n", cell(&code(&format!("{file}:{line}"))), matched.as_str(), cell(&place.join(" ")))
}

fn foot(found: &References) -> String {
    let mut text = String::new();
    if found.not_listed > 0 {
        text += &format!("{} not listed.\n\n", counted(found.not_listed, "more reference"));
    }
    text += &format!("{}\n", prose(&searched(&found.searched)));
    for note in notes(found) {
        text += &format!("\n{}\n", prose(&note));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::references::{Matched, Status};

    #[test]
    fn file_names_make_no_structure_and_a_long_list_is_shortened() {
        let account = SoughtAccount {
            id: "333333333333".parse().unwrap(),
            address: Some("account.crm".parse().unwrap()),
            status: Status::Departing,
            names: [].into(),
            emails: [].into(),
        };
        let mut found = References::about(vec![account]);
        let reference = |line| Reference {
            file: "a|b`c\n# @x.yaml".into(),
            line,
            column: 1,
            account: "333333333333".parse().unwrap(),
            matched: Matched::Id,
            kind: Some(Kind::new("x", "Terraform", "data source")),
            path: Some("a.<b>".into()),
        };
        found.references = vec![reference(7)];
        found.searched.directories = vec!["../infra".into()];
        found.organization = "o-exampleorgid".parse().ok();
        let expected = "\
<!-- orgroster:references:o-exampleorgid -->
## 1 reference to 1 account

### `account.crm` `333333333333` is to leave

| file and line | refers to its | kind of place |
|---|---|---|
| ``a\\|b`c # @x.yaml:7`` | id | Terraform: data source `a.<b>` |

Searched 0 files in `../infra`.
";
        assert_eq!(references_markdown(&found).as_str(), expected);
        found.references = (1..=5_000).map(reference).collect();
        let text = references_markdown(&found);
        assert!(text.as_str().len() <= LIMIT);
        for part in ["**Shortened** to fit a comment. Left out: the last ", "`orgroster references` prints them."] {
            assert!(text.contains(part), "{part}");
        }
    }
}
