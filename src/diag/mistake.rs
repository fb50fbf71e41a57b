//! The message of a syntax error.

use hcl_edit::parser::Error;

use crate::org::{FileId, SourceSpan, sentence};

use super::recovery::{code_lines, is_typographic_quote};
use super::structure;
use super::{Code, Diagnostic};

/// Turns the parser's error into a diagnostic. `text` is the parsed text, which begins at byte `offset` of the file.
pub(super) fn syntax_error(error: &Error, text: &str, file: FileId, offset: usize) -> Diagnostic {
    let (start, found) = place(error, text);
    // The end of a line is shown as a place, not as a character.
    let length = found.filter(|found| !matches!(found, '\n' | '\r')).map_or(0, char::len_utf8);
    let span = |start: usize, end: usize| SourceSpan { file, start: start + offset, end: end + offset };
    let here = span(start, start + length);
    let diagnostic = |detail: &str| Diagnostic::error(Code::SyntaxError, detail);
    let message = error.message();
    if message.contains("redefined attribute") {
        let name = text[start..].split(|character: char| character == '=' || character.is_whitespace()).next().unwrap_or_default();
        let detail = format!("The argument `{name}` is set twice in one block. Remove one of them.");
        return Diagnostic::error(Code::DuplicateArgument, detail).at(span(start, start + name.len()));
    }
    if message.contains("redefined object key") {
        let detail = "This object has the same key twice, so one of the values would be lost. Remove one of them.";
        return diagnostic(detail).at(here);
    }
    if let Some(found) = structural(text, start, span).filter(|_| message.contains("heredoc end delimiter")) {
        return found;
    }
    if message.contains("heredoc end delimiter")
        && let Some(opener) = text[..start].rfind("<<")
    {
        let end = text[opener..].find('\n').map_or(text.len(), |line| opener + line);
        let word = text[opener..end].trim_start_matches('<').trim_start_matches('-').trim();
        return diagnostic(&format!("This heredoc is never closed. Add a line that contains only {word}.")).at(span(opener, end));
    }
    if (message.contains("escape sequence") || message.contains("hex code"))
        && let Some(found) = escape(text, start, span)
    {
        return found;
    }
    if found.is_some_and(is_typographic_quote) {
        return typographic(text, start, span);
    }
    if let Some(quote) = unclosed_quote(text, start) {
        let line = &text[quote..line_end(text, quote)];
        if let Some((at, _)) = line.char_indices().find(|(_, character)| is_typographic_quote(*character)) {
            return typographic(text, quote + at, span);
        }
        return diagnostic("This string is never closed. Add the missing quote.").at(span(quote, line_end(text, quote)));
    }
    if let Some(found) = structural(text, start, span) {
        return found;
    }
    if message.contains("block body")
        && text[start..].trim().is_empty()
        && let Some((from, to)) = first_header(text)
    {
        return diagnostic("The block that begins here is never closed. Add the missing `}`.").at(span(from, to));
    }
    if message.contains("block body")
        && let Some(after) = missing_value(&text[start..])
    {
        return diagnostic("A value is missing here: an argument needs an expression after `=`, on the same line.")
            .at(span(start + after, start + after));
    }
    let is_structure = message.contains("structure");
    let is_expression = message.contains("invalid expression");
    match found {
        Some(':') if is_structure => diagnostic("An argument is set with `=`, not with a colon.").at(here.clone()).patched(here, " ="),
        Some('\'') => diagnostic("A string is written in double quotes; single quotes have no meaning.").at(here),
        Some(',') if message.contains("block body") => {
            diagnostic("Each argument of a block is written on its own line, with no commas between them.").at(here)
        }
        Some('\n' | '\r') if message == "expected `{`" || message.contains("invalid structure") => {
            let detail = "An argument needs `=` and a value, and a block needs its `{`, on the line that it begins on.";
            diagnostic(detail).at(here)
        }
        Some('\n' | '\r') | None if message.contains("invalid expression") => {
            diagnostic("A value is missing here: an argument needs an expression after `=`, on the same line.").at(here)
        }
        Some('.') if text[start..].starts_with("..") => {
            diagnostic("The name of an attribute is expected after the dot, and not another dot.").at(span(start + 1, start + 2))
        }
        Some(_) if message.contains("expected newline") => {
            diagnostic("An argument ends at the end of its line. Begin a new line after it.").at(here)
        }
        Some(found) if is_expression => diagnostic(&structure::no_expression(text, start, found)).at(here),
        Some(found)
            if message.contains("block body")
                && found != '\n'
                && text[..start].lines().next_back().is_some_and(|line| line.contains('{')) =>
        {
            diagnostic("A block on one line can contain only one argument. Write it over several lines, one argument on each.").at(here)
        }
        _ => diagnostic(&expected(message, &text[..start], &text[start..])).at(here),
    }
}

