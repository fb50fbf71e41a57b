//! Terraform's JSON UI events: one object a line, with the fields that its readers know (machine-readable UI, version 1.2). What is ours
//! alone stands under `orgroster`, and as `code` in a diagnostic.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::apply::{Outcome, Progress};
use crate::diag::{Code, Diagnostic, Severity, SourceMap};
use crate::org::{ActionReason, Address, IMPLIED_PROVIDER, Invocation, Message, RESOURCE_TYPE, TERRAFORM_VERSION};
use crate::plan::{Detachment, Plan};

use super::Text;
use super::json::finding;
use super::text::text;

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

/// A sentence that has no event of its own.
#[must_use]
pub fn log(at: Timestamp, message: &Text) -> Text {
    line(at, "info", "log", message, Value::Null)
}

/// A sentence that has no event of its own and that asks for attention.
#[must_use]
pub fn warning(at: Timestamp, message: &Text) -> Text {
    line(at, "warn", "log", message, Value::Null)
}

/// The lock is held by another run, and this one waits for it.
#[must_use]
pub fn waiting_for_lock(at: Timestamp, message: &Text) -> Text {
    line(at, "info", "state_lock_acquire", message, Value::Null)
}

/// What a plan would do: members that are missing, departures and their number, and a warning for each account that can't leave yet.
/// Findings of the plan are told by [`diagnostic`].
#[must_use]
pub fn plan(at: Timestamp, plan: &Plan) -> Text {
    let mut events: Vec<_> = super::plan::marks(plan).iter().map(|mark| warning(at, &Text::of(mark))).collect();
    events.extend(plan.drifted().map(|drifted| match drifted.account {
        None => change(at, "resource_drift", "delete", None, &drifted.address, "Drift detected (delete)"),
        Some(_) => change(at, "resource_drift", "update", None, &drifted.address, "Drift detected (update)"),
    }));
    // What a guardrail holds back is not planned: a warning says so.
    let departures = plan.carried_out();
    let reason = Some(ActionReason::DeleteBecauseDetached);
    let planned = |departure: &Detachment| change(at, "planned_change", "delete", reason, &departure.address, "Plan to delete");
    events.extend(departures.iter().map(planned));
    let departures = departures.len();
    events.push(change_summary(at, "plan", departures, &text!("Plan: 0 to add, 0 to change, {} to destroy.", departures)));
    events.extend(plan.blocked.iter().map(|detachment| diagnostic(at, &blocked(detachment, &plan.invocation), &SourceMap::default())));
    events.into_iter().collect()
}

fn change(at: Timestamp, kind: &str, action: &str, reason: Option<ActionReason>, address: &Address, what: &'static str) -> Text {
    let mut change = json!({ "resource": resource(address), "action": action });
    if let Some(reason) = reason {
        change["reason"] = json!(reason);
    }
    line(at, "info", kind, &text!("{}: {}", address, what), json!({ "change": change }))
}

/// An account that is to be detached and can't leave yet, with every gate that says so.
fn blocked(detachment: &Detachment, invocation: &Invocation) -> Diagnostic {
    let mut detail = detachment.blockers().fold(Message::default(), |detail, result| {
        let detail = detail.line(&format!("{}: {}.", result.gate, result.explanation().trim_end_matches('.')));
        result.remedy().map_or(detail.clone(), |remedy| super::remedy::message(detail, remedy, invocation))
    });
    if let Some(at) = detachment.eligible_at() {
        detail = detail.line(&format!("Eligible from {at}."));
    }
    Diagnostic::warning(Code::DepartureBlocked, detail).about(&detachment.address)
}

/// How many departures were made. Only when everything that was approved is done does the sentence say so.
#[must_use]
pub fn applied(at: Timestamp, departures: usize, complete: bool) -> Text {
    let title = if complete { "Apply complete!" } else { "Apply incomplete." };
    change_summary(at, "apply", departures, &text!("{} Resources: 0 added, 0 changed, {} destroyed.", title, departures))
}

fn change_summary(at: Timestamp, operation: &str, departures: usize, message: &Text) -> Text {
    let changes = json!({ "add": 0, "change": 0, "import": 0, "remove": departures, "operation": operation });
    line(at, "info", "change_summary", message, json!({ "changes": changes }))
}

/// The outputs of a run. There are none; readers of Terraform's events may wait for them.
#[must_use]
pub fn outputs(at: Timestamp) -> Text {
    line(at, "info", "outputs", &Text::ours("Outputs: 0"), json!({ "outputs": {} }))
}

/// What goes on with one departure. `elapsed` is the seconds since it began.
#[must_use]
pub fn progress(at: Timestamp, progress: &Progress<'_>, elapsed: u64) -> Text {
    let address = |detachment: &Detachment| detachment.address.to_string();
    let hook =
        |detachment: &Detachment| json!({ "resource": resource(&detachment.address), "action": "delete", "elapsed_seconds": elapsed });
    match *progress {
        Progress::Began(detachment) => {
            let message = text!("{}: Destroying... [id={}]", address(detachment), detachment.id);
            let resource = resource(&detachment.address);
            let hook = json!({ "resource": resource, "action": "delete", "id_key": "id", "id_value": detachment.id });
            line(at, "info", "apply_start", &message, json!({ "hook": hook }))
        }
        Progress::Waiting(detachment, why) => {
            let message = text!("{}: Still destroying... [{}s elapsed] ({})", address(detachment), elapsed, why);
            line(at, "info", "apply_progress", &message, json!({ "hook": hook(detachment) }))
        }
        Progress::Ended(detachment, outcome @ Outcome::Departed { record, request_id, .. }) => {
            let message = text!("{}: Destruction complete after {}s", address(detachment), elapsed);
            let own = json!({ "outcome": word(outcome), "record": record, "request_id": request_id });
            line(at, "info", "apply_complete", &message, json!({ "hook": hook(detachment), "orgroster": own }))
        }
        // Terraform is silent about what it does not come to; an account is never passed over in silence.
        Progress::NotBegun(departures, why) => {
            let addresses: Vec<_> = departures.iter().map(|detachment| detachment.address.to_string()).collect();
            warning(at, &text!("not started: {}: {}", addresses.join(", "), why))
        }
        Progress::Ended(detachment, outcome) => {
            let message = text!("{}: Destruction errored after {}s", address(detachment), elapsed);
            line(at, "info", "apply_errored", &message, json!({ "hook": hook(detachment), "orgroster": { "outcome": word(outcome) } }))
        }
    }
}

/// A finding or a failure, with the place that it is about.
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
        Outcome::Departed { .. } => "departed",
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

    #[test]
    fn an_incomplete_run_does_not_say_that_it_is_complete() {
        assert!(applied(NOW, 1, false).contains("Apply incomplete. Resources: 0 added, 0 changed, 1 destroyed."));
    }

    #[test]
    fn events_have_the_fields_that_readers_of_terraform_know() {
        let event: Value = serde_json::from_str(&applied(NOW, 2, true)).unwrap();
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
