//! Translates RE2's patterns to the syntax of the `regex` engine. The two syntaxes differ in a few details.

use std::iter::Peekable;
use std::str::Chars;

/// The most repetitions that RE2 allows.
const MAX_REPETITIONS: u32 = 1_000;

/// The most digits of a number of repetitions that are read.
const MAX_NUMBER: usize = 9;

/// The most characters of a range of repetitions that are read, with its comma.
const MAX_COUNT: usize = 64;

/// The pattern with the meaning that it has for RE2:
///
/// * `\d`, `\w`, `\s` and `\b` match ASCII only (`\B` does not: the engine never matches within a character);
/// * within a class, `[`, `&&`, `--` and `~~` are characters;
/// * text between `\Q` and `\E` is literal, and so is a brace that does not begin a number of repetitions;
/// * a repetition can't be repeated without parentheses, and nothing can be repeated more than 1,000 times;
/// * a code of up to three octal digits is a character;
/// * the flags are `i`, `m`, `s` and `U`, and `\<` and `\>` are characters.
///
/// # Errors
///
/// Returns an error if the pattern is one that the engine would accept and RE2 does not.
pub(super) fn translated(pattern: &str) -> Result<String, String> {
    let mut text = String::with_capacity(pattern.len() + 16);
    let mut characters = pattern.chars().peekable();
    // The repetition with which the text ends so far.
    let mut repeated = String::new();
    while let Some(character) = characters.next() {
        let repetition = match character {
            '*' | '+' | '?' => Some(character.to_string()),
            '{' => counted(&characters)?,
            _ => None,
        };
        let Some(mut repetition) = repetition else {
            repeated.clear();
            match character {
                '\\' => escape(&mut characters, &mut text, false)?,
                '[' => class(&mut characters, &mut text)?,
                '(' if characters.next_if_eq(&'?').is_some() => flags(&mut characters, &mut text)?,
                '{' => text.push_str(r"\{"),
                _ => text.push(character),
            }
            continue;
        };
        characters.by_ref().take(repetition.chars().count() - 1).for_each(drop);
        if characters.next_if_eq(&'?').is_some() {
            repetition.push('?');
        }
        if !repeated.is_empty() {
            return Err(format!("`{repeated}{repetition}` repeats a repetition; put parentheses around the inner one"));
        }
        text.push_str(&repetition);
        repeated = repetition;
    }
    Ok(text)
}

/// A number of repetitions, as in `{2,3}`, after its brace; `None` if the brace is a literal.
fn counted(characters: &Peekable<Chars<'_>>) -> Result<Option<String>, String> {
    let inner: String = characters.clone().take_while(|character| matches!(character, '0'..='9' | ',')).take(MAX_COUNT).collect();
    let (least, most) = inner.split_once(',').unwrap_or((&inner, &inner));
    let is_closed = characters.clone().nth(inner.len()) == Some('}');
    let has_zeros = |count: &str| count.len() > 1 && count.starts_with('0');
    if least.is_empty() || most.contains(',') || !is_closed || has_zeros(least) || has_zeros(most) {
        return Ok(None);
    }
    if [least, most].iter().any(|count| count.parse::<u32>().is_ok_and(|count| count > MAX_REPETITIONS) || count.len() > MAX_NUMBER) {
        return Err(format!("`{{{inner}}}` is more than {MAX_REPETITIONS} repetitions"));
    }
    Ok(Some(format!("{{{inner}}}")))
}

/// Translates the text after `(?`: flags, or the name of a group.
fn flags(characters: &mut Peekable<Chars<'_>>, text: &mut String) -> Result<(), String> {
    text.push_str("(?");
    while let Some(flag) = characters.next_if(|character| character.is_ascii_alphabetic() || *character == '-') {
        match flag {
            'P' if matches!(characters.peek(), Some('<')) => {}
            'i' | 'm' | 's' | 'U' | '-' => {}
            _ => return Err(format!("`(?{flag}` is not one of the flags i, m, s and U")),
        }
        text.push(flag);
    }
    Ok(())
}

