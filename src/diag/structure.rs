//! Finds the mistake in a text that does not parse from its tokens. The parser reports many mistakes only at a later place, or only at the
//! name of the argument.

use std::ops::Range;

use super::fields::closest;
use super::lexer::tokens;
use super::token::{Token, TokenKind as Kind};

/// The keywords that directives begin with.
const KEYWORDS: [&str; 5] = ["if", "else", "endif", "for", "endfor"];

/// A mistake, and a related place.
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) detail: String,
    pub(super) also: Option<(Range<usize>, &'static str)>,
}

impl Found {
    fn new(range: Range<usize>, detail: impl Into<String>) -> Self {
        Self { range, detail: detail.into(), also: None }
    }

    fn also(self, range: &Range<usize>, label: &'static str) -> Self {
        Self { also: Some((range.clone(), label)), ..self }
    }
}

/// The first mistake that the tokens show, unless the parser stopped on a line before it.
pub(super) fn mistake(text: &str, stopped: usize) -> Option<Found> {
    let (tokens, error) = tokens(text);
    let is_lexical = error.is_some();
    let character = error.filter(|error| error.message == super::lexer::NO_TOKEN).and_then(|error| character(text, error.offset));
    let is_whole = !is_lexical && text[stopped.min(text.len())..].trim().is_empty();
    let line = |found: &Found| text[..found.range.start.min(text.len())].rfind('\n').map_or(0, |newline| newline + 1);
    // As in Terraform, an invalid character counts as the first mistake of its line.
    let character = character.map(|found| (line(&found), 0, found));
    let sequence = is_lexical.then(|| unclosed_sequence(text, &tokens)).flatten().filter(|found| stopped <= found.range.start);
    let others = [brackets(text, &tokens, is_whole), directives(text, &tokens), operand(text, &tokens), sequence];
    let others = others.into_iter().flatten().map(|found| (line(&found), found.range.start, found));
    let (line, _, first) = character.into_iter().chain(others).min_by_key(|(line, start, _)| (*line, *start))?;
    Some(first).filter(|_| line <= stopped)
}

/// The mistake about a character that no token begins with.
fn character(text: &str, at: usize) -> Option<Found> {
    let character = text.get(at..)?.chars().next()?;
    let detail = match character {
        '&' => "Bitwise operators are not supported. For a boolean AND write `&&`.".to_owned(),
        '|' => "Bitwise operators are not supported. For a boolean OR write `||`.".to_owned(),
        '~' => "Bitwise operators are not supported. For a boolean NOT write `!`.".to_owned(),
        '^' => "Bitwise operators are not supported.".to_owned(),
        '\'' => "A string is written in double quotes; single quotes have no meaning.".to_owned(),
        '`' => {
            "A backtick is not a valid character. A string is written in double quotes; for several lines write a heredoc, which begins with <<EOT.".to_owned()
        }
        ';' => {
            "A semicolon is not a valid character. Arguments and blocks begin on lines of their own, and the elements of lists and objects are separated by commas.".to_owned()
        }
        '@' | '$' | '\\' => format!("The character {character} has no meaning in an expression. Text is written in double quotes."),
        _ => return None,
    };
    Some(Found::new(at..at + character.len_utf8(), detail))
}

/// An interpolation or a directive without its closing brace, so that the quote that should end the text begins another string.
fn unclosed_sequence(text: &str, tokens: &[Token]) -> Option<Found> {
    let mut open: Vec<&Token> = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::OpenQuote | Kind::OpenHeredoc | Kind::OpenInterpolation | Kind::OpenDirective => open.push(token),
            Kind::CloseQuote | Kind::CloseHeredoc | Kind::CloseTemplate => drop(open.pop()),
            _ => {}
        }
    }
    let [.., outer, sequence, quote] = open.as_slice() else { return None };
    let is_on_one_line = text.get(outer.range.start..quote.range.end).is_some_and(|between| !between.contains('\n'));
    if outer.kind != Kind::OpenQuote || quote.kind != Kind::OpenQuote || !is_on_one_line {
        return None;
    }
    let name = match sequence.kind {
        Kind::OpenInterpolation => "interpolation",
        Kind::OpenDirective => "directive",
        _ => return None,
    };
    let detail = format!("This {name} is never closed. Add the missing `}}`.");
    Some(Found::new(sequence.range.clone(), detail).also(&quote.range, "this quote begins another string"))
}

