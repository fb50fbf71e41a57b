//! The type of text that may be written where people read it. Every value that is put into a text is escaped. So only this program's
//! literals, colors and documents can start a line, move the cursor or send a command to a CI runner. Only a [`Text`] can be printed, not a
//! `String`.

use std::fmt::{self, Display, Write as _};
use std::ops::Deref;

use serde_json::Value;

use super::Style;
use crate::org::{Message, MessageLine, begins_command, escaped, escaped_line, is_hidden};

/// A text for a terminal or a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(String);

/// Adds to a text: a literal with `{}` for each value after it. Values are escaped; texts are inserted unchanged. The compiler rejects
/// names in the braces, because a literal that a macro assembles can't capture variables.
macro_rules! put {
    ($text:expr, $format:literal $(, $value:expr)* $(,)?) => {
        $text.write(format_args!(concat!($format, "") $(, $crate::render::text::Shown(&$value))*))
    };
}

/// Adds a line to a text, like [`put`].
macro_rules! putln {
    ($text:expr, $format:literal $(, $value:expr)* $(,)?) => {
        $text.write(format_args!(concat!($format, "\n") $(, $crate::render::text::Shown(&$value))*))
    };
}

/// Makes a new text from a literal and values, like [`put`].
macro_rules! text {
    ($format:literal $(, $value:expr)* $(,)?) => {{
        let mut text = $crate::render::Text::default();
        $crate::render::text::put!(text, $format $(, $value)*);
        text
    }};
}

pub(crate) use {put, putln, text};

impl Text {
    /// A literal of this program, which is not escaped.
    #[must_use]
    pub fn ours(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// A value, escaped.
    #[must_use]
    pub fn of(value: impl Show) -> Self {
        Self(Shown(&value).to_string())
    }

    /// The lines of a message, each escaped. Lines that users don't copy are wrapped.
    #[must_use]
    pub fn message(message: &Message, style: Style) -> Self {
        let lines = message.parts().map(|part| {
            let (before, line) = message_line(part);
            let line = text!("{}{}", Self::ours(before), Self::line_of(line));
            match part {
                MessageLine::Copied(_) => line,
                MessageLine::Item(_) => style.wrapped(&line, "    "),
                MessageLine::Sentence(_) => style.wrapped(&line, ""),
            }
        });
        lines.fold(Self::default(), |mut shown, line| {
            putln!(shown, "{}", line);
            shown
        })
    }

    /// The lines of a multi-line text, such as a file. Each is escaped, and indented unless it is empty.
    #[must_use]
    pub fn lines_of(text: &str, indent: &'static str) -> Self {
        let mut shown = Self::default();
        for line in text.lines() {
            if !line.is_empty() {
                shown.0.push_str(indent);
                shown.0.push_str(&escaped_line(line));
            }
            shown.0.push('\n');
        }
        shown
    }

    /// A line of a file, without its line break.
    #[must_use]
    pub fn line_of(line: &str) -> Self {
        Self(escaped_line(line).into_owned())
    }

    /// JSON on one line. Invisible characters, and text that a CI runner would take for a command, are written as JSON escapes, so that
    /// parsers read the same values.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self::json_document(&value.to_string())
    }

    /// JSON on several lines, escaped like [`Text::json`].
    #[must_use]
    pub fn pretty_json(value: &Value) -> Self {
        Self::json_document(&format!("{value:#}"))
    }

    /// Serialized JSON, escaped like [`Text::json`], with a line break at its end.
    #[must_use]
    pub fn json_document(json: &str) -> Self {
        let json = json.trim_end_matches('\n');
        let (mut text, mut before) = (String::with_capacity(json.len() + 1), ' ');
        for (at, character) in json.char_indices() {
            // Outside strings, JSON has no hidden characters except line breaks, and no number signs.
            let is_command = before == '#' && character == '#' && begins_command(&json[at..]);
            if (is_hidden(character) && character != '\n') || is_command {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            } else {
                text.push(character);
            }
            before = character;
        }
        text.push('\n');
        Self(text)
    }

    /// A document in another format, whose renderer has escaped its contents.
    pub(super) const fn document(text: String) -> Self {
        Self(text)
    }

    /// Text that the user wants unescaped: the text of one of their own files, in its canonical form.
    #[must_use]
    pub const fn verbatim(text: String) -> Self {
        Self(text)
    }

