//! The remedies of gates, line by line.

use serde::Serialize;

use crate::gate::{Remedy, Step};
use crate::org::{Invocation, Message, shell_quoted};

use crate::render::terminal::settings;
use crate::render::text::{putln, text};
use crate::render::{Style, Text};

/// A line of a remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::render) struct Line {
    /// Its text, without markers and indent.
    pub text: String,
    /// Whether it should be copied unchanged: a line of a command, JSON or a configuration.
    pub copied: bool,
    /// Whether it begins an item of a list.
    pub item: bool,
    /// How many lists contain it.
    pub depth: usize,
}

impl Line {
    /// The line for a terminal or a log, without its line break.
    pub(in crate::render) fn shown(&self) -> Text {
        let Self { text, copied, item, depth } = self;
        let mut shown = Text::default();
        // Further lines of an item are aligned with its first word.
        (0..depth.saturating_sub(usize::from(*item))).for_each(|_| shown.push(&Text::ours("  ")));
        if *item {
            shown.push(&Text::ours("- "));
        }
        if *copied {
            shown.push(&Text::ours("    "));
        }
        shown.push(&if *copied { Text::line_of(text) } else { Text::of(text) });
        if text.is_empty() { Text::default() } else { shown }
    }
}

/// The lines of a remedy. `invocation` contains the options that printed commands repeat.
pub(in crate::render) fn lines(remedy: &Remedy, invocation: &Invocation) -> Vec<Line> {
    let mut lines = Vec::new();
    steps(&mut lines, remedy.steps(), invocation, 0);
    lines
}

/// Writes the lines for a terminal, with an indent.
pub(in crate::render) fn put_lines(text: &mut Text, remedy: &Remedy, invocation: &Invocation, style: Style) {
    for line in lines(remedy, invocation) {
        let indented = if line.text.is_empty() { Text::default() } else { text!("      {}", line.shown()) };
        putln!(text, "{}", if line.copied { indented } else { style.wrapped(&indented, "          ") });
    }
}

/// Appends a remedy to a message.
#[must_use]
pub fn message(before: Message, remedy: &Remedy, invocation: &Invocation) -> Message {
    lines(remedy, invocation).iter().fold(before, |message, Line { text, copied, item, depth: _ }| match (copied, item) {
        (true, _) => message.block(text),
        (false, true) => message.item(text),
        (false, false) => message.line(text),
    })
}

fn steps(lines: &mut Vec<Line>, steps: &[Step], invocation: &Invocation, depth: usize) {
    let line = |text: String, copied| Line { text, copied, item: false, depth };
    for step in steps {
        match step {
            Step::Sentence { text } => lines.push(line(text.clone(), false)),
            Step::Aws { caller: _, words } => {
                let words: Vec<_> = words.iter().map(|word| shell_quoted(word)).collect();
                lines.push(line(format!("aws {}", words.join(" ")), true));
            }
            Step::Shell { line: command } => lines.push(line(command.clone(), true)),
            Step::Orgroster { words } => {
                let words: Vec<_> = words.iter().map(String::as_str).collect();
                lines.push(line(invocation.command(&words), true));
            }
            Step::Configuration { place, body } => lines.extend(settings::lines(*place, body).into_iter().map(|text| line(text, true))),
            Step::Json { document } => lines.extend(format!("{document:#}").lines().map(|text| line(text.to_owned(), true))),
            Step::Way { steps: inner } | Step::Part { steps: inner } => {
                let first = lines.len();
                self::steps(lines, inner, invocation, depth + 1);
                if let Some(line) = lines.get_mut(first) {
                    line.item = true;
                }
            }
        }
    }
}
