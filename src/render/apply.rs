//! What an apply did, counted from outcomes.

use crate::apply::{ApplyReport, Outcome};
use crate::plan::Detachment;

use super::text::{putln, text};
use super::{Style, Text};

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
pub fn outcome_line(detachment: &Detachment, outcome: &Outcome, style: Style) -> Text {
    let address = style.bold(&detachment.address.to_string());
    match outcome {
        Outcome::Departed { record, request_id, .. } => {
            let request = request_id.as_ref().map_or_else(Text::default, |id| text!(", request id {}", id));
            text!("{}: Destruction complete [id={}] (left, verified, recorded in {}{})", address, detachment.id, record, request)
        }
        Outcome::HeldBack(result) => text!("{}: {} by {}: {}", address, style.yellow("held back"), result.gate, result.explanation()),
        Outcome::Refused(refusal) => text!("{}: {}: {}", address, style.red("refused"), refusal.code_and_reason),
        Outcome::Unknown(what) => text!("{}: {}: {}", address, style.red("outcome not known"), what),
        Outcome::Unrecorded(what) => text!("{}: left, but {}: {}", address, style.red("its record could not be written"), what),
        Outcome::NotStarted(why) => text!("{}: {}: {}", address, style.dim("not started"), why),
        Outcome::Unjournaled(why) => text!("{}: {}: {}", address, style.red("not started, the journal failed"), why),
    }
}

/// The closing lines: Terraform's sentence when everything that was approved is done, the truth otherwise.
#[must_use]
pub fn summary(summary: &Summary<'_>, style: Style) -> Text {
    let Summary { report, held_back, done_before } = *summary;
    let count = |wanted: fn(&Outcome) -> bool| report.outcomes.iter().filter(|(_, outcome)| wanted(outcome)).count();
    let departed = report.departed();
    let mut text = Text::default();
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
        putln!(text, "Departures: {} done, {}.", departed, rest.join(", "));
    }
    if let Some(sentence) = summary.throttled() {
        putln!(text, "{}", sentence);
    }
    if let Some(head) = &report.head {
        putln!(text, "Records: {}, head sha256:{}", head.records, head.hash);
    }
    let title = if summary.is_complete() { style.green("Apply complete!") } else { style.yellow("Apply incomplete.") };
    putln!(text, "\n{} Resources: 0 added, 0 changed, {} destroyed.", title, departed);
    text
}