    /// Adds another text.
    pub fn push(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// Several texts, with `between` between them.
    #[must_use]
    pub fn joined(texts: &[Self], between: &'static str) -> Self {
        Self(texts.iter().map(|text| text.0.as_str()).collect::<Vec<_>>().join(between))
    }

    /// The lines, without surrounding white space. Empty lines are left out.
    pub fn trimmed_lines(&self) -> impl Iterator<Item = Self> {
        self.0.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| Self(line.to_owned()))
    }

    /// The text without colors.
    #[must_use]
    pub fn plain(&self) -> String {
        // Every escape sequence here comes from `Style`; those in values were escaped.
        let mut parts = self.0.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
    }

    /// The text as it is written, with colors.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For the macros, which wrap every value. Writing to a string can't fail.
    pub(crate) fn write(&mut self, arguments: fmt::Arguments<'_>) {
        let _ = self.0.write_fmt(arguments);
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl FromIterator<Text> for Text {
    fn from_iter<I: IntoIterator<Item = Text>>(texts: I) -> Self {
        texts.into_iter().fold(Self::default(), |mut all, text| {
            all.push(&text);
            all
        })
    }
}

/// What can be put into a text: values that implement `Display`, which are escaped, and other texts, which don't implement it.
pub trait Show {
    /// Writes it as it is shown.
    ///
    /// # Errors
    ///
    /// Returns the errors of the formatter.
    fn show(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<T: Display + ?Sized> Show for T {
    fn show(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&escaped(&self.to_string()))
    }
}

impl Show for Text {
    fn show(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Show for &Text {
    fn show(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A value as it is shown.
#[derive(Debug)]
pub struct Shown<'v, T: ?Sized>(pub &'v T);

impl<T: Show + ?Sized> Display for Shown<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(formatter)
    }
}

/// A name in quotes.
#[must_use]
pub fn quoted(name: &str) -> Text {
    text!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The prefix of a line of a message, and the line's text.
#[must_use]
pub fn message_line(line: MessageLine<'_>) -> (&'static str, &str) {
    match line {
        MessageLine::Sentence(text) => ("", text),
        MessageLine::Item(text) => ("  - ", text),
        MessageLine::Copied(text) => ("    ", text),
    }
}

/// A word for a command of a POSIX shell, quoted if necessary.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "x\n\u{1b}[2JNo changes.\r::stop-commands::##[add-mask]a\u{202e}";

    #[test]
    fn values_are_escaped_and_literals_colors_and_texts_are_not() {
        let bold = Style { color: true, width: None }.bold(HOSTILE);
        let text = text!("{}\n{:<4}|{}\n", bold, 12, HOSTILE);
        let bare = "x\\n\\u{1b}[2JNo changes.\\r\\u{3a}:stop-commands::#\\u{23}[add-mask]a\\u{202e}";
        assert_eq!(text.as_str(), format!("\u{1b}[1m{bare}\u{1b}[0m\n12  |{bare}\n"));
        assert_eq!(text.plain(), format!("{bare}\n12  |{bare}\n"));
        assert_eq!(quoted("a\"\\\nb").as_str(), "\"a\\\"\\\\\\nb\"");
        assert_eq!(Text::lines_of("a\n\n\tb\r\n  ::error::c\n", "  ").as_str(), "  a\n\n  \tb\n    \\u{3a}:error::c\n");
    }

    #[test]
    fn json_keeps_its_values_and_holds_nothing_that_a_terminal_or_a_runner_obeys() {
        let value = serde_json::json!({ HOSTILE: [HOSTILE, "\u{9b}\u{e0041}\u{2028} ##[x]", 1] });
        for text in [Text::json(&value), Text::pretty_json(&value)] {
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            assert!(!text.contains("##[") && text.chars().all(|character| character == '\n' || !is_hidden(character)), "{:?}", text);
        }
    }

    #[test]
    fn a_word_stays_one_word_of_a_shell() {
        assert_eq!(shell_word("arn:aws:iam::1:role/x"), "arn:aws:iam::1:role/x");
        assert_eq!(shell_word("Key=team,Value=a'; rm -r b"), r"'Key=team,Value=a'\''; rm -r b'");
        assert_eq!(shell_word(""), "''");
    }
}
