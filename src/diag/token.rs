//! The tokens of HCL, as far as spacing and mistakes depend on them.

use std::ops::Range;

/// What a token is. Operators that spacing treats alike share a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or keyword.
    Identifier,
    /// A number.
    Number,
    /// The `"` that opens a quoted template.
    OpenQuote,
    /// The `"` that closes it.
    CloseQuote,
    /// Literal text between quotes.
    QuotedText,
    /// `<<EOT` or `<<-EOT` with its line ending.
    OpenHeredoc,
    /// The closing marker with the blanks around it.
    CloseHeredoc,
    /// Literal text of a heredoc.
    HeredocText,
    /// `${` or `${~`.
    OpenInterpolation,
    /// `%{` or `%{~`.
    OpenDirective,
    /// `}` or `~}` of an interpolation or a directive.
    CloseTemplate,
    /// `{`.
    OpenBrace,
    /// `}`.
    CloseBrace,
    /// `[`.
    OpenBracket,
    /// `]`.
    CloseBracket,
    /// `(`.
    OpenParenthesis,
    /// `)`.
    CloseParenthesis,
    /// `.`.
    Dot,
    /// `,`.
    Comma,
    /// `...`.
    Ellipsis,
    /// `=`.
    Assign,
    /// `:`.
    Colon,
    /// `::`, between the parts of a function's name.
    DoubleColon,
    /// `?`.
    Question,
    /// `=>`.
    FatArrow,
    /// `!`.
    Bang,
    /// `-`, of either meaning.
    Minus,
    /// Any other operator of two operands.
    Operator,
    /// The end of a line.
    Newline,
    /// A comment; one that runs to the end of its line includes the line ending.
    Comment,
}

impl TokenKind {
    /// By how much the token changes the number of open brackets.
    #[must_use]
    pub const fn bracket_change(self) -> isize {
        match self {
            Self::OpenBrace | Self::OpenBracket | Self::OpenParenthesis | Self::OpenInterpolation | Self::OpenDirective => 1,
            Self::CloseBrace | Self::CloseBracket | Self::CloseParenthesis | Self::CloseTemplate => -1,
            _ => 0,
        }
    }
}

/// A token and its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its place.
    pub range: Range<usize>,
}

/// The text has something that belongs to no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LexicalError {
    /// Where, in bytes from the start of the text.
    pub offset: usize,
    /// What is wrong.
    pub message: &'static str,
}
