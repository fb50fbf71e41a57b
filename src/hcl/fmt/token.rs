//! The tokens of HCL, as far as spacing depends on them.

use std::borrow::Cow;

/// What a token is. Operators that spacing treats alike share a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
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

impl Kind {
    /// By how much the token changes the number of open brackets.
    pub(super) const fn bracket_change(self) -> isize {
        match self {
            Self::OpenBrace | Self::OpenBracket | Self::OpenParenthesis | Self::OpenInterpolation | Self::OpenDirective => 1,
            Self::CloseBrace | Self::CloseBracket | Self::CloseParenthesis | Self::CloseTemplate => -1,
            _ => 0,
        }
    }
}

/// A token and the blanks to write before it. What blanks the source had is forgotten: every one of them is decided anew.
#[derive(Debug, Clone)]
pub(super) struct Token<'t> {
    /// What it is.
    pub(super) kind: Kind,
    /// Its text.
    pub(super) text: Cow<'t, str>,
    /// Blanks before it.
    pub(super) spaces: usize,
}

impl<'t> Token<'t> {
    /// A token without blanks before it.
    pub(super) fn new(kind: Kind, text: impl Into<Cow<'t, str>>) -> Self {
        Self { kind, text: text.into(), spaces: 0 }
    }

    /// Whether the token ends its line.
    pub(super) fn ends_line(&self) -> bool {
        match self.kind {
            Kind::Newline => true,
            Kind::Comment => self.text.ends_with('\n'),
            _ => false,
        }
    }
}