/// Whether an expression begins after a token of this kind.
const fn expects_operand(before: Kind) -> bool {
    matches!(
        before,
        Kind::Assign
            | Kind::Comma
            | Kind::Operator
            | Kind::Minus
            | Kind::Bang
            | Kind::Question
            | Kind::Colon
            | Kind::FatArrow
            | Kind::OpenBracket
            | Kind::OpenParenthesis
            | Kind::OpenInterpolation
    )
}

/// A binary operator or a dot at a place where an expression should begin.
fn operand(text: &str, tokens: &[Token]) -> Option<Found> {
    let kind = |index: usize| tokens.get(index).map(|token| token.kind);
    // The `*` of `a[*]` and of `a.*` is not an operator.
    let is_splat = |index: usize| {
        kind(index) == Some(Kind::Operator)
            && ((kind(index.wrapping_sub(1)) == Some(Kind::OpenBracket) && kind(index + 1) == Some(Kind::CloseBracket))
                || kind(index.wrapping_sub(1)) == Some(Kind::Dot))
    };
    let wrong = (1..tokens.len()).find(|&index| {
        let is_wrong = matches!(kind(index), Some(Kind::Operator | Kind::Dot)) && kind(index - 1).is_some_and(expects_operand);
        is_wrong && !is_splat(index) && !is_splat(index - 1)
    })?;
    let wrong = tokens.get(wrong)?;
    let found = text.get(wrong.range.clone())?.chars().next()?;
    Some(Found::new(wrong.range.start..wrong.range.start + found.len_utf8(), no_expression(text, wrong.range.start, found)))
}

/// An open bracket.
struct Open<'t> {
    token: &'t Token,
    /// Whether it is the brace of an object, not of a block.
    is_object: bool,
}

impl Open<'_> {
    fn name(&self) -> &'static str {
        match self.token.kind {
            Kind::OpenParenthesis => "parenthesis",
            Kind::OpenBracket => "bracket",
            _ if self.is_object => "object",
            _ => "brace",
        }
    }

    const fn closer(&self) -> char {
        match self.token.kind {
            Kind::OpenParenthesis => ')',
            Kind::OpenBracket => ']',
            _ => '}',
        }
    }
}

