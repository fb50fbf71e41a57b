//! Changes in an organization between two snapshots, as text.

use crate::drift::{Cause, ChangeKind, OrganizationChange, OrganizationDrift};

use crate::org::counted;
use crate::render::text::{put, putln, quoted, text};
use crate::render::{Style, Text};

/// Lists every change on a line, with its author below, and then the gaps of the comparison.
#[must_use]
pub fn organization_drift(drift: &OrganizationDrift, style: Style) -> Text {
    let mut text = text!("Organization {}, from {} to {}:\n\n", drift.organization, drift.from, drift.to);
    for change in &drift.changes {
        let name = change.name.as_ref().map_or_else(Text::default, |name| text!(" {}", quoted(name)));
        put!(text, "  {} {}{}", style.bold(change.kind.text()), change.subject, name);
        if let Some(details) = details(change) {
            put!(text, ": {}", details);
        }
        putln!(text, "");
        if let Some(cause) = &change.cause {
            putln!(text, "      {}", attribution(change.kind, cause));
        }
    }
    if !drift.changes.is_empty() {
        putln!(text, "");
    }
    putln!(text, "{}.", style.bold(summary(drift)));
    for gap in &drift.not_compared {
        putln!(text, "Not compared: {} ({}).", gap.what, gap.why);
    }
    for gap in &drift.not_attributed {
        putln!(text, "Author unknown: {} ({}).", gap.what, gap.why);
    }
    text
}

/// `3 changes` or `No changes`.
pub(in crate::render) fn summary(drift: &OrganizationDrift) -> String {
    match drift.changes.len() as u64 {
        0 => "No changes".to_owned(),
        count => counted(count, "change"),
    }
}

/// The details of a change, without its kind and subject, in one line.
pub(in crate::render) fn details(change: &OrganizationChange) -> Option<String> {
    let OrganizationChange { kind, about, before, after, .. } = change;
    let values = match (kind, before, after) {
        // Only `-json` shows policy documents.
        (ChangeKind::PolicyChanged, ..) => None,
        (ChangeKind::Left, Some(state), _) => Some(format!("it was {state}")),
        (ChangeKind::Joined | ChangeKind::Created, _, Some(place)) => Some(format!("in {place}")),
        (_, Some(before), Some(after)) => Some(format!("{before:?} -> {after:?}")),
        (_, Some(one), None) | (_, None, Some(one)) => Some(format!("{one:?}")),
        (_, None, None) => None,
    };
    match (about, values) {
        (Some(about), Some(values)) => Some(format!("{about} {values}")),
        (Some(about), None) => Some(about.clone()),
        (None, values) => values,
    }
}

/// Who made a change and when, with the event that shows it.
pub(in crate::render) fn attribution(kind: ChangeKind, cause: &Cause) -> String {
    let Cause { at, event, by, source_identity, method, .. } = cause;
    let identity = source_identity.as_ref().map_or_else(String::new, |identity| format!(" (source identity {identity})"));
    let who = match (by, method.as_deref()) {
        (Some(by), _) if kind == ChangeKind::Joined => format!("invited by {by}{identity}"),
        (Some(by), _) => format!("by {by}{identity}"),
        (None, Some("LEFT")) => "by a call in the account, which only the account's own event history shows".to_owned(),
        (None, Some("CLEANED")) => "by AWS, because the account had been closed for 90 days".to_owned(),
        (None, _) => "by an identity that CloudTrail does not show".to_owned(),
    };
    let method = method.as_ref().map_or_else(String::new, |method| format!(", {method}"));
    format!("{who}, {at} ({event}{method})")
}
