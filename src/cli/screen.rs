//! What an apply shows while it runs: text, text above a bar where a person watches, or Terraform's UI events.

use std::cell::RefCell;
use std::collections::BTreeMap;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use crate::apply::{Outcome, Progress};
use crate::diag::Diagnostics;
use crate::org::AccountId;
use crate::plan::Plan;
use crate::render::{self, PlanView, Summary, events};

use super::Context;
use super::clock::local_now;

/// Shows one apply.
pub struct Screen<'c> {
    context: &'c Context,
    json: bool,
    bar: RefCell<Option<ProgressBar>>,
    began: RefCell<BTreeMap<AccountId, Instant>>,
}

impl<'c> Screen<'c> {
    /// With `json`, nothing but events is written, and all of it to standard output.
    pub fn new(context: &'c Context, json: bool) -> Self {
        let screen = Self { context, json, bar: RefCell::default(), began: RefCell::default() };
        if json {
            context.terminal.print(&events::version(local_now()));
        }
        screen
    }

    /// Tells by events why an apply failed.
    pub fn failed(context: &Context, diagnostics: &Diagnostics) {
        for found in diagnostics.sorted() {
            context.terminal.print(&events::diagnostic(local_now(), found));
        }
    }

    /// A sentence for people.
    pub fn say(&self, text: &str) {
        if !self.json {
            return self.context.terminal.print(text);
        }
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.context.terminal.print(&events::log(local_now(), line));
        }
    }

    /// The plan.
    pub fn plan(&self, plan: &Plan) {
        if !self.json {
            let view = PlanView { style: self.context.terminal.style(), verbose: false };
            return self.context.terminal.print(&render::plan(plan, view));
        }
        for departure in &plan.departures {
            self.context.terminal.print(&events::planned_change(local_now(), departure));
        }
        self.context.terminal.print(&events::planned(local_now(), plan.departures.len()));
    }

    /// Findings of the plan.
    pub fn findings(&self, findings: &Diagnostics, compact: bool) {
        if self.json { self.report(findings) } else { self.context.report_warnings(findings, compact) }
    }

    /// What went wrong.
    pub fn report(&self, diagnostics: &Diagnostics) {
        if !self.json {
            return self.context.report(diagnostics);
        }
        Self::failed(self.context, diagnostics);
    }

    /// Departures begin.
    pub fn begin(&self, departures: usize) {
        self.say("\n");
        // A bar would only fill a log with itself.
        if !self.json && self.context.terminal.is_interactive() && !self.context.terminal.is_automated() {
            let bar = ProgressBar::with_draw_target(Some(departures as u64), ProgressDrawTarget::stdout());
            if let Ok(style) = ProgressStyle::with_template("{pos}/{len} accounts, {elapsed} elapsed {wide_bar}") {
                bar.set_style(style);
            }
            *self.bar.borrow_mut() = Some(bar);
        }
    }

    /// What goes on with one departure.
    pub fn progress(&self, progress: Progress<'_>) {
        let (Progress::Began(detachment) | Progress::Waiting(detachment, _) | Progress::Ended(detachment, _)) = progress;
        let began = *self.began.borrow_mut().entry(detachment.id).or_insert_with(Instant::now);
        if self.json {
            return self.context.terminal.print(&events::progress(local_now(), &progress, began.elapsed().as_secs()));
        }
        let style = self.context.terminal.style();
        let address = || style.bold(&detachment.address.to_string());
        let line = match progress {
            Progress::Began(_) => format!("{}: Destroying... [id={}]", address(), detachment.id),
            Progress::Waiting(_, why) => format!("{}: Still destroying... ({why})", address()),
            Progress::Ended(_, outcome) => render::outcome_line(detachment, outcome, style),
        };
        match &*self.bar.borrow() {
            Some(bar) => {
                bar.println(line);
                if matches!(progress, Progress::Ended(_, outcome) if !matches!(outcome, Outcome::NotStarted(_))) {
                    bar.inc(1);
                }
            }
            None => self.context.terminal.print(&format!("{line}\n")),
        }
    }

    /// The closing lines.
    pub fn summary(&self, summary: &Summary<'_>) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
        if self.json {
            if let Some(head) = &summary.report.head {
                self.say(&format!("Records: {}, head sha256:{}", head.records, head.hash));
            }
            return self.context.terminal.print(&events::applied(local_now(), summary.report.departed(), summary.is_complete()));
        }
        self.say(&format!("\n{}", render::summary(summary, self.context.terminal.style())));
    }
}