/// A bracket without its counterpart. `is_whole`: the parser reached the end of the text and expected more.
fn brackets(text: &str, tokens: &[Token], is_whole: bool) -> Option<Found> {
    let mut open: Vec<Open<'_>> = Vec::new();
    // An object that was probably closed by the brace of something else, according to the indentation.
    let mut suspect = None;
    let mut before = None;
    for token in tokens {
        match token.kind {
            Kind::OpenBrace | Kind::OpenBracket | Kind::OpenParenthesis => {
                let is_object = open.last().is_some_and(|open| open.is_object || open.token.kind != Kind::OpenBrace)
                    || !matches!(before, None | Some(Kind::Identifier | Kind::CloseQuote | Kind::Newline | Kind::Comment));
                open.push(Open { token, is_object });
            }
            Kind::OpenInterpolation | Kind::OpenDirective => open.push(Open { token, is_object: true }),
            Kind::CloseTemplate => drop(open.pop()),
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParenthesis => {
                let closer = text.get(token.range.clone())?.chars().next()?;
                match open.pop() {
                    Some(own) if own.closer() == closer => {
                        let is_left =
                            first_on_line(text, token.range.start).is_some_and(|indent| indent < indentation(text, own.token.range.start));
                        if own.is_object && is_left {
                            suspect.get_or_insert(own);
                        }
                    }
                    Some(own) if matches!(own.token.kind, Kind::OpenInterpolation | Kind::OpenDirective) => return None,
                    Some(own) if own.is_object || own.token.kind != Kind::OpenBrace => {
                        let comma = if before.is_some_and(expects_operand) { "" } else { "a comma or " };
                        let detail =
                            format!("Before this `{closer}`, {comma}the `{}` of the open {} is missing.", own.closer(), own.name());
                        return Some(Found::new(token.range.clone(), detail).also(&own.token.range, "opened here"));
                    }
                    // Only `}` closes a block.
                    _ => {
                        let missing = if before.is_some_and(expects_operand) { "An expression is expected here. " } else { "" };
                        let what = match closer {
                            ')' => "There is no open parenthesis that this one could close.",
                            ']' => "There is no open bracket that this one could close.",
                            _ => "There is no open block or list that this brace could close.",
                        };
                        return Some(Found::new(token.range.clone(), format!("{missing}{what}")));
                    }
                }
            }
            _ => {}
        }
        before = Some(token.kind);
    }
    let innermost = open.pop().filter(|_| is_whole)?;
    let unclosed = if innermost.is_object || innermost.token.kind != Kind::OpenBrace { innermost } else { suspect? };
    let detail = format!("This {} is never closed. Add the missing `{}`.", unclosed.name(), unclosed.closer());
    Some(Found::new(unclosed.token.range.clone(), detail))
}

/// The amount of whitespace before a place, if its line has nothing else before it.
fn first_on_line(text: &str, at: usize) -> Option<usize> {
    let line = text.get(..at)?.rsplit('\n').next()?;
    line.trim().is_empty().then_some(line.len())
}

/// The amount of whitespace at the start of the line that contains a place.
fn indentation(text: &str, at: usize) -> usize {
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    line.len() - line.trim_start().len()
}

/// An open directive: its keyword, its place, and whether it has an `else`.
struct Directive<'t> {
    word: &'t str,
    range: Range<usize>,
    has_else: bool,
}

