//! What resolves a gate, as data: each renderer formats sentences, commands and configuration in its own way, and none parses text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The steps that resolve a gate, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Remedy(Vec<Step>);

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// What a person does, in sentences.
    Sentence {
        /// The sentences, each with its full stop.
        text: String,
    },
    /// A command of the AWS CLI.
    Aws {
        /// Whose credentials it needs.
        caller: Caller,
        /// The words after `aws`, not quoted.
        words: Vec<String>,
    },
    /// An orgroster command. It needs the options that the plan was made with.
    Orgroster {
        /// The words after the program's name and its options, not quoted.
        words: Vec<String>,
    },
    /// Another shell command.
    Shell {
        /// As it is typed into a shell.
        line: String,
    },
    /// Configuration to add or change.
    Configuration {
        /// Where it belongs.
        place: Place,
        /// The arguments and blocks.
        body: Vec<Setting>,
    },
    /// JSON to add to a policy.
    Json {
        /// The document, or a part of it.
        document: Value,
    },
    /// One of several ways, each of which is enough by itself.
    Way {
        /// Its steps, all of which are needed.
        steps: Vec<Self>,
    },
    /// One of several parts that help only together.
    Part {
        /// Its steps.
        steps: Vec<Self>,
    },
}

/// Whose credentials a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// The management account's.
    ManagementAccount,
    /// The member account's.
    Member,
    /// Those of a root session in the member account, which the previous step opened.
    RootSession,
    /// Those of the target organization's management account.
    OtherOrganization,
}

/// Where a piece of configuration belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the account's block.
    AccountBlock,
    /// In the `guardrails` block.
    Guardrails,
    /// At the top level, outside of blocks.
    TopLevel,
}

/// An argument or a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "setting", rename_all = "snake_case")]
pub enum Setting {
    /// `NAME = VALUE`.
    Argument {
        /// The name.
        name: String,
        /// The value: a string, a boolean, a number, or a list or an object of these.
        value: Value,
        /// A comment that follows the value.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        comment: Option<String>,
    },
    /// `KIND "LABEL" { … }`.
    Block {
        /// The type of block.
        kind: String,
        /// The labels.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        labels: Vec<String>,
        /// The arguments and blocks in it.
        body: Vec<Self>,
    },
}

impl Remedy {
    /// Makes an empty remedy, to which steps are added.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The steps, in their order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Adds a step.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// Adds the steps of another remedy.
    #[must_use]
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.0.extend(other.into().0);
        self
    }

    /// Unites two remedies that differ only in lists of their configuration into one with both lists, so that one `attestation` block
    /// resolves several gates. Returns `None` if they differ in anything else.
    #[must_use]
    pub fn united(&self, other: &Self) -> Option<Self> {
        united_all(&self.0, &other.0, Step::united).map(Self)
    }
}

impl From<&str> for Remedy {
    fn from(text: &str) -> Self {
        Self(vec![Step::sentence(text)])
    }
}

impl From<String> for Remedy {
    fn from(text: String) -> Self {
        Self(vec![Step::sentence(text)])
    }
}

impl From<Step> for Remedy {
    fn from(step: Step) -> Self {
        Self(vec![step])
    }
}

impl Step {
    /// Sentences for a person.
    pub fn sentence(text: impl Into<String>) -> Self {
        Self::Sentence { text: text.into() }
    }

    /// A command of the AWS CLI.
    #[must_use]
    pub fn aws(caller: Caller, words: &[&str]) -> Self {
        Self::Aws { caller, words: words.iter().map(|&word| word.to_owned()).collect() }
    }

    /// A command of this program.
    #[must_use]
    pub fn orgroster(words: &[&str]) -> Self {
        Self::Orgroster { words: words.iter().map(|&word| word.to_owned()).collect() }
    }

    /// Configuration in the account's block.
    #[must_use]
    pub const fn in_block(body: Vec<Setting>) -> Self {
        Self::Configuration { place: Place::AccountBlock, body }
    }

