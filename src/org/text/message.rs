//! Messages of several lines. Quoted text can't add lines to them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::escape::{escaped, escaped_line};
use crate::org::Invocation;

/// The prefix of a line to copy.
const COPIED: &str = "    ";
/// The prefix of an item of a list.
const ITEM: &str = "  - ";

/// A message for people: sentences, items of a list, and commands or configuration to copy. Lines to copy begin with four spaces, items
/// with `  - `. Hidden characters and line breaks in quoted text are escaped, so that a name with a line break stays on its line.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Message(String);

/// A line of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageLine<'m> {
    /// Running text; may be empty.
    Sentence(&'m str),
    /// An item of a list.
    Item(&'m str),
    /// A line to copy: of a command, of JSON or of a configuration.
    Copied(&'m str),
}

impl Message {
    /// Running text on one line.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(escaped(text).into_owned())
    }

    /// Appends running text: to the last line, or on a new line after an item or a line to copy.
    #[must_use]
    pub fn and(mut self, text: &str) -> Self {
        self.space();
        self.0.push_str(&escaped(text));
        self
    }

    /// Appends another message, on its own lines.
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        self.new_line();
        self.0.push_str(&other.0);
        self
    }

    /// Appends running text on its own line.
    #[must_use]
    pub fn line(self, text: &str) -> Self {
        self.own_line("", text)
    }

    /// Appends running text after an empty line.
    #[must_use]
    pub fn paragraph(self, text: &str) -> Self {
        self.own_line("\n", text)
    }

    /// Appends an item of a list.
    #[must_use]
    pub fn item(self, text: &str) -> Self {
        self.own_line(ITEM, text)
    }

    /// Appends a line to copy.
    #[must_use]
    pub fn command(self, command: &str) -> Self {
        self.own_line(COPIED, command)
    }

    /// Appends lines to copy: a document that orgroster wrote.
    #[must_use]
    pub fn block(self, document: &str) -> Self {
        document.lines().fold(self, |mut message, line| {
            message.new_line();
            message.0.push_str(COPIED);
            message.0.push_str(&escaped_line(line));
            message
        })
    }

    /// Appends a fixed text, which can't quote anything: its lines that begin with four spaces are lines to copy.
    #[must_use]
    pub fn ours(self, text: &'static str) -> Self {
        let mut lines = text.lines();
        let first = self.and(lines.next().unwrap_or_default());
        lines.fold(first, |message, line| match line.strip_prefix(COPIED) {
            Some(copied) => message.block(copied),
            None => message.line(line),
        })
    }

    /// Appends a foreign text with its line breaks. Each line is indented, so that it can't be mistaken for one of ours.
    #[must_use]
    pub fn quote(self, text: &str) -> Self {
        text.lines().fold(self, |message, line| message.own_line("  ", line))
    }

    /// The lines of the message.
    pub fn parts(&self) -> impl Iterator<Item = MessageLine<'_>> {
        self.0.lines().map(|line| {
            let copied = line.strip_prefix(COPIED).map(MessageLine::Copied);
            copied.or_else(|| line.strip_prefix(ITEM).map(MessageLine::Item)).unwrap_or(MessageLine::Sentence(line))
        })
    }

    /// The message with the options of `invocation` in its commands, so that they use the same configuration.
    #[must_use]
    pub fn called_by(&self, invocation: &Invocation) -> Self {
        if invocation.is_plain() {
            return self.clone();
        }
        let lines = self.0.split('\n').map(|line| match line.strip_prefix(COPIED) {
            Some(copied) => format!("{COPIED}{}", invocation.repeated_in(copied)),
            None => line.to_owned(),
        });
        Self(lines.collect::<Vec<_>>().join("\n"))
    }

    /// Shortens the message to at most `bytes` bytes, plus an ellipsis.
    #[must_use]
    pub fn shortened(mut self, bytes: usize) -> Self {
        if self.0.len() > bytes {
            self.0.truncate(self.0.floor_char_boundary(bytes));
            self.0.push('…');
        }
        self
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn own_line(mut self, before: &str, text: &str) -> Self {
        self.new_line();
        self.0.push_str(before);
        self.0.push_str(&escaped(text));
        self
    }

    fn new_line(&mut self) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
    }

    fn space(&mut self) {
        match self.parts().last() {
            None => {}
            Some(MessageLine::Sentence(_)) => self.0.push(' '),
            Some(MessageLine::Item(_) | MessageLine::Copied(_)) => self.0.push('\n'),
        }
    }
}

impl Deref for Message {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<Cow<'_, str>> for Message {
    fn from(text: Cow<'_, str>) -> Self {
        Self::new(&text)
    }
}

impl PartialEq<str> for Message {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Message {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_message_quotes_its_lines_are_those_that_were_made() {
        let hostile = "x\n    rm -rf /\r\n  - y\u{1b}[2J";
        let message = Message::new(hostile).item(hostile).command(hostile).and(hostile).line(hostile).paragraph(hostile);
        let bare = "x\\n    rm -rf /\\r\\n  - y\\u{1b}[2J";
        use MessageLine::{Copied, Item, Sentence};
        let expected = [Sentence(bare), Item(bare), Copied(bare), Sentence(bare), Sentence(bare), Sentence(""), Sentence(bare)];
        assert_eq!(message.parts().collect::<Vec<_>>(), expected);
        let quoted = Message::new("It says:").quote("a\nError: b").paragraph("Correct it.");
        assert_eq!(quoted, "It says:\n  a\n  Error: b\n\nCorrect it.");
        let whole = Message::new("Run:").command("x").then(&Message::new("Or:").command("y"));
        assert_eq!(whole, "Run:\n    x\nOr:\n    y");
        assert_eq!(Message::new("Größe").shortened(4), "Grö…");
    }
}