/// A directive that is not valid, or that lacks its counterpart.
fn directives(text: &str, tokens: &[Token]) -> Option<Found> {
    let written = |token: &Token| text.get(token.range.clone()).unwrap_or_default();
    let mut templates: Vec<Vec<Directive<'_>>> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::OpenQuote | Kind::OpenHeredoc => templates.push(Vec::new()),
            Kind::CloseQuote | Kind::CloseHeredoc => {
                if let Some(open) = templates.pop().and_then(|mut open| open.pop()) {
                    let detail = format!("The `{0}` directive that begins here has no `%{{ end{0} }}`.", open.word);
                    return Some(Found::new(open.range, detail).also(&token.range, "the text ends here"));
                }
            }
            Kind::OpenDirective => {
                let after = tokens.get(index + 1..).unwrap_or_default();
                let word = after.first().filter(|word| word.kind == Kind::Identifier);
                let Some(word) = word.map(|word| (written(word), word)) else {
                    let place = after.first().map_or(token.range.clone(), |found| found.range.clone());
                    return Some(Found::new(
                        place,
                        "A directive begins with one of the words if, else, endif, for and endfor, as in `%{ if … }`.",
                    ));
                };
                if let Some(found) = form(text, word, after) {
                    return Some(found);
                }
                let end = after.iter().find(|token| token.kind == Kind::CloseTemplate).map_or(word.1.range.end, |close| close.range.end);
                if let Some(found) = nested(templates.last_mut()?, word.0, token.range.start..end) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

/// A mistake within a directive.
fn form(text: &str, (word, place): (&str, &Token), after: &[Token]) -> Option<Found> {
    let next = after.get(1)?;
    match word {
        "if" if next.kind == Kind::CloseTemplate => {
            Some(Found::new(next.range.clone(), "A condition is missing here, as in `%{ if var.name != \"\" }`."))
        }
        "for" => {
            let names = after.get(1..)?.iter().take_while(|token| matches!(token.kind, Kind::Identifier | Kind::Comma));
            let is_in = |token: &&Token| text.get(token.range.clone()) == Some("in");
            let count = names.clone().position(|token| is_in(&token));
            let place = match count {
                Some(at @ (1 | 3)) if at > 0 => return None,
                _ => after.iter().skip(2).find(|token| !is_in(token) && token.kind != Kind::Comma),
            };
            let place = place.unwrap_or(next).range.clone();
            Some(Found::new(place, "A `for` directive has `in` after one or two names, as in `%{ for name in var.names }`."))
        }
        "if" => None,
        "else" | "endif" | "endfor" => {
            let detail = format!("Nothing but the closing brace follows `{word}` in a directive.");
            (next.kind != Kind::CloseTemplate).then(|| Found::new(next.range.clone(), detail))
        }
        _ => {
            let hint = closest(word, &KEYWORDS).map_or_else(String::new, |near| format!(" Did you mean `{near}`?"));
            let detail = format!("`{word}` is not a valid directive of a template. Directives are if, else, endif, for and endfor.{hint}");
            Some(Found::new(place.range.clone(), detail))
        }
    }
}

/// A mistake in how a directive nests with the others of its template.
fn nested<'t>(open: &mut Vec<Directive<'t>>, word: &'t str, range: Range<usize>) -> Option<Found> {
    let unexpected = |last: Option<&Directive<'_>>| match last {
        None => Some(Found::new(range.clone(), format!("There is no open directive that `{word}` could belong to."))),
        Some(last) => {
            let detail = format!("The open `{0}` directive needs its `%{{ end{0} }}` before this `{word}`.", last.word);
            Some(Found::new(range.clone(), detail).also(&last.range, "begins here"))
        }
    };
    match word {
        "if" | "for" => open.push(Directive { word, range, has_else: false }),
        "else" => match open.last_mut() {
            Some(last) if last.word == "if" && !last.has_else => last.has_else = true,
            Some(last) if last.word == "if" => {
                return Some(Found::new(range, "This `if` directive already has an `else`.").also(&last.range.clone(), "begins here"));
            }
            last => return unexpected(last.as_deref()),
        },
        _ => match open.pop() {
            Some(last) if word.strip_prefix("end") == Some(last.word) => {}
            last => return unexpected(last.as_ref()),
        },
    }
    None
}

