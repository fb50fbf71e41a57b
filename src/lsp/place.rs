//! The context of the cursor, from the tokens before it: the block, the argument, and the word that is being typed. The text may be
//! incomplete.

use crate::diag::{Token, TokenKind as Kind, tokens};

/// The context of the cursor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The headers of the enclosing blocks, the outermost first.
    pub(super) blocks: Vec<Header>,
    /// The argument whose value is being written.
    pub(super) argument: Option<String>,
    /// Whether the cursor is in the text of a string.
    pub(super) in_string: bool,
    /// The type of the block whose label is being written.
    pub(super) label_of: Option<String>,
    /// The name before the dot in a reference such as `local.`.
    pub(super) root: Option<String>,
    /// Whether the cursor is in a comment.
    pub(super) in_comment: bool,
    /// The offset in bytes at which the word that is being typed begins.
    pub(super) word: usize,
}

/// The header of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// Its type.
    pub(super) name: String,
    /// Its labels.
    pub(super) labels: Vec<String>,
}

/// The construct to which an open bracket belongs.
enum Open {
    Block(Header),
    /// Anything else, with the statement that contains it.
    Other(Vec<Token>),
}

/// Whether a character belongs to a name.
pub(super) fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}

/// The range of the name around an offset; empty if there is none.
pub(super) fn word(text: &str, offset: usize) -> std::ops::Range<usize> {
    let (before, after) = (text.get(..offset).unwrap_or_default(), text.get(offset..).unwrap_or_default());
    let start = before.trim_end_matches(is_of_name).len();
    let end = offset + after.find(|character| !is_of_name(character)).unwrap_or(after.len());
    start..end
}

/// The context of an offset of a text.
pub(super) fn of(text: &str, offset: usize) -> Place {
    let word = word(text, offset).start;
    let mark = text.strip_prefix('\u{feff}').map_or(0, |rest| text.len() - rest.len());
    let Some(before) = text.get(mark..word.max(mark)) else { return Place::default() };
    let written = |token: &Token| before.get(token.range.clone()).unwrap_or_default();
    let (found, error) = tokens(before);
    let mut stack: Vec<Open> = Vec::new();
    let mut statement: Vec<Token> = Vec::new();
    for token in found {
        match token.kind {
            Kind::OpenBrace if header(&statement, &written).is_some() && stack.iter().all(|open| matches!(open, Open::Block(_))) => {
                stack.push(Open::Block(header(&statement, &written).unwrap_or_default()));
                statement.clear();
            }
            kind if kind.bracket_change() > 0 => {
                statement.push(token);
                stack.push(Open::Other(std::mem::take(&mut statement)));
            }
            kind if kind.bracket_change() < 0 => {
                statement = match stack.pop() {
                    Some(Open::Other(of)) => of,
                    _ => Vec::new(),
                }
            }
            Kind::Newline | Kind::Comment if !matches!(stack.last(), Some(Open::Other(_))) => {
                if token.kind == Kind::Newline || written(&token).ends_with('\n') {
                    statement.clear();
                } else {
                    statement.push(token);
                }
            }
            Kind::Newline => {}
            _ => statement.push(token),
        }
    }
    let unclosed = error.is_some();
    let last = statement.last();
    let in_string = unclosed && last.is_some_and(|token| matches!(token.kind, Kind::OpenQuote | Kind::QuotedText | Kind::HeredocText));
    let in_comment = last.is_some_and(|token| token.kind == Kind::Comment);
    let outermost = stack.iter().find_map(|open| match open {
        Open::Other(of) => Some(of.as_slice()),
        Open::Block(_) => None,
    });
    let whole = outermost.unwrap_or(&statement);
    let root = match statement.as_slice() {
        [.., root, dot] if dot.kind == Kind::Dot && root.kind == Kind::Identifier => Some(written(root).to_owned()),
        _ => None,
    };
    let label_of = (in_string && outermost.is_none() && argument(whole).is_none())
        .then(|| statement.first().filter(|first| first.kind == Kind::Identifier).map(|first| written(first).to_owned()));
    Place {
        argument: argument(whole).map(|name| written(name).to_owned()),
        in_string,
        in_comment,
        label_of: label_of.flatten(),
        root: root.filter(|_| !in_string),
        word,
        blocks: stack.into_iter().filter_map(|open| if let Open::Block(header) = open { Some(header) } else { None }).collect(),
    }
}

