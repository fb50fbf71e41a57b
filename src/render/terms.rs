//! The observed facts about an account and the declaration of its act, as names and values. Every rendering shows the same ones.

use crate::org::{Action, JoinStep, Joining, Leaving, Placement, Transfer};
use crate::plan::{Act, PlannedAccount};

/// The observed facts about the account.
pub(super) fn observed(planned: &PlannedAccount) -> Vec<(&'static str, String)> {
    let mut lines = vec![("id", planned.id.to_string())];
    if let Some(account) = &planned.before {
        lines.push(("name", account.name.clone()));
        lines.push(("email", account.email.clone()));
        lines.extend(planned.unit_path().map(|path| ("unit", path.to_string())));
        let joined = account.joined_at.map_or_else(String::new, |at| format!(" {at}"));
        lines.push(("joined", format!("{}{joined}", account.joined_method)));
    }
    lines
}

/// What an account has after it joins, and how it joins.
pub(super) fn joined(act: &Act, joining: &Joining) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    // An account that has joined is shown with its observed name and email address.
    if act.action != Action::Join(JoinStep::Place) {
        lines.extend(joining.name.clone().map(|name| ("name", name)));
        lines.extend(joining.email.clone().map(|email| ("email", email)));
    }
    if let Some(Placement { unit, path, tags }) = &act.placement {
        lines.push(("unit", path.as_ref().map_or_else(|| unit.clone(), |path| format!("{path} ({unit})"))));
        lines.extend((!tags.is_empty()).then(|| {
            let tags: Vec<_> = tags.iter().map(|(key, value)| format!("{key} = {value}")).collect();
            ("tags", tags.join(", "))
        }));
    }
    lines.push(("reason", joining.reason.clone()));
    lines.push(("decided", format!("on {}", joining.on)));
    let by = match (&joining.accept_role, act.action) {
        (_, Action::Join(JoinStep::Place)) => "already a member".to_owned(),
        (Some(role), _) => format!("AcceptHandshake by {}", role.name),
        (None, _) => "a person in the account; identity unverified".to_owned(),
    };
    lines.push(("accepted", by));
    lines.extend(joining.from.as_ref().map(|from| ("from", format!("{from}, or no organization"))));
    lines
}

/// How an account leaves.
pub(super) fn left(act: &Act, leaving: &Leaving) -> Vec<(&'static str, String)> {
    let by = if act.action.is_called_by_member() {
        leaving.member_role.name.clone()
    } else {
        "the management account, which service control policies don't restrict".to_owned()
    };
    let mut lines = vec![("reason", leaving.reason.clone()), ("via", format!("{} by {by}", act.action.operation()))];
    if let Some(Transfer { to, management_account_id, handshake }) = leaving.transfer() {
        lines.push(("to", format!("{to} of management account {management_account_id}")));
        lines.extend(handshake.as_ref().map(|pinned| ("invited", format!("only by {pinned}"))));
    }
    lines
}

/// The declaration of an account's act, whether it leaves or joins.
pub(super) fn declared(planned: &PlannedAccount, act: &Act) -> Vec<(&'static str, String)> {
    let joined = planned.joining().map(|joining| joined(act, joining));
    joined.or_else(|| planned.leaving().map(|leaving| left(act, leaving))).unwrap_or_default()
}
