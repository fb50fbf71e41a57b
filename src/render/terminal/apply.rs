//! The result of an apply, counted from outcomes.

use crate::apply::{ApplyReport, Outcome};
use crate::org::counted;
use crate::plan::{HeldBack, HeldBackReason, PlannedAccount};

use crate::render::text::{put, putln, text};
use crate::render::words::{done, verbs_of};
use crate::render::{Style, Text};

/// How many accounts a closing line lists; a longer list is cut, because the plan and `history` list all of them.
const MAX_NAMED: usize = 20;

/// The input of the closing lines.
#[derive(Debug, Clone, Copy)]
pub struct Summary<'a> {
    /// The outcomes.
    pub report: &'a ApplyReport,
    /// Approved acts that were held back before anything began.
    pub held_back: &'a [HeldBack],
    /// Approved acts that were done before this run.
    pub done_before: usize,
    /// The command that continues with the remaining accounts.
    pub again: &'a str,
    /// The command that plans again, if the approval is for a saved plan or its digest.
    pub plan_again: Option<&'a str>,
}

impl Summary<'_> {
    /// Sentences about calls that AWS throttled, or rejected because of another caller's change. Empty if there were none.
    #[must_use]
    pub fn slowed_down(&self) -> Vec<String> {
        let ApplyReport { throttles, conflicts, .. } = *self.report;
        let calls = |count: u64| if count == 1 { "1 call".to_owned() } else { format!("{count} calls") };
        let mut sentences = Vec::new();
        if throttles > 0 {
            sentences.push(format!("AWS throttled {}, so the run slowed down: another caller uses the same quota.", calls(throttles)));
        }
        if conflicts > 0 {
            let what = "because another caller was changing the organization (ConcurrentModificationException)";
            sentences.push(format!("AWS rejected {}, {what}.", calls(conflicts)));
        }
        sentences
    }

    /// Whether everything that was approved is done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.report.is_complete() && self.held_back.is_empty()
    }

    /// The state of every account after a run that did not do everything, and the command that continues. Empty if everything is done.
    #[must_use]
    pub fn left_to_do(&self) -> Text {
        let mut text = Text::default();
        if self.is_complete() {
            return text;
        }
        let named = |wanted: fn(&Outcome) -> bool| -> Vec<String> {
            let found = self.report.outcomes.iter().filter(|(_, outcome)| wanted(outcome));
            let name = |(planned, outcome): &(PlannedAccount, Outcome)| match word(outcome) {
                Some(word) => format!("{} ({word})", planned.address),
                None => planned.address.to_string(),
            };
            found.map(name).collect()
        };
        let mut to_do: Vec<_> = self.held_back.iter().map(|held| format!("{} (held back)", held.planned.address)).collect();
        to_do.extend(named(|outcome| !outcome.took_effect() && !outcome.is_unknown()));
        let lines = [
            ("Done and recorded", named(|outcome| matches!(outcome, Outcome::Done { .. })), MAX_NAMED),
            ("Invited", named(|outcome| matches!(outcome, Outcome::Invited { .. })), MAX_NAMED),
            ("Done, not recorded yet", named(|outcome| matches!(outcome, Outcome::Unrecorded(_))), usize::MAX),
            ("Outcome unknown", named(Outcome::is_unknown), usize::MAX),
            ("Still to do", to_do, MAX_NAMED),
        ];
        for (what, accounts, most) in lines.iter().filter(|(_, accounts, _)| !accounts.is_empty()) {
            putln!(text, "{}: {}", what, list(accounts, *most));
        }
        if let Some(plan_again) = self.plan_again.filter(|_| self.needs_a_new_plan()) {
            putln!(
                text,
                "\nThe approval does not cover what was found. To plan again and have the new plan reviewed, run:\n    {}",
                plan_again
            );
            return text;
        }
        match self.first() {
            Some(first) => putln!(text, "\nTo continue, once {} is resolved, run:\n    {}", first, self.again),
            None => putln!(text, "\nTo continue, run:\n    {}", self.again),
        }
        text
    }

    /// Whether the approval no longer covers an account that is held back, so that the same command would hold it back again.
    fn needs_a_new_plan(&self) -> bool {
        self.held_back.iter().any(|held| !matches!(held.why, HeldBackReason::Blocked(_)))
    }

    /// What must be resolved before another run can do more.
    fn first(&self) -> Option<&'static str> {
        let any = |wanted: fn(&Outcome) -> bool| self.report.outcomes.iter().any(|(_, outcome)| wanted(outcome));
        if any(|outcome| matches!(outcome, Outcome::Unrecorded(_) | Outcome::Unjournaled(_))) {
            Some("the failure of the backend")
        } else if any(|outcome| matches!(outcome, Outcome::Refused(_))) {
            Some("the refusal above")
        } else if !self.held_back.is_empty() || any(|outcome| matches!(outcome, Outcome::HeldBack(_))) {
            Some("the reason for holding back")
        } else {
            None
        }
    }
}

