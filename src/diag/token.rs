//! The tokens of HCL, in the detail that formatting and the reporting of mistakes need.

use std::ops::Range;

/// The kind of a token. Operators that are formatted alike share a kind.
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
    /// The closing marker with the whitespace around it.
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
    /// `-`, as a sign or a subtraction.
    Minus,
    /// Any other binary operator.
    Operator,
    /// The end of a line.
    Newline,
    /// A comment. One that extends to the end of its line includes the line ending.
    Comment,
}

impl TokenKind {
    /// How much the token changes the number of open brackets.
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
    /// The kind.
    pub kind: TokenKind,
    /// The byte range in the text.
    pub range: Range<usize>,
}

/// A part of the text does not belong to any token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LexicalError {
    /// The place, in bytes from the start of the text.
    pub offset: usize,
    /// What is wrong.
    pub message: &'static str,
}