/// The mistake that the tokens show, as a diagnostic.
fn structural(text: &str, stopped: usize, span: impl Fn(usize, usize) -> SourceSpan) -> Option<Diagnostic> {
    let structure::Found { range, detail, also } = structure::mistake(text, stopped)?;
    let found = Diagnostic::error(Code::SyntaxError, detail).at(span(range.start, range.end));
    Some(match also {
        Some((range, label)) => found.also(span(range.start, range.end), label),
        None => found,
    })
}

/// The diagnostic about an invalid escape in a string. The parser has already read past it.
fn escape(text: &str, stopped: usize, span: impl Fn(usize, usize) -> SourceSpan) -> Option<Diagnostic> {
    let start = text[..stopped].rfind('\\')?;
    let selector = text[start + 1..].chars().next()?;
    let detail = match selector {
        'u' => "`\\u` is followed by four hexadecimal digits.".to_owned(),
        'U' => "`\\U` is followed by eight hexadecimal digits.".to_owned(),
        _ => format!(
            "`\\{selector}` is not a valid escape. Valid ones are \\n, \\r, \\t, \\\", \\\\, \\uNNNN and \\UNNNNNNNN; a backslash itself is written as \\\\."
        ),
    };
    Some(Diagnostic::error(Code::SyntaxError, detail).at(span(start, start + 1 + selector.len_utf8())))
}

/// Describes what the parser expected between the text before and after its position.
fn expected(message: &str, before: &str, after: &str) -> String {
    let found = after.chars().next().filter(|found| !found.is_control());
    let here = found.map_or_else(String::new, |found| format!(", and not `{found}`"));
    match message {
        "expected `]`" if after.starts_with("=>") => {
            "`=>` belongs to a `for` in braces, which produces an object. A `for` in brackets produces a list, with one value for each element.".into()
        }
        "expected `]`" => format!("A comma or the closing `]` is expected here{here}."),
        "expected `)`" => format!("The closing `)` is expected here{here}."),
        "expected `}`" => format!("The closing `}}` is expected here{here}."),
        "expected `:`" => "A colon is expected here: `condition ? value : other`, or `for x in list : value`.".into(),
        "expected `in`" => "The word `in` is expected here, as in `for x in list : value`.".into(),
        "expected `=>`" => {
            "`=>` and a value are expected here: a `for` in braces produces an object, as in `{ for x in list : x.name => x }`.".into()
        }
        _ if message.contains("expected `)` or expression") && before.trim_end().ends_with("...") => {
            "After an argument with `...`, only the closing `)` may follow.".into()
        }
        _ if message.contains("expected `)` or expression") => format!("A comma, an argument or the closing `)` is expected here{here}."),
        _ if message.contains("traversal operator") => {
            format!("The name of an attribute, a number or `*` is expected after the dot{here}. An index is written in brackets, without a dot.")
        }
        _ if message.contains("object value assignment") => "An attribute of an object needs `=` and a value after its name.".into(),
        _ if message.contains("object item") => "A comma or a new line is expected here, before the next attribute of the object.".into(),
        _ if message.contains("block body") => "An argument, a block or the closing `}` is expected here.".into(),
        "unexpected token" if after.starts_with("/*") => "This comment is never closed. Add the missing `*/`.".into(),
        "unexpected token" => format!("An argument, a block or an expression is expected here{here}."),
        _ => sentence(message),
    }
}

