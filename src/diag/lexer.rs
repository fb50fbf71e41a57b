//! Splits text into tokens. Templates nest in expressions and expressions in templates, so the lexer keeps a stack of modes.

use super::token::{LexicalError, Token, TokenKind as Kind};

/// The message about a character that no token begins with.
pub(super) const NO_TOKEN: &str = "unexpected character";

/// The construct that the lexer is in.
enum Mode<'t> {
    /// In an expression within a template, with the number of open braces in it.
    Expression { braces: usize },
    /// Between quotes.
    Quoted,
    /// In a heredoc, which ends with a line that contains only `marker`.
    Heredoc { marker: &'t str, at_line_start: bool },
}

/// Splits a text without a byte-order mark into tokens. Returns all tokens, or an error and the tokens before it.
#[must_use]
pub fn tokens(text: &str) -> (Vec<Token>, Option<LexicalError>) {
    let mut lexer = Lexer { text, at: 0, modes: Vec::new(), tokens: Vec::new() };
    while lexer.at < text.len() {
        let read = match lexer.modes.last() {
            None | Some(Mode::Expression { .. }) => lexer.expression(),
            Some(Mode::Quoted) => lexer.quoted(),
            Some(Mode::Heredoc { .. }) => {
                lexer.heredoc();
                Ok(())
            }
        };
        if let Err(error) = read {
            return (lexer.tokens, Some(error));
        }
    }
    let error = (!lexer.modes.is_empty()).then(|| lexer.error("a template, or an expression in one, is not closed"));
    (lexer.tokens, error)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    modes: Vec<Mode<'t>>,
    tokens: Vec<Token>,
}

impl<'t> Lexer<'t> {
    fn error(&self, message: &'static str) -> LexicalError {
        LexicalError { offset: self.at, message }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Turns the next `length` bytes into a token.
    fn push(&mut self, kind: Kind, length: usize) {
        let start = self.at;
        self.at += length;
        self.tokens.push(Token { kind, range: start..self.at });
    }

    fn expression(&mut self) -> Result<(), LexicalError> {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or_default();
        match first {
            ' ' | '\t' => self.at += 1,
            '\n' => self.push(Kind::Newline, 1),
            '\r' if rest.starts_with("\r\n") => self.push(Kind::Newline, 2),
            '"' => {
                self.push(Kind::OpenQuote, 1);
                self.modes.push(Mode::Quoted);
            }
            '0'..='9' => self.push(Kind::Number, number_length(rest)),
            '#' => self.push(Kind::Comment, line_length(rest)),
            '/' if rest.starts_with("//") => self.push(Kind::Comment, line_length(rest)),
            '/' if rest.starts_with("/*") => {
                let length = rest.get(2..).and_then(|inner| inner.find("*/")).ok_or_else(|| self.error("a comment is not closed"))?;
                self.push(Kind::Comment, length + 4);
            }
            '{' | '}' => self.brace(first),
            '~' if rest.starts_with("~}") && matches!(self.modes.last(), Some(Mode::Expression { braces: 0 })) => {
                self.push(Kind::CloseTemplate, 2);
                self.modes.pop();
            }
            '<' if self.open_heredoc(rest) => {}
            _ if starts_identifier(first) => self.push(Kind::Identifier, identifier_length(rest)),
            _ => {
                let (kind, length) = symbol(rest).ok_or_else(|| self.error(NO_TOKEN))?;
                self.push(kind, length);
            }
        }
        Ok(())
    }

    fn brace(&mut self, brace: char) {
        match (brace, self.modes.last_mut()) {
            ('}', Some(Mode::Expression { braces: 0 })) => {
                self.modes.pop();
                return self.push(Kind::CloseTemplate, 1);
            }
            ('}', Some(Mode::Expression { braces })) => *braces -= 1,
            ('{', Some(Mode::Expression { braces })) => *braces += 1,
            _ => {}
        }
        self.push(if brace == '{' { Kind::OpenBrace } else { Kind::CloseBrace }, 1);
    }

    /// Opens a heredoc if one starts here. The marker must be the last text on its line.
    fn open_heredoc(&mut self, rest: &'t str) -> bool {
        let Some(after) = rest.strip_prefix("<<") else { return false };
        let after = after.strip_prefix('-').unwrap_or(after);
        let Some(marker) = after.get(..identifier_length(after)).filter(|marker| !marker.is_empty()) else { return false };
        let ending = after.get(marker.len()..).unwrap_or_default();
        let ending = if ending.starts_with("\r\n") { 2 } else { usize::from(ending.starts_with('\n')) };
        if ending == 0 {
            return false;
        }
        self.push(Kind::OpenHeredoc, rest.len() - after.len() + marker.len() + ending);
        self.modes.push(Mode::Heredoc { marker, at_line_start: true });
        true
    }

    fn quoted(&mut self) -> Result<(), LexicalError> {
        let rest = self.rest();
        let length = literal_length(rest, |byte| matches!(byte, b'"' | b'\n'), true);
        if length > 0 {
            self.push(Kind::QuotedText, length);
        }
        match self.rest().as_bytes().first() {
            Some(b'"') => {
                self.push(Kind::CloseQuote, 1);
                self.modes.pop();
            }
            Some(b'$' | b'%') => self.open_template(),
            _ => return Err(self.error("a string is not closed on its line")),
        }
        Ok(())
    }

    fn heredoc(&mut self) {
        let rest = self.rest();
        let Some(Mode::Heredoc { marker, at_line_start }) = self.modes.last_mut() else { return };
        if *at_line_start {
            let line = rest.get(..line_length(rest)).unwrap_or_default();
            // A line feed must follow the closing marker, so a file can't end with the marker itself.
            if line.trim() == *marker && line.ends_with('\n') {
                let content = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line)).len();
                self.modes.pop();
                return self.push(Kind::CloseHeredoc, content);
            }
        }
        let length = literal_length(rest, |byte| byte == b'\n', false);
        if rest.as_bytes().get(length) == Some(&b'\n') {
            *at_line_start = true;
            return self.push(Kind::HeredocText, length + 1);
        }
        *at_line_start = false;
        if length > 0 {
            self.push(Kind::HeredocText, length);
        }
        self.open_template();
    }

    fn open_template(&mut self) {
        let rest = self.rest();
        let kind = if rest.starts_with('%') { Kind::OpenDirective } else { Kind::OpenInterpolation };
        if rest.is_empty() {
            return;
        }
        self.push(kind, 2 + usize::from(rest.as_bytes().get(2) == Some(&b'~')));
        self.modes.push(Mode::Expression { braces: 0 });
    }
}

