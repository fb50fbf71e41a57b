//! Rewrites spellings from before Terraform 0.12.

use crate::diag::quoted_text;
use crate::org::{begins_command, is_hidden};

use super::token::{Kind, Token};

/// Rewrites legacy values, types and labels. The tokens are those of a file that parses.
pub(super) fn modernize(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut reader = Reader { tokens: tokens.into_iter().peekable(), written: Vec::new() };
    // The types of the open blocks.
    let mut open: Vec<String> = Vec::new();
    while let Some(token) = reader.tokens.next() {
        match token.kind {
            Kind::Identifier => reader.structure(token, &mut open),
            Kind::CloseBrace => {
                open.pop();
                reader.written.push(token);
            }
            _ => reader.written.push(token),
        }
    }
    reader.written
}

struct Reader<'t> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token<'t>>>,
    written: Vec<Token<'t>>,
}

impl<'t> Reader<'t> {
    /// Rewrites an attribute or a block's header. The body of a block consists of structures again.
    fn structure(&mut self, name: Token<'t>, open: &mut Vec<String>) {
        let name_text = name.text.to_string();
        self.written.push(name);
        let mut labels = Vec::new();
        while let Some(token) = self.tokens.next() {
            match token.kind {
                Kind::Assign => {
                    self.written.append(&mut labels);
                    self.written.push(token);
                    let is_type = name_text == "type" && open.as_slice() == ["variable"];
                    return self.attribute(is_type);
                }
                Kind::OpenBrace => {
                    self.header(labels);
                    self.written.push(token);
                    open.push(name_text);
                    return;
                }
                _ => labels.push(token),
            }
        }
        self.written.extend(labels);
    }

    /// Rewrites the rest of a block's header: its labels get quotes. Comments before the last label are removed, as in Terraform.
    fn header(&mut self, mut tokens: Vec<Token<'t>>) {
        let end = tokens.iter().rposition(|token| token.kind != Kind::Comment).map_or(0, |last| last + 1);
        let trailing = tokens.split_off(end);
        for token in tokens {
            match token.kind {
                Kind::Comment => {}
                Kind::Identifier => {
                    self.written.push(Token::new(Kind::OpenQuote, "\""));
                    self.written.push(Token::new(Kind::QuotedText, token.text));
                    self.written.push(Token::new(Kind::CloseQuote, "\""));
                }
                Kind::QuotedText => self.written.push(Token::new(Kind::QuotedText, requoted(&token.text))),
                _ => self.written.push(token),
            }
        }
        self.written.extend(trailing);
    }

    fn attribute(&mut self, is_type: bool) {
        while let Some(comment) = self.tokens.next_if(|token| token.kind == Kind::Comment && !token.ends_line()) {
            self.written.push(comment);
        }
        let mut value = self.value();
        // A comment after the value is not part of it.
        let end = value.iter().rposition(|token| token.kind != Kind::Comment).map_or(0, |last| last + 1);
        let trailing = value.split_off(end);
        self.written.extend(if is_type { modern_type(value) } else { unwrapped(value) });
        self.written.extend(trailing);
    }

    /// Takes the tokens up to the end of the line outside of brackets, or of the single-line block.
    fn value(&mut self) -> Vec<Token<'t>> {
        let mut depth = 0;
        let mut value = Vec::new();
        while let Some(token) = self.tokens.next_if(|token| depth > 0 || !(token.ends_line() || token.kind == Kind::CloseBrace)) {
            depth += token.kind.bracket_change();
            value.push(token);
        }
        value
    }
}

