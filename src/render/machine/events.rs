//! Terraform's JSON UI events (machine-readable UI, version 1.2): one object per line, with the fields that its readers know. orgroster's
//! own fields are under `orgroster`, and `code` in a diagnostic.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::apply::{Outcome, Progress};
use crate::diag::{Diagnostic, Severity, SourceMap};
use crate::org::{Action, ActionReason, Address, Counts, IMPLIED_PROVIDER, Invocation, Message, RESOURCE_TYPE, TERRAFORM_VERSION};
use crate::plan::{Plan, PlannedAccount};

use crate::render::Text;
use crate::render::machine::json::finding;
use crate::render::text::text;
use crate::render::words::{self, done, terraform_action, to_do, verbs_of};

/// One event as a line.
fn line(at: Timestamp, level: &str, kind: &str, message: &Text, more: Value) -> Text {
    let at = at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string();
    let mut event = Map::new();
    for (name, value) in
        [("@level", level), ("@message", &message.plain()), ("@module", "terraform.ui"), ("@timestamp", &at), ("type", kind)]
    {
        event.insert(name.to_owned(), Value::from(value));
    }
    if let Value::Object(more) = more {
        event.extend(more);
    }
    Text::json(&Value::Object(event))
}

/// The first event.
#[must_use]
pub fn version(at: Timestamp) -> Text {
    let own = env!("CARGO_PKG_VERSION");
    line(at, "info", "version", &text!("orgroster {}", own), json!({ "terraform": TERRAFORM_VERSION, "ui": "1.2", "orgroster": own }))
}

/// A message that has no event type of its own.
#[must_use]
pub fn log(at: Timestamp, message: &Text) -> Text {
    line(at, "info", "log", message, Value::Null)
}

/// A warning that has no event type of its own.
#[must_use]
pub fn warning(at: Timestamp, message: &Text) -> Text {
    line(at, "warn", "log", message, Value::Null)
}

/// Another run holds the lock, and this run waits for it.
#[must_use]
pub fn waiting_for_lock(at: Timestamp, message: &Text) -> Text {
    line(at, "info", "state_lock_acquire", message, Value::Null)
}

/// The events of a plan: drifted members, planned acts and their number, and a warning for each blocked account.
/// [`diagnostic`] emits the plan's findings.
#[must_use]
pub fn plan(at: Timestamp, plan: &Plan) -> Text {
    let mut events: Vec<_> = crate::render::terminal::plan::marks(plan).iter().map(|mark| warning(at, &Text::of(mark))).collect();
    events.extend(plan.drifted().map(|drifted| match drifted.before {
        None => change(at, "resource_drift", "delete", None, &drifted.address, "Drift detected (delete)"),
        Some(_) => change(at, "resource_drift", "update", None, &drifted.address, "Drift detected (update)"),
    }));
    // Acts that a guardrail holds back are not planned; a warning says so.
    events.extend(plan.carried_out().into_iter().filter_map(|planned| Some(planned_change(at, planned, planned.act()?.action))));
    events.push(change_summary(at, "plan", plan.counts(), &text!("Plan: {}", to_do(plan))));
    events.extend(plan.blocked().into_iter().map(|planned| diagnostic(at, &blocked(planned, &plan.invocation), &SourceMap::default())));
    events.into_iter().collect()
}

fn planned_change(at: Timestamp, planned: &PlannedAccount, action: Action) -> Text {
    let terraform = action.terraform();
    change(at, "planned_change", terraform.as_str(), action.reason(), &planned.address, terraform.planned())
}

fn change(at: Timestamp, kind: &str, action: &str, reason: Option<ActionReason>, address: &Address, what: &'static str) -> Text {
    let mut change = json!({ "resource": resource(address), "action": action });
    if let Some(reason) = reason {
        change["reason"] = json!(reason);
    }
    line(at, "info", kind, &text!("{}: {}", address, what), json!({ "change": change }))
}

/// The warning about a blocked account, with every gate that blocks it.
fn blocked(planned: &PlannedAccount, invocation: &Invocation) -> Diagnostic {
    let mut detail = planned.blockers().fold(Message::default(), |detail, result| {
        let detail = detail.line(&format!("{}: {}.", result.gate, result.explanation().trim_end_matches('.')));
        result.remedy().map_or(detail.clone(), |remedy| crate::render::terminal::remedy::message(detail, remedy, invocation))
    });
    if let Some(at) = planned.eligible_at() {
        detail = detail.line(&format!("Eligible from {at}."));
    }
    Diagnostic::warning(words::blocked_code(planned), detail).about(&planned.address)
}

/// How many acts took effect. The message says `complete` only if everything that was approved is done.
#[must_use]
pub fn applied(at: Timestamp, counts: Counts, complete: bool) -> Text {
    let title = if complete { "Apply complete!" } else { "Apply incomplete." };
    change_summary(at, "apply", counts, &text!("{} {}", title, done(counts)))
}

fn change_summary(at: Timestamp, operation: &str, counts: Counts, message: &Text) -> Text {
    let changes = json!({ "add": counts.add, "change": 0, "import": 0, "remove": counts.destroy, "operation": operation });
    line(at, "info", "change_summary", message, json!({ "changes": changes }))
}

