//! Splits a file that does not parse into parts that can be parsed separately.

use std::ops::Range;

/// Splits a text before every line that begins, at the left margin, with one of the words of `blocks` and continues like a block header.
/// Lines in a heredoc or in a multi-line comment don't count. Together, the parts are the whole text.
///
/// Braces are not counted, because a missing brace of the previous block may be the mistake.
pub(super) fn parts(text: &str, blocks: &[&str]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in code_lines(text).filter(|(at, line)| *at > 0 && begins_block(line, blocks)) {
        parts.push(start..at);
        start = at;
    }
    if start < text.len() {
        parts.push(start..text.len());
    }
    parts
}

/// Whether a character is a typographic quotation mark, which word processors and chats insert instead of `"` and `'`.
pub(super) fn is_typographic_quote(character: char) -> bool {
    matches!(character, '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2039}' | '\u{203a}' | '\u{ff02}')
}

/// The lines that begin in code, not in a heredoc or a comment, with their byte offsets.
pub(super) fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    let mut within = Within::Code;
    text.split_inclusive('\n').filter_map(move |line| {
        let here = (at, line);
        let is_code = matches!(within, Within::Code);
        within = within.after(line);
        at += line.len();
        is_code.then_some(here)
    })
}

fn begins_block(line: &str, blocks: &[&str]) -> bool {
    let word_ends = line.find(|character: char| !(character.is_alphanumeric() || matches!(character, '_' | '-'))).unwrap_or(line.len());
    let (word, rest) = line.split_at(word_ends);
    blocks.contains(&word)
        && rest
            .trim_start()
            .starts_with(|next: char| next == '"' || next == '{' || next.is_alphabetic() || next == '\'' || is_typographic_quote(next))
}

/// The construct that a line begins in.
#[derive(Clone, Copy)]
enum Within<'t> {
    Code,
    Comment,
    /// Until a line that contains only this word.
    Heredoc(&'t str),
}

impl<'t> Within<'t> {
    /// The construct that the next line begins in.
    fn after(self, line: &'t str) -> Self {
        let rest = match self {
            Self::Heredoc(end) => return if line.trim() == end { Self::Code } else { Self::Heredoc(end) },
            Self::Comment => match line.split_once("*/") {
                None => return Self::Comment,
                Some((_, rest)) => rest,
            },
            Self::Code => line,
        };
        scan(rest)
    }
}

/// Scans a line of code, skipping strings and comments, and returns the construct that the next line begins in.
fn scan(line: &str) -> Within<'_> {
    let mut rest = line;
    while let Some(next) = rest.find(['"', '#', '/', '<']) {
        rest = &rest[next..];
        if rest.starts_with('#') || rest.starts_with("//") {
            return Within::Code;
        }
        if let Some(comment) = rest.strip_prefix("/*") {
            match comment.split_once("*/") {
                None => return Within::Comment,
                Some((_, after)) => rest = after,
            }
        } else if let Some(string) = rest.strip_prefix('"') {
            rest = after_string(string);
        } else if let Some(heredoc) = rest.strip_prefix("<<-").or_else(|| rest.strip_prefix("<<")) {
            return match heredoc.trim() {
                "" => Within::Code,
                end => Within::Heredoc(end),
            };
        } else {
            rest = &rest[1..];
        }
    }
    Within::Code
}

/// The rest of the line after the closing quote; empty if there is none.
fn after_string(string: &str) -> &str {
    let mut escaped = false;
    for (at, character) in string.char_indices() {
        match character {
            '"' if !escaped => return &string[at + 1..],
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    ""
}
