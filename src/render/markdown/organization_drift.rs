//! Changes in an organization between two snapshots, as Markdown for an issue or a job summary.

use crate::drift::{Gap, OrganizationChange, OrganizationDrift};

use super::super::Text;
use super::super::terminal::organization_drift::{attribution, details, summary};
use super::LIMIT;
use super::escape::{cell, code, prose};
use super::section::{Rank, Section, assemble};

/// The changes in a table. The first line is an invisible marker by which a workflow finds the issue to update.
#[must_use]
pub fn organization_drift_markdown(drift: &OrganizationDrift) -> Text {
    let section = Section {
        rank: Rank::Changes,
        noun: ["change", "changes"],
        open: "| change | subject | name | details | who and when |\n|---|---|---|---|---|\n".to_owned(),
        items: drift.changes.iter().map(row).collect(),
        close: String::new(),
        whole: false,
    };
    let sections: Vec<_> = Some(section).filter(|section| !section.items.is_empty()).into_iter().collect();
    Text::document(assemble(&head(drift), &sections, &foot(drift), LIMIT, "orgroster drift"))
}

fn head(drift: &OrganizationDrift) -> String {
    let OrganizationDrift { organization, from, to, .. } = drift;
    format!("<!-- orgroster:drift:{organization} -->\n## {} in organization {organization}\n\nFrom {from} to {to}.\n\n", summary(drift))
}

fn row(change: &OrganizationChange) -> String {
    let text = |text: Option<&str>| text.map_or_else(String::new, |text| cell(&code(text)));
    let (details, who) = (details(change), change.cause.as_ref().map(|cause| attribution(change.kind, cause)));
    format!(
        "| {} | {} | {} | {} | {} |\n",
        change.kind.text(),
        text(Some(&change.subject)),
        text(change.name.as_deref()),
        text(details.as_deref()),
        text(who.as_deref())
    )
}

fn foot(drift: &OrganizationDrift) -> String {
    let gaps = |lead: &str, gaps: &[Gap]| -> String {
        gaps.iter().map(|gap| format!("{lead}: {}\n\n", prose(&format!("{} ({}).", gap.what, gap.why)))).collect()
    };
    gaps("Not compared", &drift.not_compared) + &gaps("Author unknown", &drift.not_attributed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_make_no_structure_and_a_long_list_is_shortened() {
        let row = r#"{"kind":"renamed","subject":"333333333333","name":"a|b\n# x","before":"`x`","after":"a|b\n# x","cause":{"at":"2026-11-28T02:00:00Z","event":"PutAccountName","event_id":"e","by":"a|b\n# x"}}"#;
        let document = |rows: usize| {
            let changes = vec![row; rows].join(",");
            let text = format!(
                r#"{{"format_version":"1.0","organization":"o-exampleorgid","from":"2026-11-27T03:00:00Z","to":"2026-11-28T03:00:00Z",
                "changes":[{changes}],"not_compared":[{{"what":"tags","why":"denied"}}],"not_attributed":[{{"what":"1 change","why":"denied"}}]}}"#
            );
            organization_drift_markdown(&serde_json::from_str(&text).unwrap())
        };
        let text = document(1);
        let rows: Vec<_> = text.as_str().lines().filter(|line| line.starts_with("| renamed")).collect();
        assert_eq!(rows.len(), 1, "{}", text.as_str());
        assert!(text.as_str().starts_with("<!-- orgroster:drift:o-exampleorgid -->\n## 1 change in organization"));
        assert!(
            !text.as_str().contains("\n# x") && text.as_str().contains("Not compared: ") && text.as_str().contains("Author unknown: "),
            "{}",
            text.as_str()
        );
        let text = document(5_000);
        assert!(text.as_str().len() <= LIMIT && text.as_str().contains("**Shortened**"));
    }
}
