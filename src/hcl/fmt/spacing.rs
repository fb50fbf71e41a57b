//! Decides whether two tokens of a line are separated by a blank.

use super::token::{Kind, Token};

/// Whether a blank separates `token` and `after`. `before` precedes `token` in the same cell. The first matching rule decides.
pub(super) fn space_between(before: Option<&Token<'_>>, token: &Token<'_>, after: &Token<'_>) -> bool {
    use Kind::{
        Bang, CloseBrace, CloseHeredoc, CloseQuote, CloseTemplate, Comma, Dot, DoubleColon, Ellipsis, HeredocText, Identifier, Minus,
        Newline, Number, OpenBrace, OpenBracket, OpenDirective, OpenHeredoc, OpenInterpolation, OpenParenthesis, OpenQuote, QuotedText,
    };
    match (token.kind, after.kind) {
        (_, Newline) | (Identifier, OpenParenthesis) | (Dot | DoubleColon, _) | (_, Dot | DoubleColon | Comma | Ellipsis) => false,
        (Comma, _) => true,
        // Within templates, a blank would be text.
        (QuotedText | HeredocText | OpenQuote | OpenHeredoc, _) | (_, QuotedText | HeredocText | CloseQuote | CloseHeredoc) => false,
        // `in` as the keyword of a `for`, before a list.
        (Identifier, _) if token.text == "in" && before.is_some_and(|before| before.kind == Identifier) => true,
        (Identifier | Number, OpenBracket) => false,
        (closing, OpenBracket) if closing.bracket_change() < 0 => false,
        (Bang, _) => false,
        (Minus, _) => before.is_some_and(|before| ends_operand(before.kind)),
        (OpenBrace, CloseBrace) => false,
        (OpenBrace, _) | (_, CloseBrace) => true,
        // An object alone in an interpolation: `${ {} }`.
        (OpenInterpolation | OpenDirective, OpenBrace) | (CloseBrace, CloseTemplate) => true,
        (CloseTemplate, OpenInterpolation | OpenDirective) => false,
        (opening, _) if opening.bracket_change() > 0 => false,
        (_, closing) if closing.bracket_change() < 0 => false,
        _ => true,
    }
}

/// Whether a minus after such a token is a subtraction. Otherwise it is a negation.
const fn ends_operand(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::OpenParenthesis
            | Kind::OpenBrace
            | Kind::OpenBracket
            | Kind::Assign
            | Kind::Colon
            | Kind::Comma
            | Kind::Question
            | Kind::Operator
            | Kind::Minus
            | Kind::Bang
    )
}
