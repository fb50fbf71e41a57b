//! Finds out from CloudTrail's events who made the changes and when.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::org::{AccountId, ChangeEvent, ChangeHistory, counted};

use super::{Cause, ChangeKind, Gap, OrganizationChange, OrganizationDrift};

/// Names of the events that can report a change: calls that make it, and service events that report the result.
struct Clue {
    calls: &'static [&'static str],
    results: &'static [&'static str],
}

const fn calls(calls: &'static [&'static str]) -> Clue {
    Clue { calls, results: &[] }
}

/// The events of a kind of change. The names are from the API references of Organizations and Account Management, and from the user guide
/// of Organizations ("Logging AWS Organizations API calls").
const fn clue(kind: ChangeKind) -> Clue {
    match kind {
        ChangeKind::Left => Clue { calls: &["RemoveAccountFromOrganization"], results: &["AccountDepartedOrganization"] },
        ChangeKind::Joined => Clue { calls: &["InviteAccountToOrganization"], results: &["AccountJoinedOrganization"] },
        ChangeKind::Created => Clue { calls: &["CreateAccount"], results: &["CreateAccountResult"] },
        ChangeKind::Closed => Clue { calls: &["CloseAccount"], results: &["CloseAccountResult"] },
        // Callers can't set other states.
        ChangeKind::StateChanged => calls(&[]),
        ChangeKind::Moved => calls(&["MoveAccount"]),
        ChangeKind::Renamed => calls(&["PutAccountName"]),
        ChangeKind::AddressChanged => calls(&["AcceptPrimaryEmailUpdate"]),
        ChangeKind::TagAdded | ChangeKind::TagChanged => calls(&["TagResource"]),
        ChangeKind::TagRemoved => calls(&["UntagResource"]),
        ChangeKind::Delegated => calls(&["RegisterDelegatedAdministrator"]),
        ChangeKind::DelegationEnded => calls(&["DeregisterDelegatedAdministrator"]),
        ChangeKind::UnitRenamed => calls(&["UpdateOrganizationalUnit"]),
        ChangeKind::PolicyTypeEnabled => calls(&["EnablePolicyType"]),
        ChangeKind::PolicyTypeDisabled => calls(&["DisablePolicyType"]),
        ChangeKind::PolicyCreated => calls(&["CreatePolicy"]),
        ChangeKind::PolicyDeleted => calls(&["DeletePolicy"]),
        ChangeKind::PolicyRenamed | ChangeKind::PolicyChanged => calls(&["UpdatePolicy"]),
        ChangeKind::PolicyAttached => calls(&["AttachPolicy"]),
        ChangeKind::PolicyDetached => calls(&["DetachPolicy"]),
        ChangeKind::TrustedAccessEnabled => calls(&["EnableAWSServiceAccess"]),
        ChangeKind::TrustedAccessDisabled => calls(&["DisableAWSServiceAccess"]),
    }
}

/// Whether an event refers to what changed: the subject and, if the change is about one, the tag's key, the service or the target.
fn is_about(event: &ChangeEvent, change: &OrganizationChange) -> bool {
    let has = |word: &String| event.words.contains(word);
    has(&change.subject) && change.about.as_ref().is_none_or(has)
}

impl OrganizationDrift {
    /// Names of the events that can report the changes.
    #[must_use]
    pub fn event_names(&self) -> BTreeSet<&'static str> {
        let clues = self.changes.iter().map(|change| clue(change.kind));
        clues.flat_map(|clue| clue.calls.iter().chain(clue.results)).copied().collect()
    }

    /// Adds each change's cause from a history, and the reasons why others have none.
    #[must_use]
    pub fn explained_by(mut self, history: &ChangeHistory, management: AccountId) -> Self {
        for change in &mut self.changes {
            change.cause = cause(change, &history.events);
        }
        let open = self.changes.iter().filter(|change| change.cause.is_none()).count();
        if open > 0 {
            self.not_attributed.extend(gaps(open, history, management, self.from));
        }
        self
    }

    /// Notes that no history was read, and why.
    #[must_use]
    pub fn unexplained(mut self, why: &str) -> Self {
        if !self.changes.is_empty() {
            self.not_attributed.push(Gap { what: counted(self.changes.len() as u64, "change"), why: why.to_owned() });
        }
        self
    }
}

/// Reasons why changes may have no event.
fn gaps(open: usize, history: &ChangeHistory, management: AccountId, from: Timestamp) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut gap = |what: String, why: String| gaps.push(Gap { what, why });
    if let Some(unreadable) = &history.unreadable {
        gap(counted(open as u64, "change"), format!("{}: {}", unreadable.operation, unreadable.why));
        return gaps;
    }
    let account = history.account.unwrap_or(management);
    gap(
        counted(open as u64, "change"),
        format!(
            "the event history of account {account} has no matching event since {}; an event can take 15 minutes to appear, and a call \
             that a member made is in the member's own event history",
            history.since
        ),
    );
    if account != management {
        gap(
            "calls of the management account".to_owned(),
            format!("they are in the event history of account {management}, but this run reads that of account {account}"),
        );
    }
    if from < history.since {
        gap(format!("changes before {}", history.since), "CloudTrail keeps its event history for 90 days".to_owned());
    }
    for (name, reached) in &history.cut {
        gap(format!("{name} before {reached}"), "there are more events of this name than orgroster reads".to_owned());
    }
    gaps
}

fn cause(change: &OrganizationChange, events: &[ChangeEvent]) -> Option<Cause> {
    let clue = clue(change.kind);
    let latest = |names: &[&str], fits: &dyn Fn(&ChangeEvent) -> bool| {
        let succeeded = events.iter().filter(|event| names.contains(&event.name.as_str()) && event.error_code.is_none());
        succeeded.filter(|event| fits(event)).max_by_key(|event| event.at).cloned()
    };
    let Some(result) = latest(clue.results, &|event| is_about(event, change)) else {
        let call = latest(clue.calls, &|event| is_about(event, change))?;
        return Some(Cause {
            at: call.at,
            event: call.name,
            event_id: call.id,
            by: call.by,
            source_identity: call.source_identity,
            method: None,
        });
    };
    // An account that left by its own call may also have been removed earlier.
    let by_itself = change.kind == ChangeKind::Left && result.method.as_deref().is_some_and(|method| method != "REMOVED");
    // The event of CreateAccount does not contain the account's id, but the id of the request.
    let request = result.words.iter().find(|word| word.starts_with("car-"));
    let call = latest(clue.calls, &|event| {
        let fits = match (change.kind, request) {
            (ChangeKind::Created, Some(request)) => event.words.contains(request),
            _ => is_about(event, change),
        };
        fits && event.at <= result.at && !by_itself
    });
    let (by, source_identity) = call.map(|call| (call.by, call.source_identity)).unwrap_or_default();
    Some(Cause { at: result.at, event: result.name, event_id: result.id, by, source_identity, method: result.method })
}
