//! The words before they are parsed: Terraform's single-dash long flags, `ORGROSTER_CLI_ARGS`, and unknown commands.

use std::ffi::OsString;

use crate::cli::args::COMMANDS;
use crate::cli::line::habits;
use crate::diag::{Code, Diagnostic, closest};
use crate::org::{Message, sentence};

/// Rewrites the words for the parser: `-out=F` becomes `--out=F`, and the environment's words are inserted right after the command.
///
/// # Errors
///
/// Returns an error if a word is not Unicode, or if a command does not exist.
pub fn prepare(words: Vec<OsString>, environment: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, Diagnostic> {
    let mut prepared = Vec::with_capacity(words.len());
    let mut command = None;
    let mut is_value = false;
    for word in words {
        let word = word
            .into_string()
            .map_err(|word| Diagnostic::error(Code::InvalidArgument, format!("The argument {word:?} is not Unicode.")))?;
        let is_command = command.is_none() && !word.starts_with('-') && !is_value;
        is_value = matches!(word.as_str(), "-chdir" | "--chdir") && !is_value;
        prepared.push(doubled(&word));
        if is_command {
            check_command(&word)?;
            for variable in ["ORGROSTER_CLI_ARGS".to_owned(), format!("ORGROSTER_CLI_ARGS_{word}")] {
                let added = environment(&variable).unwrap_or_default();
                prepared.extend(added.split_whitespace().map(doubled));
            }
            command = Some(word);
        }
    }
    Ok(prepared)
}

/// The word with two dashes if it is a long flag with one.
fn doubled(word: &str) -> String {
    match word.strip_prefix('-') {
        Some(flag) if flag.len() > 1 && flag.starts_with(|first: char| first.is_ascii_alphabetic()) => format!("--{flag}"),
        _ => word.to_owned(),
    }
}

/// Help and usage texts with single dashes, as in Terraform. The continuation lines of a flag's help move with its first line.
pub fn with_single_dashes(text: &str) -> String {
    let mut of_flag = false;
    let shorter = text.split_inclusive('\n').map(|line| {
        let content = line.trim_start_matches(' ');
        let goes_on = of_flag && line.starts_with("          ") && !content.starts_with('-');
        of_flag = goes_on || (content.starts_with('-') && line.contains("--"));
        let line = if goes_on { line.replacen(' ', "", 1) } else { line.to_owned() };
        line.replace("--", "-")
    });
    shorter.collect()
}

fn check_command(word: &str) -> Result<(), Diagnostic> {
    if COMMANDS.contains(&word) {
        return Ok(());
    }
    if let Some(answer) = habits::command(word) {
        let detail = Message::new(&format!("orgroster has no command named {word:?}.")).ours(answer);
        return Err(Diagnostic::error(Code::InvalidArgument, detail));
    }
    let hint = closest(word, COMMANDS).map_or_else(String::new, |command| format!(" Did you mean \"{command}\"?"));
    Err(Diagnostic::error(
        Code::InvalidArgument,
        Message::new(&format!("orgroster has no command named {word:?}.{hint}"))
            .paragraph("To see all of orgroster's commands, run:")
            .command("orgroster -help"),
    ))
}

/// The answer to a flag or an argument that Terraform has but the command does not.
pub fn habit(error: &clap::Error) -> Option<Diagnostic> {
    use clap::error::{ContextKind, ContextValue, ErrorKind};

    let Some(ContextValue::String(written)) = error.get(ContextKind::InvalidArg) else { return None };
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    let is_import = !written.starts_with('-') && usage.contains("orgroster import");
    let answer = if is_import { Some(habits::IMPORT) } else { habits::flag(written) }?;
    let shown = written.replacen("--", "-", 1);
    let detail = Message::new(&format!("This command does not take {shown:?}.")).ours(answer);
    Some(Diagnostic::error(Code::InvalidArgument, detail))
}

/// Converts a parser error: its sentence with its list, its tips, the usage, and the command that prints the help.
pub fn misused(error: &clap::Error, help: &str) -> Diagnostic {
    let text = with_single_dashes(&error.render().to_string());
    let mut paragraphs = text.split("\n\n").map(str::trim_end);
    let first = paragraphs.next().unwrap_or_default();
    let mut lines = first.strip_prefix("error: ").unwrap_or(first).lines();
    let detail = Message::new(&sentence(lines.next().unwrap_or_default()));
    let mut detail = lines.fold(detail, |detail, line| listed(detail, line.trim()));
    for paragraph in paragraphs {
        if let Some(usage) = paragraph.strip_prefix("Usage: ") {
            detail = detail.paragraph("Usage:").block(usage);
        } else if !paragraph.starts_with("For more information") {
            detail = paragraph.lines().fold(detail, |detail, line| listed(detail, line.trim()));
        }
    }
    Diagnostic::error(Code::InvalidArgument, detail.paragraph("For help, run:").command(help))
}

/// The command that prints the help of the command in the words.
pub fn help_of(words: &[String]) -> String {
    let (mut command, mut help) = (crate::cli::args::command(), "orgroster".to_owned());
    for word in words {
        if let Some(found) = command.find_subcommand(word) {
            help = format!("{help} {word}");
            command = found.clone();
        }
    }
    help + " -help"
}

/// Adds one line of a parser error: a tip becomes a sentence, possible values are in brackets, and any other line becomes an item.
fn listed(detail: Message, line: &str) -> Message {
    match line.strip_prefix("tip: ") {
        Some(tip) => detail.and(&sentence(tip)),
        None if line.starts_with('[') => detail.line(line),
        None => detail.item(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_line_stays_below_the_first() {
        let text =
            "Options:\n      --out <FILE>  Write the plan\n                    to a file\n  -h, --help        Print help\n\nEnd -- of it\n";
        let expected =
            "Options:\n      -out <FILE>  Write the plan\n                   to a file\n  -h, -help        Print help\n\nEnd - of it\n";
        assert_eq!(with_single_dashes(text), expected);
    }

    fn prepared(words: &[&str]) -> Vec<String> {
        let environment = |name: &str| match name {
            "ORGROSTER_CLI_ARGS" => Some("-no-color".to_owned()),
            "ORGROSTER_CLI_ARGS_plan" => Some("-out  f".to_owned()),
            _ => None,
        };
        prepare(words.iter().map(OsString::from).collect(), environment).unwrap()
    }

    #[test]
    fn single_and_double_dashes_are_alike_and_the_environment_comes_right_after_the_command() {
        assert_eq!(
            prepared(&["-chdir=x", "plan", "-detailed-exitcode"]),
            ["--chdir=x", "plan", "--no-color", "--out", "f", "--detailed-exitcode"]
        );
        for flag in ["-chdir", "--chdir"] {
            assert_eq!(prepared(&[flag, "plan", "plan"]), ["--chdir", "plan", "plan", "--no-color", "--out", "f"]);
        }
        assert_eq!(prepared(&["show", "--json", "-"]), ["show", "--no-color", "--json", "-"]);
        assert_eq!(prepared(&["-h"]), ["-h"]);
    }

    #[test]
    fn the_known_commands_are_those_of_the_parser() {
        let parser = crate::cli::args::command();
        let names: Vec<_> = parser.get_subcommands().map(clap::Command::get_name).chain(["help"]).collect();
        assert_eq!(COMMANDS, names);
    }

    #[test]
    fn what_the_parser_refuses_names_the_help_of_its_command() {
        for (words, wanted) in [
            (&["--chdir=x", "plan", "--out"][..], "orgroster plan -help"),
            (&["sandbox", "serve", "plan"], "orgroster sandbox serve -help"),
            (&["--nothing"], "orgroster -help"),
        ] {
            let words: Vec<_> = words.iter().map(|&word| word.to_owned()).collect();
            assert_eq!(help_of(&words), wanted);
        }
    }

    #[test]
    fn an_unknown_command_is_answered_with_the_nearest() {
        let error = prepare(vec!["plann".into()], |_| None).unwrap_err();
        assert!(error.detail.starts_with("orgroster has no command named \"plann\". Did you mean \"plan\"?"), "{}", error.detail);
    }
}