/// The message about a character that no expression begins with.
pub(super) fn no_expression(text: &str, start: usize, found: char) -> String {
    let hint = match found {
        '.' if text[start..].chars().nth(1).is_some_and(|next| next.is_ascii_digit()) => {
            " A number has a digit before its decimal point, as in 0.5."
        }
        '=' => " A single `=` sets a value, and two values are compared with `==`.",
        '+' => " The only sign of a number is `-`.",
        '<' => " A heredoc begins with <<EOT, and nothing else on its line.",
        '/' => " A comment over several lines begins with /* and ends with */.",
        _ => "",
    };
    format!("An expression is expected here, and none begins with `{found}`.{hint}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize;

    use crate::diag::{Diagnostic, SourceMap, parse};

    /// A text that Terraform 1.11.4 rejects, with the summary and the place of its first error.
    #[derive(Deserialize)]
    struct Row {
        text: String,
        error: String,
        line: usize,
        column: usize,
    }

    /// Texts whose mistake is shown at another place than in Terraform, by reason.
    const OTHER_PLACES: &[(&str, &[&str])] = &[
        (
            "an unclosed construct is shown at its beginning",
            &[
                "locals {\n  v = 1\n",
                "locals {\n  v = \"a\n}\n",
                "locals {\n  v = <<EOT\na\n}\n",
                "locals {\n  v = \"%{ if true }a\"\n}\n",
                "locals {\n  v = \"%{ for x in [1] }a\"\n}\n",
                "locals {\n  v = <<EOT\n%{ if true }\nEOT\n}\n",
                "locals {\n  v = \"${\"\n}\n",
                "locals {\n  v = \"a ${b ? \"\n}\n",
                "locals {\n  v = \"%{ if b == \"\n}\n",
            ],
        ),
        (
            "the indentation shows which of the braces is missing",
            &["locals {\n  v = { a = 1\n}\n", "locals {\n  v = {\n    a = 1\n  w = 2\n}\n"],
        ),
        (
            "the place is where other text is expected",
            &[
                "locals {\n  v = \"%{ if true \"\n}\n",
                "locals {\n  v = \"${ 1 \"\n}\n",
                "locals {\n  v = {for x in [1] : x}\n}\n",
                "locals {\n  v = [for x in [1] : x => x]\n}\n",
                "locals {\n  v = f(a...b)\n}\n",
            ],
        ),
        (
            "the place is the mistake itself, and not the beginning of the argument",
            &["locals {\n  v = 1 // x\n}\nx\n", "locals\n{\n}\n", "locals {\n  v: 1\n}\n", "locals {\n  v == 1\n}\n"],
        ),
    ];

    fn error(text: &str) -> (SourceMap, Diagnostic) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.roster.hcl", text.to_owned());
        let error = parse(&sources, file).unwrap_err();
        (sources, error)
    }

    #[test]
    fn mistakes_are_shown_where_terraform_shows_them() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/syntax.json");
        let rows: Vec<Row> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert!(rows.len() > 100, "{}", rows.len());
        let known: BTreeSet<_> = OTHER_PLACES.iter().flat_map(|(_, texts)| *texts).copied().collect();
        let mut wrong = Vec::new();
        for row in &rows {
            let (sources, error) = error(&row.text);
            let span = error.primary.as_ref().unwrap().span.clone();
            let found = sources.file(span.file).unwrap().position(span.start);
            let is_same = (found.line, found.column) == (row.line, row.column);
            let detail = error.detail.to_string();
            // The parser's own messages describe its grammar.
            let is_named = !detail.starts_with("Invalid ") && !detail.starts_with("Expected ") && !detail.starts_with("Unexpected ");
            if is_same == known.contains(row.text.as_str()) || !is_named {
                wrong.push(format!(
                    "{:?}\n  wanted {} {}: {}\n  found  {} {}: {detail}",
                    row.text, row.line, row.column, row.error, found.line, found.column
                ));
            }
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, wanted) in [
            ("v = 1 & 2\n", "For a boolean AND write `&&`"),
            ("v = 1 | 2\n", "For a boolean OR write `||`"),
            ("v = ~1\n", "For a boolean NOT write `!`"),
            ("v = 1 ^ 2\n", "Bitwise operators are not supported."),
            ("v = `a`\n", "A backtick is not a valid character"),
            ("v = 1;\n", "A semicolon is not a valid character"),
            ("v = @a\n", "The character @ has no meaning"),
            ("v = .5\n", "as in 0.5"),
            ("v = + 1\n", "none begins with `+`"),
            ("v = 1 === 2\n", "two values are compared with `==`"),
            ("b {\n  v = [1, 2\n}\n", "a comma or the `]` of the open bracket is missing"),
            ("b {\n  v = upper(1\n}\n", "a comma or the `)` of the open parenthesis is missing"),
            ("b {\n  v = { a = [1 }\n}\n", "a comma or the `]`"),
            ("b {\n  v = { a = 1\n}\n", "This object is never closed. Add the missing `}`."),
            ("b {\n  v = {\n    a = 1\n\n  w = 1\n}\n", "This object is never closed"),
            ("v = [1,\n", "This bracket is never closed"),
            ("v = upper(\n", "This parenthesis is never closed"),
            ("b {\n", "The block that begins here is never closed"),
            ("b {\n}}\n", "no open block or list that this brace could close"),
            ("v = 1)\n", "no open parenthesis that this one could close"),
            ("v = 1]\n", "no open bracket that this one could close"),
            ("b {\n  v = 1]\n}\n", "no open bracket that this one could close"),
            ("b {\n  v = ]\n}\n", "An expression is expected here. There is no open bracket"),
            ("b {\n  v = 1 + )\n}\n", "An expression is expected here. There is no open parenthesis"),
            ("b {\n  v = [1, )\n}\n", "Before this `)`, the `]` of the open bracket is missing"),
            ("v = max(.5)\n", "as in 0.5"),
            ("v = max(1, -.5)\n", "as in 0.5"),
            ("v = max(1, .5)\n", "as in 0.5"),
            ("v = a[*].b & c.*.d\n", "For a boolean AND write `&&`"),
            ("v = [a[*].b c.*.d, .5]\n", "as in 0.5"),
            ("v = \"${\"\n", "This interpolation is never closed. Add the missing `}`."),
            ("v = \"a ${b ? \"\n", "This interpolation is never closed"),
            ("v = [\"a ${b ? \", 1]\n", "This interpolation is never closed"),
            ("v = \"%{ if b == \"\n", "This directive is never closed"),
            ("v = \"${upper(\"a\")\"\n", "The closing `}` is expected here"),
            ("v = \"%{ if true }a\"\n", "The `if` directive that begins here has no `%{ endif }`"),
            ("v = \"%{ for x in [1] }a\"\n", "has no `%{ endfor }`"),
            ("v = \"%{ endif }\"\n", "no open directive that `endif` could belong to"),
            ("v = \"%{ else }\"\n", "no open directive that `else` could belong to"),
            ("v = \"%{ if true }a%{ endfor }\"\n", "needs its `%{ endif }` before this `endfor`"),
            ("v = \"%{ if true }a%{ else }b%{ else }c%{ endif }\"\n", "already has an `else`"),
            ("v = \"%{ for x of [1] }%{ endfor }\"\n", "has `in` after one or two names"),
            ("v = \"%{ foo }\"\n", "`foo` is not a valid directive"),
            ("v = \"%{ endfro }\"\n", "Did you mean `endfor`?"),
            ("v = <EOT\n", "none begins with `<`. A heredoc begins with <<EOT"),
            ("v = <<EOT # c\nx\nEOT\n", "A heredoc begins with <<EOT, and nothing else on its line"),
            ("v = 1 << 2\n", "none begins with `<`"),
            ("v = \"\\q\"\n", "`\\q` is not a valid escape"),
            ("v = \"\\u12\"\n", "four hexadecimal digits"),
            ("b {\n  v = a.\n}\n", "The name of an attribute, a number or `*` is expected after the dot"),
            ("/* a\n", "This comment is never closed"),
            ("v = <<'EOT'\na\nEOT\n", "single quotes have no meaning"),
            ("v = a..b\n", "The name of an attribute is expected after the dot"),
            ("v = { a = 1, b }\n", "needs `=` and a value after its name"),
            ("v = { a = 1 b = 2 }\n", "A comma or a new line is expected here"),
            ("v = [for x in [1] : x => x]\n", "`=>` belongs to a `for` in braces"),
            ("v = f(a...b)\n", "only the closing `)` may follow"),
            ("b { v = 1 w = 2 }\n", "A block on one line can contain only one argument"),
            ("v = \"%{ elseif true }\"\n", "Did you mean `else`?"),
            ("v = \"%{ }\"\n", "A directive begins with one of the words"),
            ("v = \"%{ if }a%{ endif }\"\n", "A condition is missing here"),
            ("v = \"%{ if true }%{ endif x }\"\n", "Nothing but the closing brace follows `endif`"),
            ("v = <<EOT\n%{ if true }\nEOT\n", "has no `%{ endif }`"),
        ] {
            let (_, error) = error(text);
            assert!(error.detail.to_string().contains(wanted), "{text:?}: {}", error.detail);
        }
    }
}
