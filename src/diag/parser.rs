//! Parses HCL as Terraform does, including texts that the parser library reads differently.
//!
//! A construct that the library can't parse is replaced by other text of the same length, so that every offset stays the same. Its value
//! is read from the source instead.

use std::ops::Range;
use std::str::FromStr;

use hcl_edit::parser::Error;
use hcl_edit::structure::Body;

use super::lexer::tokens;
use super::token::{Token, TokenKind as Kind};

/// A parsed node, and the places of its numbers that are too large for 64-bit floating point: the parser does not have their values.
pub(super) struct Parsed<T> {
    pub(super) node: T,
    pub(super) large: Vec<Range<usize>>,
}

/// Parses a text.
///
/// # Errors
///
/// Returns the parser's error, with the place where it stopped.
pub(super) fn parse<T: FromStr<Err = Error>>(text: &str) -> Result<Parsed<T>, Error> {
    // Without a heredoc, a text that parses is read correctly.
    if !text.contains("<<") {
        match text.parse() {
            Ok(node) => return Ok(Parsed { node, large: Vec::new() }),
            Err(error) => drop(error),
        }
    }
    let Masked { text, large } = masked(text);
    Ok(Parsed { node: text.parse()?, large })
}

/// A text with everything masked that the parser reads differently.
struct Masked {
    text: String,
    large: Vec<Range<usize>>,
}

fn masked(text: &str) -> Masked {
    let mut bytes = text.as_bytes().to_vec();
    let mut large = Vec::new();
    let mut mask = |range: Range<usize>, with: u8| {
        if let Some(bytes) = bytes.get_mut(range) {
            bytes.fill(with);
        }
    };
    // Text after the first invalid token does not matter, because the parser stops there as well.
    let (tokens, _) = tokens(text);
    let mut open: Vec<Kind> = Vec::new();
    let mut markers: Vec<&str> = Vec::new();
    let mut at_line_start = false;
    let mut after_sign = false;
    for Token { kind, range } in tokens {
        let written = text.get(range.clone()).unwrap_or_default();
        match kind {
            Kind::Number if written.parse().is_ok_and(f64::is_infinite) => {
                mask(range.clone(), b'0');
                large.push(range.clone());
            }
            // In parentheses and brackets, a line may end after a sign.
            Kind::Newline | Kind::Comment if after_sign && allows_lines(open.last()) => mask(range.clone(), b' '),
            // A line that begins with the marker and continues does not end the heredoc.
            Kind::HeredocText if at_line_start => {
                let blanks = written.len() - written.trim_start_matches([' ', '\t']).len();
                let marker = markers.last().copied().unwrap_or_default();
                if written.get(blanks..).is_some_and(|rest| rest.starts_with(marker)) {
                    mask(range.start + blanks..range.start + blanks + marker.len(), b'_');
                }
            }
            Kind::OpenHeredoc => markers.push(written.trim_start_matches('<').trim_start_matches('-').trim_end()),
            Kind::CloseHeredoc => drop(markers.pop()),
            _ => {}
        }
        match kind.bracket_change() {
            1 => open.push(kind),
            -1 => drop(open.pop()),
            _ => {}
        }
        after_sign = matches!(kind, Kind::Minus | Kind::Bang) || (after_sign && matches!(kind, Kind::Newline | Kind::Comment));
        at_line_start = kind == Kind::OpenHeredoc || (kind == Kind::HeredocText && written.ends_with('\n'));
    }
    Masked { text: String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned()), large }
}

/// Whether line ends are ignored within this bracket.
fn allows_lines(open: Option<&Kind>) -> bool {
    matches!(open, Some(Kind::OpenParenthesis | Kind::OpenBracket | Kind::OpenInterpolation | Kind::OpenDirective))
}

