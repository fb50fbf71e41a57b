//! Two examples at the end of each command's help.

use clap::{Command, CommandFactory};

use super::Cli;

/// The path of a command, and two ways to call it.
type Examples = (&'static [&'static str], [&'static str; 2]);

const EXAMPLES: &[Examples] = &[
    (&[], ["orgroster plan -out=plan.json", "orgroster -chdir=roster apply plan.json"]),
    (&["init"], ["orgroster init", "orgroster init -from-organization"]),
    (&["validate"], ["orgroster validate", "orgroster -chdir=roster validate -json"]),
    (&["fmt"], ["orgroster fmt -recursive", "orgroster fmt -check -diff"]),
    (&["plan"], ["orgroster plan -out=plan.json", "orgroster plan -detailed-exitcode -target=account.legacy-crm"]),
    (&["apply"], ["orgroster apply plan.json", "orgroster apply -target=account.legacy-crm"]),
    (&["show"], ["orgroster show plan.json", "orgroster show -markdown -redact-emails plan.json"]),
    (&["announce"], ["orgroster announce plan.json", "orgroster announce -sigma -until=2026-12-01 plan.json"]),
    (&["explain"], ["orgroster explain account.legacy-crm", "orgroster explain payment_method"]),
    (&["snapshot"], ["orgroster snapshot -out=snapshot.json", "orgroster snapshot -for-config=../pull-request -out=snapshot.json"]),
    (&["drift"], ["orgroster drift -since=yesterday.json", "orgroster drift -from=monday.json -to=friday.json -markdown"]),
    (&["iam-policy"], ["orgroster iam-policy plan", "orgroster iam-policy -trust member"]),
    (&["history"], ["orgroster history", "orgroster history show account.legacy-crm"]),
    (&["history", "list"], ["orgroster history list", "orgroster history list -json"]),
    (&["history", "show"], ["orgroster history show account.legacy-crm", "orgroster history show -json 333333333333"]),
    (&["history", "restore"], ["orgroster history restore records", "orgroster -chdir=roster history restore records"]),
    (&["history", "repair"], ["orgroster history repair", "orgroster history repair -expect-digest=sha256:0f3a9c2e"]),
    (&["verify"], ["orgroster verify", "orgroster verify -member -json"]),
    (&["references"], ["orgroster references -in ../landing-zone", "orgroster references legacy-crm -in ../infra ../aft -markdown"]),
    (&["force-unlock"], ["orgroster force-unlock 20261122T090000-0f3a9c2e", "orgroster force-unlock -force 20261122T090000-0f3a9c2e"]),
    (&["sandbox"], ["orgroster sandbox serve organization.sandbox.hcl", "orgroster sandbox reset"]),
    (
        &["sandbox", "serve"],
        ["orgroster sandbox serve organization.sandbox.hcl", "orgroster sandbox serve -listen=127.0.0.1:0 -clock=2026-12-01T00:00:00Z"],
    ),
    (&["sandbox", "reset"], ["orgroster sandbox reset", "orgroster -chdir=roster sandbox reset"]),
    (&["sandbox", "generate"], ["orgroster sandbox generate -accounts=1000", "orgroster sandbox generate -from-snapshot=snapshot.json"]),
    (&["import"], ["orgroster import", "orgroster import -out=imported.roster.hcl"]),
    (&["schema"], ["orgroster schema", "orgroster schema plan"]),
    (&["completion"], ["orgroster completion bash", "orgroster completion zsh"]),
    (&["lsp"], ["orgroster lsp", "orgroster lsp -trusted-config=../settings.hcl"]),
    (&["man"], ["orgroster man man/man1", "orgroster man ."]),
    (&["version"], ["orgroster version", "orgroster version -json"]),
];

/// What this version has been tested against.
const TRIED_ON: &str = "This version has been tested against its own sandbox and against other AWS emulators, but not against live AWS.";

/// The whole command line, with its examples.
pub fn command() -> Command {
    EXAMPLES.iter().fold(Cli::command(), |command, (path, examples)| with(command, path, examples))
}

fn with(command: Command, path: &[&str], examples: &[&str; 2]) -> Command {
    match path.split_first() {
        Some((first, rest)) if command.find_subcommand(first).is_some() => {
            command.mut_subcommand(*first, |below| with(below, rest, examples))
        }
        // A feature that is not built in has no such command.
        Some(_) => command,
        None => {
            let tried = if command.get_name() == "orgroster" { format!("{TRIED_ON}\n\n") } else { String::new() };
            command.after_help(format!("{tried}Examples:\n  {}", examples.join("\n  ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::line::words::prepare;

    fn paths(command: &Command, above: &[String]) -> Vec<Vec<String>> {
        let mut all = vec![above.to_vec()];
        for below in command.get_subcommands().filter(|below| below.get_name() != "help" && !below.is_hide_set()) {
            let path: Vec<_> = above.iter().cloned().chain([below.get_name().to_owned()]).collect();
            all.extend(paths(below, &path));
        }
        all
    }

    #[test]
    fn each_help_ends_with_two_examples_that_are_understood() {
        for path in paths(&command(), &[]) {
            let examples = EXAMPLES.iter().find(|(named, _)| *named == path.as_slice());
            let (_, examples) = examples.unwrap_or_else(|| panic!("{path:?} has no examples"));
            let help = [path.clone(), vec!["--help".to_owned()]].concat();
            let shown = command().try_get_matches_from(std::iter::once("orgroster".to_owned()).chain(help)).unwrap_err().to_string();
            assert!(shown.trim_end().ends_with(&format!("Examples:\n  {}\n  {}", examples[0], examples[1])), "{shown}");
            for example in examples {
                let words = prepare(example.split(' ').skip(1).map(Into::into).collect(), |_| None).unwrap();
                let parsed = command().try_get_matches_from(std::iter::once("orgroster".to_owned()).chain(words));
                let matches = parsed.unwrap_or_else(|error| panic!("{example}: {error}"));
                assert!(path.is_empty() || matches.subcommand_name() == Some(path[0].as_str()), "{example}");
            }
        }
        let help = command().render_help().to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains(TRIED_ON), "{help}");
    }
}