    /// Configuration in the `guardrails` block.
    #[must_use]
    pub const fn in_guardrails(body: Vec<Setting>) -> Self {
        Self::Configuration { place: Place::Guardrails, body }
    }

    /// Configuration outside of blocks.
    #[must_use]
    pub const fn top_level(body: Vec<Setting>) -> Self {
        Self::Configuration { place: Place::TopLevel, body }
    }

    fn united(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Configuration { place, body }, Self::Configuration { place: same, body: more }) if place == same => {
                Some(Self::Configuration { place: *place, body: united_all(body, more, Setting::united)? })
            }
            _ => (self == other).then(|| self.clone()),
        }
    }
}

impl Setting {
    /// An argument.
    pub fn argument(name: &str, value: impl Into<Value>) -> Self {
        Self::Argument { name: name.to_owned(), value: value.into(), comment: None }
    }

    /// An argument, followed by a comment.
    pub fn commented(name: &str, value: impl Into<Value>, comment: &str) -> Self {
        Self::Argument { name: name.to_owned(), value: value.into(), comment: Some(comment.to_owned()) }
    }

    /// A block.
    #[must_use]
    pub fn block(kind: &str, labels: &[&str], body: Vec<Self>) -> Self {
        Self::Block { kind: kind.to_owned(), labels: labels.iter().map(|&label| label.to_owned()).collect(), body }
    }

    fn united(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (
                Self::Argument { name, value: Value::Array(items), comment },
                Self::Argument { name: same, value: Value::Array(more), comment: also },
            ) if name == same && comment == also => {
                let mut all = items.clone();
                all.extend(more.iter().filter(|item| !items.contains(item)).cloned());
                Some(Self::Argument { name: name.clone(), value: Value::Array(all), comment: comment.clone() })
            }
            (Self::Block { kind, labels, body }, Self::Block { kind: same, labels: also, body: more })
                if kind == same && labels == also =>
            {
                Some(Self::Block { kind: kind.clone(), labels: labels.clone(), body: united_all(body, more, Self::united)? })
            }
            _ => (self == other).then(|| self.clone()),
        }
    }
}

fn united_all<T>(ours: &[T], theirs: &[T], united: impl Fn(&T, &T) -> Option<T>) -> Option<Vec<T>> {
    if ours.len() != theirs.len() {
        return None;
    }
    ours.iter().zip(theirs).map(|(ours, theirs)| united(ours, theirs)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attestation(of: &[&str], on: &str) -> Remedy {
        let body = vec![Setting::argument("of", json!(of)), Setting::argument("on", on)];
        Remedy::from("Check it.").then(Step::in_block(vec![Setting::block("attestation", &[], body)]))
    }

    #[test]
    fn remedies_that_differ_in_lists_alone_are_one() {
        let both = attestation(&["a"], "2026-11-22").united(&attestation(&["b", "a"], "2026-11-22")).unwrap();
        assert_eq!(both, attestation(&["a", "b"], "2026-11-22"));
        assert_eq!(attestation(&["a"], "2026-11-22").united(&attestation(&["b"], "2026-11-23")), None);
        assert_eq!(attestation(&["a"], "2026-11-22").united(&"Check it.".into()), None);
        let one = Remedy::from("Wait.");
        assert_eq!(one.united(&one.clone()), Some(one));
    }

    #[test]
    fn a_remedy_is_read_back() {
        let remedy = attestation(&["a"], "2026-11-22")
            .then(Step::aws(Caller::Member, &["organizations", "decline-handshake"]))
            .then(Step::Way { steps: vec![Step::Json { document: json!({ "Condition": {} }) }, Step::orgroster(&["verify"])] });
        let text = serde_json::to_string(&remedy).unwrap();
        assert_eq!(serde_json::from_str::<Remedy>(&text).unwrap(), remedy);
    }
}