/// Finds a number that is used as an index where this is not allowed: after another index, as in `list.0.1`, or after a number, as in
/// `0. 1`. Returns its place, and what to write instead. The parser reads the index in `list.0.1` as one number with a fraction, which
/// Terraform refuses. `0. 1` never has a value, and without the space it would be another number.
pub(super) fn misplaced_index(text: &str) -> Option<(Range<usize>, String)> {
    if !has_digits_around_a_dot(text) {
        return None;
    }
    let (tokens, _) = tokens(text);
    let written = |token: &Token| text.get(token.range.clone()).unwrap_or_default();
    let chained = tokens.windows(2).filter(|pair| pair[0].kind == Kind::Dot && pair[1].kind == Kind::Number).find_map(|pair| {
        let (first, second) = written(&pair[1]).split_once('.')?;
        let detail = format!("Two consecutive indexes are written with brackets: [{first}][{second}].");
        Some((pair[1].range.clone(), detail))
    });
    let behind_a_number = |run: &&[Token]| run[0].kind == Kind::Number && run[1].kind == Kind::Dot && run[2].kind == Kind::Number;
    let of_a_number = tokens.windows(3).find(behind_a_number).map(|run| {
        let detail = format!(
            "A number has no elements. If one number is meant, write it without spaces: {}.{}.",
            written(&run[0]),
            written(&run[2])
        );
        (run[2].range.clone(), detail)
    });
    chained.into_iter().chain(of_a_number).min_by_key(|(range, _)| range.start)
}

/// Whether there may be such an index at all. Most texts have none, and need not be split into tokens.
fn has_digits_around_a_dot(text: &str) -> bool {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
    let bytes = text.as_bytes();
    text.match_indices('.').map(|(dot, _)| dot).any(|dot| {
        let before = bytes[..dot].iter().rev().find(|byte| !is_blank(byte));
        let after = bytes[dot + 1..].iter().find(|byte| !is_blank(byte));
        before.is_some_and(u8::is_ascii_digit) && after.is_some_and(u8::is_ascii_digit)
    })
}

/// Checks that a text is a valid body.
///
/// # Errors
///
/// Returns where the parser stopped, in bytes from the start of the text, and its message.
pub fn check_body(text: &str) -> Result<(), (usize, String)> {
    match parse::<Body>(text) {
        Ok(_) => misplaced_index(text).map_or(Ok(()), |(place, detail)| Err((place.start, detail))),
        Err(error) => Err((text.floor_char_boundary(error.location().offset().min(text.len())), error.message().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_indexes_take_brackets_and_other_numbers_with_a_fraction_do_not() {
        for text in ["a = b.0.1\n", "a = b[0].1.2\n", "a = -1. 2.5\n", "a = \"${b.*.0.1}\"\n", "a = 0. 1\n", "a = [0\t.1]\n", "a = 0 . 1\n"]
        {
            assert!(misplaced_index(text).is_some(), "{text}");
            assert!(check_body(text).is_err(), "{text}");
        }
        for text in ["a = b.0\n", "a = b.*.0\n", "a = b[0].1\n", "a = 0.1\n", "a = [b.c, 0.1]\n", "a = \"b.0.1\"\n", "a = 1 # b.0.1\n"] {
            assert_eq!(misplaced_index(text), None, "{text}");
            assert!(check_body(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_the_parser_reads_in_another_way_is_masked_and_nothing_else() {
        for (text, wanted) in [
            ("a = 1e309\n", "a = 00000\n"),
            ("a = 1e308\n", "a = 1e308\n"),
            ("a = (-\n1)\n", "a = (- 1)\n"),
            ("a = [! # c\n\n  true]\n", "a = [!        true]\n"),
            ("a = { b = -\n1 }\n", "a = { b = -\n1 }\n"),
            ("a = -\n1\n", "a = -\n1\n"),
            ("a = (1 -\r\n1)\n", "a = (1 -  1)\n"),
            ("a = <<EOT\nEOT # x\n  EOT)\nEOT\n", "a = <<EOT\n___ # x\n  ___)\nEOT\n"),
            ("a = <<-É\nx É\nÉ.\nÉ\n", "a = <<-É\nx É\n__.\nÉ\n"),
            ("a = <<A\n${<<B\nA B\nB A\nB\n}\nA B\nA\n", "a = <<A\n${<<B\nA B\n_ A\nB\n}\n_ B\nA\n"),
            ("a = \"<<EOT\"\nEOT = 1\n", "a = \"<<EOT\"\nEOT = 1\n"),
        ] {
            assert_eq!(masked(text).text, wanted, "{text}");
        }
        assert_eq!(masked("a = 1e309\n").large.first(), Some(&(4..9)));
        assert!(parse::<Body>("a = [1e309, (-\n1)]\n").is_ok());
    }
}
