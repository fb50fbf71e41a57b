//! The command line: arguments, the commands, one file each, and the only code that writes to the terminal.

mod args;
mod build;
mod commands;
mod connection;
mod failures;
mod ignored;
mod interrupts;
mod line;
mod output;
mod signals;
mod starter;

use std::cell::{Cell, RefCell};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::ErrorKind;

use crate::config::{self, ExternalValues};
use crate::diag::{Code, Diagnostic, Diagnostics, SourceMap};
use crate::org::{self, DesiredRoster, Invocation};
use crate::render::annotations::Annotation;
use crate::render::text::{put, putln, text};
use crate::render::{self, Text, events};
use args::{Cli, Command};
use line::invocation::Place;
use output::annotate::Reports;
use output::event_log::EventLog;
use output::terminal::Terminal;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done,
    /// An error.
    Failed,
    /// `plan -detailed-exitcode`: a departure would be carried out. `fmt`: a syntax error. `references`: some were found. `drift`:
    /// something changed.
    Acts,
    /// `plan -detailed-exitcode`: none can be carried out, and some are blocked. `apply`: something was held back. `fmt -check`: not
    /// formatted.
    HeldBack,
    /// Ended by an interrupt.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Acts => 2,
            Exit::HeldBack => 3,
            Exit::Interrupted => 130,
        })
    }
}

/// What every command needs: the terminal, and the sources that diagnostics point into.
pub(crate) struct Context {
    pub(crate) terminal: Terminal,
    pub(crate) sources: SourceMap,
    /// Values of variables from the command line and the environment.
    pub(crate) given: ExternalValues,
    /// The options that a printed command needs in the directory where the program was started.
    pub(crate) invocation: Invocation,
    /// Where the run works, for commands that are read elsewhere.
    pub(crate) place: Place,
    /// The destination of Terraform's UI events.
    pub(crate) events: EventLog,
    /// The findings that are reported to the code forge when the command ends.
    annotations: RefCell<Vec<Annotation>>,
    /// The number of findings that are not among the annotations.
    not_kept: Cell<usize>,
}

impl Context {
    fn new(terminal: Terminal, given: ExternalValues) -> Self {
        Self {
            terminal,
            sources: SourceMap::default(),
            given,
            invocation: Invocation::default(),
            place: Place::default(),
            events: EventLog::default(),
            annotations: RefCell::default(),
            not_kept: Cell::default(),
        }
    }

    /// Reads the configuration of the working directory.
    ///
    /// # Errors
    ///
    /// Returns an error if the configuration is not valid.
    pub(crate) fn configuration(&mut self) -> Result<(DesiredRoster, Diagnostics), Diagnostics> {
        let (roster, warnings) = config::load_with(Path::new("."), &self.given, &mut self.sources)?;
        // Sensitive values are not in the roster, and so not in any printed command.
        self.invocation.retain_values(|name| roster.variables.contains_key(name));
        Ok((roster, warnings))
    }

    /// Starts emitting events: on standard output, which then contains nothing else, not even failures, or into a file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be created.
    pub(crate) fn enable_json(&mut self, json: bool, json_into: Option<&Path>) -> Result<(), Diagnostic> {
        if json || json_into.is_some() {
            self.events = EventLog::begin(&self.terminal, json, json_into)?;
        }
        Ok(())
    }

    /// Whether standard output contains only events.
    pub(crate) const fn json_output(&self) -> bool {
        self.events.is_all()
    }

    /// Emits events, if they are enabled.
    pub(crate) fn event(&self, lines: &Text) {
        self.events.write(&self.terminal, lines);
    }

    /// Shows diagnostics on standard error, or as events.
    pub(crate) fn report(&self, diagnostics: &Diagnostics) {
        let diagnostics = &diagnostics.called_by(&self.invocation);
        self.note(diagnostics);
        self.emit_each(diagnostics);
        if !self.json_output() && !diagnostics.is_empty() {
            self.terminal.error(&render::diagnostics(diagnostics, &self.sources, self.terminal.error_style()));
        }
    }
}

impl Context {
    fn emit_each(&self, diagnostics: &Diagnostics) {
        let lines = diagnostics.sorted().into_iter().map(|found| events::diagnostic(connection::clock::local_now(), found, &self.sources));
        self.event(&lines.collect());
        let left_out = diagnostics.len() - diagnostics.sorted().len();
        if left_out > 0 {
            self.event(&events::warning(
                connection::clock::local_now(),
                &text!("{} more diagnostics not shown; fix these first.", left_out),
            ));
        }
    }

    /// Shows the findings of a plan. With `compact`, and if there are no errors, shows only the summaries of warnings.
    pub(crate) fn report_warnings(&self, findings: &Diagnostics, compact: bool) {
        if self.json_output() || !compact || findings.has_errors() {
            return self.report(findings);
        }
        let findings = &findings.called_by(&self.invocation);
        self.note(findings);
        self.emit_each(findings);
        if !findings.is_empty() {
            let mut text = text!("{}\n\n", self.terminal.error_style().yellow("Warnings:"));
            findings.sorted().iter().for_each(|finding| putln!(text, "- {}", finding.summary()));
            put!(text, "\nTo see the full warning notes, run orgroster without -compact-warnings.\n\n");
            self.terminal.error(&text);
        }
    }
}

