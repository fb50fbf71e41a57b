//! What an apply did, counted from outcomes.

use std::fmt::Write as _;

use crate::apply::{ApplyReport, Outcome};
use crate::plan::Detachment;

use super::Style;

/// What the closing lines tell beside the outcomes.
#[derive(Debug, Clone, Copy)]
pub struct Summary<'a> {
    /// The outcomes.
    pub report: &'a ApplyReport,
    /// Approved departures that were held back before anything began.
    pub held_back: usize,
    /// Approved departures that were done before this run.
    pub done_before: usize,
}

impl Summary<'_> {
    /// That AWS throttled calls, where it did.
    #[must_use]
    pub fn throttled(&self) -> Option<String> {
        let throttles = self.report.throttles;
        let calls = if throttles == 1 { "1 call".to_owned() } else { format!("{throttles} calls") };
        (throttles > 0).then(|| format!("AWS throttled {calls}, so that the run slowed down: somebody else uses the same quota."))
    }

    /// Whether everything that was approved is done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.report.is_complete() && self.held_back == 0
    }
}

/// One line for one outcome, as it happens.
#[must_use]
pub fn outcome_line(detachment: &Detachment, outcome: &Outcome, style: Style) -> String {
    let address = style.bold(&detachment.address.to_string());
    match outcome {
        Outcome::Departed { record, request_id, .. } => {
            let request = request_id.as_ref().map_or_else(String::new, |id| format!(", request id {id}"));
            format!("{address}: Destruction complete [id={}] (left, verified, recorded in {record}{request})", detachment.id)
        }
        Outcome::HeldBack(result) => format!("{address}: {} by {}: {}", style.yellow("held back"), result.gate, result.explanation()),
        Outcome::Refused(refusal) => format!("{address}: {}: {}", style.red("refused"), refusal.code_and_reason),
        Outcome::Unknown(what) => format!("{address}: {}: {what}", style.red("outcome not known")),
        Outcome::Unrecorded(what) => format!("{address}: left, but {}: {what}", style.red("its record could not be written")),
        Outcome::NotStarted(why) => format!("{address}: {}: {why}", style.dim("not started")),
        Outcome::Unjournaled(why) => format!("{address}: {}: {why}", style.red("not started, the journal failed")),
    }
}

/// The closing lines: Terraform's sentence when everything that was approved is done, the truth otherwise.
#[must_use]
pub fn summary(summary: &Summary<'_>, style: Style) -> String {
    let Summary { report, held_back, done_before } = *summary;
    let count = |wanted: fn(&Outcome) -> bool| report.outcomes.iter().filter(|(_, outcome)| wanted(outcome)).count();
    let departed = report.departed();
    let mut text = String::new();
    let parts = [
        (count(|outcome| matches!(outcome, Outcome::HeldBack(_))) + held_back, "held back"),
        (count(|outcome| matches!(outcome, Outcome::Refused(_))), "refused"),
        (count(|outcome| matches!(outcome, Outcome::Unknown(_))), "with an outcome that is not known"),
        (count(|outcome| matches!(outcome, Outcome::Unrecorded(_))), "out without a record"),
        (count(|outcome| matches!(outcome, Outcome::NotStarted(_) | Outcome::Unjournaled(_))), "not started"),
        (done_before, "done before"),
    ];
    let rest: Vec<_> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if !rest.is_empty() {
        let _ = writeln!(text, "Departures: {departed} done, {}.", rest.join(", "));
    }
    text.extend(summary.throttled().map(|sentence| sentence + "\n"));
    if let Some(head) = &report.head {
        let _ = writeln!(text, "Records: {}, head sha256:{}", head.records, head.hash);
    }
    let title = if summary.is_complete() { style.green("Apply complete!") } else { style.yellow("Apply incomplete.") };
    let _ = writeln!(text, "\n{title} Resources: 0 added, 0 changed, {departed} destroyed.");
    text
}