/// The name of the argument that a statement sets.
fn argument(statement: &[Token]) -> Option<&Token> {
    match statement {
        [name, sign, ..] if name.kind == Kind::Identifier && sign.kind == Kind::Assign => Some(name),
        _ => None,
    }
}

/// The header of a block, if the statement is one when a brace follows it.
fn header<'t>(statement: &[Token], written: &impl Fn(&Token) -> &'t str) -> Option<Header> {
    let (name, rest) = statement.split_first().filter(|(name, _)| name.kind == Kind::Identifier)?;
    let is_of_label = |token: &Token| matches!(token.kind, Kind::Identifier | Kind::OpenQuote | Kind::QuotedText | Kind::CloseQuote);
    if !rest.iter().all(is_of_label) {
        return None;
    }
    let texts = rest.iter().filter(|token| matches!(token.kind, Kind::Identifier | Kind::QuotedText));
    Some(Header { name: written(name).to_owned(), labels: texts.map(|token| written(token).to_owned()).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The context of the cursor, which a bar marks in the text.
    fn place(text: &str) -> Place {
        let offset = text.find('|').unwrap();
        of(&text.replacen('|', "", 1), offset)
    }

    fn names(place: &Place) -> Vec<&str> {
        place.blocks.iter().map(|header| header.name.as_str()).collect()
    }

    #[test]
    fn a_name_stands_in_its_blocks() {
        for (text, blocks) in [
            ("acc|", vec![]),
            ("account \"a\" {\n  mem|\n}\n", vec!["account"]),
            ("account \"a\" {\n  x = { y = [1] }\n  attestation {\n    |", vec!["account", "attestation"]),
            ("account \"a\" {\n}\n\n|", vec![]),
            ("\u{feff}gate \"x\" {\n  e|", vec!["gate"]),
        ] {
            let place = place(text);
            assert_eq!((names(&place), &place.argument, place.in_string), (blocks, &None, false), "{text}");
        }
        assert_eq!(place("account \"a b\" {\n  |").blocks[0].labels, ["a b"]);
    }

    #[test]
    fn a_value_belongs_to_its_argument_however_deep_it_is() {
        for (text, in_string) in [
            ("account \"a\" {\n  acknowledge = [\"stack_sets\", \"id|\"]\n}\n", true),
            ("account \"a\" {\n  acknowledge = [\n    \"|", true),
            ("account \"a\" {\n  acknowledge = concat([x], |", false),
            ("account \"a\" {\n  acknowledge = \"${|", false),
        ] {
            let place = place(text);
            assert_eq!((place.argument.as_deref(), place.in_string), (Some("acknowledge"), in_string), "{text}");
            assert_eq!(names(&place), ["account"], "{text}");
        }
    }

    #[test]
    fn a_label_a_reference_and_a_comment_are_told_apart() {
        assert_eq!(place("gate \"iam|\" {\n}\n").label_of.as_deref(), Some("gate"));
        assert_eq!(place("locals {\n  a = \"x\"\n  b = \"${local.a|}\"\n}\n").root.as_deref(), Some("local"));
        assert_eq!(place("locals {\n  b = var.|\n}\n").root.as_deref(), Some("var"));
        assert_eq!(place("locals {\n  b = \"var.|\"\n}\n").root, None);
        assert!(place("a {} # acc|").in_comment);
        assert_eq!(place("a {\n  b = 1 # c\n  d|").argument, None);
    }

    #[test]
    fn a_word_is_what_belongs_to_a_name() {
        let text = "x = local.a-b.c";
        let at = text.find("a-b").unwrap();
        assert_eq!(&text[word(text, at + 1)], "a-b");
        assert_eq!(word(text, 3), 3..3);
    }
}
