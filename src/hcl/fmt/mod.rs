//! The canonical form of a file, the same bytes that `terraform fmt` writes.
//!
//! Only blanks change, and a few spellings from before Terraform 0.12: a value that is one interpolation (`"${var.x}"`) loses its quotes,
//! the type of a variable its quotes, and labels gain theirs. The work is on tokens, so comments stay where they are.

mod layout;
mod modernize;
mod spacing;
#[cfg(test)]
mod tests;
mod token;

use crate::diag::{check_body, tokens};

use super::density;

/// A byte-order mark, which the canonical form does without.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text has a syntax error, so it has no canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FormatError {
    /// Where, in bytes from the start of the text, a byte-order mark included.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
}

/// The canonical form of a file's text.
///
/// # Errors
///
/// The first syntax error. Nothing is formatted then: brackets that do not match would move everything after them.
pub fn format(text: &str) -> Result<String, FormatError> {
    let stripped = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let shift = text.len() - stripped.len();
    let shifted = |error: FormatError| FormatError { offset: error.offset + shift, ..error };
    if let Err(at) = density::marks(stripped, density::MAX_MARKS) {
        return Err(shifted(FormatError { offset: at, message: density::TOO_DENSE.to_owned() }));
    }
    check_body(stripped).map_err(|(offset, message)| shifted(FormatError { offset, message }))?;
    let (lexemes, error) = tokens(stripped);
    if let Some(error) = error {
        return Err(shifted(FormatError { offset: error.offset, message: error.message.to_owned() }));
    }
    let written = |range: std::ops::Range<usize>| stripped.get(range).unwrap_or_default();
    let mut tokens = modernize::modernize(lexemes.into_iter().map(|token| token::Token::new(token.kind, written(token.range))).collect());
    layout::lay_out(&mut tokens);
    let mut formatted = String::with_capacity(text.len() + text.len() / 8);
    for token in &tokens {
        formatted.extend(std::iter::repeat_n(' ', token.spaces));
        formatted.push_str(&token.text);
    }
    formatted.extend(std::iter::repeat_n(' ', trailing_blanks(stripped, shift, &tokens)));
    Ok(formatted)
}

/// Blanks after the last token stay, as they do in Terraform, which counts a byte-order mark among them if there is nothing else.
fn trailing_blanks(text: &str, byte_order_mark: usize, tokens: &[token::Token<'_>]) -> usize {
    let blanks = text.len() - text.trim_end_matches([' ', '\t']).len();
    match tokens.last() {
        None => blanks + byte_order_mark,
        // The blanks belong to a comment that runs to the end of the file.
        Some(last) if last.kind == token::Kind::Comment && !last.text.starts_with("/*") && !last.ends_line() => 0,
        Some(_) => blanks,
    }
}
