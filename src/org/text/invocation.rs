//! How this program was called, for the commands that it prints.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The options that printed commands repeat, so that they use the same configuration with the same values. `chdir` is relative to the
/// working directory; paths in the other options are relative to the configuration's directory.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Invocation {
    /// The value of `-chdir`; absent if the configuration is in the working directory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chdir: Option<String>,
    /// The value of `-trusted-config`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trusted_config: Option<String>,
    /// The options `-var` and `-var-file` with their values, in the order of the command line. Sensitive values are left out.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub variables: Vec<String>,
}

impl Invocation {
    /// Whether a command needs no options besides its own.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The command that applies a saved plan with these options. It repeats the values of variables: apply uses these, and only compares
    /// those in the file with them.
    #[must_use]
    pub fn apply(&self, options: &[&str], plan_file: &str) -> String {
        self.command(&[&["apply"], options, &[plan_file]].concat())
    }

    /// Keeps only the variables for whose name `is_wanted` is true, and every file of values.
    pub fn retain_values(&mut self, is_wanted: impl Fn(&str) -> bool) {
        let name = |option: &str| option.strip_prefix("-var=").map(|text| text.split('=').next().unwrap_or_default().trim().to_owned());
        self.variables.retain(|option| name(option).is_none_or(|name| is_wanted(&name)));
    }

    /// A command as a user types it into a shell: the program with its options, the subcommand, and its arguments.
    #[must_use]
    pub fn command(&self, words: &[&str]) -> String {
        let (command, arguments) = words.split_first().map_or(("", words), |(command, arguments)| (*command, arguments));
        self.line(command, arguments.iter().map(|word| shell_quoted(word)))
    }

    /// Adds the options to a command of this program that a message contains without them. Other lines stay as they are.
    #[must_use]
    pub fn repeated_in<'l>(&self, line: &'l str) -> Cow<'l, str> {
        // An option or the brace of a configuration's `orgroster` block may also follow.
        let is_command = |rest: &&str| rest.starts_with(|first: char| first.is_ascii_lowercase());
        let Some(rest) = line.strip_prefix("orgroster ").filter(is_command) else { return Cow::Borrowed(line) };
        let (command, arguments) = rest.split_once(' ').map_or((rest, None), |(command, arguments)| (command, Some(arguments.to_owned())));
        Cow::Owned(self.line(command, arguments.into_iter()))
    }

    fn line(&self, command: &str, arguments: impl Iterator<Item = String>) -> String {
        let Self { chdir, trusted_config, variables } = self;
        let mut line = vec!["orgroster".to_owned()];
        line.extend(chdir.as_ref().map(|directory| shell_quoted(&format!("-chdir={directory}"))));
        line.push(command.to_owned());
        line.extend(trusted_config.as_ref().map(|file| shell_quoted(&format!("-trusted-config={file}"))));
        line.extend(variables.iter().map(|option| shell_quoted(option)));
        line.extend(arguments);
        line.join(" ")
    }
}

/// Quotes a word for a POSIX shell, if it needs quotes.
#[must_use]
pub fn shell_quoted(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_./=:,@%+".contains(character);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_repeats_what_leads_to_the_configuration() {
        let invocation = Invocation {
            chdir: Some("the roster".into()),
            trusted_config: Some("../settings.hcl".into()),
            variables: vec!["-var-file=x.hcl".into(), "-var=ticket=it's".into()],
        };
        assert_eq!(
            invocation.command(&["apply", "plan.json"]),
            "orgroster '-chdir=the roster' apply -trusted-config=../settings.hcl -var-file=x.hcl '-var=ticket=it'\\''s' plan.json"
        );
        assert_eq!(invocation.apply(&[], "plan.json"), invocation.command(&["apply", "plan.json"]));
        let repeated = [
            (
                "orgroster history restore 'a dir'",
                "orgroster '-chdir=the roster' history -trusted-config=../settings.hcl -var-file=x.hcl '-var=ticket=it'\\''s' restore 'a dir'",
            ),
            (
                "orgroster verify",
                "orgroster '-chdir=the roster' verify -trusted-config=../settings.hcl -var-file=x.hcl '-var=ticket=it'\\''s'",
            ),
            ("orgroster -chdir=DIR plan", "orgroster -chdir=DIR plan"),
            ("orgroster {", "orgroster {"),
            ("aws sts get-caller-identity", "aws sts get-caller-identity"),
        ];
        for (line, expected) in repeated {
            assert_eq!(invocation.repeated_in(line), expected);
            assert_eq!(Invocation::default().repeated_in(line), line);
        }
        let mut without = invocation;
        without.retain_values(|name| name != "ticket");
        assert_eq!(without.variables, ["-var-file=x.hcl"]);
        assert_eq!(Invocation::default().command(&["explain", "account.a[\"x\"]"]), "orgroster explain 'account.a[\"x\"]'");
    }
}