/// The text of a label with escapes only where they are needed.
fn requoted(text: &str) -> String {
    let Some(literal) = quoted_text(text) else { return text.to_owned() };
    let mut quoted = String::with_capacity(text.len());
    let mut characters = literal.chars().peekable();
    // Whether the last three characters may begin a template, the last one first.
    let mut signs = [false; 3];
    while let Some(character) = characters.next() {
        let is_ambiguous = character == '{' && signs[0] && (signs[1] || signs[2]);
        signs = [matches!(character, '$' | '%'), signs[0], signs[1]];
        match character {
            // After another such sign, the library would not parse a doubled one.
            '{' if is_ambiguous => quoted.push_str("\\u007b"),
            '$' | '%' if signs[1] || signs[2] => quoted.push(character),
            // In a log, which may show such a file, a CI runner would obey this as a command.
            '#' if quoted.ends_with('#') && characters.peek().is_some_and(|next| begins_command(&format!("#{next}"))) => {
                quoted.push_str("\\u0023");
            }
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '$' | '%' if characters.peek() == Some(&'{') => quoted.extend([character, character]),
            // As Terraform escapes characters that can't be printed.
            hidden if is_hidden(hidden) => quoted.push_str(&match u32::from(hidden) {
                small @ 0..=0xffff => format!("\\u{small:04x}"),
                large => format!("\\U{large:08x}"),
            }),
            _ => quoted.push(character),
        }
    }
    quoted
}

/// Removes the quotes of a value that is a single interpolation.
///
/// A value of several lines keeps them if it would no longer be one expression, such as with a comment at the end of the line of the `=`.
/// Terraform writes a file with a syntax error in this case.
fn unwrapped(value: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let Some(inside) = wrapped(&value) else { return value };
    let newline = |token: &Token<'_>| token.kind == Kind::Newline;
    let end = inside.iter().rposition(|token| !newline(token)).map_or(0, |last| last + 1);
    let start = inside.iter().position(|token| !newline(token)).unwrap_or(end);
    let mut bare = inside.get(start..end).unwrap_or_default().to_vec();
    let parenthesized = bare.first().is_some_and(|token| token.kind == Kind::OpenParenthesis)
        && bare.last().is_some_and(|token| token.kind == Kind::CloseParenthesis);
    if bare.iter().any(newline) && !parenthesized {
        bare.insert(0, Token::new(Kind::OpenParenthesis, "("));
        bare.push(Token::new(Kind::CloseParenthesis, ")"));
    }
    if bare.iter().any(Token::ends_line) && !is_value(&bare) { value } else { bare }
}

/// Whether the tokens are a valid value of an attribute.
fn is_value(tokens: &[Token<'_>]) -> bool {
    let mut text = String::from("a =");
    for token in tokens {
        // Blanks must not be added within templates, and may be added anywhere else. Only words need them.
        text.push_str(if matches!(token.kind, Kind::Identifier | Kind::Number | Kind::Minus | Kind::Operator | Kind::Comment) {
            " "
        } else {
            ""
        });
        text.push_str(&token.text);
    }
    text.push('\n');
    text.parse::<hcl_edit::structure::Body>().is_ok()
}

/// The tokens between `"${` and `}"`, if the value is a single interpolation.
fn wrapped<'v, 't>(value: &'v [Token<'t>]) -> Option<&'v [Token<'t>]> {
    let [open, interpolation, inside @ .., end, close] = value else { return None };
    let outside = [open.kind, interpolation.kind, end.kind, close.kind];
    if outside != [Kind::OpenQuote, Kind::OpenInterpolation, Kind::CloseTemplate, Kind::CloseQuote] || inside.is_empty() {
        return None;
    }
    let mut quotes = 0;
    for token in inside {
        match token.kind {
            Kind::OpenQuote => quotes += 1,
            Kind::CloseQuote => quotes -= 1,
            // A template within a nested string is part of the interpolated expression.
            Kind::OpenInterpolation | Kind::CloseTemplate | Kind::QuotedText if quotes <= 0 => return None,
            _ => {}
        }
    }
    Some(inside)
}

/// Rewrites a variable's type: without quotes, and with an element type for collections.
fn modern_type(value: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let (name, element) = match value.as_slice() {
        [name] if name.kind == Kind::Identifier => (name.text.to_string(), "any"),
        [open, name, _] if open.kind == Kind::OpenQuote && name.kind == Kind::QuotedText => (name.text.to_string(), "string"),
        _ => return value,
    };
    match (name.as_str(), element) {
        ("string", "string") => vec![Token::new(Kind::Identifier, name)],
        ("list" | "map", _) | ("set", "any") => vec![
            Token::new(Kind::Identifier, name),
            Token::new(Kind::OpenParenthesis, "("),
            Token::new(Kind::Identifier, element),
            Token::new(Kind::CloseParenthesis, ")"),
        ],
        _ => value,
    }
}