/// Translates the text after a backslash.
fn escape(characters: &mut Peekable<Chars<'_>>, text: &mut String, in_class: bool) -> Result<(), String> {
    let Some(escaped) = characters.next() else {
        text.push('\\');
        return Ok(());
    };
    match escaped {
        '<' | '>' => text.push(escaped),
        'u' | 'U' => return Err(format!("`\\{escaped}` is not an escape; write a character's code as in \\x{{41}}")),
        'd' => text.push_str("[0-9]"),
        'D' => text.push_str("[^0-9]"),
        'w' => text.push_str("[0-9A-Za-z_]"),
        'W' => text.push_str("[^0-9A-Za-z_]"),
        's' => text.push_str(r"[\t\n\f\r ]"),
        'S' => text.push_str(r"[^\t\n\f\r ]"),
        'b' if !in_class => text.push_str(r"(?-u:\b)"),
        'Q' if !in_class => literal(characters, text),
        'p' | 'P' if characters.next_if_eq(&'{').is_some() => {
            // `\p{^L}` is `\P{L}`.
            let is_negated = characters.next_if_eq(&'^').is_some() != (escaped == 'P');
            text.push_str(if is_negated { r"\P{" } else { r"\p{" });
            up_to_brace(characters, text);
        }
        'x' if characters.next_if_eq(&'{').is_some() => {
            text.push_str(r"\x{");
            up_to_brace(characters, text);
        }
        '0'..='7' if escaped == '0' || characters.peek().is_some_and(|next| next.is_digit(8)) => octal(escaped, characters, text),
        _ => text.extend(['\\', escaped]),
    }
    Ok(())
}

/// Copies the rest of an escape in braces.
fn up_to_brace(characters: &mut Peekable<Chars<'_>>, text: &mut String) {
    for character in characters.by_ref() {
        text.push(character);
        if character == '}' {
            return;
        }
    }
}

/// Translates a character's code in up to three octal digits, as in `\101`.
fn octal(first: char, characters: &mut Peekable<Chars<'_>>, text: &mut String) {
    let mut code = first.to_digit(8).unwrap_or_default();
    for _ in 0..2 {
        let Some(digit) = characters.peek().and_then(|next| next.to_digit(8)) else { break };
        characters.next();
        code = code * 8 + digit;
    }
    text.push_str(&format!(r"\x{{{code:x}}}"));
}

/// Copies literal text up to `\E`, or to the end.
fn literal(characters: &mut Peekable<Chars<'_>>, text: &mut String) {
    while let Some(character) = characters.next() {
        if character == '\\' && characters.next_if_eq(&'E').is_some() {
            return;
        }
        text.push_str(&regex::escape(&character.to_string()));
    }
}

/// Translates the rest of a class after its bracket.
fn class(characters: &mut Peekable<Chars<'_>>, text: &mut String) -> Result<(), String> {
    text.push('[');
    if characters.next_if_eq(&'^').is_some() {
        text.push('^');
    }
    // A bracket at the start is a literal.
    if characters.next_if_eq(&']').is_some() {
        text.push_str(r"\]");
    }
    let mut after_dash = false;
    while let Some(character) = characters.next() {
        match character {
            ']' => {
                text.push(']');
                break;
            }
            '\\' => escape(characters, text, true)?,
            '[' if characters.peek() == Some(&':') => posix(characters, text),
            '[' | '&' | '~' => text.extend(['\\', character]),
            '-' if after_dash => text.push_str(r"\-"),
            _ => text.push(character),
        }
        after_dash = character == '-';
    }
    Ok(())
}

/// Copies a named class within a class, such as `[:alpha:]`.
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
        let translated = |pattern: &str| super::translated(pattern).unwrap();
        assert_eq!(translated(r"^\d+-[a-z]\.$"), r"^[0-9]+-[a-z]\.$");
        assert_eq!(translated(r"[\w-][[a&&b][^]x]"), r"[[0-9A-Za-z_]-][\[a\&\&b][^\]x]");
        assert_eq!(translated(r"[[:alpha:]_][+--]"), r"[[:alpha:]_][+-\-]");
        assert_eq!(translated(r"\Qa.b\E\\Q"), r"a\.b\\Q");
        assert_eq!(translated(r"\"), r"\");
        assert_eq!(translated(r"a{2}?b{,2}{c{1,3}\<"), r"a{2}?b\{,2}\{c{1,3}<");
        assert_eq!(translated(r"(?i-s:a*)*(?P<b>c+)+"), r"(?i-s:a*)*(?P<b>c+)+");
        assert_eq!(translated(r"\p{^L}*\P{^L}+\p{Greek}?\x{41}*\101\07{2}\0"), r"\P{L}*\p{L}+\p{Greek}?\x{41}*\x{41}\x{7}{2}\x{0}");
    }

    #[test]
    fn what_re2_refuses_is_refused() {
        for pattern in ["a**", "a*?*", "a+{2}", "a{2}{3}", "a{2}??", "a{1001}", "a{1,99999999999}", "(?x)a", "(?u)a", r"\u0041", r"[\U]"] {
            assert!(translated(pattern).is_err(), "{pattern}");
        }
    }
}
