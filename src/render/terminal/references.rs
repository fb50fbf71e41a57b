//! References to departing accounts in other configuration, as text.

use crate::references::{Reference, References, Searched, SoughtAccount};

use crate::org::counted;
use crate::render::text::{put, putln, quoted, text};
use crate::render::{Style, Text};

/// Lists the references by account, and what was searched.
#[must_use]
pub fn references(found: &References, style: Style) -> Text {
    let mut text = Text::default();
    for account in &found.accounts {
        let mut references = found.to(account.id).peekable();
        if references.peek().is_none() {
            continue;
        }
        putln!(text, "{} {}:\n", title(account, style), account.status.text());
        references.for_each(|reference| text.push(&line(reference)));
        putln!(text, "");
    }
    if found.not_listed > 0 {
        putln!(text, "{} not listed.\n", counted(found.not_listed, "more reference"));
    }
    let summary = match found.total() {
        0 => text!("No references to {}", counted(found.accounts.len() as u64, "account")),
        total => text!("{} to {}", counted(total, "reference"), counted(found.accounts.len() as u64, "account")),
    };
    putln!(text, "{}. {}", style.bold(&summary), searched(&found.searched));
    for note in notes(found) {
        putln!(text, "{}", note);
    }
    text
}

/// `account.legacy-crm (333333333333 "legacy-crm")`.
fn title(account: &SoughtAccount, style: Style) -> Text {
    let name = account.names.first().map_or_else(Text::default, |name| text!(" {}", quoted(name)));
    match &account.address {
        Some(address) => text!("{} ({}{})", style.bold(address), account.id, name),
        None => style.bold(&text!("{}{}", account.id, name)),
    }
}

fn line(reference: &Reference) -> Text {
    let mut text = text!("  {}:{}:{}: {}", reference.file, reference.line, reference.column, reference.matched.as_str());
    if let Some(kind) = &reference.kind {
        put!(text, ", {}", kind.title());
    }
    if let Some(path) = &reference.path {
        put!(text, " ({})", path);
    }
    putln!(text, "");
    text
}

/// `Searched 12 files in ../lza; skipped 2 symbolic links.`
pub(in crate::render) fn searched(searched: &Searched) -> String {
    let mut sentence = format!("Searched {} in {}", counted(searched.files, "file"), searched.directories.join(", "));
    if !searched.skipped_by_reason.is_empty() {
        let skipped = searched.skipped_by_reason.iter().map(|(why, count)| {
            let (one, several) = why.nouns();
            format!("{count} {}", if *count == 1 { one } else { several })
        });
        sentence += &format!("; skipped {}", skipped.collect::<Vec<_>>().join(", "));
    }
    sentence + "."
}

/// Notes about what the search did not cover.
pub(in crate::render) fn notes(found: &References) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(place) = &found.records_not_read {
        notes.push(format!(
            "The departure records in {place} were not read, because this command makes no AWS requests. Pass a copy of them with \
             -records; `apply -records-to` writes one."
        ));
    }
    let short: Vec<_> = found.accounts.iter().flat_map(|account| account.names_by_length(false)).map(|name| format!("{name:?}")).collect();
    if !short.is_empty() {
        notes.push(format!("Not searched for, because the name is too short: {}.", short.join(", ")));
    }
    let unreadable = found.skipped.iter().filter_map(|skipped| Some(format!("{}: {}.", skipped.file, skipped.error.as_ref()?)));
    notes.extend(unreadable.take(MAX_UNREADABLE));
    notes
}

/// The maximum number of unreadable files that are listed.
const MAX_UNREADABLE: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::references::{Skipped, Status, WhySkipped};

    fn nothing_found() -> References {
        let account = SoughtAccount {
            id: "333333333333".parse().unwrap(),
            address: None,
            status: Status::Named,
            names: ["R".to_owned()].into(),
            emails: [].into(),
        };
        let skipped = Skipped { file: "a\u{1b}b".into(), why: WhySkipped::Unreadable, error: Some("Permission denied".into()) };
        let mut found = References::about(vec![account]);
        found.records_not_read = Some("s3://bucket/roster".into());
        found.searched.directories = vec!["../lza".into()];
        found.searched.skipped_by_reason = [(WhySkipped::Link, 2), (WhySkipped::Unreadable, 1)].into();
        found.skipped = vec![skipped];
        found
    }

    #[test]
    fn gaps_of_the_search_are_reported_even_if_nothing_was_found() {
        let text = references(&nothing_found(), Style::PLAIN);
        let expected = "\
No references to 1 account. Searched 0 files in ../lza; skipped 2 symbolic links, 1 file or directory that can't be read.
The departure records in s3://bucket/roster were not read, because this command makes no AWS requests. Pass a copy of them with -records; `apply -records-to` writes one.
Not searched for, because the name is too short: \"R\".
a\\u{1b}b: Permission denied.
";
        assert_eq!(text.as_str(), expected);
    }
}
