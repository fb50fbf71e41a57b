//! Untrusted values in Markdown: account names, reasons, evidence, tags. None of them may become structure, a link, a mention or a
//! reference. Anything that could be is put into a code span, which Markdown, GitHub and GitLab don't interpret.

use crate::org::escaped_line;

/// Maximum number of characters of a value that are shown.
const LONGEST: usize = 600;

/// The value in a code span, on one line.
pub fn code(value: &str) -> String {
    let text = visible(value);
    if text.trim().is_empty() {
        return "(empty)".to_owned();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    // A space on each side is not part of the span's content.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Running text on one line: plain words as they are, everything else in code spans.
pub fn prose(text: &str) -> String {
    written(text, code)
}

/// Running text in which plain `https` addresses become links that show their target.
pub fn prose_with_links(text: &str) -> String {
    written(text, |word| if is_plain_address(word) { format!("<{word}>") } else { code(word) })
}

/// The text as a table cell. Call it on finished Markdown: it escapes every pipe, including those in code spans.
pub fn cell(markdown: &str) -> String {
    markdown.replace('|', "\\|")
}

/// A code block as opening fence, lines and closing fence. The fence is longer than any run of backticks in the lines.
pub fn fenced(language: &str, lines: &[String]) -> (String, Vec<String>, String) {
    let lines: Vec<_> = lines.iter().map(|line| format!("{}\n", visible(line))).collect();
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    (format!("{fence}{language}\n"), lines, format!("{fence}\n"))
}

/// The text without line breaks, with invisible and control characters escaped, and shortened to a maximum length.
pub fn visible(text: &str) -> String {
    let bounded: String =
        text.chars().take(LONGEST).map(|character| if matches!(character, '\n' | '\r' | '\t') { ' ' } else { character }).collect();
    let shown = escaped_line(&bounded).into_owned();
    if text.chars().nth(LONGEST).is_some() { shown + "…" } else { shown }
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

/// Splits the text into words, and writes those that are not plain with `other`, adjacent ones together.
fn written(text: &str, other: impl Fn(&str) -> String) -> String {
    let text = visible(text);
    let mut parts: Vec<String> = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let close = |open: &mut Vec<&str>, parts: &mut Vec<String>| {
        if !open.is_empty() {
            parts.push(other(&open.join(" ")));
            open.clear();
        }
    };
    for (index, word) in text.split_whitespace().enumerate() {
        let (before, bare, after) = punctuated(word);
        // A number at the start could begin a list, and an equals sign could underline a heading.
        let plain = is_plain(bare) && !(index == 0 && bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'='));
        if plain {
            close(&mut open, &mut parts);
            parts.push(word.to_owned());
        } else if before.is_empty() && after.is_empty() {
            open.push(bare);
        } else {
            if !before.is_empty() {
                close(&mut open, &mut parts);
            }
            open.push(bare);
            let span = other(&open.join(" "));
            open.clear();
            parts.push(format!("{before}{span}{after}"));
        }
    }
    close(&mut open, &mut parts);
    parts.join(" ")
}

/// Splits a word into leading punctuation, bare word and trailing punctuation.
fn punctuated(word: &str) -> (&str, &str, &str) {
    let start = word.trim_start_matches(['(', '"']);
    // If a bracket opens inside the word, its closing bracket belongs to the word.
    let is_after = |last: char| matches!(last, ',' | '.' | ';' | ':' | '"' | '!' | '?') || (last == ')' && !start.contains('('));
    let bare = start.trim_end_matches(is_after);
    if bare.is_empty() {
        return ("", word, "");
    }
    (&word[..word.len() - start.len()], bare, &start[bare.len()..])
}

/// Whether Markdown, GitHub and GitLab give the word no meaning: it has no special punctuation and is not an address, a commit or an issue.
fn is_plain(bare: &str) -> bool {
    let inside = |character: char| character.is_alphanumeric() || matches!(character, '\'' | '-' | '.' | ',' | ';' | '%');
    let hexadecimal = bare.len() >= 7 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lower = bare.get(..4).map(str::to_ascii_lowercase);
    if bare == "=" {
        return true;
    }
    bare.starts_with(char::is_alphanumeric)
        && bare.chars().all(inside)
        && !hexadecimal
        && lower.as_deref() != Some("www.")
        && !lower.is_some_and(|lower| lower.starts_with("gh-"))
}

/// Whether the word is an address that an autolink shows unchanged, without a user part that could disguise the host.
fn is_plain_address(word: &str) -> bool {
    word.strip_prefix("https://").is_some_and(|rest| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/?=%+#,".contains(&byte);
        rest.starts_with(|first: char| first.is_ascii_alphanumeric()) && rest.bytes().all(allowed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_and_everything_else_is_code() {
        let cases = [
            ("Divested to Example Corp, contract 2026-117", "Divested to Example Corp, contract 2026-117"),
            ("tags cost-center, team are deleted; kept", "tags cost-center, team are deleted; kept"),
            ("ask @octocat (or #12).", "ask `@octocat` (or `#12`)."),
            ("a*b* _c_ [d](e) <f>", "`a*b* _c_ [d](e) <f>`"),
            ("set payment_method, now", "set `payment_method`, now"),
            ("1. first", "`1`. first"),
            ("- x", "`-` x"),
            ("see www.example.com or GH-12 or deadbeef", "see `www.example.com` or `GH-12` or `deadbeef`"),
            ("230000000004 leaves", "`230000000004` leaves"),
            ("`tick` ``two``", "``` `tick` ``two`` ```"),
            ("line\none", "line one"),
            ("a\u{202e}b", "`a\\u{202e}b`"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(prose(text), expected, "{text:?}");
        }
    }

    #[test]
    fn only_a_plain_address_is_a_link() {
        assert_eq!(prose_with_links("by x, https://tickets.example.com/FIN-77"), "by x, <https://tickets.example.com/FIN-77>");
        for disguised in
            ["https://aws.example@evil.example/", "http://x.example", "javascript:alert(1)", "https://x.example/a|b", "https:///x"]
        {
            assert_eq!(prose_with_links(disguised), code(disguised), "{disguised}");
        }
    }

    #[test]
    fn a_value_has_a_bounded_length() {
        assert_eq!(visible(&"x".repeat(10_000)).chars().count(), LONGEST + 1);
    }
}