/// Runs the program with the given arguments, without the program's own name.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    if let Err(diagnostic) = output::log::begin() {
        return fail(&diagnostic.into());
    }
    let words = match line::words::prepare(words, output::terminal::environment) {
        Ok(words) => words,
        Err(diagnostic) => return fail(&diagnostic.into()),
    };
    let parsed = args::command().try_get_matches_from(named(words.clone()));
    match parsed.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, line::variables::given(&matches)))) {
        Ok((cli, given)) => dispatch(cli, given).into(),
        Err(error) => {
            if let Some(answer) = line::words::habit(&error) {
                return fail(&answer.into());
            }
            let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            if !asked_for && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
                let help = line::words::help_of(&words);
                return fail(&line::words::misused(&without_false_hints(legible(error, words)), &help).into());
            }
            let terminal = Terminal::new(false);
            let text = Text::lines_of(&line::words::with_single_dashes(&error.render().to_string()), "");
            if asked_for {
                terminal.print(&text)
            } else {
                terminal.error(&text)
            }
            if let Err(diagnostic) = terminal.check() {
                return fail(&diagnostic.into());
            }
            if asked_for { Exit::Done.into() } else { Exit::Failed.into() }
        }
    }
}

fn named(words: Vec<String>) -> impl Iterator<Item = String> {
    std::iter::once("orgroster".to_owned()).chain(words)
}

/// The same error with line breaks and escape sequences in the quoted words escaped.
fn legible(error: clap::Error, words: Vec<String>) -> clap::Error {
    let escaped: Vec<_> = words.iter().map(|word| org::escaped(word).into_owned()).collect();
    if escaped == words {
        return error;
    }
    args::command().try_get_matches_from(named(escaped)).err().unwrap_or(error)
}

/// The error without the parser's hint to pass an unknown flag as a value, which no command supports.
fn without_false_hints(mut error: clap::Error) -> clap::Error {
    use clap::error::{ContextKind, ContextValue};

    if let Some(ContextValue::StyledStrs(hints)) = error.get(ContextKind::Suggested) {
        let hints: Vec<_> = hints.iter().filter(|hint| !hint.to_string().contains("as a value, use")).cloned().collect();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(hints));
    }
    error
}

fn fail(diagnostics: &Diagnostics) -> ExitCode {
    let context = Context::new(Terminal::new(false), ExternalValues::default());
    context.report(diagnostics);
    finish(&context, Reports::default(), Exit::Failed).into()
}

/// Reports the findings to the code forge. If its output was lost, the command has failed, whatever its result.
fn finish(context: &Context, reports: Reports<'_>, exit: Exit) -> Exit {
    let mut lost = Diagnostics::default();
    let written = [context.terminal.check(), context.events.check(), context.annotate(reports, exit == Exit::Failed)];
    lost.extend(written.into_iter().filter_map(Result::err));
    if lost.is_empty() {
        return exit;
    }
    if context.terminal.check().is_err() {
        // Events would go where nothing can be written.
        context.terminal.error(&render::diagnostics(&lost, &context.sources, context.terminal.error_style()));
    } else {
        context.report(&lost);
    }
    Exit::Failed
}

fn dispatch(cli: Cli, given: ExternalValues) -> Exit {
    let mut context = Context::new(Terminal::new(cli.no_color || cli.command.no_color()), given);
    let started = std::env::current_dir();
    if let Some(directory) = &cli.chdir
        && let Err(error) = std::env::set_current_dir(directory)
    {
        let detail = format!("-chdir: can't change to {}: {error}.", directory.display());
        context.report(&Diagnostic::error(Code::InvalidArgument, detail).into());
        return Exit::Failed;
    }
    context.invocation = line::invocation::here(cli.chdir.as_deref(), &context.given);
    if let (Ok(started), Ok(here)) = (started, std::env::current_dir()) {
        context.place = Place::new(&started, &here, output::annotate::repository());
    }
    if let Err(diagnostic) = cli.command.reports().supported() {
        context.report(&diagnostic.into());
        return Exit::Failed;
    }
    let ended = match &cli.command {
        Command::Validate(arguments) => commands::validate(&mut context, arguments.json),
        Command::Fmt(arguments) => commands::fmt(&mut context, arguments),
        Command::Plan(arguments) => commands::plan(&mut context, arguments),
        Command::Apply(arguments) => commands::apply(&mut context, arguments),
        Command::Snapshot(arguments) => commands::snapshot(&mut context, arguments),
        Command::Show(arguments) => commands::show(&mut context, arguments),
        Command::Announce(arguments) => commands::announce(&mut context, arguments),
        Command::History(arguments) => commands::history(&mut context, arguments),
        Command::Verify(arguments) => commands::verify(&mut context, arguments),
        Command::Drift(arguments) => commands::drift(&mut context, arguments),
        Command::References(arguments) => commands::references(&mut context, arguments),
        Command::ForceUnlock(arguments) => commands::force_unlock(&mut context, arguments),
        Command::Init(arguments) => commands::init(&mut context, arguments),
        Command::Explain(arguments) => commands::explain(&mut context, arguments),
        Command::IamPolicy(arguments) => commands::iam_policy(&mut context, arguments),
        Command::Sandbox(arguments) => commands::sandbox(&mut context, arguments),
        Command::Import(arguments) => commands::import(&mut context, arguments),
        Command::Schema(arguments) => commands::schema(&mut context, arguments),
        Command::Completion(arguments) => commands::completion(&mut context, arguments),
        Command::Lsp(_) => commands::lsp(&context),
        Command::Man(arguments) => commands::man(arguments),
        Command::Version(arguments) => commands::version(&mut context, arguments),
    };
    let exit = ended.unwrap_or_else(|diagnostics| {
        context.report(&diagnostics);
        Exit::Failed
    });
    finish(&context, cli.command.reports(), exit)
}
