//! Escaping foreign text on our own lines: names, reasons, evidence, tags, and messages from AWS.

use std::borrow::Cow;

/// White space beyond this many characters is escaped: otherwise a text could fill a terminal's line and continue at the start of the next.
const MAX_SPACES: usize = 8;

/// Whether a character is invisible or changes how others are displayed: controls, direction marks, fillers and tags.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Whether a `#` that follows another would begin a command of a CI runner, which runs it anywhere in a line: `##[add-mask]` (GitHub
/// Actions, the second syntax of its workflow commands), `##vso[` (Azure Pipelines), `##teamcity[`.
#[must_use]
pub fn begins_command(rest: &str) -> bool {
    rest.strip_prefix('#').is_some_and(|rest| rest.starts_with(|next: char| next == '[' || next.is_ascii_lowercase()))
}

/// Returns the text on one line, with every hidden character escaped and without anything that a CI runner treats as a command. Plain
/// texts stay as they are; escaping twice gives the same text.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    escape(text, MAX_SPACES, false)
}

/// Escapes a line of a file or of configuration, as [`escaped`] does, but keeps tabs and any number of spaces.
#[must_use]
pub fn escaped_line(line: &str) -> Cow<'_, str> {
    escape(line, usize::MAX, true)
}

fn escape(text: &str, max_spaces: usize, tabs: bool) -> Cow<'_, str> {
    let mut shown = String::new();
    let (mut changed, mut spaces, mut before) = (false, 0, None);
    for (at, character) in text.char_indices() {
        spaces = if character.is_whitespace() { spaces + 1 } else { 0 };
        // A line that begins with two colons is a workflow command of GitHub Actions, and wrapping can move any word to a line's start.
        let is_command = match (before, character) {
            (Some('#'), '#') => begins_command(&text[at..]),
            (None, ':') => text[at..].starts_with("::"),
            (Some(space), ':') if space.is_whitespace() => text[at..].starts_with("::"),
            _ => false,
        };
        before = Some(character);
        let is_hidden = is_hidden(character) && !(tabs && character == '\t');
        if !(is_hidden || is_command || spaces > max_spaces) {
            shown.push(character);
            continue;
        }
        changed = true;
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            other => shown.extend(other.escape_unicode()),
        }
    }
    if changed { Cow::Owned(shown) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_texts_stay_and_what_could_forge_a_line_is_spelled_out() {
        for plain in ["", "Größe 1, \"日本　語\" 👍", "arn:aws:iam::111111111111:role/x", "## heading", "C:\\x", "a: b :c", "C#", "a  b"]
        {
            assert_eq!(escaped(plain), plain);
        }
        for (text, expected) in [
            ("a\n\nNo changes.", "a\\n\\nNo changes."),
            ("a\r\tb\u{1b}[2J\u{9b}2J\u{7f}", "a\\r\\tb\\u{1b}[2J\\u{9b}2J\\u{7f}"),
            ("a\u{202e}b\u{2066}\u{200b}\u{feff}\u{e0041}", "a\\u{202e}b\\u{2066}\\u{200b}\\u{feff}\\u{e0041}"),
            ("a\u{2028}b\u{85}c\u{c}", "a\\u{2028}b\\u{85}c\\u{c}"),
            ("::stop-commands::x", "\\u{3a}:stop-commands::x"),
            ("x  ::error::y", "x  \\u{3a}:error::y"),
            ("x##[add-mask]y ###[group]", "x#\\u{23}[add-mask]y ##\\u{23}[group]"),
            ("##vso[task.setvariable]x", "#\\u{23}vso[task.setvariable]x"),
            ("a          b", "a        \\u{20}\\u{20}b"),
        ] {
            assert_eq!(escaped(text), expected);
            assert_eq!(escaped(expected), expected, "once is enough");
        }
        assert_eq!(escaped_line("\tid          = 1\r  ::x"), "\tid          = 1\\r  \\u{3a}:x");
    }
}