/// The word after an account in a closing line; `None` if the title of the line already expresses it.
fn word(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Done { .. } | Outcome::Invited { .. } | Outcome::Unrecorded(_) | Outcome::Unknown(_) | Outcome::NotDone(_) => None,
        Outcome::Stranger(_) => Some("left in the root"),
        Outcome::HeldBack(_) => Some("held back"),
        Outcome::Refused(_) => Some("refused"),
        Outcome::Open(inner) => word(inner),
        Outcome::NotStarted(_) | Outcome::Unjournaled(_) => Some("not started"),
    }
}

fn list(accounts: &[String], most: usize) -> String {
    let rest = accounts.len().saturating_sub(most);
    let shown = accounts[..accounts.len() - rest].join(", ");
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}

/// One line for one outcome, printed when it happens.
#[must_use]
pub fn outcome_line(planned: &PlannedAccount, outcome: &Outcome, style: Style) -> Text {
    let address = style.bold(&planned.address);
    match outcome {
        Outcome::Done { record, request_id, .. } => {
            let request = request_id.as_ref().map_or_else(Text::default, |id| text!(", request id {}", id));
            let verbs = verbs_of(planned);
            text!(
                "{}: {} complete [id={}] ({}, verified, recorded in {}{})",
                address,
                verbs.process,
                planned.id,
                verbs.past,
                record,
                request
            )
        }
        Outcome::Invited { handshake, until } => {
            let until = until.map_or_else(String::new, |at| format!(" until {at}"));
            text!("{}: Invited [id={}] ({}; a person in the account may accept{})", address, planned.id, handshake, until)
        }
        Outcome::Stranger(who) => text!("{}: {}: {}", address, style.red("left in the root"), who),
        Outcome::HeldBack(result) => text!("{}: {} by {}: {}", address, style.yellow("held back"), result.gate, result.explanation()),
        Outcome::Refused(refusal) => text!("{}: {}: {}", address, style.red("refused"), refusal.code_and_reason),
        Outcome::NotDone(why) => text!("{}: {}, {}", address, style.yellow("not done"), why),
        Outcome::Open(inner) => text!(
            "{}: {}: {}; an earlier call may have taken effect, but AWS does not show it",
            address,
            style.red("outcome unknown"),
            inner.in_words(planned)
        ),
        Outcome::Unknown(what) => text!("{}: {}: {}", address, style.red("outcome unknown"), what),
        Outcome::Unrecorded(what) => {
            text!("{}: {}, but {}: {}", address, verbs_of(planned).past, style.red("its record could not be written"), what)
        }
        Outcome::NotStarted(why) => text!("{}: {}: {}", address, style.dim("not started"), why),
        Outcome::Unjournaled(why) => text!("{}: {}: {}", address, style.red("not started, the journal failed"), why),
    }
}

/// One line for all acts that were not started, because they have the same reason.
#[must_use]
pub fn not_begun(accounts: &[PlannedAccount], why: &str, style: Style) -> Text {
    text!("{} {}: {}", counted(accounts.len() as u64, "account"), style.dim("not started"), why)
}

/// The closing lines. They contain Terraform's sentence only if everything that was approved is done.
#[must_use]
pub fn summary(summary: &Summary<'_>, style: Style) -> Text {
    let Summary { report, held_back, done_before, again: _, plan_again: _ } = *summary;
    let count = |wanted: fn(&Outcome) -> bool| report.outcomes.iter().filter(|(_, outcome)| wanted(outcome)).count();
    let mut text = Text::default();
    let parts = [
        (count(|outcome| matches!(outcome, Outcome::HeldBack(_))) + held_back.len(), "held back"),
        (count(|outcome| matches!(outcome, Outcome::Refused(_))), "refused"),
        (count(Outcome::is_unknown), "with an unknown outcome"),
        (count(|outcome| matches!(outcome, Outcome::Unrecorded(_))), "done without a record"),
        (count(|outcome| matches!(outcome, Outcome::NotDone(_))), "not done"),
        (count(|outcome| matches!(outcome, Outcome::NotStarted(_) | Outcome::Unjournaled(_))), "not started"),
        (done_before, "done before"),
    ];
    let rest: Vec<_> = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if !rest.is_empty() {
        putln!(text, "Approved: {} done, {}.", report.done().total(), rest.join(", "));
    }
    for sentence in summary.slowed_down() {
        putln!(text, "{}", sentence);
    }
    if let Some(head) = &report.head {
        putln!(text, "Records: {}, head sha256:{}", head.records, head.hash);
    }
    let title = if summary.is_complete() { style.green("Apply complete!") } else { style.yellow("Apply incomplete.") };
    putln!(text, "\n{} {}", title, done(report.done()));
    let left = summary.left_to_do();
    if !left.is_empty() {
        put!(text, "\n{}", left);
    }
    text
}
