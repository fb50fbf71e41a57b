//! What an apply shows while it runs: text, text above a progress bar on a terminal, or Terraform's UI events.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use crate::apply::{Pace, Progress};
use crate::cli::Context;
use crate::cli::connection::clock::local_now;
use crate::diag::Diagnostics;
use crate::org::{AccountId, Action, Counts};
use crate::plan::{Plan, PlannedAccount};
use crate::render::text::text;
use crate::render::{self, PlanView, Summary, Text, events, words};

/// Shows one apply.
pub struct Screen<'c> {
    context: &'c Context,
    bar: RefCell<Option<ProgressBar>>,
    began: RefCell<BTreeMap<AccountId, Instant>>,
}

impl<'c> Screen<'c> {
    /// Writes nothing else if standard output contains events.
    pub fn new(context: &'c Context) -> Self {
        Self { context, bar: RefCell::default(), began: RefCell::default() }
    }

    fn events(&self) -> bool {
        self.context.json_output()
    }

    /// Prints a sentence, and logs it as an event.
    pub fn say(&self, text: &Text) {
        self.context.event(&text.trimmed_lines().map(|line| events::log(local_now(), &line)).collect());
        self.print(text);
    }

    /// Prints text for which separate events exist.
    fn print(&self, text: &Text) {
        if !self.events() {
            self.context.terminal.print(text);
        }
    }

    /// Shows the plan.
    pub fn plan(&self, plan: &Plan) {
        self.context.event(&events::plan(local_now(), plan));
        let (style, invocation) = (self.context.terminal.style(), &self.context.invocation);
        let view = PlanView { style, verbose: false, cost: None, invocation };
        self.print(&render::plan(plan, view));
    }

    /// Shows the findings of the plan.
    pub fn findings(&self, findings: &Diagnostics, compact: bool) {
        self.context.report_warnings(findings, compact);
    }

    /// Shows errors.
    pub fn report(&self, diagnostics: &Diagnostics) {
        self.context.report(diagnostics);
    }

    /// Shows that the acts begin.
    pub fn begin(&self, approved: &[PlannedAccount], pace: &Pace) {
        self.print(&Text::ours("\n"));
        if let [first, _, ..] = approved {
            let most = pace.most_a_second(first.act().map_or(Action::Leave, |act| act.action));
            let noun = words::verbs_of(first).noun;
            self.say(&text!("At most {} {}s per second: the api_share of AWS's quota, which other callers share.\n", most, noun));
        }
        // In a log, a progress bar would only add noise.
        if !self.events() && self.context.terminal.is_interactive() && !self.context.terminal.is_automated() {
            let bar = ProgressBar::with_draw_target(Some(approved.len() as u64), ProgressDrawTarget::stdout());
            if let Ok(style) = ProgressStyle::with_template("{pos}/{len} accounts, {elapsed} elapsed {wide_bar}") {
                bar.set_style(style);
            }
            *self.bar.borrow_mut() = Some(bar);
        }
    }

    /// Shows the progress of one act.
    pub fn progress(&self, progress: Progress<'_>) {
        self.context.event(&self.event(&progress));
        if self.events() {
            return;
        }
        let style = self.context.terminal.style();
        let address = |planned: &PlannedAccount| style.bold(&planned.address);
        let line = match progress {
            Progress::Began(planned) => text!("{}: {}... [id={}]", address(planned), words::verbs_of(planned).begins, planned.id),
            Progress::Waiting(planned, why) => text!("{}: {}... ({})", address(planned), words::verbs_of(planned).goes_on, why),
            Progress::Ended(planned, outcome) => render::outcome_line(planned, outcome, style),
            Progress::NotBegun(accounts, why) => render::not_begun(accounts, why, style),
        };
        match &*self.bar.borrow() {
            Some(bar) => {
                bar.println(line.as_str());
                if matches!(progress, Progress::Ended(..)) {
                    bar.inc(1);
                }
            }
            None => self.context.terminal.print(&text!("{}\n", line)),
        }
    }

    fn event(&self, progress: &Progress<'_>) -> Text {
        let elapsed = match progress {
            Progress::Began(planned) | Progress::Waiting(planned, _) | Progress::Ended(planned, _) => {
                self.began.borrow_mut().entry(planned.id).or_insert_with(Instant::now).elapsed()
            }
            Progress::NotBegun(..) => Duration::ZERO,
        };
        events::progress(local_now(), progress, elapsed.as_secs())
    }

    /// Shows that none of the approved acts is left to do.
    pub fn nothing_done(&self) {
        self.end(Counts::default(), true);
        let title = self.context.terminal.style().green("Apply complete!");
        self.print(&text!("\n{} {}\n", title, words::done(Counts::default())));
    }

    /// Emits the last events of an apply.
    fn end(&self, done: Counts, complete: bool) {
        self.context.event(&events::applied(local_now(), done, complete));
        self.context.event(&events::outputs(local_now()));
    }

    /// Shows the closing lines.
    pub fn summary(&self, summary: &Summary<'_>) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
        for sentence in summary.slowed_down() {
            self.context.event(&events::warning(local_now(), &Text::of(sentence)));
        }
        if let Some(head) = &summary.report.head {
            self.context.event(&events::log(local_now(), &text!("Records: {}, head sha256:{}", head.records, head.hash)));
        }
        self.context.event(&summary.left_to_do().trimmed_lines().map(|line| events::log(local_now(), &line)).collect());
        self.end(summary.report.done(), summary.is_complete());
        self.print(&text!("\n{}", render::summary(summary, self.context.terminal.style())));
    }
}