/// The length of the literal text before its end, or before an interpolation or a directive. `$${` and `%%{` are literal text.
fn literal_length(text: &str, ends: impl Fn(u8) -> bool, escapes: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if escapes => at += 2,
            b'$' | b'%' if bytes.get(at + 1) == Some(&byte) && bytes.get(at + 2) == Some(&b'{') => at += 3,
            b'$' | b'%' if bytes.get(at + 1) == Some(&b'{') => break,
            _ if ends(byte) => break,
            _ => at += 1,
        }
    }
    text.floor_char_boundary(at)
}

/// The length of the first line, including its line feed.
fn line_length(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |newline| newline + 1)
}

fn identifier_length(text: &str) -> usize {
    if !text.starts_with(starts_identifier) {
        return 0;
    }
    text.find(|character| !continues_identifier(character)).unwrap_or(text.len())
}

fn starts_identifier(character: char) -> bool {
    // The parser knows Unicode's classes. It is called for non-ASCII characters only.
    character == '_'
        || character.is_ascii_alphabetic()
        || (!character.is_ascii() && hcl_edit::Ident::try_new(character.to_string()).is_ok())
}

fn continues_identifier(character: char) -> bool {
    matches!(character, '_' | '-')
        || character.is_ascii_alphanumeric()
        || (!character.is_ascii() && hcl_edit::Ident::try_new(format!("a{character}")).is_ok())
}

/// The length of a run of digits, points and exponents that does not end in a point. The parser decides whether it is a valid number.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut at, mut end) = (0, 0);
    loop {
        match bytes.get(at) {
            Some(b'0'..=b'9') => {
                at += 1;
                end = at;
            }
            Some(b'.') => at += 1,
            Some(b'e' | b'E') if digit(at + 1) => at += 1,
            Some(b'e' | b'E') if matches!(bytes.get(at + 1), Some(b'+' | b'-')) && digit(at + 2) => at += 2,
            _ => return end,
        }
    }
}

fn symbol(text: &str) -> Option<(Kind, usize)> {
    const SYMBOLS: &[(&str, Kind)] = &[
        ("...", Kind::Ellipsis),
        ("==", Kind::Operator),
        ("!=", Kind::Operator),
        (">=", Kind::Operator),
        ("<=", Kind::Operator),
        ("&&", Kind::Operator),
        ("||", Kind::Operator),
        ("=>", Kind::FatArrow),
        ("::", Kind::DoubleColon),
        ("[", Kind::OpenBracket),
        ("]", Kind::CloseBracket),
        ("(", Kind::OpenParenthesis),
        (")", Kind::CloseParenthesis),
        (".", Kind::Dot),
        (",", Kind::Comma),
        ("=", Kind::Assign),
        (":", Kind::Colon),
        ("?", Kind::Question),
        ("!", Kind::Bang),
        ("-", Kind::Minus),
        ("+", Kind::Operator),
        ("*", Kind::Operator),
        ("/", Kind::Operator),
        ("%", Kind::Operator),
        (">", Kind::Operator),
        ("<", Kind::Operator),
    ];
    SYMBOLS.iter().find(|(symbol, _)| text.starts_with(symbol)).map(|(symbol, kind)| (*kind, symbol.len()))
}