/// The outputs of a run, always empty. Readers of Terraform's events may wait for this event.
#[must_use]
pub fn outputs(at: Timestamp) -> Text {
    line(at, "info", "outputs", &Text::ours("Outputs: 0"), json!({ "outputs": {} }))
}

/// The progress of one act. `elapsed` is the time since the act began, in seconds.
#[must_use]
pub fn progress(at: Timestamp, progress: &Progress<'_>, elapsed: u64) -> Text {
    let hook = |planned: &PlannedAccount| {
        let action = terraform_action(planned);
        json!({ "resource": resource(&planned.address), "action": action, "elapsed_seconds": elapsed })
    };
    match *progress {
        Progress::Began(planned) => {
            let message = text!("{}: {}... [id={}]", planned.address, verbs_of(planned).begins, planned.id);
            let action = terraform_action(planned);
            let hook = json!({ "resource": resource(&planned.address), "action": action, "id_key": "id", "id_value": planned.id });
            line(at, "info", "apply_start", &message, json!({ "hook": hook }))
        }
        Progress::Waiting(planned, why) => {
            let message = text!("{}: {}... [{}s elapsed] ({})", planned.address, verbs_of(planned).goes_on, elapsed, why);
            line(at, "info", "apply_progress", &message, json!({ "hook": hook(planned) }))
        }
        Progress::Ended(planned, outcome @ Outcome::Done { record, request_id, .. }) => {
            let message = text!("{}: {} complete after {}s", planned.address, verbs_of(planned).process, elapsed);
            let own = json!({ "outcome": word(outcome), "record": record, "request_id": request_id });
            line(at, "info", "apply_complete", &message, json!({ "hook": hook(planned), "orgroster": own }))
        }
        Progress::Ended(planned, outcome @ Outcome::Invited { handshake, until }) => {
            let message = text!("{}: {} complete after {}s", planned.address, verbs_of(planned).process, elapsed);
            let own = json!({ "outcome": word(outcome), "handshake": handshake, "until": until });
            line(at, "info", "apply_complete", &message, json!({ "hook": hook(planned), "orgroster": own }))
        }
        // Terraform does not report resources that it did not start. orgroster reports every account.
        Progress::NotBegun(accounts, why) => {
            let addresses: Vec<_> = accounts.iter().map(|planned| planned.address.to_string()).collect();
            warning(at, &text!("not started: {}: {}", addresses.join(", "), why))
        }
        Progress::Ended(planned, outcome) => {
            let message = text!("{}: {} errored after {}s", planned.address, verbs_of(planned).process, elapsed);
            line(at, "info", "apply_errored", &message, json!({ "hook": hook(planned), "orgroster": { "outcome": word(outcome) } }))
        }
    }
}

/// A finding or a failure, with its place.
#[must_use]
pub fn diagnostic(at: Timestamp, found: &Diagnostic, sources: &SourceMap) -> Text {
    let (level, title) = match found.severity {
        Severity::Error => ("error", "Error"),
        Severity::Warning => ("warn", "Warning"),
    };
    line(at, level, "diagnostic", &text!("{}: {}", title, found.summary()), json!({ "diagnostic": finding(found, sources) }))
}

const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done { .. } => "done",
        Outcome::Invited { .. } => "invited",
        Outcome::Stranger(_) => "stranger",
        Outcome::HeldBack(_) => "held_back",
        Outcome::Refused(_) => "refused",
        Outcome::NotDone(_) => "not_done",
        Outcome::Unknown(_) | Outcome::Open(_) => "unknown",
        Outcome::Unrecorded(_) => "unrecorded",
        Outcome::NotStarted(_) => "not_started",
        Outcome::Unjournaled(_) => "unjournaled",
    }
}

fn resource(address: &Address) -> Value {
    json!({
        "addr": address,
        "module": "",
        "resource": address,
        "implied_provider": IMPLIED_PROVIDER,
        "resource_type": RESOURCE_TYPE,
        "resource_name": address.label,
        "resource_key": address.key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22T09:00:00Z.
    const NOW: Timestamp = Timestamp::constant(1_795_338_000, 0);

    fn destroyed(destroy: usize) -> Counts {
        Counts { destroy, ..Counts::default() }
    }

    #[test]
    fn an_incomplete_run_does_not_say_that_it_is_complete() {
        assert!(applied(NOW, destroyed(1), false).contains("Apply incomplete. Resources: 0 added, 0 changed, 1 destroyed."));
    }

    #[test]
    fn events_have_the_fields_that_readers_of_terraform_know() {
        let event: Value = serde_json::from_str(&applied(NOW, destroyed(2), true)).unwrap();
        assert_eq!(
            event,
            json!({
                "@level": "info", "@message": "Apply complete! Resources: 0 added, 0 changed, 2 destroyed.", "@module": "terraform.ui",
                "@timestamp": "2026-11-22T09:00:00.000000Z", "type": "change_summary",
                "changes": { "add": 0, "change": 0, "import": 0, "remove": 2, "operation": "apply" },
            })
        );
        let event: Value = serde_json::from_str(&version(NOW)).unwrap();
        assert_eq!((event["type"].as_str(), event["ui"].as_str()), (Some("version"), Some("1.2")));
    }
}