/// The diagnostic about a typographic quotation mark. Its fix corrects all of them on the line, if they come in pairs.
fn typographic(text: &str, start: usize, span: impl Fn(usize, usize) -> SourceSpan) -> Diagnostic {
    let mark = text[start..].chars().next().unwrap_or_default();
    let detail = format!(
        "The character {mark} is a typographic quotation mark, which word processors and chats insert. A string is written in straight quotes: \"…\"."
    );
    let found = Diagnostic::error(Code::SyntaxError, detail).at(span(start, start + mark.len_utf8()));
    let line = &text[start..line_end(text, start)];
    let marks: Vec<_> = line.char_indices().filter(|(_, character)| is_typographic_quote(*character)).collect();
    if marks.len() % 2 == 1 && !line.contains('"') {
        return found;
    }
    marks.into_iter().fold(found, |found, (at, mark)| found.patched(span(start + at, start + at + mark.len_utf8()), "\""))
}

/// The offset of the missing value, if the text ends with an argument that has no value.
fn missing_value(text: &str) -> Option<usize> {
    let after = text.trim_end().strip_suffix('=')?;
    let is_name = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | ' ' | '\t');
    after.chars().all(is_name).then_some(after.len() + 1)
}

/// The offset at which the parser stopped, and the character there.
fn place(error: &Error, text: &str) -> (usize, Option<char>) {
    let at = text.floor_char_boundary(error.location().offset().min(text.len()));
    // The parser reports the last character instead of the end of the text.
    let is_last = text[at..].chars().nth(1).is_none() && error.message().contains("block body") && !text[at..].starts_with(',');
    let message = error.message();
    let start = match at {
        _ if is_last => text.len(),
        // The parser has read past the whitespace after a dot, and past the character that should have been an attribute's `=`.
        at if message.contains("traversal operator") => text[..at].trim_end().len(),
        at if message.contains("object value assignment") => text[..at].char_indices().next_back().map_or(at, |(before, _)| before),
        at => at,
    };
    (start, text[start..].chars().next())
}

/// The first quote, up to the line of `at`, that opens a string which is not closed on its line. For the parser such a string continues
/// until the next quote, and it reports an error only after that.
fn unclosed_quote(text: &str, at: usize) -> Option<usize> {
    let lines = code_lines(text).take_while(|(start, _)| *start <= at);
    lines.filter_map(|(start, line)| open_quote(line).map(|quote| start + quote)).next()
}

/// The quote that opens a string which is not closed on its line. An interpolation may continue on the next line.
fn open_quote(line: &str) -> Option<usize> {
    let mut open = None;
    let mut escaped = false;
    for (index, character) in line.char_indices() {
        match character {
            '"' if !escaped => open = if open.is_some() { None } else { Some(index) },
            '#' if open.is_none() => break,
            '\\' if open.is_some() => {
                escaped = !escaped;
                continue;
            }
            _ => {}
        }
        escaped = false;
    }
    open.filter(|open| !line[*open..].contains("${"))
}

/// The end of the line that contains `at`.
fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(['\r', '\n']).map_or(text.len(), |length| at + length)
}

/// The place of the first block header: the start and end of the first line that begins with a word, without its `{`.
fn first_header(text: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with(|first: char| first.is_alphabetic() || first == '_') {
            return Some((at, at + line.split_once('{').map_or(line, |(header, _)| header).trim_end().len()));
        }
        at += line.len();
    }
    None
}
