//! The canonical form of a file, with the same bytes that `terraform fmt` writes.
//!
//! Only blanks change, and a few spellings from before Terraform 0.12: a value that is a single interpolation (`"${var.x}"`) and the type
//! of a variable lose their quotes, and labels get quotes. The formatter works on tokens, so comments keep their positions.

mod layout;
mod modernize;
mod spacing;
#[cfg(test)]
mod tests;
mod token;

use crate::diag::{check_body, tokens};

use super::density;

/// A byte-order mark, which the canonical form does not have.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The error if a text has a syntax error, and so has no canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FormatError {
    /// The offset in bytes from the start of the text, including a byte-order mark.
    pub offset: usize,
    /// The description of the error.
    pub message: String,
}

/// The canonical form of a file's text.
///
/// # Errors
///
/// Returns the first syntax error. Such a text is not formatted, because an unmatched bracket would move everything after it.
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

/// The number of bytes of blanks after the last token. They are kept, as in Terraform, which treats a byte-order mark as a blank in an
/// otherwise empty file.
fn trailing_blanks(text: &str, byte_order_mark: usize, tokens: &[token::Token<'_>]) -> usize {
    let blanks = text.len() - text.trim_end_matches([' ', '\t']).len();
    match tokens.last() {
        None => blanks + byte_order_mark,
        // The blanks belong to a comment that runs to the end of the file.
        Some(last) if last.kind == token::Kind::Comment && !last.text.starts_with("/*") && !last.ends_line() => 0,
        Some(_) => blanks,
    }
}
