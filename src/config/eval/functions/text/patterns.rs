//! RE2's patterns in the syntax of the engine that is used here. The two are the same but for a few details.

use std::iter::Peekable;
use std::str::Chars;

/// The pattern with the meaning that it has for RE2:
///
/// * `\d`, `\w`, `\s` and `\b` are about ASCII only (`\B` is not: the engine refuses to look within characters);
/// * within a class, `[`, `&&`, `--` and `~~` are characters;
/// * what is between `\Q` and `\E` is literal.
pub(super) fn translated(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len() + 16);
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => escape(&mut characters, &mut text, false),
            '[' => class(&mut characters, &mut text),
            _ => text.push(character),
        }
    }
    text
}

/// What follows a backslash.
fn escape(characters: &mut Peekable<Chars<'_>>, text: &mut String, in_class: bool) {
    let Some(escaped) = characters.next() else { return text.push('\\') };
    match escaped {
        'd' => text.push_str("[0-9]"),
        'D' => text.push_str("[^0-9]"),
        'w' => text.push_str("[0-9A-Za-z_]"),
        'W' => text.push_str("[^0-9A-Za-z_]"),
        's' => text.push_str(r"[\t\n\f\r ]"),
        'S' => text.push_str(r"[^\t\n\f\r ]"),
        'b' if !in_class => text.push_str(r"(?-u:\b)"),
        'Q' if !in_class => literal(characters, text),
        _ => text.extend(['\\', escaped]),
    }
}

/// Literal text up to `\E`, or to the end.
fn literal(characters: &mut Peekable<Chars<'_>>, text: &mut String) {
    while let Some(character) = characters.next() {
        if character == '\\' && characters.next_if_eq(&'E').is_some() {
            return;
        }
        text.push_str(&regex::escape(&character.to_string()));
    }
}

/// The rest of a class after its bracket.
fn class(characters: &mut Peekable<Chars<'_>>, text: &mut String) {
    text.push('[');
    if characters.next_if_eq(&'^').is_some() {
        text.push('^');
    }
    // A bracket that comes first is one of the characters.
    if characters.next_if_eq(&']').is_some() {
        text.push_str(r"\]");
    }
    let mut after_dash = false;
    while let Some(character) = characters.next() {
        match character {
            ']' => return text.push(']'),
            '\\' => escape(characters, text, true),
            '[' if characters.peek() == Some(&':') => posix(characters, text),
            '[' | '&' | '~' => text.extend(['\\', character]),
            '-' if after_dash => text.push_str(r"\-"),
            _ => text.push(character),
        }
        after_dash = character == '-';
    }
}

/// A named class within a class, such as `[:alpha:]`.
fn posix(characters: &mut Peekable<Chars<'_>>, text: &mut String) {
    text.push('[');
    for character in characters.by_ref() {
        text.push(character);
        if character == ']' {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_keep_their_meaning() {
        assert_eq!(translated(r"^\d+-[a-z]\.$"), r"^[0-9]+-[a-z]\.$");
        assert_eq!(translated(r"[\w-][[a&&b][^]x]"), r"[[0-9A-Za-z_]-][\[a\&\&b][^\]x]");
        assert_eq!(translated(r"[[:alpha:]_][+--]"), r"[[:alpha:]_][+-\-]");
        assert_eq!(translated(r"\Qa.b\E\\Q"), r"a\.b\\Q");
        assert_eq!(translated(r"\"), r"\");
    }
}
